"""What one comparison knows: units, names of layers, cells, and how lengths and places are said."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from layoutgen.identity.places import Places
from layoutgen.identity.shapes import Box, Drawing, Key
from layoutgen.units import counted, plain


@dataclass(frozen=True, slots=True)
class Task:
    """``meant`` is the design's drawing, in units of ``unit_nm``; ``names`` of layers by number."""

    meant: Drawing
    unit_nm: Fraction
    names: Mapping[Key, str]
    drawn: frozenset[str]
    """Layers of purpose drawn."""
    places: Places
    cell_layers: tuple[Key, ...]
    """Layers that every cell has shapes on."""
    biases_um: Mapping[str, tuple[float, float]]
    """Mask -> bias that was declared, across and along."""
    kit_biases_um: Mapping[str, float]

    def name(self, key: Key) -> str:
        return self.names.get(key) or f"layer {key[0]}/{key[1]}"

    def mm(self, units: float) -> float:
        """Rounded to a hundredth of a nanometre, so that decimals read as they were meant."""
        return round(units * float(self.unit_nm) * 1e-6, 8) + 0.0

    def um(self, units: float) -> float:
        return round(units * float(self.unit_nm) * 1e-3, 5) + 0.0

    def mm2(self, square_units: float) -> float:
        return float(f"{square_units * float(self.unit_nm) ** 2 * 1e-12:.6g}")

    def box_mm(self, box: Box) -> tuple[float, float, float, float]:
        x0, y0, x1, y1 = box
        return self.mm(x0), self.mm(y0), self.mm(x1), self.mm(y1)

    def corner_text(self, box: Box) -> str:
        x0, y0, x1, y1 = self.box_mm(box)
        return f"x {x0:g} .. {x1:g}, y {y0:g} .. {y1:g} mm"

    def cells_text(self, count: int) -> str:
        return counted(count, "cell")


def shift_text(x_mm: float, y_mm: float) -> str:
    """A shift in the unit in which it reads best."""
    least = min(abs(value) for value in (x_mm, y_mm) if value) if x_mm or y_mm else 1.0
    if least < 1.0:
        return f"by ({plain(x_mm * 1000, 10)}, {plain(y_mm * 1000, 10)}) um"
    return f"by ({plain(x_mm, 10)}, {plain(y_mm, 10)}) mm"
