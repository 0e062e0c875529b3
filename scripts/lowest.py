"""Install the lowest versions that pyproject.toml allows, elsewhere, and run what the tool is for with them.

What they make must be what this environment makes too, or differ for the one reason that ``verify`` then states.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
import tomllib
import venv
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
EXTRAS = "serve", "parquet", "dask"
QUESTION = "--mah", "2", "--footprint", "8x10"


def lowest() -> Iterator[str]:
    """``name==version`` for every dependency, and those of the extras."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    for text in (*project["dependencies"], *(text for extra in EXTRAS for text in extras.get(extra, ()))):
        found = re.match(r"([A-Za-z0-9-]+)>=([0-9.]+)", text)
        if found is None:
            sys.exit(f"{text}: states no lowest version")
        yield f"{found[1]}=={found[2]}"


def run(*command: str | Path, cwd: Path, codes: tuple[int, ...] = (0,)) -> str:
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    done = subprocess.run(
        [str(part) for part in command], cwd=cwd, env=environment, check=False, capture_output=True, text=True
    )
    if done.returncode not in codes:
        sys.exit(f"{' '.join(str(part) for part in command)} failed:\n{done.stdout}\n{done.stderr}")
    return done.stdout + done.stderr


def install(folder: Path) -> Path:
    environment = folder / "environment"
    venv.create(environment, with_pip=True)
    constraints = folder / "lowest.txt"
    constraints.write_text("".join(f"{text}\n" for text in lowest()), encoding="utf-8")
    pip = environment / "bin" / "python", "-m", "pip", "install", "--quiet"
    run(*pip, "--constraint", constraints, f"{ROOT}[{','.join(EXTRAS)}]", cwd=folder)
    return environment / "bin" / "layoutgen"


def use(tool: Path, folder: Path) -> None:
    """The main road, once: make, check, pack, verify, draw, ask many, copy a kit."""
    (folder / "made").mkdir()
    here = folder / "made"
    run(tool, "design", *QUESTION, "--out", "part", "-q", cwd=here)
    run(tool, "verify", "part", cwd=here)
    run(tool, "check", "part", cwd=here)
    run(tool, "report", "part", cwd=here)
    for name, options in {
        "shop": ("--shop", "laser"),
        "board": ("--for", "board"),
        "test": ("--for", "test", "--repeats", "2"),
    }.items():
        run(tool, "export", "part", *options, "--out", f"{name}.zip", cwd=here)
        run(tool, "verify", f"{name}.zip", "--against", "part", cwd=here)
    run(tool, "draw", "part", "--out", "sheets", "--board", "--exploded", cwd=here)
    run(tool, "explore", "--mah", "2,3", "--footprint", "8x10", "--out", "many", "-q", cwd=here)
    run(tool, "tile", "--cell", "8x10", "--field", "100x100", "--svg", "tile.svg", cwd=here)
    run(tool, "pdk", "copy", "anodeless-ss", "my-fab", cwd=here)
    run(tool, "solve", *QUESTION, "--explain", "--pdk", "my-fab", cwd=here)


def compare(folder: Path) -> str:
    """What this environment says of the folder that the other one made."""
    said = run(sys.executable, "-m", "layoutgen", "verify", "made/part", cwd=folder, codes=(0, 1))
    named = [line for line in said.splitlines() if "is not" in line]
    if [line for line in named if "made with other libraries" not in line]:
        sys.exit(f"differs, and libraries are not the reason:\n{said}")
    return f"{len(named)} problems, each of other libraries" if named else "the same to the byte"


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        use(install(folder), folder)
        manifest = json.loads((folder / "made" / "part" / "MANIFEST.json").read_text(encoding="utf-8"))
        told = ", ".join(f"{library} {version}" for library, version in manifest["libraries"].items())
        print(f"lowest allowed versions do the work: {told}")
        print(f"what they made, verified here: {compare(folder)}")


if __name__ == "__main__":
    main()
