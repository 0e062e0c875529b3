"""Build the wheel, install it into an empty virtual environment elsewhere, and run it from another folder."""

import json
import os
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def run(*command: str | Path, cwd: Path) -> str:
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    done = subprocess.run(
        [str(part) for part in command], cwd=cwd, env=environment, check=False, capture_output=True, text=True
    )
    if done.returncode:
        sys.exit(f"{' '.join(str(part) for part in command)} failed:\n{done.stdout}\n{done.stderr}")
    return done.stdout


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        run(sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", folder, ROOT, cwd=folder)
        (wheel,) = folder.glob("*.whl")
        environment = folder / "environment"
        venv.create(environment, with_pip=True)
        python = environment / "bin" / "python"
        run(python, "-m", "pip", "install", "--quiet", wheel, cwd=folder)
        elsewhere = folder / "elsewhere"
        elsewhere.mkdir()
        tool = environment / "bin" / "layoutgen"
        where = run(python, "-c", "import layoutgen; print(layoutgen.__file__)", cwd=elsewhere)
        if str(environment) not in where:
            sys.exit(f"the wheel is not what was imported: {where}")
        print(run(tool, "--version", cwd=elsewhere).strip())
        print(run(tool, "pdk", "list", cwd=elsewhere).strip())
        run(tool, "design", "--mah", "20", "--footprint", "8x10", cwd=elsewhere)
        design = json.loads((elsewhere / "build" / "mb-20mah-8x10" / "design.json").read_text())
        print(f"{wheel.name}: designed {design['name']} with {design['device']['layers']} layers")


main()
