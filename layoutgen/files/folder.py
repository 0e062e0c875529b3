"""The output folder: written beside its place and renamed into it, so that it is whole or absent."""

import contextlib
import hashlib
import json
import os
import shutil
import signal
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import FrameType
from typing import IO, Any

from layoutgen.errors import OutputError, Problem

MANIFEST = "MANIFEST.json"
MANIFEST_SCHEMA = "layoutgen.manifest/1"


def manifest_text(files: Mapping[str, bytes], about: Mapping[str, Any]) -> str:
    """MANIFEST.json: what the folder was made with, and SHA-256 and size of every other file, sorted by path."""
    listed = [
        {"path": path, "bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
        for path, content in sorted(files.items())
    ]
    content = {"schema": MANIFEST_SCHEMA, **about, "files": listed}
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


def check_target(target: Path, *, force: bool, marker: str = MANIFEST, maker: str = "layoutgen design") -> None:
    """Refuse a place that cannot be written to, before any work is done.

    Args:
        target: the folder to make.
        force: replace one that was made earlier.
        marker: the file by which a folder that was made earlier is known.
        maker: the command that makes such folders, for messages.

    Raises:
        OutputError: the place exists and may not be replaced, or its parent cannot take it.
    """
    where = "--out"
    with _refusing(where):
        if target.exists() or target.is_symlink():
            if not target.is_dir() or target.is_symlink():
                raise OutputError(Problem(f"{target} is not a folder", where, remedy="another name"))
            ours = (target / marker).is_file() or not any(target.iterdir())
            if not ours:
                what = f"{target} holds files that layoutgen did not make"
                raise OutputError(Problem(what, where, f"a new folder, or one that {maker} made"))
            if not force:
                raise OutputError(
                    Problem(f"{target} exists already", where, remedy="--force to replace it, or another --out")
                )
        with contextlib.suppress(FileNotFoundError, NotADirectoryError):
            target.lstat()  # refuses a name that can be none of a file
        parent = target.absolute().parent
        while not parent.exists() and not parent.is_symlink():
            parent = parent.parent
        if not parent.is_dir():
            raise OutputError(Problem(f"{_short(parent)} is not a folder", where, remedy="another place"))
        _require_outside(target, where)
        if not os.access(parent, os.W_OK | os.X_OK):
            raise OutputError(
                Problem(f"{_short(parent)} cannot be written to", where, remedy="--out in another place")
            )
        with tempfile.TemporaryFile(dir=parent):  # some file systems refuse only when asked
            pass


def write_package(target: Path, files: Mapping[str, bytes], *, force: bool = False) -> None:
    """Write every file below ``target``, whole or not at all.

    Args:
        target: the folder to make.
        files: relative path with forward slashes -> content.
        force: replace a folder that was made earlier.

    Raises:
        OutputError: it cannot be written; nothing is left behind.
    """

    def fill(folder: Path) -> None:
        for path, content in sorted(files.items()):
            file = folder / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)

    write_folder(target, fill, force=force)


def write_folder(
    target: Path,
    fill: Callable[[Path], None],
    *,
    force: bool = False,
    marker: str = MANIFEST,
    maker: str = "layoutgen design",
) -> None:
    """Let ``fill`` write files below a new folder, whole or not at all; for what is too large to be held.

    Args:
        target: the folder to make.
        fill: is given the folder to write into.
        force: as for :func:`check_target`, like ``marker`` and ``maker``.

    Raises:
        OutputError: it cannot be written; nothing is left behind.
    """
    check_target(target, force=force, marker=marker, maker=maker)
    parent = target.absolute().parent
    with _refusing("--out"), _unwinding(), _new_parents(parent):
        beside = Path(tempfile.mkdtemp(prefix=f".{target.name}.", suffix=".partial", dir=parent))
        try:
            beside.chmod(0o755)
            fill(beside)
            _put_in_place(beside, target)
        except BaseException:
            shutil.rmtree(beside, ignore_errors=True)
            raise


def add_files(folder: Path, fill: Callable[[Path], None]) -> None:
    """Let ``fill`` write files that are then moved into a folder that is there, replacing those of the same name.

    They are all written before the first is moved.

    Args:
        folder: where they go.
        fill: is given a folder to write into; folders in it replace folders.

    Raises:
        OutputError: they cannot be written; the folder is as it was.
    """
    with _refusing(str(folder)), _unwinding():
        beside = Path(tempfile.mkdtemp(prefix=".", suffix=".partial", dir=folder))
        try:
            fill(beside)
            for made in sorted(beside.iterdir()):
                place = folder / made.name
                if place.is_dir() and not place.is_symlink():
                    shutil.rmtree(place)
                made.replace(place)
        finally:
            shutil.rmtree(beside, ignore_errors=True)


def check_file_target(target: Path, *, force: bool, where: str = "--out", suffix: str = "") -> None:
    """Refuse a file that cannot be written, before any work is done.

    Args:
        target: the file.
        force: replace one that is there.
        where: the option, for messages.
        suffix: how the name must end, so that a slip does not replace a file of another kind.

    Raises:
        OutputError: it exists, is a folder or of another kind, or its folder cannot take it.
    """
    with _refusing(where):
        with contextlib.suppress(FileNotFoundError, NotADirectoryError):
            target.lstat()  # refuses a name that can be none of a file
        if target.is_dir():
            raise OutputError(Problem(f"{target} is a folder", where, remedy="a file name"))
        if suffix and target.suffix.lower() != suffix:
            raise OutputError(Problem(f"{target} is no {suffix} file", where, f"a name that ends in {suffix}"))
        if target.exists() and not force:
            raise OutputError(Problem(f"{target} exists already", where, remedy="--force to replace it"))
        parent = target.absolute().parent
        if not parent.is_dir():
            what = f"cannot be written: there is no folder {parent.name!r}"
            raise OutputError(Problem(what, where, remedy="make it first"))
        if not os.access(parent, os.W_OK | os.X_OK):
            raise OutputError(Problem(f"cannot be written: {parent.name} takes no files", where))
        _require_outside(target, where)


def write_file(target: Path, content: bytes, *, force: bool = False, where: str = "--out") -> None:
    """Write one file, whole or not at all; as :func:`write_stream`."""
    write_stream(target, lambda file: file.write(content), force=force, where=where)


def write_stream(
    target: Path, write: Callable[[IO[bytes]], object], *, force: bool = False, where: str = "--out"
) -> None:
    """Let ``write`` write one file, whole or not at all.

    Raises:
        OutputError: it cannot be written; nothing is left behind.
    """
    check_file_target(target, force=force, where=where)
    with _refusing(where), _unwinding():
        handle, name = tempfile.mkstemp(prefix=f".{target.name}.", suffix=".partial", dir=target.absolute().parent)
        beside = Path(name)
        try:
            with os.fdopen(handle, "wb") as file:
                write(file)
            beside.chmod(0o644)
            beside.replace(target)
        except BaseException:
            beside.unlink(missing_ok=True)
            raise


def _require_outside(target: Path, where: str) -> None:
    """A folder that was made holds what its manifest lists, and nothing else."""
    folders = Path(os.path.realpath(target)).parents
    around = next((folder for folder in folders if (folder / MANIFEST).is_file()), None)
    if around is not None:
        what = f"{target} lies inside {_short(around)}, which holds what its {MANIFEST} lists and nothing else"
        raise OutputError(Problem(what, where, remedy="--out in another place"))


def _short(path: Path) -> str:
    """A path as people know it: relative where it lies below the folder that they are in."""
    here = Path.cwd()
    return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)


def _put_in_place(beside: Path, target: Path) -> None:
    if not target.exists():
        beside.rename(target)
        return
    old = Path(tempfile.mkdtemp(prefix=f".{target.name}.", suffix=".old", dir=target.absolute().parent))
    target.rename(old / "folder")
    try:
        beside.rename(target)
    except BaseException:
        (old / "folder").rename(target)
        old.rmdir()
        raise
    shutil.rmtree(old, ignore_errors=True)


@contextlib.contextmanager
def _unwinding() -> Iterator[None]:
    """While files are half written, a signal to stop is an exception, so that they are removed on the way out."""

    def stop(number: int, frame: FrameType | None) -> None:  # noqa: ARG001
        raise KeyboardInterrupt

    try:
        before = {number: signal.signal(number, stop) for number in (signal.SIGTERM, signal.SIGINT)}
    except ValueError:  # not in the main thread: the caller handles signals
        yield
        return
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextlib.contextmanager
def _refusing(where: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        reason = (error.strerror or type(error).__name__).lower()
        place = error.filename or ""
        raise OutputError(Problem(f"cannot be written: {reason}", f"{where} {place}".strip())) from error
    except ValueError as error:  # a NUL in the name
        raise OutputError(Problem(f"cannot be written: {error}", where)) from error


@contextlib.contextmanager
def _new_parents(parent: Path) -> Iterator[None]:
    """Make missing parents; take them away again if the writing fails."""
    missing = []
    folder = parent
    while not folder.exists():
        missing.append(folder)
        folder = folder.parent
    parent.mkdir(parents=True, exist_ok=True)
    try:
        yield
    except BaseException:
        for made in missing:
            with contextlib.suppress(OSError):
                made.rmdir()
        raise
