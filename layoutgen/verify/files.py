"""What was received as bytes, and what is said of it."""

import hashlib
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from layoutgen.errors import PackageError, Problem, Wording
from layoutgen.reading import MOST_ARCHIVE, MOST_MADE, read_plain, size_text
from layoutgen.units import counted

DESIGN, REVIEW = "design.json", "review.toml"
FOREIGN = "remove it: it does not belong to the package"
_MOST = 12
"""Problems that are told one by one."""
_MOST_FILES = 10_000


@dataclass(frozen=True, slots=True)
class Verified:
    """What was looked at, for people; ``notes`` say what could not be."""

    checked: tuple[str, ...]
    notes: tuple[Wording, ...]


def contents(folder: Path) -> dict[str, bytes]:
    """Every file below a folder; what cannot belong to a package is not opened.

    Raises:
        OSError: a file or folder cannot be read.
        PackageError: there are links, pipes, folders with nothing in them, or more than can be a package.
    """
    names, odd, size = _walk(folder)
    if odd:
        raise PackageError(shortened([Problem(what, name, remedy=FOREIGN) for name, what in odd]))
    if size > MOST_ARCHIVE:
        what = f"holds {size_text(size)}, at most {size_text(MOST_ARCHIVE)} are a package"
        raise PackageError(Problem(what, str(folder)))
    return {name: read_plain(folder / name, MOST_MADE) for name in names}


class Digest(NamedTuple):
    """Size and SHA-256 of a file."""

    bytes: int
    sha256: str


def digests(folder: Path) -> dict[str, Digest]:
    """Of every file below a folder, however large; what cannot belong to one that layoutgen made is not opened.

    Raises:
        OSError: a file or folder cannot be read.
        PackageError: there are links, pipes or folders with nothing in them.
    """
    names, odd, _ = _walk(folder)
    if odd:
        raise PackageError(shortened([Problem(what, name, remedy=FOREIGN) for name, what in odd]))
    found = {}
    for name in names:
        with (folder / name).open("rb") as file:
            found[name] = Digest((folder / name).stat().st_size, hashlib.file_digest(file, "sha256").hexdigest())
    return found


def _walk(folder: Path) -> tuple[list[str], list[tuple[str, str]], int]:
    """Names of files, sorted; what is none, with what it is; and the size of all."""
    names: list[str] = []
    odd: list[tuple[str, str]] = []
    size, todo = 0, [(folder, "")]
    while todo:
        place, before = todo.pop()
        with os.scandir(place) as entries:
            found = list(entries)
        if before and not found:
            odd.append((before, "is a folder with nothing in it"))
        for entry in found:
            name = before + entry.name
            if entry.is_symlink() or not (entry.is_file() or entry.is_dir()):  # a pipe would never end
                odd.append((name, "is neither a file nor a folder of its own"))
            elif entry.is_dir():
                todo.append((Path(entry.path), f"{name}/"))
            else:
                names.append(name)
                size += entry.stat().st_size
        if len(names) > _MOST_FILES:
            raise PackageError(Problem(f"holds more than {_MOST_FILES} files, which no package does", str(folder)))
    return sorted(names), sorted(odd), size


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
