"""A design folder that came as a zip, such as the download of ``layoutgen serve``."""

import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from layoutgen.document.kinds import archive_of
from layoutgen.errors import DocumentError, Problem
from layoutgen.files.partial import scratch

_MOST_BYTES: Final = 512 * 1024 * 1024


@contextmanager
def unpacked(path: Path) -> Iterator[Path]:
    """The path itself, or where its content stands for as long as the context lasts.

    Raises:
        DocumentError: a zip that cannot be read, is too large, or holds no design or more than one.
    """
    if not (path.is_file() and zipfile.is_zipfile(path)):
        yield path
        return
    with scratch() as folder:
        yield _unpack(path, folder)


def _unpack(path: Path, folder: Path) -> Path:
    try:
        with zipfile.ZipFile(path) as archive:
            if sum(item.file_size for item in archive.infolist()) > _MOST_BYTES:
                raise DocumentError(Problem("is too large", str(path), f"at most {_MOST_BYTES >> 20} MiB unpacked"))
            # names that lead out of the folder are made harmless by extractall
            archive.extractall(folder)
    except (zipfile.BadZipFile, OSError, NotImplementedError, RuntimeError, EOFError, ValueError) as error:
        raise DocumentError(Problem(f"cannot be unpacked: {error}", str(path))) from error
    found = sorted(file.parent for file in folder.rglob("design.json"))
    if len(found) != 1:
        names = [file.name for file in folder.rglob("*")]
        what = f"holds {len(found)} designs" if found else f"is {archive_of(names)}, and holds no design.json"
        allowed = "a design.json, the folder that layoutgen design made, or a zip of one"
        raise DocumentError(Problem(what, str(path), allowed))
    return found[0]
