"""A PDK, read and checked: all its errors at once, each with file and key path."""

import datetime as dt
import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

from layoutgen.errors import Input, InputError, PdkError, Place, Problem, TemplateError
from layoutgen.pdk.chain import PDK, KitText, Link, folder_of, pdk_folder, read_kit, shipped_pdks
from layoutgen.pdk.flow import check_flow
from layoutgen.pdk.grid import off_grid, with_free_layer
from layoutgen.pdk.layers import parse_masks
from layoutgen.pdk.limits import check_rules
from layoutgen.pdk.overrides import Override, apply_overrides
from layoutgen.pdk.roles import has_roles, with_roles
from layoutgen.pdk.schema import Pdk
from layoutgen.record import checked
from layoutgen.template import Template, load_template
from layoutgen.template.structure import StructureTemplate, load_structure
from layoutgen.validation import located

DEFAULT_PDK = "anodeless-ss"
ASSEMBLY = "assembly"
"""The table of the order in which cells are stacked; a kit from before 0.2 does not state it."""

__all__ = ["DEFAULT_PDK", "LoadedPdk", "check_pdk", "load_pdk", "pdk_folder", "shipped_pdks"]


@dataclass(frozen=True, slots=True)
class LoadedPdk:
    """A checked PDK with what is needed to say where it came from.

    ``content`` is the document as read, overrides applied; ``sha256`` is over the document before overrides, in
    canonical JSON, so that it does not depend on comments, file names, line ends or on what it extends.
    ``files`` is key path -> the file that states it; ``chain`` are the folders that were read, the kit's own first.
    """

    pdk: Pdk
    template: Template
    content: dict[str, Any]
    sha256: str
    overrides: tuple[Override, ...] = ()
    files: Mapping[str, str] = field(default_factory=dict)
    structures: Mapping[str, StructureTemplate] = field(default_factory=dict)
    chain: tuple[Link, ...] = ()

    @property
    def extends(self) -> tuple[str, ...]:
        """What the kit stands on, from the top down, as messages call it."""
        return tuple(link.label for link in self.chain[1:])

    def structure(self, name: str) -> StructureTemplate | None:
        """The template of a structure, drawn or not; None where it cannot be had.

        A kit that a design carries holds those that are drawn.
        """
        if name in self.structures:
            return self.structures[name]
        folder = folder_of(f"structures.{name}.template", self.files, self.chain)
        try:
            return load_structure(self.pdk.structures[name].template, folder)
        except TemplateError:
            return None


def load_pdk(
    name_or_path: str = DEFAULT_PDK, overrides: Sequence[tuple[str, str]] = (), *, where: Place = PDK
) -> LoadedPdk:
    """Load, override and check a PDK.

    Args:
        name_or_path: a shipped PDK's name or a folder.
        overrides: pairs of key path (``stack.substrate.thickness``) and text (``15``, ``15 um``, ``true``).
        where: what to name in a message when the PDK cannot be found.

    Raises:
        PdkError: not found, not TOML, or not a valid PDK; holds every problem found.
    """
    return ReadKit.of(name_or_path, where=where).with_overrides(overrides)


class ReadKit:
    """A kit as its files say it, to be checked with different overrides: files are read once."""

    def __init__(
        self, text: KitText, content: dict[str, Any], files: Mapping[str, str], template: Template | None
    ) -> None:
        self._text, self._content, self._files, self._template = text, content, files, template
        self._structures: Mapping[str, StructureTemplate] = {}
        self._digest: str | None = None

    @classmethod
    def of(cls, name_or_path: str, *, where: Place = PDK) -> "ReadKit":
        """Read a shipped kit or a folder; arguments and errors as of :func:`load_pdk`."""
        text = read_kit(pdk_folder(name_or_path, where))
        content, files, template = text.content, text.files, None
        if ASSEMBLY not in content:
            shipped = read_kit(pdk_folder(DEFAULT_PDK))
            content = {**content, ASSEMBLY: shipped.content[ASSEMBLY]}
            files = {**files, ASSEMBLY: f"{DEFAULT_PDK}/{shipped.files[ASSEMBLY]}"}
        if has_roles(content) and isinstance(content.get("template"), str):
            template = _named_template(content["template"], text.folder_of("template"), files)
            content, problems = with_roles(content, template, files)
            if problems:
                raise PdkError(problems)
        return cls(text, content, files, template)

    def with_overrides(self, overrides: Sequence[tuple[str, str]] = ()) -> LoadedPdk:
        """Check the kit as overrides make it; errors as of :func:`load_pdk`."""
        text = self._text
        template = self._template
        same = not any(path.startswith(("template", "structures")) for path, _ in overrides)
        structures = self._structures if same else {}
        loaded = check_pdk(
            self._content,
            self._files,
            overrides,
            template=template,
            structures=structures,
            home_of=text.folder_of,
            digest=self._digest,
        )
        self._digest = loaded.sha256
        if same:
            self._structures = {**self._structures, **loaded.structures}
        return replace(loaded, chain=text.chain)


def check_pdk(
    content: dict[str, Any],
    files: Mapping[str, str],
    overrides: Sequence[tuple[str, str]] = (),
    *,
    template: Template | None = None,
    structures: Mapping[str, StructureTemplate] | None = None,
    home_of: Callable[[str], Path | None] | None = None,
    digest: str | None = None,
) -> LoadedPdk:
    """Check a PDK that has been read already.

    Args:
        content: the document.
        files: key path -> the file that states it, for messages; top-level keys at least.
        overrides: as for :func:`load_pdk`.
        template: its device template, where that has been read already.
        structures: templates of the structures that are drawn, where those have been read already.
        home_of: the folder that the path of a template is relative to, by the key path that states it; the
            working folder where it is None.
        digest: that of the document, where it was found to be sound without overrides before.

    Raises:
        PdkError: with every problem found.
    """
    home = home_of or (lambda _: None)
    pdk: Pdk | None = None
    if digest is None:
        pdk, digest = _sound(content, files)
    applied: tuple[Override, ...] = ()
    if overrides:
        content, applied = apply_overrides(content, overrides)
        pdk = None
    pdk = pdk or _overridden(content)
    problems = off_grid(content, files, frozenset(item.path for item in applied))
    if problems:
        raise PdkError(problems)
    if template is None:
        template = _named_template(pdk.template, home("template"), files)
    read = dict(structures or {})
    drawn = {
        name: read[name]
        if name in read
        else load_structure(pdk.structures[name].template, home(f"structures.{name}.template"))
        for name in pdk.drawn_structures
    }
    _check_against_template(pdk, template, drawn, files)
    return LoadedPdk(pdk, template, content, digest, applied, files, drawn)


def _overridden(content: Mapping[str, Any]) -> Pdk:
    """A kit with overrides in it: what is wrong now is an override."""
    try:
        return Pdk.model_validate(content)
    except PdkError as error:
        problems = [replace(problem, where=Input(f"set.{problem.path}")) for problem in error.problems]
        raise PdkError(problems) from None


def _sound(content: dict[str, Any], files: Mapping[str, str]) -> tuple[Pdk, str]:
    """A document without overrides, and its digest; refuses one that is no kit."""
    try:
        digest = sha256_of_kit(content)
    except (TypeError, ValueError):
        what = "dates and times are not values of a process design kit"
        raise PdkError([Problem(what, located(path, files)) for path in _dates("", content)]) from None
    # what no file states is missing in the kit's own, which is the one that names it
    stated = {"": files.get("name", ""), **files}
    try:
        return checked(Pdk, content, stated), digest
    except PdkError as error:
        raise PdkError([with_free_layer(problem, content) for problem in error.problems]) from None


def sha256_of_kit(content: Mapping[str, Any]) -> str:
    """SHA-256 of a kit as read, in canonical JSON."""
    return hashlib.sha256(_canonical(content)).hexdigest()


def _named_template(name_or_path: str, base: Path | None, files: Mapping[str, str]) -> Template:
    """The device template of a kit; where there is none, the message names the file that asks for it."""
    try:
        return load_template(name_or_path, base)
    except TemplateError as error:
        raise TemplateError(
            [replace(item, where=located(str(item.where), files)) for item in error.problems]
        ) from error


def _check_against_template(
    pdk: Pdk, template: Template, structures: Mapping[str, StructureTemplate], files: Mapping[str, str]
) -> None:
    """Bind the template once, so that a mismatch shows when the PDK is loaded and not in mid-design."""
    problems: list[Problem] = []
    checks: list[Callable[[], object]] = [
        lambda: template.bind(pdk),
        lambda: parse_masks(pdk),
        lambda: check_rules(pdk),
        lambda: check_flow(pdk),
        *(partial(item.bind, pdk, name) for name, item in structures.items()),
    ]
    for check in checks:
        try:
            check()
        except InputError as error:
            problems += [replace(problem, where=located(str(problem.where), files)) for problem in error.problems]
    if problems:
        raise PdkError(problems)


def _canonical(content: Mapping[str, Any]) -> bytes:
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode()


def _dates(path: str, value: Any) -> Iterator[str]:
    """The key paths of all dates and times."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _dates(f"{path}.{key}" if path else key, item)
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from _dates(f"{path}.{number}", item)
    elif isinstance(value, dt.date | dt.time):
        yield path
