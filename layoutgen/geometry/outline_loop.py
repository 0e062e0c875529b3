"""Lines and arcs of a file, joined to one loop."""

from collections.abc import Iterable
from dataclasses import dataclass
from math import hypot
from pathlib import Path

from layoutgen.errors import InputError, Problem
from layoutgen.geometry.outline import Outline, Point, outline_of

DBU_PER_MM = 1_000_000
GAP_MM = 0.001


@dataclass(frozen=True, slots=True)
class Piece:
    """A line or an arc of a file, in mm; ``said`` is how a message calls it."""

    start: Point
    end: Point
    bulge: float
    name: str
    said: str

    def reversed(self) -> "Piece":
        return Piece(self.end, self.start, -self.bulge, self.name, self.said)


def chained(pieces: Iterable[Piece], path: Path, where: str) -> tuple[Outline, tuple[str, ...]]:
    """One loop of pieces in any order and direction.

    Raises:
        InputError: an end meets no other, three ends meet, or there are several loops; the place is named.
    """
    left = [piece for piece in pieces if _apart(piece.start, piece.end) > 0]
    if not left:
        raise InputError(Problem(f"{path} holds no line or arc with a length", where))
    chain, widest = [left.pop(0)], 0.0
    while True:
        end = chain[-1].end
        near = [
            (_apart(end, place), k, turned)
            for k, piece in enumerate(left)
            for place, turned in ((piece.start, False), (piece.end, True))
            if _apart(end, place) <= GAP_MM
        ]
        home = _apart(end, chain[0].start)
        if home <= GAP_MM and (len(chain) > 1 or abs(chain[0].bulge) > 0):
            if near:
                raise InputError(
                    Problem(
                        f"{path}: more than two ends meet at {_said(end)}",
                        where,
                        "one loop that meets itself nowhere",
                    )
                )
            widest = max(widest, home)
            break
        if not near:
            raise _open(path, where, chain[-1], left, chain[0].start)
        if len({k for _, k, _ in near}) > 1:
            raise InputError(
                Problem(
                    f"{path}: more than two ends meet at {_said(end)}", where, "one loop that meets itself nowhere"
                )
            )
        gap, k, turned = min(near)
        widest = max(widest, gap)
        piece = left.pop(k)
        chain.append(piece.reversed() if turned else piece)
    if left:
        raise InputError(
            Problem(
                f"{path} holds several loops: {left[0].said} at {_said(left[0].start)} is not on the one at "
                f"{_said(chain[0].start)}",
                where,
                "one closed loop",
                "a file with the outer loop alone; what lies inside it is not kept free",
            )
        )
    corners = [(round(piece.start[0] * DBU_PER_MM), round(piece.start[1] * DBU_PER_MM)) for piece in chain]
    outline = outline_of(corners, [piece.bulge for piece in chain], [piece.name for piece in chain])
    note = (f"{path.name}: gaps of up to {widest * 1000:.3g} um closed",) if widest > 1e-6 else ()
    return outline, note


def _open(path: Path, where: str, last: Piece, left: list[Piece], start: Point) -> InputError:
    places = [place for piece in left for place in (piece.start, piece.end)] + [start]
    nearest = min(places, key=lambda place: _apart(place, last.end))
    return InputError(
        Problem(
            f"{path} is open: {last.said} ends at {_said(last.end)}, the nearest other end is "
            f"{_apart(nearest, last.end):.6g} mm away at {_said(nearest)}",
            where,
            "one closed loop, ends at most 0.001 mm apart",
        )
    )


def _apart(a: Point, b: Point) -> float:
    return hypot(a[0] - b[0], a[1] - b[1])


def _said(place: Point) -> str:
    return f"({place[0]:.6g}, {place[1]:.6g}) mm"
