"""``read_layout``: a GDSII or OASIS file as a :class:`ForeignLayout`, or one message."""

import tempfile
from pathlib import Path
from typing import IO

from layoutgen.errors import DocumentError, Problem
from layoutgen.foreign.guard import Limits, head_of, open_regular, read_guarded
from layoutgen.foreign.model import ForeignLayout, layout_of_handover


def read_layout(path: Path) -> ForeignLayout:
    """Read a file, told from its content and not from its name.

    Raises:
        DocumentError: it is no file, too large, damaged, or cannot be read within limits of time and memory.
    """
    file, size = open_regular(path)
    with file:
        return _read(file, size, str(path))


def read_layout_bytes(content: bytes, where: str) -> ForeignLayout:
    """Read what is in memory already.

    Args:
        content: a whole file.
        where: what to name in messages.

    Raises:
        DocumentError: as :func:`read_layout`.
    """
    if not content:
        raise DocumentError(Problem("is empty", where, "a whole GDSII or OASIS file"))
    with tempfile.TemporaryFile() as file:
        file.write(content)
        file.flush()
        return _read(file, len(content), where)


def _read(file: IO[bytes], size: int, where: str) -> ForeignLayout:
    head, arrays = head_of(read_guarded(file, where, Limits.of(size)), where)
    try:
        return layout_of_handover(head, arrays)
    except (ValueError, KeyError, TypeError, IndexError) as error:
        raise DocumentError(Problem("cannot be read: its reader failed", where)) from error
