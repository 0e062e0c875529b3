"""What is half made stands beside its place until it is whole, in a folder that says so and is locked.

A process that was killed leaves such a folder behind. The next run for the same place removes it: only one with the
stamp of layoutgen in it, that belongs to the same user and whose lock nobody holds.
"""

import contextlib
import os
import re
import shutil
import stat
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

STAMP: Final = "layoutgen.partial"
NEW: Final = "new"
"""Name, inside, of what is to be put in place."""
OLD: Final = "old"
"""Name, inside, of what was there before, while one takes the place of the other."""
_TEXT: Final = b"layoutgen.partial/1: what layoutgen was making when it was stopped; it may be removed\n"
_NAME_MOST: Final = 40


@contextlib.contextmanager
def beside(target: Path) -> Iterator[Path]:
    """A new folder beside ``target``, which is gone afterwards with all that is still in it.

    Args:
        target: absolute path of what is to be made.

    Raises:
        OSError: the folder around ``target`` takes no new ones.
    """
    remove_strays(target)
    folder, handle = _made(target)
    try:
        yield folder
    finally:
        try:
            shutil.rmtree(folder, ignore_errors=True)
        except KeyboardInterrupt:  # the signal came while it was at it
            shutil.rmtree(folder, ignore_errors=True)
            raise
        finally:
            os.close(handle)


@contextlib.contextmanager
def scratch() -> Iterator[Path]:
    """A folder for files that a library insists to read or write; what killed runs left of such is removed."""
    with beside(Path(tempfile.gettempdir()) / "layoutgen") as folder:
        inside = folder / NEW
        inside.mkdir()
        yield inside


def remove_strays(target: Path) -> None:
    """Remove what killed runs for the same place left; what was moved aside and has no successor is put back."""
    for folder in strays(target):
        with contextlib.suppress(OSError):
            if (folder / OLD).exists() and not os.path.lexists(target):
                (folder / OLD).rename(target)
            shutil.rmtree(folder)


def strays(target: Path) -> Iterator[Path]:
    """Folders that killed runs for the same place left, each locked while it is looked at."""
    pattern = re.compile(rf"\.{re.escape(target.name[:_NAME_MOST])}\.[a-z0-9_]{{8}}\.partial")
    try:
        names = [entry.name for entry in os.scandir(target.parent) if pattern.fullmatch(entry.name)]
    except OSError:
        return
    for name in sorted(names):
        with contextlib.ExitStack() as held, contextlib.suppress(OSError):
            if _is_stray(target.parent / name, held):
                yield target.parent / name


def _made(target: Path) -> tuple[Path, int]:
    while True:
        prefix = f".{target.name[:_NAME_MOST]}."
        folder = Path(tempfile.mkdtemp(prefix=prefix, suffix=".partial", dir=target.parent))
        try:
            handle = os.open(folder / STAMP, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        except FileNotFoundError:  # taken for a stray and removed before it was stamped
            continue
        try:
            _lock(handle, wait=True)
            if (folder / STAMP).exists():
                os.write(handle, _TEXT)
                return folder, handle
        except BaseException:
            os.close(handle)
            shutil.rmtree(folder, ignore_errors=True)
            raise
        os.close(handle)


def _is_stray(folder: Path, held: contextlib.ExitStack) -> bool:
    """Whether a folder has the stamp and belongs to nobody any more; an empty one is taken away."""
    about = folder.lstat()
    if not stat.S_ISDIR(about.st_mode) or (hasattr(os, "geteuid") and about.st_uid != os.geteuid()):
        return False
    try:
        handle = os.open(folder / STAMP, os.O_RDWR | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
    except FileNotFoundError:
        folder.rmdir()  # which refuses where anything is in it
        return False
    held.callback(os.close, handle)
    return _lock(handle, wait=False) and os.read(handle, 2 * len(_TEXT)) in {b"", _TEXT}


def _lock(handle: int, *, wait: bool) -> bool:
    """Whether the lock is held now; it goes with the process, however that ends."""
    if sys.platform == "win32":
        return wait
    import fcntl

    try:
        fcntl.flock(handle, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except OSError:  # held by another; or a file system that knows no locks, where strays are left alone
        return wait
    return True
