"""Lines that stack synthetic webs, against the model of the kit: does the spread agree, and does the rating hold?

    python -m benchmarks.lot_lines [lots, default 200] [repeats of a lot, default 400]

Of each lot every sound cell has a true capacity and a noisy estimate of it. The line builds stacks by each order
of the kit from what it would see; what is counted are true capacities. Orders that mix lots take them in groups of
as many as the kit says. The interval of the spread is that of a jackknife over lots or groups; the rating holds
where the lower end of the interval of the share below it is no more than what the confidence allows.
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
_SHARED = 400
"""Stacks that a lot gives to what is mixed: more would cost time and tell nothing, lots are the sample."""
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
    def agrees(self) -> bool:
        return self.low <= self.model <= self.high


def lot(solution: Solution, number: int, repeats: int):
    """True utilisation and estimate of the sound cells of a lot, in web order."""
    cells, pdk = repeat_map(solution), solution.loaded.pdk
    sites = sites_of(cells, best_cards(blocks_of(cells), int(pdk.test.prober.sites.value))[0])
    correlation = pdk.assembly.estimate_correlation.value
    recipe = Recipe(SEED + number, repeats, 0.1, 2.0, 25_000.0, correlation, 628_300.0)
    made = SyntheticWeb(cells, pdk, sites, recipe)
    truth, estimate = [], []
    for web, true in made.chunks():
        sound = ((true["cause"] == SOUND) | (true["cause"] == LATENT)) & (web["capacity_nah"] > 0)
        truth.append(true["capacity_nah"][sound])
        estimate.append(web["capacity_nah"][sound])
    scale = pdk.cell.utilization_mean.value / (cells.nominal_mah * 1e6)
    return np.concatenate(truth) * scale, np.concatenate(estimate) * scale


def shrunk(estimate, correlation):
    """As ``layoutgen bin`` estimates: towards the mean of the lot."""
    mean = estimate.mean()
    return np.rint((mean + correlation**2 * (estimate - mean)) * 1e6).astype(np.int64)


def jackknife(of_groups, statistic):
    """A statistic of all groups with its standard error."""
    count = len(of_groups)
    left_out = np.array([statistic(of_groups[:k] + of_groups[k + 1 :]) for k in range(count)])
    error = math.sqrt((count - 1) / count * ((left_out - left_out.mean()) ** 2).sum())
    return statistic(of_groups), error


def lines(solution: Solution, lots: int, repeats: int) -> list[Line]:
    """Every order over so many lots."""
    pdk, layers, confidence = solution.loaded.pdk, solution.device.layers, solution.device.confidence
    process = process_of(pdk)
    rng = np.random.default_rng(1)
    mixed_lots = int(pdk.assembly.lots.value)
    means = {order: [] for order in Order}
    waiting = []
    for number in range(lots):
        truth, estimate = lot(solution, number, repeats)
        usable = len(truth) // layers * layers
        means[Order.WEB].append(truth[:usable].reshape(-1, layers).mean(axis=1))
        means[Order.SHUFFLED].append(rng.permutation(truth)[:usable].reshape(-1, layers).mean(axis=1))
        some = rng.permutation(len(truth))[: _SHARED * layers]
        waiting.append((truth[some], shrunk(estimate, process.assembly.estimate)[some]))
        if len(waiting) == mixed_lots:
            for order, found in mixed(waiting, layers, int(process.assembly.trays)).items():
                means[order].append(found)
            waiting = []
    found = []
    for order in Order:
        ordered = process.with_values(assembly=process.assembly.with_order(order))
        rated = float(rated_utilization(ordered, layers, confidence))
        middle = process.utilization_mean
        sigma, error = jackknife(
            means[order], lambda groups, m=middle: math.sqrt(np.mean([((g - m) ** 2).mean() for g in groups]))
        )
        below, miss = jackknife(
            means[order], lambda groups, r=rated: float(np.mean([(g < r).mean() for g in groups]))
        )
        model = stack_sigma(ordered.assembly, layers, *sigmas(solution, order, repeats))
        found.append(
            Line(
                order, len(means[order]), sum(map(len, means[order])), sigma, sigma - Z95 * error,
                sigma + Z95 * error, float(model), below, below - Z95 * miss, below + Z95 * miss,
            )
        )  # fmt: skip
    return found


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
    lots, repeats = (given + [200, 400][len(given) :])[:2]
    solution = solve(build_spec({"capacity": 20, "footprint": "8x10"}, {}), compare=False)
    allowed = 1 - solution.device.confidence
    print(f"{solution!r}, {lots} lots of {repeats} repeats, rating at {solution.device.confidence:g}")
    heads = f"{'order':<10}{'groups':>7}{'stacks':>9}{'sigma':>9}{'95 %':>20}{'model':>9}{'':>10}"
    print(f"{heads}{'below rated':>14}{'95 %':>20}")
    for line in lines(solution, lots, repeats):
        verdict = "agrees" if line.agrees else "lower" if line.high < line.model else "HIGHER"
        holds = "holds" if line.below_low <= allowed else "FAILS"
        print(
            f"{line.order:<10}{line.groups:>7}{line.stacks:>9}{line.sigma:>9.5f}"
            f"{f'{line.low:.5f} {line.high:.5f}':>20}{line.model:>9.5f}{verdict:>10}"
            f"{line.below:>13.3%} {f'{max(line.below_low, 0):.3%} {line.below_high:.3%}':>19} {holds}"
        )


if __name__ == "__main__":
    main()
