"""The folders that a kit is stated in: its own, and those that it extends, down to a base."""

import posixpath
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from layoutgen.errors import Input, PdkError, Place, Problem, did_you_mean
from layoutgen.pdk.overlay import Statements
from layoutgen.resources import data_folder
from layoutgen.toml import NotTomlError, read_toml
from layoutgen.validation import file_of

BASES = "_base"
WHAT_IF = "what-if"
EXTENDS, REMOVE = "extends", "remove"
PDK = Input("pdk")


@dataclass(frozen=True, slots=True)
class Link:
    """One folder of a chain, and what messages call it: empty for the kit itself."""

    folder: Path
    label: str

    def called(self, file: str) -> str:
        """What messages call one of its files."""
        return posixpath.join(self.label, file)


@dataclass(frozen=True, slots=True)
class KitText:
    """A kit as its files state it, merged and not checked yet.

    Attributes:
        content: the document.
        files: key path -> the file that states it, as messages call it.
        homes: top-level key -> name of the file in which the lowest folder of the chain states it.
        chain: the kit's folder, what it extends, and so on.
    """

    content: dict[str, Any]
    files: Mapping[str, str]
    homes: Mapping[str, str]
    chain: tuple[Link, ...]

    def folder_of(self, path: str) -> Path | None:
        """The folder of the file that states a key path."""
        return folder_of(path, self.files, self.chain)


def folder_of(path: str, files: Mapping[str, str], chain: Sequence[Link]) -> Path | None:
    """The folder of the file that states a key path; None for a kit that stands in none."""
    file = file_of(path, files)
    return next((link.folder for link in chain if link.called(_last(file)) == file), None)


def shipped_pdks() -> list[str]:
    """The names of the PDKs that come with the tool."""
    return sorted(
        folder.name
        for folder in data_folder("pdk").iterdir()
        if not folder.name.startswith("_") and any(folder.glob("*.toml"))
    )


def what_if_pdks() -> list[str]:
    """Overlays of shipped kits that suppose what nobody has shown, as ``what-if/limn2o4``."""
    return sorted(
        f"{WHAT_IF}/{folder.name}" for folder in (data_folder("pdk") / WHAT_IF).iterdir() if folder.is_dir()
    )


def shipped_bases() -> list[str]:
    """What kits may extend that are no kits themselves, since they hold no numbers."""
    return sorted(f"{BASES}/{folder.name}" for folder in (data_folder("pdk") / BASES).iterdir() if folder.is_dir())


def pdk_folder(name_or_path: str, where: Place = PDK) -> Path:
    """The folder of a PDK given by the name of a shipped one, or by path.

    Raises:
        PdkError: there is no such PDK.
    """
    shipped = shipped_pdks()
    if name_or_path in shipped or name_or_path in what_if_pdks():
        return data_folder("pdk") / name_or_path
    if name_or_path in shipped_bases():
        what = f"{name_or_path!r} is a base that kits extend, and holds no numbers"
        raise PdkError(Problem(what, where, f"{', '.join(shipped)}, or the path of a folder"))
    folder = Path(name_or_path)
    if not name_or_path.strip() or not _is_folder(folder):
        what = f"there is no process design kit {name_or_path!r}"
        allowed = f"{', '.join(shipped)}, or the path of a folder"
        raise PdkError(Problem(what, where, allowed, did_you_mean(name_or_path, [*shipped, *what_if_pdks()])))
    if not any(folder.glob("*.toml")):
        raise PdkError(Problem(f"the folder {name_or_path!r} holds no .toml file", where))
    return folder


def read_kit(folder: Path) -> KitText:
    """What a kit and all that it extends state, merged from the base up.

    Raises:
        PdkError: a file is not TOML, what is extended does not exist or leads back, or there is nothing to remove.
    """
    chain: list[Link] = [Link(folder, "")]
    read = [_Read(chain[0])]
    while read[-1].extends is not None:
        chain.append(_below(read[-1], chain))
        read.append(_Read(chain[-1]))
    problems: list[Problem] = []
    stated = Statements()
    for number, link in enumerate(reversed(read)):
        for path in link.removed(nothing_below=number == 0):
            problem = stated.remove(path, link.files[REMOVE])
            problems += [problem] if problem else []
        stated.add(link.content, link.files)
    problems += stated.problems
    if len(read) > 1 and "name" not in read[0].content:
        where = read[0].files[EXTENDS]
        problems.append(
            Problem("a kit that extends another has a name of its own", where, remedy='name = "my-fab"')
        )
    if problems:
        raise PdkError(problems)
    content, files = stated.document()
    homes = {key: _last(file) for key, file in stated.first.items()}
    return KitText(content, files, homes, tuple(chain))


class _Read:
    """One folder, read: what it states, and in which file."""

    def __init__(self, link: Link) -> None:
        content, self.files = _tables(link)
        self.link = link
        self.extends: Any = content.pop(EXTENDS, None)
        self._remove: Any = content.pop(REMOVE, [])
        self.content = content

    def removed(self, *, nothing_below: bool) -> list[str]:
        """The key paths that are taken out of what lies below."""
        paths = self._remove
        where = f"{self.files.get(REMOVE, '')}: {REMOVE}"
        if not (isinstance(paths, list) and all(isinstance(path, str) for path in paths)):
            allowed = 'a list of key paths, such as ["stack.barrier"]'
            raise PdkError(Problem(f"{paths!r} is not a list of key paths", where, allowed))
        if paths and nothing_below:
            raise PdkError(Problem("there is nothing to remove from", where, remedy="extends, with the kit below"))
        return paths


def _below(read: _Read, chain: list[Link]) -> Link:
    """What a folder of a chain extends.

    Raises:
        PdkError: it does not exist, or leads back into the chain.
    """
    name, link = read.extends, read.link
    where = f"{read.files[EXTENDS]}: {EXTENDS}"
    offered = [*shipped_pdks(), *what_if_pdks(), *shipped_bases()]
    allowed = f"{', '.join(offered)}, or the path of a folder"
    if not isinstance(name, str) or not name.strip():
        raise PdkError(Problem(f"{name!r} is not the name of a kit or a base", where, allowed))
    if name in offered:
        found = Link(data_folder("pdk") / name, name)
    else:
        folder = link.folder / name
        if not (_is_folder(folder) and any(folder.glob("*.toml"))):
            based = f"{BASES}/{name}"
            remedy = f"did you mean {based!r}?" if based in offered else did_you_mean(name, offered)
            raise PdkError(Problem(f"there is no kit or base {name!r} to extend", where, allowed, remedy))
        found = Link(
            folder, name if Path(name).is_absolute() else posixpath.normpath(posixpath.join(link.label, name))
        )
    circle = [item for item in chain if item.folder.resolve() == found.folder.resolve()]
    if circle:
        ways = " extends ".join([*(item.label or item.folder.resolve().name for item in chain), name])
        raise PdkError(Problem(f"leads back to itself: {ways}", where, remedy="a chain that ends in a base"))
    return found


def _tables(link: Link) -> tuple[dict[str, Any], dict[str, str]]:
    """The tables of the files of a folder, and key -> file."""
    content: dict[str, Any] = {}
    files: dict[str, str] = {}
    problems: list[Problem] = []
    for path in sorted(link.folder.glob("*.toml")):
        called = link.called(path.name)
        try:
            tables = read_toml(path)
        except OSError as error:
            problems.append(Problem(f"cannot be read: {error.strerror}", called))
            continue
        except NotTomlError as error:
            problems.append(Problem(f"is not TOML: {error}", called))
            continue
        for key, value in tables.items():
            if key in content:
                problems.append(Problem(f"{key!r} stands in {files[key]} already", called))
            else:
                content[key], files[key] = value, called
    if problems:
        raise PdkError(problems)
    return content, files


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except (OSError, ValueError):  # a name that no file system takes
        return False


def _last(file: str) -> str:
    return file.rpartition("/")[2]
