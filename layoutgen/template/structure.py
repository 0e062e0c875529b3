"""Structure templates: process-control structures of a repeat, their geometry stated as data.

A template names PDK values (``parameters``; ``lengths.X`` are the structure's own), then draws rectangles in order:
each adds to some layers and takes from others. A row of ``count`` rectangles counts them by ``i``, from 0.
"""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from pydantic import Field

from layoutgen.errors import Problem, TemplateError
from layoutgen.expressions import evaluate
from layoutgen.record import TemplateRecord, checked
from layoutgen.template.binding import Process, parameter_values, parse_known, unknown_layers
from layoutgen.template.folder import load

Span = tuple[str, str]


class StructureSize(TemplateRecord):
    """Outline of the finished structure."""

    x: str
    y: str


class Rectangles(TemplateRecord):
    """A rectangle, or a row of them: drawn on ``layers``, taken out of ``cuts``."""

    layers: tuple[str, ...] = ()
    cuts: tuple[str, ...] = ()
    name: str = ""
    """What a test engineer calls it; what has a name is listed for the test house and the laser shop."""
    what: str = ""
    """What is measured there, or what it shows."""
    nominal: str = ""
    """Its nominal value, for each of a row."""
    unit: Literal["", "um", "squares"] = ""
    """Unit of the nominal value."""
    count: int = Field(default=1, ge=1, le=1000)
    x: Span
    y: Span


class Label(TemplateRecord):
    """A line of text, by its lower-left corner and the size of one dot."""

    text: str = Field(min_length=1, max_length=64)
    x: str
    y: str
    pixel: str


class StructureTemplate(TemplateRecord):
    """A structure template, checked against its schema."""

    schema_: Literal["layoutgen.structure/1"] = Field(alias="schema")
    name: str
    title: str
    parameters: dict[str, str]
    size: StructureSize
    elements: tuple[Rectangles, ...] = Field(min_length=1)
    labels: tuple[Label, ...] = ()

    def bind(self, process: Process, structure: str) -> "BoundStructure":
        """Give the parameters the values of a PDK and of one of its structures.

        Raises:
            TemplateError: a name or layer is not defined, or an expression cannot be read; holds every problem.
        """
        where = f"structure template {self.name}"
        values = process.numbers()
        prefix = f"structures.{structure}."
        own = {path.removeprefix(prefix): number for path, number in values.items() if path.startswith(prefix)}
        problems: list[Problem] = []
        parameters = parameter_values(self.parameters, values | own, where, problems)
        known = {*self.parameters, "i"}
        trees: dict[str, ast.expr] = {}
        for key, text in self._expressions():
            tree = parse_known(text, f"{where}: {key}", known, problems)
            if tree is not None:
                trees[text] = tree
        drawn = dict.fromkeys(layer for element in self.elements for layer in (*element.layers, *element.cuts))
        problems += unknown_layers(drawn, process, where)
        if problems:
            raise TemplateError(problems)
        return BoundStructure(structure, self, parameters, trees)

    def _expressions(self) -> Iterator[tuple[str, str]]:
        yield from (("size.x", self.size.x), ("size.y", self.size.y))
        for number, element in enumerate(self.elements):
            nominal = (element.nominal,) if element.nominal else ()
            yield from ((f"elements.{number}", text) for text in (*element.x, *element.y, *nominal))
        for number, label in enumerate(self.labels):
            yield from ((f"labels.{number}", text) for text in (label.x, label.y, label.pixel))


@dataclass(frozen=True, slots=True)
class BoundStructure:
    """A structure of a PDK with its values in place; lengths in um."""

    name: str
    template: StructureTemplate
    parameters: Mapping[str, float]
    trees: Mapping[str, ast.expr]

    @property
    def size_um(self) -> tuple[float, float]:
        """Finished (width, height)."""
        return self.value(self.template.size.x), self.value(self.template.size.y)

    def boxes_um(self, element: Rectangles) -> Iterator[tuple[float, float, float, float]]:
        """(x0, y0, x1, y1) of each rectangle of a row."""
        for i in range(element.count):
            x0, x1, y0, y1 = (self.value(text, i) for text in (*element.x, *element.y))
            yield x0, y0, x1, y1

    def value(self, text: str, i: int = 0) -> float:
        """The value of one of the template's expressions."""
        where = f"structure template {self.template.name}"
        return float(evaluate(self.trees[text], {**self.parameters, "i": i}, where))


def load_structure(name_or_path: str, base: Path | None = None) -> StructureTemplate:
    """Load and check a structure template given by name, or by the path of its folder (relative to ``base``).

    Raises:
        TemplateError: not found, not TOML, or not a valid template; holds every problem found.
    """
    return load(StructureTemplate, "structure", name_or_path, base, "structures")


def check_structure(content: Mapping[str, Any], where: str) -> StructureTemplate:
    """Check a structure template that has been read already.

    Raises:
        TemplateError: with every problem found.
    """
    return checked(StructureTemplate, content, {"": where})
