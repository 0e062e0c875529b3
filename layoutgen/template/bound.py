"""A device template with the values of a process: its rectangles, package and section in um.

Expressions are evaluated on floats or on numpy arrays alike.
"""

import ast
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from layoutgen.errors import Problem, TemplateError
from layoutgen.expressions import evaluate

if TYPE_CHECKING:
    from layoutgen.template.device import Element, Template

EDGES = ("x0", "y0", "x1", "y1")


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

    template: "Template"
    parameters: Mapping[str, float]
    trees: Mapping[str, ast.expr]

    def rectangles(self, cell_length_um: Any, cell_width_um: Any) -> dict[str, Rect]:
        """Every element's outline (holes not cut), in template order."""
        values = self._values(cell_length_um, cell_width_um)
        found: dict[str, Rect] = {}
        for element in self.template.elements:
            name = element.layer
            edges = [self._evaluate(f"{name}.{edge}", values) for edge in EDGES]
            found[name] = Rect(*edges)
            values |= dict(zip((f"{name}.{edge}" for edge in EDGES), edges, strict=True))
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
        return Rect(*(self._evaluate(f"package.{edge}", values) for edge in EDGES))

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

    def end_faces(self) -> "tuple[Element, ...]":
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
