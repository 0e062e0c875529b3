"""How a web is tested: the probe card, its touchdowns, the way of the stage, and how long that takes."""

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

import numpy as np

from layoutgen.lot.webmap import RepeatMap
from layoutgen.pdk.webtest import Prober, Sweep, WebTest
from layoutgen.units import rounded

SCHEMA: Final = "layoutgen.test-plan/1"
_ALTERNATIVES: Final = 5


@dataclass(frozen=True, slots=True)
class BlockOfCells:
    """One block as the prober sees it; ``first_um`` is the centre of its lower-left cell."""

    name: str
    columns: int
    rows: int
    pitch_um: tuple[float, float]
    first_um: tuple[float, float]
    turned: bool


@dataclass(frozen=True, slots=True)
class Touchdown:
    """The card at one place: ``columns x rows`` cells of a block from (column, row), counted from 1, are read.

    ``centre_um`` is the middle of the cells that are read.
    """

    block: str
    column: int
    row: int
    columns: int
    rows: int
    centre_um: tuple[float, float]
    turned: bool

    @property
    def cells(self) -> int:
        return self.columns * self.rows


@dataclass(frozen=True, slots=True)
class Card:
    """A card with ``columns x rows`` probes over a block that lies as the first one; the other way it is turned."""

    columns: int
    rows: int

    @property
    def sites(self) -> int:
        return self.columns * self.rows

    def over(self, *, turned: bool) -> tuple[int, int]:
        """Columns and rows over a block that lies as the first one, or turned against it."""
        return (self.rows, self.columns) if turned else (self.columns, self.rows)


@dataclass(frozen=True, slots=True)
class CardPlan:
    """A card and what it does in one repeat."""

    card: Card
    touchdowns: tuple[Touchdown, ...]
    path_um: float
    """Length of the stage's way through a repeat, back to the first touchdown excluded."""

    @property
    def cells(self) -> int:
        return sum(item.cells for item in self.touchdowns)

    @property
    def efficiency(self) -> float:
        """Cells read over probes put down."""
        return self.cells / (len(self.touchdowns) * self.card.sites)


def blocks_of(cells: RepeatMap) -> tuple[BlockOfCells, ...]:
    """The blocks of a repeat, in the order of the cell map."""
    found = []
    for field, block in sorted(set(zip(cells.field.tolist(), cells.block.tolist(), strict=True))):
        inside = np.flatnonzero((cells.field == field) & (cells.block == block))
        first = inside[0]
        size = cells.size_um[first]
        name = cells.names[first].rsplit("-", 2)[0]
        found.append(
            BlockOfCells(
                name,
                int(cells.column[inside].max()),
                int(cells.row[inside].max()),
                (float(size[0]) + cells.kerf_um, float(size[1]) + cells.kerf_um),
                (float(cells.x_um[first]), float(cells.y_um[first])),
                bool(cells.turned[first]),
            )
        )
    return tuple(found)


def touchdown_count(blocks: tuple[BlockOfCells, ...], card: Card) -> int:
    """``sum ceil(columns / a) ceil(rows / b)`` over the blocks."""
    total = 0
    for block in blocks:
        a, b = card.over(turned=block.turned != blocks[0].turned)
        total += -(-block.columns // a) * -(-block.rows // b)
    return total


def best_cards(blocks: tuple[BlockOfCells, ...], sites: int) -> list[CardPlan]:
    """Cards of at most ``sites`` probes, best first: fewest touchdowns, then fewest probes, then shortest way."""
    limits = [0, 0]
    for block in blocks:
        across = block.turned != blocks[0].turned
        limits[across] = max(limits[across], block.columns)
        limits[not across] = max(limits[not across], block.rows)
    cards = [
        Card(a, b) for a in range(1, min(sites, limits[0]) + 1) for b in range(1, min(sites // a, limits[1]) + 1)
    ]
    counted = sorted((touchdown_count(blocks, card), card.sites, card.columns, card.rows) for card in cards)
    shortlist = counted[:40]
    plans = [plan_with(blocks, Card(a, b)) for _, _, a, b in shortlist]
    return sorted(
        plans, key=lambda plan: (len(plan.touchdowns), plan.card.sites, round(plan.path_um), plan.card.rows)
    )


def plan_with(blocks: tuple[BlockOfCells, ...], card: Card) -> CardPlan:
    """The touchdowns of a card in the order in which the stage makes them: block by block, up and down."""
    made: list[Touchdown] = []
    here = (0.0, 0.0)
    for block in blocks:
        made += _serpentine(block, card.over(turned=block.turned != blocks[0].turned), here)
        here = made[-1].centre_um
    path = sum(math.dist(a.centre_um, b.centre_um) for a, b in pairwise(made))
    return CardPlan(card, tuple(made), path)


def _serpentine(block: BlockOfCells, card: tuple[int, int], here: tuple[float, float]) -> list[Touchdown]:
    """Columns of touchdowns, up and down in turn, from the corner that is nearest to where the stage is."""
    starts_x = list(range(0, block.columns, card[0]))
    starts_y = list(range(0, block.rows, card[1]))
    columns = [[_touchdown(block, card, x, y) for y in starts_y] for x in starts_x]
    ways = []
    for order in (columns, columns[::-1]):
        for first_up in (True, False):
            way = [
                item
                for number, lane in enumerate(order)
                for item in (lane if (number % 2 == 0) == first_up else lane[::-1])
            ]
            ways.append(way)
    return min(ways, key=lambda way: (round(math.dist(here, way[0].centre_um)), way[0].column, way[0].row))


def _touchdown(block: BlockOfCells, card: tuple[int, int], x: int, y: int) -> Touchdown:
    columns, rows = min(card[0], block.columns - x), min(card[1], block.rows - y)
    centre = (
        block.first_um[0] + (x + (columns - 1) / 2) * block.pitch_um[0],
        block.first_um[1] + (y + (rows - 1) / 2) * block.pitch_um[1],
    )
    return Touchdown(block.name, x + 1, y + 1, columns, rows, centre, block.turned)


def sites_of(cells: RepeatMap, plan: CardPlan) -> np.ndarray[Any, np.dtype[np.int32]]:
    """Which probe of the card reads each cell, from 1, along a row of the card first."""
    number = np.zeros(cells.cells, dtype=np.int32)
    names = [name.rsplit("-", 2)[0] for name in cells.names]
    by_block: dict[str, list[int]] = {}
    for place, name in enumerate(names):
        by_block.setdefault(name, []).append(place)
    for touchdown in plan.touchdowns:
        here = np.array(by_block[touchdown.block])
        column, row = cells.column[here] - touchdown.column, cells.row[here] - touchdown.row
        inside = (column >= 0) & (column < touchdown.columns) & (row >= 0) & (row < touchdown.rows)
        number[here[inside]] = row[inside] * plan.card.columns + column[inside] + 1
    return number


def sweep_seconds(sweep: Sweep) -> float:
    """A stepped sweep, one period at each frequency down to the lowest: ``(1 / f_min) / (1 - 10^(-1/p))``."""
    ratio = 10 ** (-1 / sweep.points_per_decade.value)
    return 1 / sweep.low.value / (1 - ratio)


def frequencies(sweep: Sweep) -> np.ndarray[Any, np.dtype[np.float64]]:
    """The frequencies of a sweep in Hz, from the highest down; equal steps of the logarithm, both ends included."""
    decades = math.log10(sweep.high.value / sweep.low.value)
    count = round(decades * sweep.points_per_decade.value) + 1
    return np.geomspace(sweep.high.value, sweep.low.value, max(count, 2))


@dataclass(frozen=True, slots=True)
class Pace:
    """How long things take, s."""

    measure: float
    """Sweeps and voltages of one touchdown."""
    contact: float
    move: float
    """From one touchdown to the next, on average over a repeat, the web's step included."""

    @property
    def touchdown(self) -> float:
        return self.measure + self.contact + self.move

    @property
    def limited_by(self) -> str:
        parts = {"sweep": self.measure, "contact": self.contact, "moves": self.move}
        return max(parts, key=lambda name: parts[name])


def pace_of(plan: CardPlan, prober: Prober, sweep: Sweep, repeat_um: float) -> Pace:
    """How long a touchdown takes: channels are shared by sites in turn, moves by all touchdowns of a repeat."""
    turns = math.ceil(plan.card.sites / prober.channels.value)
    measure = turns * (sweep_seconds(sweep) + prober.voltage.value)
    count = len(plan.touchdowns)
    back = math.dist(plan.touchdowns[-1].centre_um, plan.touchdowns[0].centre_um)
    # while the web steps to the next repeat the stage goes back to the first touchdown
    stage_mm, web_mm = plan.path_um / 1000, max(repeat_um, back) / 1000
    moving = (stage_mm + web_mm) / prober.speed.value + count * prober.move.value
    return Pace(measure, prober.contact.value, moving / count)


def plan_document(
    cells: RepeatMap, plans: list[CardPlan], test: WebTest, repeats: int, sites: int
) -> dict[str, Any]:
    """plan.json."""
    plan = plans[0]
    pace = pace_of(plan, test.prober, test.sweep, cells.length_um)
    repeat_s = pace.touchdown * len(plan.touchdowns)
    content = {
        "schema": SCHEMA,
        "design": cells.name,
        "map_sha256": cells.digest,
        "sites": sites,
        "card": {
            "columns": plan.card.columns,
            "rows": plan.card.rows,
            "sites": plan.card.sites,
            "pitch_mm": [value / 1000 for value in blocks_of(cells)[0].pitch_um],
        },
        "touchdowns_per_repeat": len(plan.touchdowns),
        "efficiency": plan.efficiency,
        "cells_per_repeat": cells.cells,
        "repeats": repeats,
        "cells": repeats * cells.cells,
        "touchdowns": repeats * len(plan.touchdowns),
        "seconds_per_touchdown": pace.touchdown,
        "seconds": {"measure": pace.measure, "contact": pace.contact, "move": pace.move},
        "limited_by": pace.limited_by,
        "cells_per_second": cells.cells / repeat_s,
        "metres_per_minute": cells.length_um * 1e-6 / repeat_s * 60,
        "hours": repeats * repeat_s / 3600,
        "sweep": {
            "low_hz": test.sweep.low.value,
            "high_hz": test.sweep.high.value,
            "points": len(frequencies(test.sweep)),
            "seconds": sweep_seconds(test.sweep),
            "channels": int(test.prober.channels.value),
        },
        "stage_mm_per_repeat": plan.path_um / 1000,
        "alternatives": [
            {
                "columns": other.card.columns,
                "rows": other.card.rows,
                "touchdowns_per_repeat": len(other.touchdowns),
                "efficiency": other.efficiency,
            }
            for other in plans[1 : 1 + _ALTERNATIVES]
        ],
    }
    document: dict[str, Any] = rounded(content)
    return document


def touchdowns_csv(plan: CardPlan) -> bytes:
    """One line a touchdown of a repeat, in the order of the stage; mm from the repeat's lower-left corner."""
    lines = ["touchdown,block,first_column,first_row,columns,rows,cells,x_mm,y_mm,card_turned"]
    first = plan.touchdowns[0].turned
    for number, item in enumerate(plan.touchdowns, 1):
        x, y = (f"{value / 1000:.4f}".rstrip("0").rstrip(".") for value in item.centre_um)
        turned = "yes" if item.turned != first else "no"
        lines.append(
            f"{number},{item.block},{item.column},{item.row},{item.columns},{item.rows},{item.cells},{x},{y},{turned}"
        )
    return "\n".join([*lines, ""]).encode()
