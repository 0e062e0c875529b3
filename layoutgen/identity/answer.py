"""The answer to "is this my design?": a verdict, what differs, and what differs and does not matter."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

SCHEMA: Final = "layoutgen.identity/1"
SAME, UP_TO_BIAS, OTHER = "same", "same-up-to-bias", "other"
_LINES: Final = 9


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that was done to the file, or one way in which it differs.

    ``kind`` is a word of :data:`KINDS`; ``masks`` the layers concerned, none for all; ``place`` where, in words or
    addresses of the cell map; ``box_mm`` around it, in the design's coordinates; ``numbers`` how much, by name;
    ``cells`` the addresses concerned, the first thousand.
    """

    kind: str
    text: str
    masks: tuple[str, ...] = ()
    place: str = ""
    box_mm: tuple[float, float, float, float] | None = None
    numbers: Mapping[str, Any] = field(default_factory=dict)
    cells: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        return {
            "kind": self.kind,
            "mask": self.masks[0] if len(self.masks) == 1 else None,
            "masks": list(self.masks),
            "place": self.place,
            "text": self.text,
            **self.numbers,
            "cells": list(self.cells),
            "box_mm": list(self.box_mm) if self.box_mm else None,
        }


KINDS: Final[dict[str, str]] = {
    "unit": "every length is that of another unit: `factor` times what it should be",
    "scale": "every length is `factor` times what it should be",
    "mirrored": "mirrored; `axis` says which coordinate changed its sign (x, y), or diagonal, antidiagonal",
    "turned": "turned counter-clockwise by `angle_deg`",
    "shifted": "moved as a whole by `by_mm`",
    "tone": "what was covered is clear, and the reverse, inside `box_mm`",
    "bias": "every edge moved outwards by `bias_um` (across, along)",
    "edges": "edges moved outwards by `sides_um`: left, lower, right, upper",
    "vertices": "outlines drawn with other vertices; they deviate by up to `within_um`",
    "missing-cells": "cells that are not there",
    "moved-cells": "cells that lie elsewhere, moved by `by_mm`",
    "extra-cells": "cells where the design has none",
    "missing-shapes": "shapes of a mask that are not there",
    "moved-shapes": "shapes of a mask that lie elsewhere, moved by `by_mm`",
    "extra-shapes": "shapes of a mask where the design has none",
    "changed-shapes": "shapes of a mask that cover other places",
    "lines": "lines without width that run elsewhere",
    "missing-mask": "a layer that holds nothing",
    "extra-mask": "a layer that the design does not have",
    "swapped-masks": "layers that hold each other's shapes",
    "renumbered-mask": "a layer under another number",
    "other-revision": "another revision of the design: what differs is in `numbers`",
    "unjudged": "something that the format can hold and that was not compared",
}
REMARKS: Final[dict[str, str]] = {
    "database-unit": "coordinates count another unit, lengths are the same",
    "flattened": "cells were dissolved",
    "regrouped": "cells have other names or are nested otherwise",
    "merged": "polygons that touch were joined",
    "cut": "polygons were cut into pieces",
    "redrawn": "the same places are covered by as many other polygons",
    "overlaps": "places are covered more than once that the design covers once",
    "texts": "text elements, which cover nothing",
    "one-mask": "the file is one mask as a shop gets it, and was compared with that",
}


@dataclass(frozen=True, slots=True)
class Identity:
    """Whether a file is a design.

    ``remarks`` differ and do not matter; ``compared`` says with what the file was compared; ``counts`` are cells
    and masks that are the same.
    """

    verdict: str
    differences: tuple[Difference, ...]
    remarks: tuple[Difference, ...]
    file: str
    compared: str
    counts: Mapping[str, int]

    @property
    def good(self) -> bool:
        """Whether the file may be used as the design: the same, or up to a bias that was declared."""
        return self.verdict in {SAME, UP_TO_BIAS}

    def text(self, more: str = "") -> str:
        """For a terminal: the verdict, then one line for each difference, at most ten in all; ``more`` says where
        the others are."""
        lines = [self._verdict(), *(f"  {item.text}" for item in self.differences)]
        if len(lines) > _LINES + 1:
            hidden = len(lines) - _LINES
            lines = [*lines[:_LINES], f"  and {hidden} more{more}"]
        return "\n".join([*lines, *(f"  no difference: {item.text}" for item in self.remarks)])

    def _verdict(self) -> str:
        match self.verdict:
            case "same":
                masks, cells = self.counts["masks_same"], self.counts["cells"]
                covers = (
                    f"{masks} layers cover the same places"
                    if masks != 1
                    else "its one layer covers the same places"
                )
                return f"identity: the same. {self.file} is {self.compared}: {covers}" + (
                    f", {cells} cells" if cells else ""
                )
            case "same-up-to-bias":
                return f"identity: the same up to the declared bias. {self.file} is {self.compared}"
            case _:
                return f"identity: NOT the same. {self.file} is not {self.compared}:"

    def to_json(self) -> dict[str, Any]:
        return {
            "schema": SCHEMA,
            "verdict": self.verdict,
            "file": self.file,
            "compared": self.compared,
            "counts": dict(self.counts),
            "differences": [item.to_json() for item in self.differences],
            "remarks": [item.to_json() for item in self.remarks],
        }


def joined_words(words: Sequence[str]) -> str:
    """a; a and b; a, b and c."""
    return ", ".join(words[:-1]) + " and " + words[-1] if len(words) > 1 else "".join(words)
