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

from layoutgen.files.partial import NEW, beside, strays
from layoutgen.files.place import STOPS, refusing, unwinding

_BEFORE: Final = "before"
_STEPS: Final = "steps.json"


def replace_together(folder: Path, files: Mapping[str, bytes], *, where: str = "--out") -> None:
    """Replace or add files of a folder.

    Args:
        folder: where they stand; others in it are left alone.
        files: name -> content.
        where: what to name in messages.

    Raises:
        OutputError: they cannot be written; all are as before.
    """
    folder = Path(os.path.realpath(folder))
    with refusing(where), unwinding(), beside(_near(folder)) as around:
        (around / NEW).mkdir()
        (around / _BEFORE).mkdir()
        for name, content in files.items():
            (around / NEW / name).write_bytes(content)
            if (folder / name).exists():
                (around / NEW / name).chmod(stat.S_IMODE((folder / name).stat().st_mode))
                shutil.copy2(folder / name, around / _BEFORE / name)
        steps = [
            [name, _digest(folder / name), hashlib.sha256(content).hexdigest()] for name, content in files.items()
        ]
        (around / f"{_STEPS}.new").write_text(json.dumps(steps), encoding="utf-8")
        with _undisturbed():
            (around / f"{_STEPS}.new").replace(around / _STEPS)
            try:
                for name in files:
                    (around / NEW / name).replace(os.path.realpath(folder / name))
            except OSError:
                for name in files:
                    _put_back(around, folder, name)
                raise


def finish_together(folder: Path) -> None:
    """Finish what a killed process began: nothing is done where the folder is not as that process left it."""
    folder = Path(os.path.realpath(folder))
    for around in strays(_near(folder)):
        with contextlib.suppress(OSError, ValueError, TypeError):
            steps = json.loads((around / _STEPS).read_bytes())
            found = [_digest(folder / name) for name, _, _ in steps]
            begun = [old != new and now == new for now, (_, old, new) in zip(found, steps, strict=True)]
            between = all(now in {old, new} for now, (_, old, new) in zip(found, steps, strict=True))
            if any(begun) and between:
                for name in [name for name, _, _ in steps if (around / NEW / name).is_file()]:
                    (around / NEW / name).replace(os.path.realpath(folder / name))


def _near(folder: Path) -> Path:
    """What to stand beside: the folder, or where its surroundings take nothing, or lie elsewhere, a file in it."""
    around = folder.parent
    same = around.stat().st_dev == folder.stat().st_dev
    return folder if same and os.access(around, os.W_OK | os.X_OK) else folder / "page"


def _put_back(around: Path, folder: Path, name: str) -> None:
    if (around / NEW / name).exists():
        return  # it was not moved
    with contextlib.suppress(OSError):
        if (around / _BEFORE / name).exists():
            (around / _BEFORE / name).replace(os.path.realpath(folder / name))
        else:
            (folder / name).unlink()


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""


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
