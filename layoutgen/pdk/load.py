"""Reading a PDK folder: all its errors at once, each with file and key path."""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from layoutgen.errors import InputError, PdkError, Problem, did_you_mean
from layoutgen.pdk.grid import off_grid, with_free_layer
from layoutgen.pdk.limits import check_rules
from layoutgen.pdk.masks import parse_masks
from layoutgen.pdk.overrides import Override, apply_overrides
from layoutgen.pdk.schema import Pdk
from layoutgen.resources import data_folder
from layoutgen.template import Template, load_template
from layoutgen.template.structure import StructureTemplate, load_structure
from layoutgen.toml import NotTomlError, read_toml
from layoutgen.validation import problems_of

DEFAULT_PDK = "anodeless-ss"


@dataclass(frozen=True, slots=True)
class LoadedPdk:
    """A checked PDK with what is needed to say where it came from.

    ``content`` is the document as read, overrides applied; ``sha256`` is over the document before overrides, in
    canonical JSON, so that it does not depend on comments, file names or line ends.
    """

    pdk: Pdk
    template: Template
    content: dict[str, Any]
    sha256: str
    overrides: tuple[Override, ...] = ()
    files: Mapping[str, str] = field(default_factory=dict)
    structures: Mapping[str, StructureTemplate] = field(default_factory=dict)


def shipped_pdks() -> list[str]:
    """The names of the PDKs that come with the tool."""
    return sorted(folder.name for folder in data_folder("pdk").iterdir() if any(folder.glob("*.toml")))


def pdk_folder(name_or_path: str, where: str = "--pdk") -> Path:
    """The folder of a PDK given by the name of a shipped one, or by path.

    Raises:
        PdkError: there is no such PDK.
    """
    shipped = shipped_pdks()
    if name_or_path in shipped:
        return data_folder("pdk") / name_or_path
    folder = Path(name_or_path)
    if not name_or_path.strip() or not _is_folder(folder):
        what = f"there is no process design kit {name_or_path!r}"
        allowed = f"{', '.join(shipped)}, or the path of a folder"
        raise PdkError(Problem(what, where, allowed, did_you_mean(name_or_path, shipped)))
    if not any(folder.glob("*.toml")):
        raise PdkError(Problem(f"the folder {name_or_path!r} holds no .toml file", where))
    return folder


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:  # a name that no file system takes
        return False


def load_pdk(
    name_or_path: str = DEFAULT_PDK, overrides: Sequence[tuple[str, str]] = (), *, where: str = "--pdk"
) -> LoadedPdk:
    """Load, override and check a PDK.

    Args:
        name_or_path: a shipped PDK's name or a folder.
        overrides: pairs of key path (``stack.substrate.thickness``) and text (``15``, ``15 um``, ``true``).
        where: what to name in a message when the PDK cannot be found.

    Raises:
        PdkError: not found, not TOML, or not a valid PDK; holds every problem found.
    """
    folder = pdk_folder(name_or_path, where)
    content, files = _read(folder)
    return check_pdk(content, files, overrides, folder=folder)


def check_pdk(
    content: dict[str, Any],
    files: Mapping[str, str],
    overrides: Sequence[tuple[str, str]] = (),
    *,
    template: Template | None = None,
    structures: Mapping[str, StructureTemplate] | None = None,
    folder: Path | None = None,
) -> LoadedPdk:
    """Check a PDK that has been read already.

    Args:
        content: the document.
        files: top-level key -> file name, for messages.
        overrides: as for :func:`load_pdk`.
        template: its device template, where that has been read already.
        structures: templates of the structures that are drawn, where those have been read already.
        folder: what the path of a template is relative to.

    Raises:
        PdkError: with every problem found.
    """
    digest = hashlib.sha256(_canonical(content)).hexdigest()
    problems = [with_free_layer(problem, content) for problem in problems_of(Pdk, content, files)]
    if problems:
        raise PdkError(problems)
    applied: tuple[Override, ...] = ()
    if overrides:
        content, applied = apply_overrides(content, overrides)
        problems = problems_of(Pdk, content, dict.fromkeys(content, "--set"))
        if problems:
            raise PdkError(problems)
    problems = off_grid(content, files, frozenset(item.path for item in applied))
    if problems:
        raise PdkError(problems)
    pdk = Pdk.model_validate(content)
    if template is None:
        template = load_template(pdk.template, folder)
    read = dict(structures or {})
    drawn = {
        name: read[name] if name in read else load_structure(pdk.structures[name].template, folder)
        for name in pdk.drawn_structures
    }
    _check_against_template(pdk, template, drawn)
    return LoadedPdk(pdk, template, content, digest, applied, files, drawn)


def _check_against_template(pdk: Pdk, template: Template, structures: Mapping[str, StructureTemplate]) -> None:
    """Bind the template once, so that a mismatch shows when the PDK is loaded and not in mid-design."""
    problems: list[Problem] = []
    checks: list[Callable[[], object]] = [
        lambda: template.bind(pdk),
        lambda: parse_masks(pdk),
        lambda: check_rules(pdk),
        *(partial(item.bind, pdk, name) for name, item in structures.items()),
    ]
    for check in checks:
        try:
            check()
        except InputError as error:
            problems += error.problems
    if problems:
        raise PdkError(problems)


def _canonical(content: Mapping[str, Any]) -> bytes:
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode()


def _read(folder: Path) -> tuple[dict[str, Any], dict[str, str]]:
    content: dict[str, Any] = {}
    files: dict[str, str] = {}
    problems: list[Problem] = []
    for path in sorted(folder.glob("*.toml")):
        try:
            tables = read_toml(path)
        except OSError as error:
            problems.append(Problem(f"cannot be read: {error.strerror}", path.name))
            continue
        except NotTomlError as error:
            problems.append(Problem(f"is not TOML: {error}", path.name))
            continue
        for key, value in tables.items():
            if key in content:
                problems.append(Problem(f"{key!r} stands in {files[key]} already", path.name))
            else:
                content[key], files[key] = value, path.name
    try:
        _canonical(content)
    except (TypeError, ValueError):
        problems.append(Problem("dates and times are not values of a process design kit", folder.name))
    if problems:
        raise PdkError(problems)
    return content, files
