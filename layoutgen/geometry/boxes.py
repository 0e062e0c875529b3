"""Points, sizes and boxes in integers of one unit, the database unit in a layout."""

from typing import TypeAlias

Point: TypeAlias = tuple[int, int]
"""(x, y)."""
Size: TypeAlias = tuple[int, int]
"""Along x and y."""
Box: TypeAlias = tuple[int, int, int, int]
"""(x0, y0, x1, y1) with x0 <= x1 and y0 <= y1."""


def turned(point: Point, quarter_turns: int) -> Point:
    """A point turned counter-clockwise about the origin.

    Args:
        point: (x, y), in any unit.
        quarter_turns: of any sign.
    """
    x, y = point
    match quarter_turns % 4:
        case 0:
            return x, y
        case 1:
            return -y, x
        case 2:
            return -x, -y
        case _:
            return y, -x


def turned_box(box: Box, quarter_turns: int) -> Box:
    """A box turned counter-clockwise about the origin, lower left corner first.

    Args:
        box: (x0, y0, x1, y1), in any unit.
        quarter_turns: of any sign.
    """
    (x0, y0), (x1, y1) = turned(box[:2], quarter_turns), turned(box[2:], quarter_turns)
    return min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)
