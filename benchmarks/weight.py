"""What an installation weighs: size, licence and import time of the tool and of everything that it needs to run.

    python -m benchmarks.weight

Walks the runtime dependencies of the installed distribution and theirs. Size is what the files of a distribution
take, compiled Python left out. Import time is the CPU time of ``import NAME`` in a fresh interpreter less that of
one that imports nothing, median of five; what a package imports of others counts with it.
"""

import re
import resource
import statistics
import subprocess
import sys
from importlib.metadata import Distribution, distribution, packages_distributions

TOOL = "layoutgen"
STARTS = 5
OWNERS = packages_distributions()
# names of the licences that people write in full, or that metadata gives in more than one way
SHORT = (
    ("Apache Software", "Apache-2.0"), ("MIT", "MIT"), ("BSD 3-Clause", "BSD-3-Clause"), ("BSD", "BSD-3-Clause"),
    ("Boost", "BSL-1.0"), ("Python Software Foundation", "PSF-2.0"), ("Mozilla Public License 2.0", "MPL-2.0"),
)  # fmt: skip


def needed(name: str, found: dict[str, Distribution]) -> dict[str, Distribution]:
    """A distribution and all that it needs without extras, by name."""
    if name in found:
        return found
    found[name] = distribution(name)
    for line in found[name].requires or ():
        required, _, condition = line.partition(";")
        if "extra" not in condition and not re.search(r"python_version *<|sys_platform *==", condition):
            needed(re.split(r"[ <>=!~\[(]", required.strip())[0].lower().replace("_", "-"), found)
    return found


def megabytes(item: Distribution) -> float:
    files = (item.locate_file(path) for path in item.files or () if path.suffix != ".pyc")
    return sum(file.stat().st_size for file in files if file.is_file()) / 1e6


def licence(item: Distribution) -> str:
    expression = item.metadata.get("License-Expression")
    if expression:
        return expression
    said = [text.split(" :: ")[-1] for text in item.metadata.get_all("Classifier", ()) if "License ::" in text]
    said += (item.metadata.get("License") or "").splitlines()
    stated = said[0] if said else ""
    return next((short for name, short in SHORT if name in stated), stated or "not stated")


def module_of(item: Distribution) -> str:
    name = item.metadata["Name"]
    return min(module for module, owners in OWNERS.items() if name in owners and not module.startswith("_"))


def import_ms(module: str) -> float:
    """CPU milliseconds of an import, in a fresh interpreter."""

    def cpu(code: str) -> float:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([sys.executable, "-c", code], check=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

    taken = [cpu(f"import {module}") - cpu("pass") for _ in range(STARTS)]
    return max(0.0, statistics.median(taken) * 1000.0)


def main() -> None:
    found = needed(TOOL, {})
    rows = sorted(((megabytes(item), name, item) for name, item in found.items()), reverse=True)
    print("| package | version | licence | MB | import, ms of CPU |")
    print("|---|---|---|--:|--:|")
    for size, name, item in rows:
        print(f"| {name} | {item.version} | {licence(item)} | {size:.1f} | {import_ms(module_of(item)):.0f} |")
    print(f"\n{len(rows)} packages, {sum(size for size, _, _ in rows):.0f} MB in all")


if __name__ == "__main__":
    main()
