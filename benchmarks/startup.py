"""Start-up: `layoutgen --help` against a bare import of click, and CPU of the main job, in one run.

    python benchmarks/startup.py

Prints ratios; both sides run alternately, medians of 15.
"""

import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

RUNS = 15


def cpu_seconds(*command: str) -> float:
    before = os.times()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    after = os.times()
    return after.children_user + after.children_system - before.children_user - before.children_system


def main() -> None:
    help_, bare = [], []
    for _ in range(RUNS):
        bare.append(cpu_seconds(sys.executable, "-c", "import click"))
        help_.append(cpu_seconds(sys.executable, "-m", "layoutgen", "--help"))
    ratio = statistics.median(help_) / statistics.median(bare)
    print(f"layoutgen --help / python -c 'import click': {ratio:.2f} (at most 2)")
    designs = []
    with tempfile.TemporaryDirectory() as folder:
        for number in range(3):
            target = str(Path(folder) / str(number))
            arguments = ["design", "--mah", "20", "--footprint", "8x10", "--out", target, "-q"]
            designs.append(cpu_seconds(sys.executable, "-m", "layoutgen", *arguments))
    print(f"layoutgen design: {statistics.median(designs):.2f} s of CPU (under 2), "
          f"{statistics.median(designs) / statistics.median(bare):.0f} times the bare import")  # fmt: skip


SHARE = """
import time
from layoutgen.flow import layout_of
from layoutgen.solver.solve import solve
from layoutgen.spec import build_spec
solution = solve(build_spec({"capacity": 20, "footprint": "8x10"}, {}))
layout = layout_of(solution)
started = time.process_time()
from layoutgen.draw import files
from layoutgen.export.dxf import mask_dxfs
inputs = files.inputs_of(solution)
files.drawing_files(inputs, ("dxf", "pdf"))
files.datasheet_files(inputs, "x")
files.model_files(inputs, "x")
mask_dxfs(layout, solution.loaded.pdk)
print(time.process_time() - started)
"""


def share_of_drawings() -> float:
    """CPU of what drawings and models add in DXF, PDF, STEP, GLB and KiCad, imports included."""
    runs = [
        subprocess.run([sys.executable, "-c", SHARE], check=True, capture_output=True, text=True) for _ in range(3)
    ]
    return statistics.median(float(run.stdout) for run in runs)


if __name__ == "__main__":
    main()
    share = share_of_drawings()
    print(f"of it {share:.2f} s for DXF, PDF, datasheet and CAD models, which have a budget of their own")
