"""Writing a repeat of a thousand, a hundred thousand and a million cells: time and size beside the smallest.

GDSII and OASIS have arrays, so they stay as they are. SVG has none: its masks say an array by doubling a row, one
line for every doubling, and grow with the logarithm of the cells. The last line is the whole of what is written.

Run: python -m benchmarks.export_scaling
"""

import time
from functools import partial

from layoutgen.export.gds import gds_bytes
from layoutgen.export.oasis import oasis_bytes
from layoutgen.export.svg_mask import mask_svgs
from layoutgen.layout.build import build_layout
from layoutgen.layout.dbu import to_dbu, web_frame
from layoutgen.pdk.load import load_pdk
from layoutgen.receivers.order import order_document
from tests.layout.designs import grid_plan

CELL_UM = (8000, 10000)
DBU_NM = 10
REPEATS = 7


def all_masks(layout, pdk):
    return b"".join(mask_svgs(layout, pdk).values())


def best(work):
    """Least processor time of several runs, in ms, and the last result."""
    times = []
    for _ in range(REPEATS):
        start = time.process_time()
        result = work()
        times.append(time.process_time() - start)
    return min(times) * 1000, result


def main():
    loaded = load_pdk("anodeless-ss", (("web.width", "9 m"),))
    template = loaded.template.bind(loaded.pdk)
    size = tuple(to_dbu(value, DBU_NM, "cell") for value in CELL_UM)
    first = {}
    print(f"{'':12}{'cells':>9}{'ms CPU':>9}{'ratio':>7}{'bytes':>9}{'ratio':>7}")
    for columns, rows in ((40, 25), (400, 250), (1000, 1000)):
        plan = grid_plan(columns, rows)(web_frame(loaded.pdk, DBU_NM), size)
        layout = build_layout(loaded, template, CELL_UM, plan, "mb-bench", dbu_nm=DBU_NM)
        build = partial(build_layout, loaded, template, CELL_UM, plan, "mb-bench", dbu_nm=DBU_NM)
        writers = {
            "layout": build,
            "gds": partial(gds_bytes, layout, loaded.pdk),
            "oasis": partial(oasis_bytes, layout, loaded.pdk),
            "mask svg": partial(all_masks, layout, loaded.pdk),
            "order": partial(order_document, layout, loaded.pdk),
        }
        found = {}
        for name, work in writers.items():
            ms, result = best(work)
            found[name] = ms, len(result) if isinstance(result, bytes) else 0
        found["total"] = tuple(map(sum, zip(*found.values(), strict=True)))
        for name, (ms, written) in found.items():
            ms0, written0 = first.setdefault(name, (ms, written))
            ratio = f"{written / written0:7.2f}" if written0 else f"{'':7}"
            print(f"{name:12}{columns * rows:>9}{ms:>9.1f}{ms / ms0:>7.2f}{written or '':>9}{ratio}")


if __name__ == "__main__":
    main()
