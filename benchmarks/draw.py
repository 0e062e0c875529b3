"""CPU time and memory of all drawings and models of one design.

    python -m benchmarks.draw

Prints the CPU seconds of each step in one process, imports included, and of a design with 200 layers; the aim is
under 1.5 s for one design.
"""

import resource
import time
from collections.abc import Callable

from layoutgen.draw.files import datasheet_files, drawing_files
from layoutgen.draw.inputs import DrawingInputs
from layoutgen.export.models import model_files
from layoutgen.pdk.load import load_pdk
from layoutgen.sizing.device import size_device
from layoutgen.template import load_template
from layoutgen.tile.model import Effort
from layoutgen.tile.webplan.repeat import plan_web
from layoutgen.titleblock import Title
from layoutgen.web.plan import Regime, WebFrame

DBU_NM = 10


def inputs_for(cell_um: tuple[float, float], layers: int) -> DrawingInputs:
    loaded = load_pdk()
    pdk = loaded.pdk
    template = load_template(pdk.template).bind(pdk)
    design = size_device(pdk, template, cell_um, layers, 0.99)
    web = pdk.web
    frame = WebFrame(
        *(round(q.value * 1000 / DBU_NM) for q in (web.width, web.edge, web.field_width, web.field_length)),
        round(web.field_gap.value * 1000 / DBU_NM),
        round(web.kerf.value * 1000 / DBU_NM),
        web.rotation_allowed,
        Regime(web.regime),
    )
    cell = tuple(round(side * 1000 / DBU_NM) for side in cell_um)
    plan = plan_web(frame, cell, effort=Effort.QUICK)
    return DrawingInputs(design, loaded, template, plan, DBU_NM, Title(title="Micro-battery"))


def timed(name: str, work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    seconds = time.process_time() - start
    print(f"  {name:<22}{seconds:6.3f} s")
    return seconds


def measure(inputs: DrawingInputs) -> None:
    steps: dict[str, Callable[[], object]] = {
        "sheets as SVG": lambda: drawing_files(inputs, ("svg",)),
        "sheets as DXF": lambda: drawing_files(inputs, ("dxf",)),
        "sheets as PDF": lambda: drawing_files(inputs, ("pdf",)),
        "STEP, GLB, KiCad": lambda: model_files(inputs, "part"),
        "datasheet": lambda: datasheet_files(inputs, "part"),
    }
    total = sum(timed(name, work) for name, work in steps.items())
    print(f"  {'all':<22}{total:6.3f} s (aim 1.5 s)")


def main() -> None:
    base = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for layers in (49, 200):
        print(f"{layers} layers")
        measure(inputs_for((9790.0, 7900.0), layers))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(f"memory: {(peak - base) / 1024:.0f} MB more than before, {peak / 1024:.0f} MB in all")


if __name__ == "__main__":
    main()
