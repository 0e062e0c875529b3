"""Putting what is whole into its place: in one step of the file system, and nothing lost where that fails."""

import contextlib
import ctypes
import errno
import os
import signal
import stat
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType
from typing import Any, Final

from layoutgen.errors import Input, OutputError, Place, Problem
from layoutgen.files.partial import OLD

OUT: Final = Input("out")
"""Where most outputs go."""
FORCE: Final = Input("force")
_HERE: Final = -100
_EXCHANGE: Final = 2
STOPS: Final = tuple(getattr(signal, name) for name in ("SIGTERM", "SIGINT", "SIGHUP") if hasattr(signal, name))


def absolute(target: Path) -> Path:
    """A path that names its last part, ``..`` and ``.`` taken away; a link in front of it is followed."""
    whole = Path(os.path.abspath(target))  # noqa: PTH100  (Path.absolute keeps "..")
    return Path(os.path.realpath(whole.parent)) / whole.name


def short(path: Path) -> str:
    """A path as people know it: relative where it lies below the folder that they are in."""
    here = Path.cwd()
    return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)


def put_in_place(made: Path, target: Path, check: Callable[[Path], None]) -> None:
    """Let a folder that is whole take its place, or that of the one which stands there.

    Args:
        made: the folder, inside the one that :func:`layoutgen.files.partial.beside` gives.
        target: absolute path of its place.
        check: called with what stood there, once it is out of reach of others; what it raises undoes the step.

    Raises:
        OSError: the file system refuses; everything is as before.
    """
    if not target.exists():
        try:
            made.rename(target)
        except OSError as error:
            if error.errno not in {errno.ENOTEMPTY, errno.EEXIST}:
                raise
        else:
            return  # what another run put there in between is looked at as what was there before
    made.chmod(stat.S_IMODE(target.stat().st_mode))
    if _exchange(made, target):
        try:
            check(made)
        except BaseException:
            _exchange(made, target)
            raise
        return
    old = made.with_name(OLD)
    target.rename(old)
    try:
        check(old)
        made.rename(target)
    except BaseException:
        old.rename(target)
        raise


def _exchange(one: Path, other: Path) -> bool:
    """Two folders change places in one step; False where the system cannot do that."""
    library: Any = ctypes.CDLL(None, use_errno=True) if sys.platform != "win32" else None
    names = os.fsencode(one), os.fsencode(other)
    if hasattr(library, "renameat2"):
        return bool(library.renameat2(_HERE, names[0], _HERE, names[1], _EXCHANGE) == 0)
    if hasattr(library, "renamex_np"):
        return bool(library.renamex_np(*names, _EXCHANGE) == 0)
    return False


@contextlib.contextmanager
def unwinding() -> Iterator[None]:
    """While files are half written, a signal to stop is an exception, so that they are removed on the way out."""

    def stop(number: int, frame: FrameType | None) -> None:  # noqa: ARG001
        for other in before:
            signal.signal(other, signal.SIG_IGN)  # a second one must not end the clearing up
        raise KeyboardInterrupt

    before: dict[int, object] = {}
    try:
        for number in STOPS:
            if signal.getsignal(number) is not signal.SIG_IGN:  # as under nohup
                before[number] = signal.signal(number, stop)
    except ValueError:  # not in the main thread: the caller handles signals
        yield
        return
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)  # type: ignore[arg-type]


def _at(where: Place, place: str) -> Place:
    if isinstance(where, Input):
        return Input(where.path, f"{where.value} {place}".strip())
    return f"{where} {place}".strip()


@contextlib.contextmanager
def refusing(where: Place) -> Iterator[None]:
    """What the system refuses, as a problem of the place that was asked for."""
    try:
        yield
    except OSError as error:
        reason = (error.strerror or type(error).__name__).lower()
        place = short(Path(os.fsdecode(error.filename))) if isinstance(error.filename, str | bytes) else ""
        raise OutputError(Problem(f"cannot be written: {reason}", _at(where, place))) from error
    except ValueError as error:  # a NUL in the name
        raise OutputError(Problem(f"cannot be written: {error}", where)) from error
