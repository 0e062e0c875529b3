"""Files of others, looked at before they are opened: a pipe never ends, a device is no text, and size is memory."""

import errno
import os
import stat
from pathlib import Path
from typing import Final

MIB: Final = 1 << 20
MOST_TEXT: Final = 16 * MIB
"""Bytes of a file that people write: a question, a part of a kit, a review, waivers."""
MOST_MADE: Final = 512 * MIB
"""Bytes of a file that layoutgen makes, or a fab sends: design.json, masks."""
MOST_ARCHIVE: Final = 2048 * MIB
"""Bytes of an archive, and of all files of a folder together."""

_KINDS: Final = {
    stat.S_IFIFO: "a pipe",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
    stat.S_IFSOCK: "a socket",
}


def read_plain(path: Path, most: int = MOST_TEXT) -> bytes:
    """The bytes of a regular file, or of what a link to one points at.

    Args:
        path: of the file.
        most: bytes that it may have.

    Raises:
        OSError: it cannot be read, is no regular file, is larger, or its name can be none of a file.
    """
    try:
        _require_plain(path.stat(), path, most)
        # what stands there may change in between: opening must not wait for the other end of a pipe
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    except ValueError as error:  # a NUL in the name
        raise OSError(errno.EINVAL, "not a name of a file", str(path)) from error
    with os.fdopen(handle, "rb") as file:
        _require_plain(os.fstat(file.fileno()), path, most)
        content = file.read(most + 1)
    if len(content) > most:  # it grew, or its size is told only while it is read, as below /proc
        raise _too_large(len(content), path, most)
    return content


def require_plain(path: Path, most: int = MOST_MADE) -> None:
    """Refuse what :func:`read_plain` would, for a library that opens the file itself.

    Raises:
        OSError: it is not there, is no regular file, or is larger.
    """
    try:
        _require_plain(path.stat(), path, most)
    except ValueError as error:
        raise OSError(errno.EINVAL, "not a name of a file", str(path)) from error


def size_text(count: int) -> str:
    """Bytes as people read them: ``6.0 GiB``."""
    for power, unit in ((30, "GiB"), (20, "MiB"), (10, "KiB")):
        if count >= 1 << power:
            return f"{count / (1 << power):.1f} {unit}"
    return f"{count} bytes"


def _require_plain(found: os.stat_result, path: Path, most: int) -> None:
    if stat.S_ISDIR(found.st_mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    if not stat.S_ISREG(found.st_mode):
        kind = _KINDS.get(stat.S_IFMT(found.st_mode), "something else")
        raise OSError(errno.EINVAL, f"it is {kind}, not a file", str(path))
    if found.st_size > most:
        raise _too_large(found.st_size, path, most)


def _too_large(size: int, path: Path, most: int) -> OSError:
    return OSError(errno.EOVERFLOW, f"it has {size_text(size)}, at most {size_text(most)} are read", str(path))
