"""Several files of one folder replaced together: all of them or none, whenever the process ends.

All new files are whole, beside the folder, before the first takes its place. What a killed process left between the
first and the last step is finished by the next one that comes to the folder.
"""

import contextlib
import hashlib
import json
import os
import shutil
import signal
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from layoutgen.errors import Place
from layoutgen.files.partial import NEW, beside, strays
from layoutgen.files.place import OUT, STOPS, refusing, unwinding

_BEFORE: Final = "before"
_STEPS: Final = "steps.json"


def replace_together(folder: Path, files: Mapping[str, bytes], *, where: Place = OUT) -> None:
    """Replace or add files of a folder.

    Args:
        folder: where they stand; others in it are left alone.
        files: name -> content.
        where: what to name in messages.

    Raises:
        OutputError: they cannot be written; all are as before.
    """
    with moving_in(folder, where=where) as new:
        for name, content in files.items():
            (new / name).write_bytes(content)


@contextlib.contextmanager
def moving_in(folder: Path, *, where: Place) -> Iterator[Path]:
    """A new folder whose files and folders move into ``folder`` at the end, in place of those of the same name.

    Raises:
        OutputError: they cannot be written; all is as before.
    """
    folder = Path(os.path.realpath(folder))
    finish_together(folder)
    with refusing(where), unwinding(), beside(_near(folder)) as around:
        (around / NEW).mkdir()
        (around / _BEFORE).mkdir()
        yield around / NEW
        names = sorted(path.name for path in (around / NEW).iterdir())
        for name in names:
            _keep(around, folder, name)
        steps = [[name, _digest(folder / name), _digest(around / NEW / name)] for name in names]
        (around / f"{_STEPS}.new").write_text(json.dumps(steps), encoding="utf-8")
        with _undisturbed():
            (around / f"{_STEPS}.new").replace(around / _STEPS)
            try:
                for name in names:
                    _step(around, folder, name)
            except OSError:
                for name in names:
                    _put_back(around, folder, name)
                raise


def finish_together(folder: Path) -> None:
    """Finish what a killed process began: nothing is done where the folder is not as that process left it."""
    folder = Path(os.path.realpath(folder))
    for around in strays(_near(folder)):
        with contextlib.suppress(OSError, ValueError, TypeError):
            steps = json.loads((around / _STEPS).read_bytes())
            found = [(_digest(folder / name), old, new) for name, old, new in steps]
            begun = any(now != old for now, old, _ in found)
            if begun and all(now in {old, new, ""} for now, old, new in found):
                for name in [name for name, _, _ in steps if os.path.lexists(around / NEW / name)]:
                    _step(around, folder, name)


def _keep(around: Path, folder: Path, name: str) -> None:
    """A second name for a file that is replaced, with which it can come back; the new one takes its mode over."""
    there = Path(os.path.realpath(folder / name))
    if not there.is_file():
        return
    (around / NEW / name).chmod(stat.S_IMODE(there.stat().st_mode))
    try:
        os.link(there, around / _BEFORE / name)
    except OSError:
        shutil.copy2(there, around / _BEFORE / name)


def _step(around: Path, folder: Path, name: str) -> None:
    place = Path(os.path.realpath(folder / name))  # a link stays one
    if place.is_dir():
        place.rename(around / _BEFORE / name)
    (around / NEW / name).replace(place)


def _near(folder: Path) -> Path:
    """What to stand beside: the folder, or where its surroundings take nothing, or lie elsewhere, a file in it."""
    around = folder.parent
    same = around.stat().st_dev == folder.stat().st_dev
    return folder if same and os.access(around, os.W_OK | os.X_OK) else folder / "page"


def _put_back(around: Path, folder: Path, name: str) -> None:
    place, before = Path(os.path.realpath(folder / name)), around / _BEFORE / name
    with contextlib.suppress(OSError):
        if not (around / NEW / name).exists():
            place.rename(around / NEW / name)
        if before.exists() and not (before.is_file() and place.exists()):
            before.rename(place)


def _digest(path: Path) -> str:
    """SHA-256 of a file, or of the names and digests of all that a folder holds; empty where there is nothing."""
    if path.is_file():
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    if not path.is_dir():
        return ""
    told = [
        f"{inside.relative_to(path).as_posix()} {_digest(inside)}" for inside in path.rglob("*") if inside.is_file()
    ]
    return hashlib.sha256("\n".join(sorted(told)).encode()).hexdigest()


@contextlib.contextmanager
def _undisturbed() -> Iterator[None]:
    """Signals to stop wait for the end."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, STOPS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
