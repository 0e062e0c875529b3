"""What the review page costs `layoutgen design`: CPU time in a fresh process, and the size of the page.

Run: python -m benchmarks.report_page
"""

import time

from layoutgen.document import to_document, to_text
from layoutgen.outputs import drawing_files, layout_of
from layoutgen.solver.solve import solve
from layoutgen.spec import build_spec


def main() -> None:
    solution = solve(build_spec({"capacity": "20", "footprint": "8x10"}, {}))
    layout, document = layout_of(solution), to_document(solution)
    files = {"design.json": to_text(document).encode()} | drawing_files(solution)
    start = time.process_time()
    from layoutgen.report.page import outputs_of, page_bytes

    content = page_bytes(solution, document, layout, files, outputs_of(files))
    cold = time.process_time() - start
    start = time.process_time()
    page_bytes(solution, document, layout, files, outputs_of(files))
    warm = time.process_time() - start
    print(f"page {len(content) / 1e3:.0f} kB; {cold * 1e3:.0f} ms of CPU with imports, {warm * 1e3:.0f} ms after")


if __name__ == "__main__":
    main()
