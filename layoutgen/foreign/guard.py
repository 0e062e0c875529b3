"""Starts the process that reads, holds it to its limits, and says in one message what became of it.

The reader is not trusted to behave: it may be killed, loop, or ask for all memory. Nothing that it prints is shown.
"""

import json
import os
import signal
import stat
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final

from layoutgen.errors import DocumentError, Problem

_ROOT: Final = str(Path(__file__).resolve().parents[2])
_START: Final = "import sys; sys.path.append(sys.argv[1]); __import__(sys.argv[2], fromlist=['start']).start()"
READER: Final = "layoutgen.foreign.worker"
_AGAIN: Final = "ask for the file again"
MOST_BYTES: Final = 256 * 1024 * 1024
"""Files beyond are not opened."""
_MIB: Final = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """What a reader may take: CPU in seconds, memory in bytes, bytes handed over, wall time in seconds."""

    cpu_s: int
    memory_bytes: int
    output_bytes: int
    wall_s: float

    @staticmethod
    def of(size_bytes: int) -> "Limits":
        """Generous for a whole file of a size, and never without end.

        A flat GDSII file of 1 MiB takes about 0.4 s of CPU, so what takes ten times as long is not one.
        """
        mib = -(-size_bytes // _MIB)
        cpu_s = 6 + 2 * mib
        return Limits(cpu_s, (512 + 24 * mib) * _MIB, (256 + 16 * mib) * _MIB, 20.0 + 6 * cpu_s)


def open_regular(path: Path, most_bytes: int = MOST_BYTES) -> tuple[IO[bytes], int]:
    """An open file and its size; what is no file is not waited for.

    Raises:
        DocumentError: it is not there, no file, empty, too large, or cannot be opened.
    """
    where, allowed = str(path), "a .gds or .oas file"
    try:
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0))
    except FileNotFoundError:
        raise DocumentError(Problem("is not a file", where, allowed)) from None
    except (OSError, ValueError) as error:
        reason = str(getattr(error, "strerror", None) or error).lower()
        raise DocumentError(Problem(f"cannot be opened: {reason}", where, allowed)) from error
    found = os.fstat(descriptor)
    what = ""
    if not stat.S_ISREG(found.st_mode):
        what = f"is not a file but {_kind_of(found.st_mode)}"
    elif not found.st_size:
        what = "is empty"
    elif found.st_size > most_bytes:
        what = f"has {found.st_size / _MIB:,.0f} MiB"
        allowed = f"at most {most_bytes // _MIB} MiB"
    if what:
        os.close(descriptor)
        raise DocumentError(Problem(what, where, allowed))
    return os.fdopen(descriptor, "rb"), found.st_size


def _kind_of(mode: int) -> str:
    kinds = {
        stat.S_IFDIR: "a folder", stat.S_IFIFO: "a pipe", stat.S_IFCHR: "a device", stat.S_IFBLK: "a device",
        stat.S_IFSOCK: "a socket",
    }  # fmt: skip
    return kinds.get(stat.S_IFMT(mode), "something else")


def read_guarded(file: IO[bytes], where: str, limits: Limits, reader: Sequence[str] = (READER, _ROOT)) -> bytes:
    """What a reader hands over of a file.

    Args:
        file: open for reading, with a file descriptor.
        where: what to name in messages.
        limits: what it may take.
        reader: its module, and the folder that holds it.

    Raises:
        DocumentError: the file is damaged, or the reader broke a limit or died.
    """
    module, folder = reader
    watched, held = os.pipe()
    with tempfile.TemporaryFile() as out:
        try:
            arguments = [str(value) for value in (limits.cpu_s, limits.memory_bytes, limits.output_bytes, watched)]
            file.seek(0)
            process = subprocess.Popen(  # noqa: S603  (our own interpreter and module)
                [sys.executable, "-I", "-S", "-c", _START, folder, module, *arguments],
                stdin=file,
                stdout=out,
                stderr=subprocess.DEVNULL,
                pass_fds=(watched,),
                start_new_session=True,
                cwd=os.sep,
                env={},
            )
        except OSError as error:
            os.close(watched)
            os.close(held)
            raise DocumentError(Problem(f"cannot be read apart: {error.strerror}", where)) from error
        os.close(watched)
        try:
            code = process.wait(limits.wall_s)
        except subprocess.TimeoutExpired:
            raise DocumentError(
                Problem(f"took more than {limits.wall_s:.0f} s to read", where, remedy=_AGAIN)
            ) from None
        finally:
            process.kill()
            process.wait()
            os.close(held)
        if code:
            raise DocumentError(Problem(_fate(code, limits), where, remedy=_AGAIN))
        out.seek(0)
        return out.read()


def _fate(code: int, limits: Limits) -> str:
    """What became of a reader that did not end well."""
    if code == -getattr(signal, "SIGXCPU", 0) or (code == -signal.SIGKILL):
        return f"took more than {limits.cpu_s} s of CPU to read"
    if code == -getattr(signal, "SIGXFSZ", 0):
        return f"holds more than {limits.output_bytes // _MIB} MiB of shapes"
    if code < 0:
        return f"cannot be read: its reader was ended by signal {-code}"
    return "cannot be read: its reader failed"


def head_of(handed: bytes, where: str) -> tuple[dict[str, Any], memoryview]:
    """The head of what was handed over, and the arrays after it.

    Raises:
        DocumentError: the reader says what is wrong with the file, or handed over no head.
    """
    end = handed.find(b"\n")
    try:
        head = json.loads(handed[: end + 1])
    except ValueError:
        head = None
    if not isinstance(head, dict):
        raise DocumentError(Problem("cannot be read: its reader failed", where, remedy=_AGAIN))
    if "failed" in head:
        raise DocumentError(_problem(head, where))
    return head, memoryview(handed)[end + 1 :]


def _problem(head: dict[str, Any], where: str) -> Problem:
    if head["failed"] == "memory":
        return Problem("needs more memory to read than a file of its size may", where, remedy=_AGAIN)
    at = head.get("offset")
    place = "" if at is None else f", at byte {at} ({at:#x})"
    kind = "" if head["failed"] == "large" or at is None else "is damaged: "
    return Problem(f"{kind}{head['what']}{place}", where, "a whole GDSII or OASIS file")
