"""Lines that stack synthetic webs, against the model of the kit: does the spread agree, and does the rating hold?

    python -m benchmarks.lot_lines [lots, default 2000] [repeats of a lot, default 400]

Of each lot as many repeats as a stack has cells are made, drawn at random: lots are the sample, and more cells of a
lot tell nothing more. The line builds stacks by each order of the kit from estimates; what is counted are true
capacities. Orders that mix lots take them in groups of as many as the kit says. Intervals are those of a jackknife
over lots or groups.

The rating is that of a kit that states the sigma of lots of this length, where the mean of the drift over a lot
belongs to the lot. It ``holds`` where the interval of the share of stacks below it ends at 1.5 times what the
confidence allows at most: an interval around just what is allowed ends above that. It ``FAILS`` where the interval
begins above what the confidence allows; else there were too few lots, and nothing was shown. Exit code 1 unless all
hold and no spread is higher than the model's.
"""

import math
import sys
from dataclasses import dataclass

import numpy as np

from layoutgen.lot.plan import best_cards, blocks_of, sites_of
from layoutgen.lot.stacks.differencing import balanced
from layoutgen.lot.stacks.orders import class_trays
from layoutgen.lot.synthetic import DRIFT_UM, LATENT, SHARES, SOUND, Recipe, SyntheticWeb
from layoutgen.lot.webmap import repeat_map
from layoutgen.sizing.assembly import Order, stack_sigma
from layoutgen.sizing.capacity import rated_utilization
from layoutgen.sizing.process import process_of
from layoutgen.solver.solution import Solution
from layoutgen.solver.solve import solve
from layoutgen.spec import build_spec

SEED = 5000
_MARGIN = 1.5
"""Upper end of the share below the rating, over what the confidence allows, at which the rating holds."""
Z95 = 1.96


@dataclass(frozen=True)
class Line:
    """What one order gave: sigma of the mean utilisation with its 95 % interval, that of the model; share of stacks
    below the rated capacity with its 95 % interval.
    """

    order: Order
    groups: int
    stacks: int
    sigma: float
    low: float
    high: float
    model: float
    below: float
    below_low: float
    below_high: float

    @property
    def spread(self) -> str:
        """Whether the spread is that of the model."""
        return "HIGHER" if self.low > self.model else "lower" if self.high < self.model else "agrees"

    def rating(self, allowed: float) -> str:
        """Whether the rating holds at a share of stacks that may fall below it."""
        if self.below_low > allowed:
            return "FAILS"
        return "holds" if self.below_high <= _MARGIN * allowed else "not shown"


class Lots:
    """Synthetic lots of a design, of which some repeats are made."""

    def __init__(self, solution: Solution, repeats: int) -> None:
        self.cells, self.pdk, self.repeats = repeat_map(solution), solution.loaded.pdk, repeats
        card = best_cards(blocks_of(self.cells), int(self.pdk.test.prober.sites.value))[0]
        self.sites = sites_of(self.cells, card)
        self.scale = self.pdk.cell.utilization_mean.value / (self.cells.nominal_mah * 1e6)

    def lot(self, lot: int, made: int, rng) -> list:
        """(true utilisation, estimate of it) of the sound cells of some repeats of a lot, in web order."""
        correlation = self.pdk.assembly.estimate_correlation.value
        web = SyntheticWeb(
            self.cells,
            self.pdk,
            self.sites,
            Recipe(SEED + lot, self.repeats, 0.1, 2.0, 25_000.0, correlation, 628_300.0),
        )
        found = []
        there = [number for number in range(1, self.repeats + 1) if number != web.truth.missing_repeat]
        for number in np.sort(rng.choice(there, min(made, len(there)), replace=False)).tolist():
            read, true = web.repeat(number)
            cause = true["cause"]
            sound = ((cause == SOUND) | (cause == LATENT)) & (read["capacity_nah"] > 0)
            found.append((true["capacity_nah"][sound] * self.scale, read["capacity_nah"][sound] * self.scale))
        return found


def shrunk(estimate, correlation):
    """As ``layoutgen bin`` estimates: towards the mean of the lot."""
    mean = estimate.mean()
    return np.rint((mean + correlation**2 * (estimate - mean)) * 1e6).astype(np.int64)


def over_groups(of_groups):
    """Mean of a figure of every lot or group, with its standard error."""
    figures = np.asarray(of_groups, dtype=np.float64)
    return float(figures.mean()), float(figures.std(ddof=1) / math.sqrt(len(figures)))


def lines(solution: Solution, lots: int, repeats: int, *, stated: Solution | None = None) -> list[Line]:
    """Every order over so many lots; rated by what the kit of another solution states, where one is given."""
    pdk, layers = solution.loaded.pdk, solution.device.layers
    process = process_of(pdk)
    rng = np.random.default_rng(1)
    source, mixed_lots = Lots(solution, repeats), int(pdk.assembly.lots.value)
    means: dict[Order, list] = {order: [] for order in Order}
    waiting = []
    for number in range(lots):
        made = source.lot(number, layers, rng)
        means[Order.WEB].append(
            np.concatenate([truth[: len(truth) // layers * layers].reshape(-1, layers) for truth, _ in made]).mean(
                axis=1
            )
        )
        means[Order.SHUFFLED].append(one_of_each([truth for truth, _ in made], layers, rng))
        truth, estimate = (np.concatenate(part) for part in zip(*made, strict=True))
        some = rng.permutation(len(truth))
        waiting.append((truth[some], shrunk(estimate, process.assembly.estimate)[some]))
        if len(waiting) == mixed_lots:
            for order, found in mixed(waiting, layers, int(process.assembly.trays)).items():
                means[order].append(found)
            waiting = []
    return [_line(stated or solution, order, means[order], repeats) for order in Order if len(means[order]) > 1]


def _line(solution: Solution, order: Order, means: list, repeats: int) -> Line:
    """What stacks of every lot or group say of the model."""
    process = process_of(solution.loaded.pdk)
    layers, middle = solution.device.layers, process.utilization_mean
    of_lot, of_cell = sigmas(solution, order, repeats)
    stated = process.with_values(
        assembly=process.assembly.with_order(order), utilization_sigma_lot=of_lot, utilization_sigma_cell=of_cell
    )
    rated = float(rated_utilization(stated, layers, solution.device.confidence))
    square, error = over_groups([((found - middle) ** 2).mean() for found in means])
    below, miss = over_groups([(found < rated).mean() for found in means])
    sigma = math.sqrt(square)
    off = Z95 * error / (2 * sigma)
    model = float(stack_sigma(stated.assembly, layers, of_lot, of_cell))
    return Line(
        order, len(means), sum(map(len, means)), sigma, sigma - off, sigma + off, model, below,
        below - Z95 * miss, below + Z95 * miss,
    )  # fmt: skip


def one_of_each(repeats: list, layers: int, rng):
    """Means of stacks that take one cell of each of so many repeats, at random: strangers, as in a long lot."""
    least = min(map(len, repeats))
    rows = np.stack([rng.permutation(cells)[:least] for cells in repeats])
    if len(rows) == layers:
        return rows.mean(axis=0)
    usable = rows.size // layers * layers
    return rng.permutation(rows.ravel())[:usable].reshape(-1, layers).mean(axis=1)


def sigmas(solution: Solution, order: Order, repeats: int) -> tuple[float, float]:
    """Sigma from lot to lot and from cell to cell of lots of a length.

    The mean of the drift over a lot belongs to the lot; stacks in web order do not ask what is called which.
    """
    process = process_of(solution.loaded.pdk)
    of_lot, of_cell = process.utilization_sigma_lot, process.utilization_sigma_cell
    if order is Order.WEB:
        return of_lot, of_cell
    keep = math.exp(-repeat_map(solution).length_um / DRIFT_UM)
    away = np.arange(repeats)
    mean = float((((repeats - away) * keep**away).sum() * 2 - repeats) / repeats**2) * SHARES["drift"]
    return math.sqrt(of_lot**2 + mean * of_cell**2), math.sqrt(1 - mean) * of_cell


def mixed(lots, layers, trays):
    """True means of stacks from a group of lots: evenly at random, from class trays, matched by estimate."""
    least = min(len(truth) for truth, _ in lots)
    rows = np.stack([truth[:least] for truth, _ in lots])
    # a stack takes the cells of the lots in turn
    usable = rows.size // layers * layers
    turn = rows.T.ravel()[:usable].reshape(-1, layers)
    truth = rows.ravel()[:usable]
    estimate = np.concatenate([found[:least] for _, found in lots])[:usable]
    return {
        Order.MIXED: turn.mean(axis=1),
        Order.TRAYS: truth[class_trays(estimate, layers, trays, seed=1).members].mean(axis=1),
        Order.MATCHED: truth[balanced(estimate, layers)[0]].mean(axis=1),
    }


def main() -> None:
    given = [int(text) for text in sys.argv[1:]]
    lots, repeats = (given + [2000, 400][len(given) :])[:2]
    solution = solve(build_spec({"capacity": 20, "footprint": "8x10"}, {}), compare=False)
    allowed = 1 - solution.device.confidence
    print(f"{solution!r}, {lots} lots of {repeats} repeats, rating at {solution.device.confidence:g}")
    heads = f"{'order':<10}{'groups':>7}{'stacks':>9}{'sigma':>9}{'95 %':>20}{'model':>9}{'':>10}"
    print(f"{heads}{'below rated':>14}{'95 %':>20}")
    found = lines(solution, lots, repeats)
    for line in found:
        print(
            f"{line.order:<10}{line.groups:>7}{line.stacks:>9}{line.sigma:>9.5f}"
            f"{f'{line.low:.5f} {line.high:.5f}':>20}{line.model:>9.5f}{line.spread:>10}"
            f"{line.below:>13.3%} {f'{max(line.below_low, 0):.3%} {line.below_high:.3%}':>19}"
            f" {line.rating(allowed)}"
        )
    sys.exit(0 if all(item.rating(allowed) == "holds" and item.spread != "HIGHER" for item in found) else 1)


if __name__ == "__main__":
    main()
