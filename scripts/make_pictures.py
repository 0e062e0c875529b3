"""Make the pictures of the README: the drawings and masks of its example design, as the tool writes them."""

import sys
from pathlib import Path

from layoutgen.flow import package_files
from layoutgen.solver.solve import solve
from layoutgen.spec import build_spec

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "pictures"
EXAMPLE = {"capacity": 20, "footprint": "8x10"}
PICTURES = {
    "cross-section.svg": "drawings/cross-section.svg",
    "package-outline.svg": "drawings/package-outline.svg",
    "land-pattern.svg": "drawings/land-pattern.svg",
    "web-map.svg": "drawings/web-map.svg",
    "mask-ablate-stack.svg": "masks/svg/ABLATE_STACK.svg",
}


def pictures() -> dict[str, bytes]:
    """Picture name -> content."""
    files = package_files(solve(build_spec(EXAMPLE, {})))
    return {name: files[path] for name, path in PICTURES.items()}


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, content in pictures().items():
        (FOLDER / name).write_bytes(content)
        print(FOLDER.name + "/" + name)


if __name__ == "__main__":
    sys.exit(main())
