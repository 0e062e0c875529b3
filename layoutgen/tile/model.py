"""Values that the tiler takes and returns beside those of the web.

Lengths are integers of one unit. An *item* is a cell inflated by one kerf in each direction; a *frame* is the room
for items, inflated by one kerf as well, so that n items with n - 1 kerfs between them fit exactly when
``n * item <= frame``.
"""

from dataclasses import dataclass
from enum import IntEnum

from layoutgen.web.plan import Block


class Bounded:
    """Items of which there can be no more than ``upper_bound``."""

    __slots__ = ()
    upper_bound: int

    @property
    def count(self) -> int:
        raise NotImplementedError

    @property
    def proved_optimal(self) -> bool:
        return self.count == self.upper_bound

    @property
    def gap_percent(self) -> float:
        """Distance from the bound in percent of the bound, 0 where nothing fits and nothing could."""
        return 100.0 * (self.upper_bound - self.count) / self.upper_bound if self.upper_bound else 0.0


@dataclass(frozen=True, slots=True)
class Packing(Bounded):
    """Equal items in one rectangular frame.

    ``proof`` names the bound that equals the count, and is empty where none does.
    """

    frame: tuple[int, int]
    item: tuple[int, int]
    blocks: tuple[Block, ...]
    upper_bound: int
    method: str
    proof: str

    @property
    def count(self) -> int:
        return sum(block.count for block in self.blocks)


class Effort(IntEnum):
    """How far up the ladder a tiler climbs. Work is counted in steps, so each level gives one answer
    everywhere.
    """

    QUICK = 0
    STANDARD = 1
    MEDIUM = 2
    HIGH = 3
    EXTREME = 4
