"""Finished rows of a sweep on disk, so that one that was stopped goes on where it was.

Each line holds a row with the digest of what it answers: the question, the process and the version of the tool. A
row is taken again for the same question only, whatever else the file holds. While a run works the file is locked;
the system takes the lock away with the process, however that ends.
"""

import contextlib
import errno
import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, Any, Self

from layoutgen.errors import OutputError, Problem
from layoutgen.explorer.points import COLUMNS, Row

try:
    import fcntl
except ImportError:  # no such locks on this system: digests alone keep the rows of two runs apart
    fcntl = None  # type: ignore[assignment]


def answers_what(process: str, point: Mapping[str, Any]) -> str:
    """The digest of one question to a process, itself given by a digest."""
    text = json.dumps([process, dict(point)], sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


class Journal:
    """The file of finished rows; made when it is entered, gone when it was left empty.

    Args:
        path: of the file.
        where: what to call the place that it belongs to in a message.
    """

    def __init__(self, path: Path, where: str = "explore") -> None:
        self.path, self.where = path, where
        self._file: IO[bytes] | None = None
        self._made: list[Path] = []

    def __enter__(self) -> Self:
        self._file = self._locked()
        return self

    def __exit__(self, *_: object) -> None:
        file, self._file = self._file, None
        if file is None:
            return
        with file:
            if file.seek(0, os.SEEK_END):
                return
            self.path.unlink(missing_ok=True)
        with contextlib.suppress(OSError):  # somebody else has put something there
            for folder in self._made:
                folder.rmdir()

    def read(self) -> dict[str, Row]:
        """Rows by what they answer; lines that were cut off or changed are left out."""
        file = self._open()
        file.seek(0)
        found: dict[str, Row] = {}
        for line in file.read().decode(errors="replace").splitlines():
            try:
                answers, checksum, row = json.loads(line)
            except (ValueError, TypeError):
                continue
            if isinstance(row, dict) and tuple(row) == COLUMNS and checksum == _checksum(answers, row):
                found[answers] = row
        return found

    def append(self, rows: Mapping[str, Row]) -> None:
        """Keep rows, each under the digest of what it answers."""
        file = self._open()
        # the line break comes first: a line that a stopped run left unfinished must not swallow the next one
        lines = (f"\n{json.dumps([key, _checksum(key, row), row])}" for key, row in rows.items())
        file.write("".join(lines).encode())
        file.flush()

    def remove(self) -> None:
        """Delete the file: what it held has been written elsewhere."""
        self._open()
        self.path.unlink(missing_ok=True)

    def _open(self) -> IO[bytes]:
        if self._file is None:
            raise ValueError("the journal is not open")
        return self._file

    def _locked(self) -> IO[bytes]:
        """The file, opened and locked; made anew where the run that held it has removed it meanwhile."""
        if self.path.is_symlink() or (self.path.exists() and not self.path.is_file()):
            raise OutputError(Problem("is no file", str(self.path), remedy="remove it"))
        self._made = [folder for folder in self.path.parents if not folder.exists()]
        while True:
            try:
                self.path.parent.mkdir(parents=True, exist_ok=True)
                file = self.path.open("a+b")
            except OSError as error:
                reason = (error.strerror or "unknown reason").lower()
                raise OutputError(Problem(f"cannot be written: {reason}", str(self.path))) from error
            try:
                self._lock(file)
            except BaseException:
                file.close()
                raise
            if _same_file(file, self.path):
                return file
            file.close()

    def _lock(self, file: IO[bytes]) -> None:
        if fcntl is None:
            return
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            if error.errno in {errno.EAGAIN, errno.EACCES, errno.EWOULDBLOCK}:
                what = "another run is exploring into this folder"
                raise OutputError(Problem(what, self.where, remedy="wait for it, or take another one")) from error
            # a file system without locks: digests alone keep the rows of two runs apart


def _same_file(file: IO[bytes], path: Path) -> bool:
    with contextlib.suppress(OSError):
        return os.path.samestat(os.fstat(file.fileno()), path.stat())
    return False


def _checksum(answers: str, row: Mapping[str, Any]) -> str:
    values: Sequence[Any] = [answers, *(row.get(name) for name in COLUMNS)]
    return hashlib.sha256(json.dumps(values).encode()).hexdigest()[:16]
