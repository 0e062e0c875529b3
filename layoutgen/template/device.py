"""Device templates: the geometry of one finished cell and its package, stated as data.

A template names PDK values (``parameters``), then gives each element's edges as expressions of them and of the free
variables ``cell_length``, ``cell_width`` (um), ``layers`` and ``pitch`` (um). An element may refer to the edges of
those above it, as in ``ANODE_CC.x1``. Expressions are evaluated on floats or on numpy arrays alike.
"""

import ast
import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from pydantic import Field

from layoutgen.errors import Problem, TemplateError, did_you_mean
from layoutgen.expressions import evaluate, names_in, parse_expression
from layoutgen.record import TemplateRecord, checked
from layoutgen.template.binding import Process, parameter_values, parse_known, unknown_layers
from layoutgen.template.folder import load, shipped

FREE_VARIABLES = ("cell_length", "cell_width", "layers", "pitch")
Span = tuple[str, str]
_EDGES = ("x0", "y0", "x1", "y1")


class Element(TemplateRecord):
    """One rectangle of the device, less its holes."""

    layer: str
    """Layer that it is drawn on; also its name in expressions."""
    stage: Literal["web", "stack", "package"]
    """Patterned on the web, added to each layer of the stack, or added to the finished stack."""
    net: Literal["+", "-", ""] = ""
    """Pole that it belongs to, for conductors."""
    x: Span
    """Edges along the terminal axis, as two expressions."""
    y: Span
    """Edges across the terminal axis, as two expressions."""
    holes: tuple[str, ...] = ()
    """Elements cut out of it."""


class FilmPlace(TemplateRecord):
    """Where a PDK film lies in one layer of the stack."""

    film: str
    """Film of the PDK's stack, such as cathode; left out where the PDK does not have it."""
    layer: str
    """Element whose outline it has."""


class PackageShape(TemplateRecord):
    """Outline and height of the package, and where charge is stored."""

    x: Span
    """Outline along the terminal axis, as two expressions."""
    y: Span
    """Outline across the terminal axis, as two expressions."""
    height: str
    """Height as an expression of layers, pitch and parameters; it must be the sum of all films (rule PKG004)."""
    active: tuple[str, ...] = Field(min_length=1)
    """Elements that store charge where all of them overlap."""
    encapsulation: str
    """Element of the side walls; lids are of the same material."""


class Terminals(TemplateRecord):
    """How the part is soldered."""

    style: Literal["end-cap", "bottom"]
    """end-cap: end faces over the whole height, their metal wrapped onto bottom and top. bottom: metal on the
    bottom only; the end faces stand inside the package, from that metal up to the last layer."""
    positive: str
    """Element of the + terminal's metal on the bottom."""
    negative: str
    """Element of the - terminal's metal on the bottom."""
    metal: str
    """Thickness of the terminal metal, um, as an expression of parameters."""

    @property
    def on_top(self) -> bool:
        """Whether their metal is on the top of the part as well."""
        return self.style == "end-cap"


class Street(TemplateRecord):
    """The kerf around every cell."""

    width: str
    """Width that the cut takes away around every cell, um; an expression of parameters."""


class Section(TemplateRecord):
    """The line along which the cross-section is drawn."""

    y: str
    """Where the line lies across the terminal axis."""
    x: Span
    """From where to where it runs."""


class Template(TemplateRecord):
    """A device template, checked against its schema."""

    schema_: Literal["layoutgen.template/1"] = Field(alias="schema")
    """Version of this schema."""
    name: str
    """Name of the template."""
    title: str
    """One line for people."""
    parameters: dict[str, str]
    """Short names for values of the PDK, or for arithmetic over them; every length of the PDK's table `device`
    must be used here."""
    package: PackageShape
    """Outline and height of the finished part."""
    terminals: Terminals
    """How the part is soldered."""
    street: Street
    """The kerf around every cell."""
    section: Section
    """The line along which the cross-section is drawn."""
    elements: tuple[Element, ...] = Field(min_length=1)
    """What is drawn, in order; an element may refer to the edges of those above it."""
    films: tuple[FilmPlace, ...] = Field(min_length=1)
    """One layer of the stack from the bottom up: which film lies where."""

    def roles(self) -> dict[str, str]:
        """Role -> layer, for what kits name by what it is for: ``positive.land``, ``negative.face`` and so on.

        A land is the terminal's metal on the bottom, a face the upright metal that joins the layers to it.
        """
        found = {"positive.land": self.terminals.positive, "negative.land": self.terminals.negative}
        for element in self.elements:
            if element.stage == "package" and element.net and element.layer not in found.values():
                found.setdefault("positive.face" if element.net == "+" else "negative.face", element.layer)
        return found | {"encapsulation": self.package.encapsulation}

    def bind(self, process: Process) -> "BoundTemplate":
        """Give the parameters the values of a process and parse every expression.

        Raises:
            TemplateError: a name is not defined, or the PDK has lengths that the template does not use.
        """
        return _bind(self, process)


@dataclass(frozen=True, slots=True)
class Rect:
    """An axis-parallel rectangle in um; edges are floats, or numpy arrays of one shape."""

    x0: Any
    y0: Any
    x1: Any
    y1: Any


@dataclass(frozen=True, slots=True)
class BoundTemplate:
    """A template with its PDK values in place."""

    template: Template
    parameters: Mapping[str, float]
    trees: Mapping[str, ast.expr]

    def with_numbers(self, numbers: Mapping[str, float]) -> "BoundTemplate":
        """The same template with other numbers of its process: nothing else of it may differ.

        Args:
            numbers: as of :meth:`Process.numbers`.

        Raises:
            TemplateError: a parameter cannot be worked out from them.
        """
        template, problems = self.template, list[Problem]()
        parameters = parameter_values(template.parameters, numbers, f"template {template.name}", problems)
        if problems:
            raise TemplateError(problems)
        return replace(self, parameters=parameters)

    def rectangles(self, cell_length_um: Any, cell_width_um: Any) -> dict[str, Rect]:
        """Every element's outline (holes not cut), in template order."""
        values = self._values(cell_length_um, cell_width_um)
        found: dict[str, Rect] = {}
        for element in self.template.elements:
            name = element.layer
            edges = [self._evaluate(f"{name}.{edge}", values) for edge in _EDGES]
            found[name] = Rect(*edges)
            values |= dict(zip((f"{name}.{edge}" for edge in _EDGES), edges, strict=True))
        return found

    def active_area_cm2(self, cell_length_um: Any, cell_width_um: Any) -> Any:
        """Area of the overlap of the active elements; zero where the cell is too small to have one."""
        import numpy as np

        boxes = self.rectangles(cell_length_um, cell_width_um)
        active = [boxes[name] for name in self.template.package.active]
        spans = []
        for low, high in (("x0", "x1"), ("y0", "y1")):
            start, end = getattr(active[0], low), getattr(active[0], high)
            for box in active[1:]:
                start, end = np.maximum(start, getattr(box, low)), np.minimum(end, getattr(box, high))
            spans.append(np.maximum(end - start, 0.0))
        return spans[0] * spans[1] * 1e-8

    def package(self, cell_length_um: Any, cell_width_um: Any) -> Rect:
        """The package outline in cell coordinates."""
        values = self._values(cell_length_um, cell_width_um)
        return Rect(*(self._evaluate(f"package.{edge}", values) for edge in _EDGES))

    def package_size_um(self, cell_length_um: Any, cell_width_um: Any) -> tuple[Any, Any]:
        """Package (length, width)."""
        box = self.package(cell_length_um, cell_width_um)
        return box.x1 - box.x0, box.y1 - box.y0

    def height_um(self, layers: Any, pitch_um: Any) -> Any:
        """Package height of a stack."""
        values = {**self.parameters, "layers": layers, "pitch": pitch_um}
        return self._evaluate("package.height", values)

    def street_um(self) -> float:
        """Width of the street around a cell."""
        return float(self._evaluate("street.width", dict(self.parameters)))

    def terminal_metal_um(self) -> float:
        """Thickness of the terminal metal."""
        return float(self._evaluate("terminals.metal", dict(self.parameters)))

    def end_faces(self) -> tuple[Element, ...]:
        """Conductors that stand upright and join the layers of the stack to the terminal metal."""
        terminals = self.template.terminals
        return tuple(
            element
            for element in self.template.elements
            if element.stage == "package"
            and element.net
            and element.layer not in {terminals.positive, terminals.negative}
        )

    def section_line(self, cell_length_um: float, cell_width_um: float) -> tuple[float, float, float]:
        """The section line as (x0, x1, y)."""
        values = self._values(cell_length_um, cell_width_um)
        x0, x1, y = (float(self._evaluate(f"section.{edge}", values)) for edge in ("x0", "x1", "y"))
        return x0, x1, y

    def smallest_cell_um(self, step_um: float, limit_um: float = 50_000.0) -> tuple[float, float]:
        """The smallest (length, width) on a grid at which every element has a positive size.

        Raises:
            TemplateError: there is none up to ``limit_um``.
        """
        import numpy as np

        sizes = np.arange(1, math.floor(limit_um / step_um) + 1) * step_um
        boxes = self.rectangles(sizes, sizes).values()
        wide = np.logical_and.reduce([np.broadcast_to(box.x1 - box.x0 > 0, sizes.shape) for box in boxes])
        deep = np.logical_and.reduce([np.broadcast_to(box.y1 - box.y0 > 0, sizes.shape) for box in boxes])
        if not (wide.any() and deep.any()):
            raise TemplateError(
                Problem(f"no cell up to {limit_um / 1000:g} mm has room for every element", self.template.name)
            )
        return float(sizes[int(wide.argmax())]), float(sizes[int(deep.argmax())])

    def _values(self, cell_length_um: Any, cell_width_um: Any) -> dict[str, Any]:
        return {**self.parameters, "cell_length": cell_length_um, "cell_width": cell_width_um}

    def _evaluate(self, key: str, values: Mapping[str, Any]) -> Any:
        return evaluate(self.trees[key], values, f"template {self.template.name}: {key}")


def shipped_templates() -> list[str]:
    """The names of the device templates that come with the tool."""
    return shipped("device")


def load_template(name_or_path: str, base: Path | None = None) -> Template:
    """Load and check a device template given by name, or by the path of its folder (relative to ``base``).

    Raises:
        TemplateError: not found, not TOML, or not a valid template; holds every problem found.
    """
    return load(Template, "device", name_or_path, base, "template")


def check_template(content: Mapping[str, Any], where: str) -> Template:
    """Check a template that has been read already.

    Raises:
        TemplateError: with every problem found.
    """
    return checked(Template, content, {"": where})


def _bind(template: Template, process: Process) -> BoundTemplate:
    where = f"template {template.name}"
    problems: list[Problem] = []
    parameters = parameter_values(template.parameters, process.numbers(), where, problems)
    if not problems:
        problems += _unused_lengths(template, process)
    trees: dict[str, ast.expr] = {}
    known = {*template.parameters, *FREE_VARIABLES}
    for key, text in _expressions(template):
        tree = parse_known(text, f"{where}: {key}", known, problems)
        if tree is not None:
            trees[key] = tree
        if key.endswith(".y1") and not key.startswith("package"):
            layer = key.removesuffix(".y1")
            known |= {f"{layer}.{edge}" for edge in _EDGES}
    problems += _mixed_axes(trees, where)
    problems += _unknown_names(template, process)
    if problems:
        raise TemplateError(problems)
    return BoundTemplate(template, parameters, trees)


def _unused_lengths(template: Template, process: Process) -> list[Problem]:
    """Lengths of the table ``device`` that no parameter uses: a kit for another template."""
    used = {name for text in template.parameters.values() for name in names_in(parse_expression(text))}
    return [
        Problem(f"{path} is not used by the template {template.name}", path, remedy=did_you_mean(path, used))
        for path in (f"device.{key}" for key in process.device)
        if path not in used
    ]


def _mixed_axes(trees: Mapping[str, ast.expr], where: str) -> list[Problem]:
    """Edges in x that depend on the cell width, or in y on its length: the solver sizes the two sides apart."""
    problems = []
    for key, tree in trees.items():
        axis = key.rpartition(".")[2][0]
        foreign = {"x": ("cell_width", ".y0", ".y1"), "y": ("cell_length", ".x0", ".x1")}.get(axis, ())
        problems += [
            Problem(f"an edge in {axis} must not depend on {name!r}", f"{where}: {key}")
            for name in names_in(tree)
            if name.endswith(foreign)
        ]
    return problems


def _expressions(template: Template) -> list[tuple[str, str]]:
    found = [
        ("package.x0", template.package.x[0]),
        ("package.y0", template.package.y[0]),
        ("package.x1", template.package.x[1]),
        ("package.y1", template.package.y[1]),
        ("package.height", template.package.height),
        ("street.width", template.street.width),
        ("terminals.metal", template.terminals.metal),
        ("section.x0", template.section.x[0]),
        ("section.x1", template.section.x[1]),
        ("section.y", template.section.y),
    ]
    for element in template.elements:
        (x0, x1), (y0, y1) = element.x, element.y
        edges = {"x0": x0, "y0": y0, "x1": x1, "y1": y1}
        found += [(f"{element.layer}.{edge}", text) for edge, text in edges.items()]
    return found


def _unknown_names(template: Template, process: Process) -> list[Problem]:
    where = f"template {template.name}"
    drawn = [element.layer for element in template.elements]
    problems = unknown_layers(drawn, process, where)
    named = [*template.package.active, template.package.encapsulation]
    named += [template.terminals.positive, template.terminals.negative]
    named += [hole for element in template.elements for hole in element.holes]
    named += [place.layer for place in template.films]
    problems += [
        Problem(f"no element has the layer {name!r}", where, remedy=did_you_mean(name, drawn))
        for name in dict.fromkeys(named)
        if name not in drawn
    ]
    problems += [
        Problem(
            f"the stack has no film {place.film!r}",
            f"{where}: films",
            remedy=did_you_mean(place.film, process.films),
        )
        for place in template.films
        if place.film not in process.films
    ]
    return problems
