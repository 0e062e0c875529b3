"""What polygons packed, judged by exact distances of lines and arcs."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from layoutgen.geometry.distances import apart
from layoutgen.geometry.outline import Outline, outline_of
from layoutgen.tile.outline.model import Place

TOLERANCE_DBU = 1.0
"""Ends of arcs are rounded to a unit."""


class Judge:
    """Remembers every difference of places that it looked at."""

    def __init__(self, outline: Outline, distance: int) -> None:
        self.distance = distance
        self.turned = {turn: outline.turned(turn).at_origin() for turn in (0, 90, 180, 270)}
        self.known: dict[tuple[int, int, int, int], bool] = {}

    def clear(self, a: Place, b: Place) -> bool:
        """Whether two cells keep their distance."""
        key = a[0], b[0], b[1] - a[1], b[2] - a[2]
        if key not in self.known:
            other = self.turned[b[0]].moved(key[2], key[3])
            least = self.distance - TOLERANCE_DBU
            # with no distance paths may touch: then only what is inside another is wrong, which rows never make
            self.known[key] = apart(self.turned[a[0]], other, least) >= least
        return self.known[key]

    def passes(self, places: Sequence[Place]) -> bool:
        """Whether all cells keep their distance."""
        return next(self.faults(places), None) is None

    def faults(self, places: Sequence[Place]) -> Iterator[tuple[Place, Place]]:
        """Pairs of cells that are too near."""
        for a, b in self.near(places):
            if not self.clear(a, b):
                yield a, b

    def near(self, places: Sequence[Place]) -> Iterator[tuple[Place, Place]]:
        """Pairs of cells whose boxes come nearer than the distance."""
        width = max(max(outline.size) for outline in self.turned.values()) + self.distance
        grid: dict[tuple[int, int], list[Place]] = defaultdict(list)
        for place in places:
            grid[place[1] // width, place[2] // width].append(place)
        for (i, j), here in grid.items():
            beside = [(i, j), (i + 1, j), (i - 1, j + 1), (i, j + 1), (i + 1, j + 1)]
            for k, a in enumerate(here):
                for cell in beside:
                    others = here[k + 1 :] if cell == (i, j) else grid.get(cell, [])
                    for b in others:
                        if self._boxes_near(a, b):
                            yield a, b

    def _boxes_near(self, a: Place, b: Place) -> bool:
        (wa, ha), (wb, hb), d = self.turned[a[0]].size, self.turned[b[0]].size, self.distance
        return -wb - d < b[1] - a[1] < wa + d and -hb - d < b[2] - a[2] < ha + d

    def outside(
        self, places: Iterable[Place], zones: Sequence[Sequence[tuple[int, int]]], kerf: int
    ) -> list[Place]:
        """The cells that keep a kerf away from every zone."""
        paths = [outline_of(list(zone)) for zone in zones]
        return [place for place in places if not any(self._meets(place, path, kerf) for path in paths)]

    def _meets(self, place: Place, zone: Outline, kerf: int) -> bool:
        turn, x, y = place
        width, height = self.turned[turn].size
        x0, y0, x1, y1 = zone.box
        if x >= x1 + kerf or x0 >= x + width + kerf or y >= y1 + kerf or y0 >= y + height + kerf:
            return False
        here = self.turned[turn].moved(x, y)
        # paths that only touch are kept where no kerf is asked for
        if kerf > 0 and apart(here, zone, kerf - TOLERANCE_DBU) < kerf - TOLERANCE_DBU:
            return True
        corner = zone.edges[0]
        first = here.edges[0]
        middle, other = first.at(0.5), corner.at(0.5)
        return zone.contains(*middle) or here.contains(*other)
