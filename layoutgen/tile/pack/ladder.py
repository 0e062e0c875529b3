"""The ladder: methods and bounds in the order of what they settle for their work, until the count meets the bound.

Methods, bounds, their sources and why they hold: docs/tiling.md.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from layoutgen.geometry.boxes import Size
from layoutgen.tile.model import Effort
from layoutgen.tile.pack.blocks import MAX_POINTS, BlockTable, Budget, table_points, transposed
from layoutgen.tile.pack.bounds import LineBound, frame_bound
from layoutgen.tile.pack.corners import corner_blocks
from layoutgen.tile.pack.lshape import LSearch
from layoutgen.tile.pack.points import best_fill
from layoutgen.tile.pack.search import Unfinished, find
from layoutgen.tile.pack.setpack import set_packing_bound
from layoutgen.tile.pack.strips import strip_blocks, strip_count
from layoutgen.web.plan import Block, Blocks

# beyond these an item is so small that lanes lose next to nothing
_MOST_COMBINATIONS = 400_000
_MOST_LINES = 4_000_000


@dataclass(slots=True)
class Climb:
    """Best packing and best bound so far, with the names of who found them."""

    frame: Size
    item: Size
    blocks: Blocks
    method: str
    bound: int
    bound_by: str

    @property
    def count(self) -> int:
        return count_of(self.blocks)

    @property
    def done(self) -> bool:
        return self.count >= self.bound

    @property
    def proof(self) -> str:
        return self.bound_by if self.done else ""

    def offer(self, method: str, blocks: Blocks) -> None:
        if count_of(blocks) > self.count:
            self.blocks, self.method = blocks, method

    def tighten(self, name: str, bound: int | None) -> None:
        if bound is not None and bound < self.bound:
            self.bound, self.bound_by = bound, f"{name} bound"


@dataclass(frozen=True, slots=True)
class Rung:
    """Work of one round of the expensive methods, in steps; 0 leaves a method out."""

    pinwheel: int = 0
    five_block: int = 0
    deepest: int = 0
    set_packing: int = 0
    l_approach: int = 0
    l_depths: int = 0
    search: int = 0
    corners: int = 0

    @property
    def needs_table(self) -> bool:
        return bool(self.pinwheel or self.five_block or self.l_approach)


# about 1e8 steps a second for tables, 1e7 for the L-approach and 5e4 to 1e5 entries for programmes and the search,
# on one core of 2020. What settles most for its work comes first: one pinwheel, then a small programme, which in
# milliseconds proves most practical frames; only what is then left is worth the whole table
_FIRST = (
    Rung(pinwheel=1_000_000),
    Rung(set_packing=20_000),
    Rung(five_block=5_000_000, deepest=10_000, pinwheel=2_000_000),
    Rung(set_packing=60_000),
)
_RUNGS: dict[Effort, tuple[Rung, ...]] = {
    Effort.QUICK: (),
    Effort.STANDARD: (),
    Effort.MEDIUM: _FIRST,
    Effort.HIGH: (
        *_FIRST,
        Rung(five_block=60_000_000, deepest=10_000, pinwheel=20_000_000),
        Rung(five_block=100_000_000, deepest=100_000, pinwheel=20_000_000),
        Rung(corners=3_000_000),
        Rung(search=400_000),
    ),
    # in thousands of classes of Cover I and II the L-approach finds nothing that the search does not find sooner
    Effort.EXTREME: (
        *_FIRST,
        Rung(five_block=60_000_000, deepest=10_000, pinwheel=20_000_000),
        Rung(five_block=200_000_000, deepest=100_000, pinwheel=100_000_000),
        Rung(corners=30_000_000),
        Rung(search=400_000),
        Rung(l_approach=10_000_000, l_depths=2),
        Rung(set_packing=700_000, search=10_000_000),
        Rung(five_block=300_000_000, deepest=1_000_000, pinwheel=200_000_000, l_approach=1_500_000_000, l_depths=4),
    ),
}
# the L-approach and the search are hopeless where there are very many pieces
_MOST_L_ITEMS = 160
_MOST_SEARCH_ITEMS = 160
# and CP-SAT beyond about a hundred
_MOST_PROOF_ITEMS = 130


def climb(frame: Size, item: Size, effort: Effort, proof_work: float = 0.0) -> Iterator[Climb]:
    """The best packing the effort allows, items free to turn: one state, yielded after every rung until its count
    meets its bound. Frame and item without a common divisor.
    """
    state = _start(frame, item)
    yield from _climb(state, effort)
    if proof_work:
        yield from _prove(state, proof_work)


def _climb(state: Climb, effort: Effort) -> Iterator[Climb]:
    frame, item = state.frame, state.item
    for name, attempt in _cheap(frame, item, effort):
        state.offer(name, attempt(state.count))
        yield state
        if state.done:
            return
    table: BlockTable | None = None
    programme: int | None = None
    for rung in _RUNGS[effort]:
        if rung.set_packing and programme is None:
            programme = set_packing_bound(frame, item, most_entries=rung.set_packing)
            state.tighten("set-packing", programme)
        if rung.needs_table and not state.done and table_points(frame, item) <= MAX_POINTS:
            table = table or BlockTable(frame, item)
            _table_round(state, table, rung)
        if rung.corners and not state.done and _combinations(frame, item) <= _MOST_COMBINATIONS:
            state.offer("corner blocks", corner_blocks(frame, item, state.bound, rung.corners))
        yield state
        if rung.search and state.bound <= _MOST_SEARCH_ITEMS:
            yield from _search(state, Budget(rung.search))
        if state.done:
            return


def _search(state: Climb, budget: Budget) -> Iterator[Climb]:
    """Ask for one item more until there is none or the work runs out."""
    try:
        while not state.done:
            found = find(state.frame, state.item, state.count + 1, budget)
            if found is None:
                state.tighten("set-packing search", state.count)
            else:
                state.offer("set-packing search", found)
            yield state
    except Unfinished:
        return


def _prove(state: Climb, work: float) -> Iterator[Climb]:
    """Ask CP-SAT for one item more until there is none, or the work (its deterministic time) runs out."""
    from layoutgen.tile.pack.exact import available, reach

    while not state.done and state.bound <= _MOST_PROOF_ITEMS and available():
        found = reach(state.frame, state.item, state.count + 1, work=work)
        if found is True:
            return
        if found is False:
            state.tighten("CP-SAT", state.count)
        else:
            state.offer("CP-SAT", found)
        yield state


def _start(frame: Size, item: Size) -> Climb:
    bound, name = frame_bound(frame, item)
    state = Climb(frame, item, (), "grid", bound, f"{name} bound")
    if bound <= _MOST_LINES:
        state.tighten("line", LineBound(*item)(best_fill(frame[0], *item), best_fill(frame[1], *item)))
    return state


def _table_round(state: Climb, table: BlockTable, rung: Rung) -> None:
    if rung.pinwheel and not rung.five_block:
        table.open_top(Budget(rung.pinwheel))
        state.offer("pinwheel", table.blocks())
    if rung.five_block and not state.done:
        table.fill(Budget(rung.five_block), rung.deepest)
        table.open_top(Budget(rung.pinwheel))
        if table.count > state.count:
            state.offer("five-block" if len(table.cut_values) > 1 else "pinwheel", table.blocks())
    if rung.l_approach and not state.done and state.bound <= _MOST_L_ITEMS:
        state.offer("L-approach", LSearch(table, Budget(rung.l_approach)).improve(state.bound, rung.l_depths))


Attempt = Callable[[int], Blocks]


def _cheap(frame: Size, item: Size, effort: Effort) -> Iterator[tuple[str, Attempt]]:
    """Methods of a few milliseconds; each is given the count to beat and may return nothing if it cannot."""
    yield "grid", lambda _: max((grid(frame, item, rotated=turned) for turned in (False, True)), key=count_of)
    yield "lanes", lambda _: max(lanes(frame, item), transposed_lanes(frame, item), key=count_of)
    if effort >= Effort.STANDARD and _combinations(frame, item) <= _MOST_COMBINATIONS:
        yield "3-stage", lambda best: strips(frame, item, best)


def _combinations(frame: Size, item: Size) -> int:
    longest = max(frame)
    return (longest // item[0] + 1) * (longest // item[1] + 1)


def strips(frame: Size, item: Size, best: int) -> Blocks:
    """The better direction of the 3-stage knapsack, or nothing where neither beats ``best``."""
    across, along = strip_count(frame, *item), strip_count((frame[1], frame[0]), *item)
    if max(across, along) <= best:
        return ()
    if across >= along:
        return strip_blocks(frame, *item)
    return transposed(strip_blocks((frame[1], frame[0]), *item))


def grid(frame: Size, item: Size, *, rotated: bool) -> Blocks:
    w, h = (item[1], item[0]) if rotated else item
    columns, rows = frame[0] // w, frame[1] // h
    return (Block(0, 0, columns, rows, rotated),) if columns and rows else ()


def lanes(frame: Size, item: Size) -> Blocks:
    """Lanes along y, each of one orientation, each packed tight."""
    u, v = item
    straight, turned = frame[1] // v, frame[1] // u
    # v lanes of width u and u lanes of width v change places: one kind is rarer than that
    few = {
        *range(min(frame[0] // u, v - 1) + 1),
        *((frame[0] - b * v) // u for b in range(min(frame[0] // v, u - 1) + 1)),
    }
    choices = [(a, (frame[0] - a * u) // v) for a in sorted(few)]
    a, b = max(choices, key=lambda numbers: (numbers[0] * straight + numbers[1] * turned, numbers[0]))
    found = []
    if a and straight:
        found.append(Block(0, 0, a, straight, rotated=False))
    if b and turned:
        found.append(Block(a * u, 0, b, turned, rotated=True))
    return tuple(found)


def transposed_lanes(frame: Size, item: Size) -> Blocks:
    """Lanes along x."""
    return transposed(lanes((frame[1], frame[0]), item))


def guillotine(frame: Size, item: Size, effort: Effort, _proof_work: float = 0.0) -> Iterator[Climb]:
    """As `climb`, with straight cuts from edge to edge only. The full table is exact for such cuts: nothing is left
    to prove.
    """
    state = _start(frame, item)
    for name, attempt in _cheap(frame, item, effort):
        state.offer(name, attempt(state.count))
        yield state
    if not state.done and effort >= Effort.HIGH and table_points(frame, item) <= MAX_POINTS:
        table = BlockTable(frame, item)
        budget = Budget(2_000_000_000)
        table.fill(budget, 0)
        state.offer("guillotine", table.blocks())
        if not budget.spent:
            state.tighten("guillotine table", table.count)
        yield state


def upright(frame: Size, item: Size, _effort: Effort, _proof_work: float = 0.0) -> Iterator[Climb]:
    """As `climb`, without turning: the grid is best, whatever the effort."""
    blocks = grid(frame, item, rotated=False)
    yield Climb(frame, item, blocks, "grid", count_of(blocks), "one orientation: the grid is best")


def count_of(blocks: Blocks) -> int:
    return sum(block.count for block in blocks)
