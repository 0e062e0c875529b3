"""A frame with few zones, cut beside them into parts that are packed by themselves."""

from dataclasses import replace

from layoutgen.geometry.boxes import Box, Size
from layoutgen.tile.model import Effort, Packing
from layoutgen.tile.pack.frame import pack
from layoutgen.tile.zones.outline import Outline, overlap
from layoutgen.web.plan import Block, Blocks

_MOST_CUT_ZONES = 3


class Parts:
    """The frame cut from edge to edge along the sides of zones' boxes until its parts are free of zones, each
    packed by itself. For so few zones that all cuts can be tried.
    """

    def __init__(self, item: Size, zones: tuple[Outline, ...], *, rotation_allowed: bool) -> None:
        self.item, self.zones, self.rotation_allowed = item, zones, rotation_allowed
        self.known: dict[Box, tuple[int, tuple[Box, ...]]] = {}

    def blocks(self, frame: Size, effort: Effort) -> Blocks:
        if len(self.zones) > _MOST_CUT_ZONES:
            return ()
        found: list[Block] = []
        for room in self._best((0, 0, *frame))[1]:
            packed = self._pack(room, effort).blocks
            found += [replace(block, x=block.x + room[0], y=block.y + room[1]) for block in packed]
        return tuple(found)

    def _best(self, room: Box) -> tuple[int, tuple[Box, ...]]:
        """Most items in a room, and the parts that hold them."""
        if room not in self.known:
            near = [zone.bounds for zone in self.zones if overlap(zone.bounds, room)]
            if near:
                options = (
                    self._joined(room, axis, box[axis + k]) for box in near for axis in (0, 1) for k in (0, 2)
                )
                self.known[room] = max(options, key=lambda option: option[0])
            else:
                self.known[room] = self._pack(room, Effort.STANDARD).count, (room,)
        return self.known[room]

    def _joined(self, room: Box, axis: int, at: int) -> tuple[int, tuple[Box, ...]]:
        """What both sides of a cut hold; nothing where it does not lie inside the room."""
        if not room[axis] < at < room[axis + 2]:
            return 0, ()
        x0, y0, x1, y1 = room
        halves = ((x0, y0, at, y1), (at, y0, x1, y1)) if axis == 0 else ((x0, y0, x1, at), (x0, at, x1, y1))
        (low, first), (high, second) = (self._best(half) for half in halves)
        return low + high, first + second

    def _pack(self, room: Box, effort: Effort) -> Packing:
        size = room[2] - room[0], room[3] - room[1]
        return pack(size, self.item, rotation_allowed=self.rotation_allowed, effort=effort)
