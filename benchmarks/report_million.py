"""The review page of a web with a million cells: size, first paint, frames while panning in software rendering.

Run: python -m benchmarks.report_million [chromium]
"""

import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from layoutgen.document import to_document, to_text
from layoutgen.layout.dbu import web_frame
from layoutgen.outputs import drawing_files, layout_of
from layoutgen.pdk.load import load_pdk
from layoutgen.report.page import outputs_of, page_bytes
from layoutgen.sizing.device import size_device
from layoutgen.solver.solution import Solution
from layoutgen.solver.solve import solve
from layoutgen.spec import build_spec
from tests.layout.designs import grid_plan

SIDE = 1000
CELL_UM = (1210.0, 1010.0)
CHROMIUM = "/usr/bin/chromium"
SWITCHES = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
            "--disable-background-networking", "--disable-component-update", "--disable-sync"]  # fmt: skip


def million() -> Solution:
    """The default process with a web of one field of 1000 x 1000 small cells, in one block."""
    wide = (("web.width", "1400 mm"), ("web.field_width", "1300 mm"), ("web.field_length", "1300 mm"))
    small = solve(build_spec({"capacity": "1", "footprint": "4x5"}, {}))
    loaded = load_pdk("anodeless-ss", wide)
    frame = web_frame(loaded.pdk, small.dbu_nm)
    per_um = 1000 // small.dbu_nm
    cell = round(CELL_UM[0] * per_um), round(CELL_UM[1] * per_um)
    plan = grid_plan(SIDE, SIDE)(frame, cell)
    template = loaded.template.bind(loaded.pdk)
    device = size_device(loaded.pdk, template, CELL_UM, small.device.layers, 0.99)
    return replace(small, loaded=loaded, template=template, device=device, web=plan)


def page(solution: Solution) -> bytes:
    document = to_document(solution)
    outputs = outputs_of({"design.json": to_text(document).encode()})
    return page_bytes(solution, document, layout_of(solution), drawing_files(solution), outputs)


def main() -> None:
    solution = million()
    start = time.process_time()
    content = page(solution)
    print(f"cells {solution.web.cells_per_repeat}, page {len(content) / 1e6:.3f} MB,"
          f" made in {time.process_time() - start:.2f} s of CPU, layout and drawings included")  # fmt: skip
    from playwright.sync_api import sync_playwright

    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        file = Path(folder) / "report.html"
        file.write_bytes(content)
        chromium = sys.argv[1] if len(sys.argv) > 1 else CHROMIUM
        browser = playwright.chromium.launch(executable_path=chromium, args=SWITCHES)
        tab = browser.new_page(viewport={"width": 1280, "height": 900})
        tab.goto(file.as_uri())
        tab.wait_for_function("window.viewer")
        tab.wait_for_timeout(500)
        paint = tab.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime")
        print(f"first paint {paint:.0f} ms")
        tab.evaluate("document.getElementById('viewer').scrollIntoView()")
        for zoom in (1, 4, 30, 200, 2000):
            print(f"zoom {zoom:>5}: {frames_per_second(tab, zoom):5.1f} frames per second while panning")
        browser.close()


def frames_per_second(tab, zoom: int) -> float:
    """Frames of a pan of 60 steps from the middle of the view, one step a frame."""
    return tab.evaluate(
        """async (zoom) => {
          viewer.show(viewer.box(0));
          viewer.zoom(zoom);
          await new Promise(requestAnimationFrame);
          const start = performance.now();
          for (let i = 0; i < 60; i++) {
            viewer.pan(i < 30 ? 7 : -7, 3);
            await new Promise(requestAnimationFrame);
          }
          return 60000 / (performance.now() - start);
        }""",
        zoom,
    )


if __name__ == "__main__":
    main()
