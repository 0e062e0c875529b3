"""One kit stated on top of another: tables merge key by key, lists and single values are replaced.

Every statement keeps the file that it stands in. A number is one statement: where ``value`` is stated anew, unit
and options stay as they were, and source, kind and range do not, since they belong to the number that was there.
Lists of tables that each have an ``id`` (the review) merge entry by entry.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from layoutgen.errors import Problem, did_you_mean
from layoutgen.pdk.schema import Pdk
from layoutgen.validation import keys_at

Path = tuple[str, ...]
_STAY = ("unit", "options")
"""What a number keeps where its value is stated anew."""
_ID = "id"


class Entries(dict[str, Any]):
    """A list of tables by their ids."""


class Statements:
    """What a chain of kits states so far, and in which file.

    Attributes:
        content: the merged document; lists of tables with ids are :class:`Entries`.
        files: key path -> name of the file that states it; for a table, the last that states a part of it.
        first: top-level key -> name of the file that stated it first.
        problems: what cannot be merged.
    """

    def __init__(self) -> None:
        self.content: dict[str, Any] = {}
        self.files: dict[Path, str] = {}
        self.first: dict[str, str] = {}
        self.problems: list[Problem] = []
        self._merged: set[Path] = set()

    def add(self, content: Mapping[str, Any], files: Mapping[str, str]) -> None:
        """State a document on top; ``files`` names the file of each of its top-level keys."""
        for key, stated in content.items():
            self.first.setdefault(key, files[key])
            self._merge(self.content, {key: stated}, files[key], ())

    def remove(self, path: str, file: str) -> Problem | None:
        """Take out what was stated at a key path; a problem where there is nothing.

        ``file`` is the one that says so: what is missing afterwards is missing because of it.
        """
        *parents, last = path.split(".")
        table: Any = self.content
        for depth, part in enumerate([*parents, last]):
            if not isinstance(table, dict) or part not in table:
                before = ".".join([*parents, last][:depth])
                known = [f"{before}.{key}" if before else key for key in table] if isinstance(table, dict) else []
                remedy = did_you_mean(path, known) if known else ""
                return Problem(f"there is nothing to remove at {path!r}", f"{file}: remove", remedy=remedy)
            if depth < len(parents):
                table = table[part]
        del table[last]
        self._forget((*parents, last))
        self.files[*parents, last] = file
        return None

    def document(self) -> tuple[dict[str, Any], dict[str, str]]:
        """The merged document, in the order that one kit in the same files has, and key path -> file."""
        files = {".".join(path): file for path, file in self.files.items()}
        content: dict[str, Any] = {}
        for key in self._order((), self.content):
            content[key] = self._plain((key,), self.content[key], files)
        return content, files

    def _merge(self, table: dict[str, Any], over: Mapping[str, Any], file: str, path: Path) -> None:
        for key, stated in over.items():
            here = (*path, key)
            value, old = by_id(stated), table.get(key)
            if old is not None:
                self._check(here, stated, old, file)
            if not isinstance(value, dict) or not isinstance(old, dict) or type(value) is not type(old):
                if isinstance(old, dict):
                    self._forget(here)
                table[key] = type(value)() if isinstance(value, dict) else value
            else:
                if "value" in value and "value" in old:
                    for name in [name for name in old if name not in _STAY]:
                        del old[name]
                        self._forget((*here, name))
                self._merged.add(here)
            self.files[here] = file
            if isinstance(value, dict):
                self._merge(table[key], value, file, here)

    def _check(self, path: Path, stated: Any, old: Any, file: str) -> None:
        """A unit belongs to its value, and an id to one entry."""
        where = f"{file}: {'.'.join(path)}"
        match stated, old:
            case {"unit": unit, **rest}, {"value": _, "unit": before} if "value" not in rest and unit != before:
                what = f"the unit {unit!r} is stated without its value"
                self.problems.append(Problem(what, where, remedy="value, unit, kind and source of the new number"))
        if isinstance(old, Entries) and isinstance(stated, list):
            ids = [item.get(_ID) for item in stated if isinstance(item, dict)]
            twice = next((name for number, name in enumerate(ids) if name and name in ids[:number]), None)
            if twice is not None:
                self.problems.append(Problem(f"the id {twice!r} stands twice", where, "each id once in a file"))

    def _forget(self, path: Path) -> None:
        depth = len(path)
        for key in [key for key in self.files if key[:depth] == path]:
            del self.files[key]
        self._merged = {key for key in self._merged if key[:depth] != path}

    def _plain(self, path: Path, value: Any, files: dict[str, str]) -> Any:
        if not isinstance(value, dict):
            return value
        keys = self._order(path, value)
        if not isinstance(value, Entries):
            return {key: self._plain((*path, key), value[key], files) for key in keys}
        for number, key in enumerate(keys):
            self._number((*path, key), ".".join((*path, str(number))), value[key], files)
        return [self._plain((*path, key), value[key], files) for key in keys]

    def _number(self, path: Path, numbered: str, value: Any, files: dict[str, str]) -> None:
        """Put the files of an entry under its place in the list as well, as a reader of lists names it."""
        files[numbered] = self.files[path]
        for key, item in value.items() if isinstance(value, dict) else ():
            self._number((*path, key), f"{numbered}.{key}", item, files)

    def _order(self, path: Path, table: Mapping[str, Any]) -> Iterable[str]:
        """The keys of a table: as stated in one file; by the schema where several files state it."""
        if not path:
            known = keys_at(Pdk, ())
            return sorted(table, key=lambda key: (_base_name(self.first[key]), _place(key, known)))
        if path not in self._merged or isinstance(table, Entries):
            return table
        if path[0] in {"layers", "masks"} and len(path) == 1:
            return sorted(table, key=lambda key: _number(table[key]))
        if path == ("rules",):
            kinds = list(dict.fromkeys(key[:3] for key in table))
            return sorted(table, key=lambda key: (kinds.index(key[:3]), key))
        known = keys_at(Pdk, path)
        return sorted(table, key=lambda key: _place(key, known))


def by_id(value: Any) -> Any:
    """A list of tables that each have an id of their own, by it; anything else as it is."""
    if not (isinstance(value, list) and value and all(isinstance(item, dict) for item in value)):
        return value
    ids = [item.get(_ID) for item in value]
    if not all(isinstance(name, str) for name in ids) or len({*ids}) < len(ids):
        return value
    return Entries(zip(ids, value, strict=True))


def _base_name(file: str) -> str:
    return file.rpartition("/")[2]


def _place(key: str, known: list[str]) -> int:
    return known.index(key) if key in known else len(known)


def _number(table: Any) -> tuple[int, int]:
    """Number and data type of a layer, number of a mask; what has none comes last."""
    number, datatype = (table.get("number"), table.get("datatype", 0)) if isinstance(table, dict) else (None, None)
    return (number, datatype) if isinstance(number, int) and isinstance(datatype, int) else (1 << 16, 0)
