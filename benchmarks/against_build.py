"""CPU of this build against another one, side by side in one run: the commands, and sweeps of explore.

    python -m benchmarks.against_build /path/to/other/bin/python [jobs|sweeps|all]

The other interpreter has another build of layoutgen, 0.1 for one. All sides run alternately, and the least of each
counts, since other work on a machine only adds. Of the sweeps it also says how many rows have equal figures: what
differs is what the process and the rating of the two builds differ in.
"""

import json
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.startup import ENVIRONMENT

RUNS = 3
QUESTION = ("--mah", "20", "--footprint", "8x10")
SHUFFLED = {"assembly.order": "shuffled"}
"""How 0.1 rated stacks; a kit of 0.1 does not state it."""
SWEEPS: dict[str, dict[str, str]] = {
    "2 000 capacities in 8 x 10": {"capacity": "5.01:25:0.01", "footprint": "8x10"},
    "capacity x footprint x foil, 160": {
        "capacity": "4:40:4",
        "footprint": "6x8,8x10,10x12,12x14",
        "foil": "10,15,20,25",
    },
    "defect density, 60": {"capacity": "20", "footprint": "8x10", "set.yield.defect_density": "0.002:0.12:0.002"},
    "wall, 60": {"capacity": "20", "footprint": "8x10", "set.device.wall": "102:220:2"},
}
SWEEP = """
import json, resource, sys, time
from layoutgen.explorer.run import run_sweep
from layoutgen.explorer.sweep import make_sweep
axes, settings = json.loads(sys.argv[1])
start = time.process_time()
sweep = make_sweep({"set": settings}, axes, {})
rows = run_sweep(sweep, jobs=1)
json.dump({"s": time.process_time() - start, "kb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss,
           "rows": rows}, open(sys.argv[2], "w"))
"""
SAME = ("fits", "layers", "cell_length_mm", "cell_width_mm", "package_height_mm", "good_devices_per_m2")


def cpu_seconds(folder: str, *command: str) -> float:
    """CPU of a command, run in a folder that holds no build: Python looks there first."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=ENVIRONMENT,
                   cwd=folder)  # fmt: skip
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def jobs(other: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        for name, command in {
            "version": ("version",),
            "--help": ("--help",),
            "solve": ("solve", *QUESTION),
            "solve --explain": ("solve", *QUESTION, "--explain"),
            "design": ("design", *QUESTION, "--force", "--out"),
            "verify": ("verify",),
        }.items():
            found: dict[str, list[float]] = {other: [], sys.executable: []}
            for _ in range(RUNS):
                for number, python in enumerate(found):
                    target = [str(Path(folder) / str(number))] if name in {"design", "verify"} else []
                    found[python].append(cpu_seconds(folder, python, "-m", "layoutgen", *command, *target))
            theirs, ours = min(found[other]), min(found[sys.executable])
            print(f"{name:18} {theirs:7.3f} s there, {ours:7.3f} s here: {ours / theirs:5.2f} times")


def sweeps(other: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        target = str(Path(folder) / "rows.json")
        for name, axes in SWEEPS.items():
            best = {}
            for python in (other, sys.executable) * 2:
                settings = SHUFFLED if python == sys.executable else {}
                cpu_seconds(folder, python, "-c", SWEEP, json.dumps([axes, settings]), target)
                found = json.loads(Path(target).read_text(encoding="utf-8"))
                if python not in best or found["s"] < best[python]["s"]:
                    best[python] = found
            theirs, ours = best[other], best[sys.executable]
            rows = list(zip(theirs["rows"], ours["rows"], strict=True))
            equal = sum(all(a.get(key) == b.get(key) for key in SAME) for a, b in rows)
            print(
                f"{name:34} {len(rows) / theirs['s']:7.1f} a s there, {len(rows) / ours['s']:7.1f} here: "
                f"{theirs['s'] / ours['s']:5.2f} times; peak {ours['kb'] / theirs['kb']:.2f} times; "
                f"{equal} of {len(rows)} rows equal",
                flush=True,
            )


def main() -> None:
    other, what = sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else "all"
    if what in {"jobs", "all"}:
        jobs(other)
    if what in {"sweeps", "all"}:
        sweeps(other)


if __name__ == "__main__":
    main()
