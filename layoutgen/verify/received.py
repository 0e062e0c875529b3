"""Is a received package whole, and is it what its design gives?

Looked at, in this order: the manifest and every checksum; files that are missing or too many; that design.json
follows from itself; that the mask files, read by gdstk, hold exactly the layout that the design gives; that the
order's counts, areas and boxes are those of the mask file; and, where the same version of the tool made the
package, that design.json is the answer that its question gets when it is asked again, and that every other file is
byte for byte what the design gives. Files are read only after their checksums have held: readers of binary formats
are not made for damaged input.
"""

from collections.abc import Mapping
from pathlib import Path

from layoutgen.errors import DocumentError, Problem
from layoutgen.files.archive import SUMS, read_archive
from layoutgen.verify.archive import made_again, verify_shop
from layoutgen.verify.files import DESIGN, Verified, contents
from layoutgen.verify.folder import verify_package


def verify(path: Path, against: Path | None = None) -> Verified:
    """Check what was received: a design folder, or a shop's archive or folder.

    Args:
        path: what was received.
        against: the design that an archive or its folder is of; what is made of it must be the same bytes.

    Raises:
        DocumentError: it is none of these, or the design cannot be used.
        PackageError: it is damaged or altered; holds every problem found.
    """
    files: Mapping[str, bytes] | None = None
    try:
        if path.is_dir() and (path / SUMS).is_file() and not (path / DESIGN).exists():
            files = contents(path)
        elif path.is_file() and (path.suffix.lower() == ".zip" or path.read_bytes()[:2] == b"PK"):
            files = read_archive(path.read_bytes(), path.name)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise DocumentError(Problem(f"cannot be read: {str(reason).lower()}", str(path))) from error
    if files is None:
        if against is not None:
            allowed = "an archive, or its folder, for a shop or a board designer"
            raise DocumentError(Problem("is for what layoutgen export made", "--against", allowed))
        return verify_package(path)
    checked, notes = verify_shop(files, path.name)
    if against is not None:
        return Verified((*checked, made_again(files, against)), ())
    return Verified(checked, notes)
