"""What was received as bytes, and what is said of it."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from layoutgen.errors import PackageError, Problem
from layoutgen.units import counted

DESIGN, REVIEW = "design.json", "review.toml"
FOREIGN = "remove it: it does not belong to the package"
_MOST = 12
"""Problems that are told one by one."""


@dataclass(frozen=True, slots=True)
class Verified:
    """What was looked at, for people; ``notes`` say what could not be."""

    checked: tuple[str, ...]
    notes: tuple[str, ...]


def contents(folder: Path) -> dict[str, bytes]:
    names = {path.relative_to(folder).as_posix(): path for path in sorted(folder.rglob("*"))}
    odd = [
        name
        for name, path in names.items()
        if path.is_symlink() or not (path.is_file() or path.is_dir())  # a pipe would never end
    ]
    if odd:
        problems = [Problem("is neither a file nor a folder of its own", name, remedy=FOREIGN) for name in odd]
        raise PackageError(shortened(problems))
    return {name: path.read_bytes() for name, path in names.items() if not path.is_dir()}


def json_of(content: bytes) -> Any:
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        return None


def shortened(problems: list[Problem]) -> list[Problem]:
    unique = list(dict.fromkeys(problems))
    if len(unique) <= _MOST:
        return unique
    return [*unique[:_MOST], Problem(f"and {counted(len(unique) - _MOST, 'more problem')}")]
