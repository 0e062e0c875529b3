"""What a file is that stands where a design is asked for, told by its first bytes."""

import io
import zipfile
from typing import Final, NamedTuple


class Kind(NamedTuple):
    """What a file is, and what to give in its place."""

    what: str
    remedy: str


_FOLDER: Final = "the folder that layoutgen design made"
_STARTS: Final = (
    (b"\x00\x06\x00\x02", "a GDSII file, which holds masks", "layoutgen check compares it with its design"),
    (b"%SEMI-OASIS\r\n", "an OASIS file, which holds masks", "layoutgen check compares it with its design"),
    (b"ISO-10303-21", "a STEP file, which holds a model", _FOLDER),
    (b"%PDF", "a PDF", _FOLDER),
    (b"glTF", "a GLB file, which holds a model", _FOLDER),
    (b"\x89PNG", "a picture", _FOLDER),
    (b"\x1f\x8b", "packed (gzip)", "unpack it"),
    (b"PAR1", "a Parquet table", _FOLDER),
    (b"<!DOCTYPE html", "a page", _FOLDER),
    (b"<", "an XML or SVG file", _FOLDER),
)
_ARCHIVES: Final = {
    "order.json": "an archive for a mask or laser shop",
    "land-pattern.json": "an archive for a board designer",
    "web-repeats.csv": "an archive for a test house",
}


def kind_of(content: bytes, name: str) -> Kind | None:
    """What a file is by its first bytes; None where it may be JSON.

    Args:
        content: of the file.
        name: of the file.
    """
    if content.startswith(b"PK"):
        return _of_zip(content)
    head = content[:64].lstrip()
    for start, what, remedy in _STARTS:
        if head.startswith(start) or content.startswith(start):
            return Kind(what, remedy)
    if name.endswith(".toml"):
        return Kind("a TOML file: a question, or a part of a kit", "layoutgen design makes a design of a question")
    return None


def archive_of(names: list[str]) -> str:
    """What a zip is by the names of its files, in words."""
    last = {name.rsplit("/", 1)[-1] for name in names}
    return next((what for mark, what in _ARCHIVES.items() if mark in last), "a zip archive")


def _of_zip(content: bytes) -> Kind:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return Kind("a damaged zip archive", _FOLDER)
    if any(name.rsplit("/", 1)[-1] == "design.json" for name in names):
        return Kind("a zip archive of a design", "unpack it")
    return Kind(archive_of(names), f"{_FOLDER}; layoutgen verify checks an archive")
