"""What two kits differ in, or two revisions of one: every statement that is new, gone or another."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias

from layoutgen.pdk.load import LoadedPdk
from layoutgen.pdk.overlay import by_id
from layoutgen.units import counted, plain
from layoutgen.validation import file_of

SCHEMA: Final = "layoutgen.pdk-diff/1"
State: TypeAlias = Literal["added", "removed", "changed"]
_IDENTITY: Final = ("name", "version")
_NAMES: Final = ("title", "description", "criterion", "material")
_LONGEST: Final = 60


@dataclass(frozen=True, slots=True)
class KitChange:
    """One statement that differs. A number is one, with its unit, source and range; so is a table that only one kit
    has.

    ``before`` is None where it is added, ``after`` where it is removed; the files are those that state it.
    """

    path: str
    state: State
    before: Any
    after: Any
    before_file: str
    after_file: str


@dataclass(frozen=True, slots=True)
class KitDifference:
    """Two kits, and all that differs between them but their names and versions."""

    first: LoadedPdk
    second: LoadedPdk
    changes: tuple[KitChange, ...]

    @property
    def same(self) -> bool:
        """Whether both state the same process."""
        return not self.changes


def compare_kits(first: LoadedPdk, second: LoadedPdk) -> KitDifference:
    """Every statement that differs, in the order of the first kit, then of the second.

    Templates count: the drawn geometry belongs to the process. Where two names stand for the same template, the
    name is no difference.
    """
    changes = [
        KitChange(
            path,
            state,
            before,
            after,
            "" if state == "added" else file_of(path, first.files),
            "" if state == "removed" else file_of(path, second.files),
        )
        for path, state, before, after in _between("", _statements(first), _statements(second))
    ]
    alike = {"template"} if first.template == second.template else set()
    for name in {*first.pdk.structures} & {*second.pdk.structures}:
        if first.structure(name) == second.structure(name) is not None:
            alike.add(f"structures.{name}.template")
    changes = [change for change in changes if change.path not in alike]
    return KitDifference(first, second, tuple(changes))


def text_of(found: KitDifference) -> str:
    """For a terminal."""
    lines = [f"A  {_title(found.first)}", f"B  {_title(found.second)}", ""]
    if found.same:
        return "\n".join([*lines, "the same process"])
    for change in found.changes:
        match change.state:
            case "added":
                told = f"only in B: {_told(change.after)}"
            case "removed":
                told = f"only in A: {_told(change.before)}"
            case _:
                told = _changed(change.before, change.after)
        file = change.after_file or change.before_file
        lines.append(f"  {change.path:<40}  {told}" + (f"  [{file}]" if file else ""))
    return "\n".join(
        [*lines, "", f"{counted(len(found.changes), 'statement')} differ" + "s" * (len(found.changes) == 1)]
    )


def json_of(found: KitDifference) -> dict[str, Any]:
    """As a document."""
    return {
        "schema": SCHEMA,
        "same": found.same,
        "first": _identity(found.first),
        "second": _identity(found.second),
        "changes": [
            {
                "path": change.path,
                "state": change.state,
                "before": change.before,
                "after": change.after,
                "before_file": change.before_file or None,
                "after_file": change.after_file or None,
            }
            for change in found.changes
        ],
    }


def _statements(loaded: LoadedPdk) -> dict[str, Any]:
    drawn = loaded.template.model_dump(mode="json", by_alias=True, exclude={"name", "title"})
    drawn["elements"] = {element["layer"]: element for element in drawn["elements"]}
    own = {key: value for key, value in loaded.content.items() if key not in _IDENTITY}
    return own | {f"template({key})": value for key, value in drawn.items()}


def _between(path: str, one: Mapping[str, Any], two: Mapping[str, Any]) -> Iterator[tuple[str, State, Any, Any]]:
    """(key path, state, before, after) of what differs between two tables; a table that only one has is one."""
    for key in dict.fromkeys([*one, *two]):
        here = f"{path}.{key}" if path else key
        if key not in two:
            yield here, "removed", one[key], None
        elif key not in one:
            yield here, "added", None, two[key]
        else:
            before, after = by_id(one[key]), by_id(two[key])
            if _is_table(before) and _is_table(after):
                yield from _between(here, before, after)
            elif not _equal(before, after):
                yield here, "changed", one[key], two[key]


def _is_table(value: Any) -> bool:
    return isinstance(value, Mapping) and "value" not in value


def _equal(one: Any, two: Any) -> bool:
    return bool(one == two) and isinstance(one, bool) == isinstance(two, bool)


def _changed(before: Any, after: Any) -> str:
    """Before and after; where a number itself is the same, what else of it is not."""
    if isinstance(before, Mapping) and isinstance(after, Mapping) and _told(before) == _told(after):
        keys = [key for key in {**before, **after} if before.get(key) != after.get(key)]
        return f"{_told(after)}, another {', '.join(keys)}"
    return f"{_told(before)} -> {_told(after)}"


def _told(value: Any) -> str:
    match value:
        case {"value": int() | float() as number, "unit": str(unit)}:
            kind = value.get("kind")
            return f"{plain(float(number))} {unit}" + (f" ({kind})" if kind else "")
        case bool():
            return "true" if value else "false"
        case Mapping():
            return next((str(value[key]) for key in _NAMES if key in value), counted(len(value), "statement"))
        case list() | tuple():
            text = ", ".join(_told(item) for item in value)
        case _:
            text = str(value)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 3]}..."


def _title(loaded: LoadedPdk) -> str:
    return f"{loaded.pdk.name} {loaded.pdk.version}  {loaded.sha256[:16]}"


def _identity(loaded: LoadedPdk) -> dict[str, str]:
    return {"name": loaded.pdk.name, "version": loaded.pdk.version, "sha256": loaded.sha256}
