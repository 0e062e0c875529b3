"""Outputs on disk: written beside their place and put into it, so that they are whole or absent.

What is the user's is never lost: a folder is replaced only where the same command made it, and where everything in
it is as its manifest lists it.
"""

import contextlib
import hashlib
import json
import os
import stat
import sys
import tempfile
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO, Any, Final

from layoutgen import __version__
from layoutgen.errors import OutputError, Place, Problem
from layoutgen.files.partial import NEW, beside
from layoutgen.files.place import FORCE, OUT, absolute, put_in_place, refusing, short, unwinding
from layoutgen.files.together import moving_in
from layoutgen.libraries import libraries
from layoutgen.reading import read_plain, require_plain

MANIFEST: Final = "MANIFEST.json"
MANIFEST_SCHEMA: Final = "layoutgen.manifest/1"
OF_PEOPLE: Final = frozenset({"review.toml"})
"""Files of a folder that people write: never replaced but by a command that takes their content over."""
_NAMED: Final = 5
"""Files that a message names."""


def manifest_text(files: Mapping[str, bytes], about: Mapping[str, Any]) -> str:
    """MANIFEST.json: what the folder was made with, and SHA-256 and size of every other file, sorted by path."""
    listed = [
        {"path": path, "bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
        for path, content in sorted(files.items())
    ]
    content = {"schema": MANIFEST_SCHEMA, **about, "files": listed}
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


def kind_of(manifest: object) -> str:
    """Which command made a folder, by its manifest: ``design``, ``draw``, ``explore``; empty where none did.

    Manifests of 0.1 do not say so; what they list does.
    """
    if not isinstance(manifest, dict) or manifest.get("schema") != MANIFEST_SCHEMA:
        return ""
    if "kind" in manifest:
        return str(manifest["kind"])
    listed = {path for path, _ in _listed(manifest)}
    return "design" if "design.json" in listed else "explore" if "table.json" in listed else "draw"


def check_target(target: Path, *, force: bool, kind: str, keeps: Collection[str] = ()) -> None:
    """Refuse a place that cannot be written to, before any work is done.

    A folder is replaced only where the same command made it, and only where nothing in it is lost: every file is as
    its manifest lists it, or is named in ``keeps``.

    Args:
        target: the folder to make.
        force: replace one that is there.
        kind: the command that makes it, as :func:`kind_of` says.
        keeps: files that the caller takes over into the new folder.

    Raises:
        OutputError: the place exists and may not be replaced, or its parent cannot take it.
    """
    where = OUT
    with refusing(where):
        if target.exists() or target.is_symlink():
            if not target.is_dir() or target.is_symlink():
                raise OutputError(Problem(f"{target} is not a folder", where, remedy="another name"))
            _require_replaceable(target, target, kind, keeps)
            if not force:
                raise _exists(target)
            if Path.cwd().is_relative_to(os.path.realpath(target)):
                what = f"{target} is the folder that you are in, or lies around it"
                raise OutputError(Problem(what, where, remedy="go out of it first, or another " + OUT))
        with contextlib.suppress(FileNotFoundError, NotADirectoryError):
            target.lstat()  # refuses a name that can be none of a file
        parent = absolute(target).parent
        while not parent.exists() and not parent.is_symlink():
            parent = parent.parent
        if not parent.is_dir():
            raise OutputError(Problem(f"{short(parent)} is not a folder", where, remedy="another place"))
        _require_outside(target, where)
        if not os.access(parent, os.W_OK | os.X_OK):
            raise OutputError(
                Problem(f"{short(parent)} cannot be written to", where, remedy=OUT + " in another place")
            )
        with tempfile.TemporaryFile(dir=parent):  # some file systems refuse only when asked
            pass


def write_package(target: Path, files: Mapping[str, bytes], *, force: bool = False) -> None:
    """Write every file below ``target``, whole or not at all.

    Args:
        target: the folder to make.
        files: relative path with forward slashes -> content; their manifest says of which kind the folder is.
        force: replace a folder of the same kind that was made earlier, where nothing is lost by it.

    Raises:
        OutputError: it cannot be written; nothing is left behind.
    """

    def fill(folder: Path) -> None:
        for path, content in sorted(files.items()):
            file = folder / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)

    same = {path: hashlib.sha256(content).hexdigest() for path, content in files.items()}
    _write(target, fill, kind_of(_json(files.get(MANIFEST, b""))), same, force=force)


def write_folder(target: Path, fill: Callable[[Path], None], *, kind: str, force: bool = False) -> None:
    """Let ``fill`` write files below a new folder, whole or not at all; for what is too large to be held.

    Args:
        target: the folder to make.
        fill: is given the folder to write into; the manifest is made of what it leaves there.
        kind: the command that makes it, as :func:`kind_of` says.
        force: as for :func:`write_package`.

    Raises:
        OutputError: it cannot be written; nothing is left behind.
    """

    def filled(folder: Path) -> None:
        fill(folder)
        head = {"kind": kind, "tool": {"name": "layoutgen", "version": __version__}, "libraries": libraries()}
        _write_manifest(folder, head, {name: _entry(folder, name) for name in _contents(folder)[0]})

    _write(target, filled, kind, {}, force=force)


def add_files(folder: Path, fill: Callable[[Path], None]) -> None:
    """Let ``fill`` write files that are then moved into a folder that is there, replacing those of the same name.

    They are all written before the first is moved, and the folder's manifest takes them in. What stands there under
    such a name and is not as the manifest lists it is the user's: the whole is refused.

    Args:
        folder: where they go.
        fill: is given a folder to write into.

    Raises:
        OutputError: they cannot be written; the folder is as it was.
    """
    with moving_in(folder, where=str(folder)) as new:
        fill(new)
        manifest = _json(_small(folder / MANIFEST))
        if not isinstance(manifest, dict):
            return
        listed = dict(_listed(manifest))
        places = [path.name for path in new.iterdir()]
        there = [f"{name}/{below}" for name in places for below in _below(folder / name)]
        there += [name for name in places if os.path.lexists(folder / name) and not (folder / name).is_dir()]
        own = [name for name in there if listed.get(name) != _digest(folder / name)]
        if own:
            what = f"holds files that were changed since, or that layoutgen did not make: {_some(sorted(own))}"
            raise OutputError(Problem(what, str(folder), remedy="move them away first"))
        entries = {str(item["path"]): item for item in manifest["files"] if item["path"] not in there}
        entries |= {name: _entry(new, name) for name in _contents(new)[0]}
        head = {key: value for key, value in manifest.items() if key not in {"schema", "files"}}
        _write_manifest(new, head, entries)


def _write(target: Path, fill: Callable[[Path], None], kind: str, same: Mapping[str, str], *, force: bool) -> None:
    def check(old: Path) -> None:
        _require_replaceable(old, target, kind, _same_files(old, same))
        if not force:  # it came in between
            raise _exists(target)

    check_target(target, force=force, kind=kind, keeps=_same_files(target, same))
    target = absolute(target)
    with refusing(OUT), unwinding(), _new_parents(target.parent), beside(target) as around:
        made = around / NEW
        made.mkdir()
        fill(made)
        put_in_place(made, target, check)


def write_new_folder(target: Path, files: Mapping[str, bytes], *, where: Place) -> None:
    """Write every file below a folder that is not there yet, whole or not at all.

    Raises:
        OutputError: it exists, or cannot be written; nothing is left behind.
    """
    target = absolute(target)

    def refuse(_: Path) -> None:
        raise OutputError(Problem(f"{short(target)} exists already", where, remedy="name a new folder"))

    with refusing(where), unwinding():
        if os.path.lexists(target):
            refuse(target)
        with _new_parents(target.parent), beside(target) as around:
            made = around / NEW
            made.mkdir()
            for path, content in sorted(files.items()):
                (made / path).parent.mkdir(parents=True, exist_ok=True)
                (made / path).write_bytes(content)
            put_in_place(made, target, refuse)


def _exists(target: Path) -> OutputError:
    what = f"{target} exists already"
    return OutputError(Problem(what, OUT, remedy=FORCE + " to replace it, or another " + OUT))


def _require_replaceable(folder: Path, target: Path, kind: str, keeps: Collection[str]) -> None:
    """Refuse to replace what another made, another kind of folder, and files that would be lost, by name."""
    where = OUT
    names, folders = _contents(folder)
    if not names and not folders:
        return
    manifest = _json(_small(folder / MANIFEST)) if MANIFEST in names else None
    made_by = kind_of(manifest)
    if not made_by or not isinstance(manifest, dict):
        what = f"{target} holds files that layoutgen did not make: {_some([*names, *folders])}"
        allowed = f"a new folder, or one that layoutgen {kind} made" if kind else "a new folder"
        raise OutputError(Problem(what, where, allowed))
    if made_by != kind:
        what = f"{target} is a folder that layoutgen {made_by} made"
        allowed = f"a new folder, or one that layoutgen {kind} made" if kind else "a new folder"
        raise OutputError(Problem(what, where, allowed, "another " + OUT))
    listed = dict(_listed(manifest))
    own = [name for name in names if name not in listed and name != MANIFEST and name not in keeps]
    own += [f"{name}/" for name in folders if not any(path.startswith(f"{name}/") for path in listed)]
    changed = [
        name
        for name in names
        if name in listed and name not in keeps and (name in OF_PEOPLE or _digest(folder / name) != listed[name])
    ]
    if not own and not changed:
        return
    said = [f"holds files that layoutgen did not make: {_some(own)}"] if own else []
    said += [f"holds files that were changed since: {_some(changed)}"] if changed else []
    raise OutputError(
        Problem(f"{target} {'; it '.join(said)}", where, remedy="move them away first, or another " + OUT)
    )


def _contents(folder: Path) -> tuple[list[str], list[str]]:
    """Names below a folder, sorted: what is no folder, and folders; links are not followed."""
    names, folders = [], []
    todo = [folder]
    while todo:
        with os.scandir(todo.pop()) as entries:
            for entry in entries:
                path = Path(entry.path)
                name = path.relative_to(folder).as_posix()
                if entry.is_dir(follow_symlinks=False):
                    folders.append(name)
                    todo.append(path)
                else:
                    names.append(name)
    return sorted(names), sorted(folders)


def _listed(manifest: Mapping[str, Any]) -> list[tuple[str, str]]:
    entries = manifest.get("files")
    items = [item for item in entries if isinstance(item, dict)] if isinstance(entries, list) else []
    return [(str(item.get("path")), str(item.get("sha256"))) for item in items]


def _same_files(folder: Path, digests: Mapping[str, str]) -> set[str]:
    """Files of a folder that are among the new ones, with the same content."""
    return {name for name, digest in digests.items() if _digest(folder / name) == digest}


def _below(folder: Path) -> list[str]:
    return _contents(folder)[0] if folder.is_dir() and not folder.is_symlink() else []


def _digest(path: Path) -> str:
    """SHA-256 of a regular file; empty where there is none, it is a link, or cannot be read."""
    try:
        if path.is_symlink():
            return ""
        require_plain(path, sys.maxsize)
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""


def _entry(folder: Path, name: str) -> dict[str, Any]:
    return {"path": name, "bytes": (folder / name).stat().st_size, "sha256": _digest(folder / name)}


def _write_manifest(folder: Path, head: Mapping[str, Any], entries: Mapping[str, Mapping[str, Any]]) -> None:
    listed = [entries[name] for name in sorted(entries) if name != MANIFEST]
    content = {"schema": MANIFEST_SCHEMA, **head, "files": listed}
    (folder / MANIFEST).write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def _small(path: Path) -> bytes:
    try:
        return b"" if path.is_symlink() else read_plain(path)
    except OSError:
        return b""


def _json(content: bytes) -> Any:
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        return None


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + more


def check_file_target(target: Path, *, force: bool, where: Place = OUT, suffix: str = "") -> None:
    """Refuse a file that cannot be written, before any work is done.

    Args:
        target: the file.
        force: replace one that is there.
        where: what it is called in messages.
        suffix: how the name must end, so that a slip does not replace a file of another kind.

    Raises:
        OutputError: it exists, is a folder or of another kind, or its folder cannot take it.
    """
    with refusing(where):
        with contextlib.suppress(FileNotFoundError, NotADirectoryError):
            target.lstat()  # refuses a name that can be none of a file
        if target.is_dir():
            raise OutputError(Problem(f"{target} is a folder", where, remedy="a file name"))
        if target.exists() and not target.is_file():
            raise OutputError(Problem(f"{target} is a pipe or a device, not a file", where, remedy="a file name"))
        if suffix and target.suffix.lower() != suffix:
            raise OutputError(Problem(f"{target} is no {suffix} file", where, f"a name that ends in {suffix}"))
        if target.exists() and not force:
            raise OutputError(Problem(f"{target} exists already", where, remedy=FORCE + " to replace it"))
        parent = absolute(target).parent
        if not parent.is_dir():
            what = f"cannot be written: there is no folder {parent.name!r}"
            raise OutputError(Problem(what, where, remedy="make it first"))
        if not os.access(parent, os.W_OK | os.X_OK):
            raise OutputError(Problem(f"cannot be written: {parent.name} takes no files", where))
        _require_outside(target, where)


def write_file(target: Path, content: bytes, *, force: bool = False, where: Place = OUT) -> None:
    """Write one file, whole or not at all; as :func:`write_stream`."""
    write_stream(target, lambda file: file.write(content), force=force, where=where)


def write_stream(
    target: Path, write: Callable[[IO[bytes]], object], *, force: bool = False, where: Place = OUT
) -> None:
    """Let ``write`` write one file, whole or not at all.

    Raises:
        OutputError: it cannot be written; nothing is left behind.
    """
    check_file_target(target, force=force, where=where)
    target = Path(os.path.realpath(target))  # a link stays one
    with refusing(where), unwinding(), beside(target) as around:
        with (around / NEW).open("wb") as file:
            write(file)
        with contextlib.suppress(FileNotFoundError):
            (around / NEW).chmod(stat.S_IMODE(target.stat().st_mode))
        if not force and os.path.lexists(target):  # it came in between
            raise OutputError(Problem(f"{target.name} exists already", where, remedy=FORCE + " to replace it"))
        (around / NEW).replace(target)


def _require_outside(target: Path, where: Place) -> None:
    """A folder that was made holds what its manifest lists, and nothing else."""
    folders = Path(os.path.realpath(target)).parents
    around = next((folder for folder in folders if (folder / MANIFEST).is_file()), None)
    if around is not None:
        what = f"{target} lies inside {short(around)}, which holds what its {MANIFEST} lists and nothing else"
        raise OutputError(Problem(what, where, remedy=OUT + " in another place"))


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
