"""Is a received package whole, and is it what its design gives?

Looked at, in this order: the manifest and every checksum; files and folders that are missing or too many; then,
where this version of the tool made the package, everything is made again from the question in design.json and
compared byte for byte, so that no reader of a format is asked. Where another version made it, design.json must
follow from itself, and the mask files are read: they must hold exactly the layout that the design gives, and the
order's counts, areas and boxes must be those of the mask file.
"""

import os
from collections.abc import Mapping
from pathlib import Path

from layoutgen.errors import DocumentError, Input, Problem
from layoutgen.files.archive import SUMS, read_archive
from layoutgen.files.folder import MANIFEST
from layoutgen.reading import MOST_ARCHIVE, read_plain
from layoutgen.verify.against import made_again
from layoutgen.verify.archive import verify_shop, verify_sums
from layoutgen.verify.files import DESIGN, Verified, contents
from layoutgen.verify.folder import verify_files, verify_package


def verify(path: Path, against: Path | None = None) -> Verified:
    """Check what was received: a folder that layoutgen made, or a shop's archive or folder.

    Args:
        path: what was received.
        against: the design that an archive or its folder is of; what is made of it must be the same bytes.

    Raises:
        DocumentError: it is none of these, or the design cannot be used.
        PackageError: it is damaged or altered; holds every problem found.
    """
    files, where = _received(path)
    if files is None or MANIFEST in files:
        if against is not None:
            allowed = "an archive, or its folder, for a shop, a board designer or a test house"
            raise DocumentError(Problem("is for what layoutgen export made", Input("against"), allowed))
        return verify_package(path) if files is None else verify_files(files)
    if against is None:
        return Verified(*verify_shop(files, where))
    return Verified((verify_sums(files, where), made_again(files, against)), ())


def _received(path: Path) -> tuple[Mapping[str, bytes] | None, str]:
    """The files of an archive, or of its folder; None for any other folder."""
    try:
        if path.is_dir():
            archive = (path / SUMS).is_file() and not any((path / name).exists() for name in (DESIGN, MANIFEST))
            return (contents(path), path.name) if archive else (None, path.name)
        content = read_plain(path, MOST_ARCHIVE) if os.path.lexists(path) else b""
        if path.suffix.lower() == ".zip" or content.startswith(b"PK"):
            return read_archive(content, path.name), path.name
    except OSError as error:
        reason = (error.strerror or type(error).__name__).lower()
        raise DocumentError(Problem(f"cannot be read: {reason}", str(path))) from error
    except ValueError as error:
        raise DocumentError(Problem(f"cannot be read: {error}", str(path))) from error
    return None, path.name
