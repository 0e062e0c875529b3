"""Start-up: `layoutgen --help` against a bare import of click, and CPU of the main job, in one run.

    python -m benchmarks.startup

All sides run alternately; ratios are of the least time of each, since other work on a machine only adds. CPU is
also said in units of a fixed loop of plain Python, which travels between machines better than seconds do.
"""

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from layoutgen.document import from_document

RUNS = 15
DESIGNS = 7
# modules are compiled once, as in any installation; without their cache this would measure the compiler
ENVIRONMENT = {name: os.environ[name] for name in os.environ.keys() - {"PYTHONDONTWRITEBYTECODE", "PYTHONPATH"}}


def cpu_seconds(*command: str) -> float:
    # os.times counts in hundredths of a second, a third of what an import of click takes
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=ENVIRONMENT)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def loop_seconds() -> float:
    """CPU of a fixed loop of plain Python: arithmetic, dictionaries, strings; about a tenth of a second."""
    start = time.process_time()
    seen: dict[str, int] = {}
    for number in range(200_000):
        key = str(number * 7919 % 4099)
        seen[key] = seen.get(key, 0) + number
    assert len(seen) == 4099
    return time.process_time() - start


SHARE = """
import time
from layoutgen.outputs import layout_of
from layoutgen.solver.solve import solve
from layoutgen.spec import build_spec
solution = solve(build_spec({"capacity": 20, "footprint": "8x10"}, {}))
layout = layout_of(solution)
started = time.process_time()
from layoutgen.draw import files
from layoutgen.export.dxf import mask_dxfs
from layoutgen.export.models import model_files
inputs = files.inputs_of(solution)
files.drawing_files(inputs, ("dxf", "pdf"))
files.datasheet_files(inputs, "x")
model_files(inputs, "x")
mask_dxfs(layout, solution.loaded.pdk)
print(time.process_time() - started)
"""


def share_of_drawings() -> float:
    """CPU of what drawings and models add in DXF, PDF, STEP, GLB and KiCad, imports included."""
    command = [sys.executable, "-c", SHARE]
    runs = [subprocess.run(command, check=True, capture_output=True, text=True, env=ENVIRONMENT) for _ in range(3)]
    return min(float(run.stdout) for run in runs)


def main() -> None:
    bare, help_, loops, designs = [], [], [], []
    for _ in range(RUNS):
        bare.append(cpu_seconds(sys.executable, "-c", "import click"))
        help_.append(cpu_seconds(sys.executable, "-m", "layoutgen", "--help"))
    print(f"layoutgen --help / python -c 'import click': {min(help_) / min(bare):.2f} (at most 2)")
    with tempfile.TemporaryDirectory() as folder:
        for number in range(DESIGNS):
            target = str(Path(folder) / str(number))
            arguments = ["design", "--mah", "20", "--footprint", "8x10", "--out", target, "-q"]
            designs.append(cpu_seconds(sys.executable, "-m", "layoutgen", *arguments))
            bare.append(cpu_seconds(sys.executable, "-c", "import click"))
            loops.append(loop_seconds())
        # reading a design back checks its packing
        from_document(json.loads((Path(target) / "design.json").read_text(encoding="utf-8")))
    least = min(designs)
    print(f"layoutgen design: {least:.2f} s of CPU (under 2), worst of {DESIGNS} {max(designs):.2f} s; "
          f"{least / min(bare):.0f} times the bare import, {least / min(loops):.1f} times the fixed loop "
          f"({min(loops) * 1000:.0f} ms here)")  # fmt: skip
    print(f"of it {share_of_drawings():.2f} s for DXF, PDF, datasheet and models, which have their own budget")


if __name__ == "__main__":
    main()
