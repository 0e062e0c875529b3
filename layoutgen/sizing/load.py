"""What a device is asked to deliver: steps of current, again and again, and the largest drop that they cause."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from layoutgen.pdk.electrical import OpenCircuit
from layoutgen.sizing.process import Number
from layoutgen.sizing.response import CellResponse, resting_voltage

Floats = NDArray[np.float64]
# inside a step the voltage may be lowest somewhere between its ends, at times of the order of a branch's own
_WITHIN = (0.25, 0.5, 1.0, 2.0, 4.0)
_LONGEST_S = 1e9


@dataclass(frozen=True, slots=True)
class Step:
    """A current that flows for a time; discharge counts positive."""

    seconds: float
    current_ma: float


@dataclass(frozen=True, slots=True)
class Load:
    """Steps of current, repeated without end."""

    steps: tuple[Step, ...]

    @classmethod
    def constant(cls, current_ma: float) -> "Load":
        return cls((Step(_LONGEST_S, current_ma),))

    @classmethod
    def pulsed(cls, current_ma: float, seconds: float, period_s: float, background_ma: float = 0.0) -> "Load":
        """Pulses on top of a background."""
        rest = period_s - seconds
        on = Step(seconds, background_ma + current_ma)
        return cls((on, Step(rest, background_ma)) if rest > 0 else (on,))

    @property
    def seconds(self) -> float:
        return math.fsum(step.seconds for step in self.steps)

    @property
    def peak_ma(self) -> float:
        return max(step.current_ma for step in self.steps)

    @property
    def mean_ma(self) -> float:
        return math.fsum(step.current_ma * step.seconds for step in self.steps) / self.seconds


@dataclass(frozen=True, slots=True)
class Demand:
    """The moments of a load at which the drop may be largest, whatever the device.

    ``drop = branches_mv_cm2 / (N A) + current_ma x series``, the largest of all; series is what lies outside the
    cells.
    """

    branches_mv_cm2: Floats
    current_ma: Floats

    def drop_v(self, area_cm2: Number, series_ohm: Number) -> Number:
        """The largest drop, V.

        Args:
            area_cm2: active area of all layers together.
            series_ohm: terminals, joints and collectors.
        """
        area, series = np.asarray(area_cm2, dtype=float), np.asarray(series_ohm, dtype=float)
        found = np.zeros(np.broadcast_shapes(area.shape, series.shape))
        for branches, current in zip(self.branches_mv_cm2, self.current_ma, strict=True):
            found = np.maximum(found, branches / area + current * series)
        return found / 1000.0


def demand(load: Load, response: CellResponse) -> Demand:
    """The largest drops of a load that has run for long, so that every repeat is like the one before."""
    _, currents, states = _trace(load, response, periodic=True)
    weights = np.array([branch.ohm_cm2 for branch in response.branches])
    whole = currents * response.at_once_ohm_cm2 + states @ weights
    return Demand(*_outermost(whole, currents))


def voltages(
    load: Load, response: CellResponse, curve: OpenCircuit, *, capacity_mah: float, area_cm2: float,
    series_ohm: float, charge: float = 1.0,
) -> tuple[Floats, Floats, Floats]:  # fmt: skip
    """One run through the steps of a load, from rest: times in s, terminal voltage in V, state of charge.

    Args:
        load: its steps, run once.
        response: of one cell.
        curve: voltage at rest.
        capacity_mah: of the device, between the ends of the curve.
        area_cm2: active area of all layers together.
        series_ohm: terminals, joints and collectors.
        charge: state of charge at the start.
    """
    times, currents, states = _trace(load, response, periodic=False)
    weights = np.array([branch.ohm_cm2 for branch in response.branches])
    used = np.concatenate([[0.0], np.cumsum(np.diff(times) * currents[1:])]) / 3600.0
    left = charge - used / capacity_mah
    drop = (currents * response.at_once_ohm_cm2 + states @ weights) / area_cm2 + currents * series_ohm
    return times, resting_voltage(curve, left) - drop / 1000.0, left


def _trace(load: Load, response: CellResponse, *, periodic: bool) -> tuple[Floats, Floats, Floats]:
    """Times, current and the current of each branch, just after each change, between, and at the ends of steps."""
    seconds = np.array([branch.seconds for branch in response.branches])
    state = _settled(load, seconds) if periodic else np.zeros(len(seconds))
    marks = np.unique(np.concatenate([seconds * part for part in _WITHIN])) if len(seconds) else np.zeros(0)
    times, currents, states, start = [0.0], [0.0], [state], 0.0
    for step in load.steps:
        inside = np.concatenate([[0.0], marks[marks < step.seconds], [step.seconds]])
        left = np.exp(-inside[:, None] / seconds) if len(seconds) else np.zeros((len(inside), 0))
        times.extend((start + inside).tolist())
        currents.extend([step.current_ma] * len(inside))
        states.extend(step.current_ma + (state - step.current_ma) * left)
        state, start = states[-1], start + step.seconds
    return np.array(times), np.array(currents), np.array(states).reshape(len(times), len(seconds))


def _settled(load: Load, seconds: Floats) -> Floats:
    """The current of each branch at the start of a repeat, once all repeats are alike."""
    state = np.zeros(len(seconds))
    for step in load.steps:
        state = step.current_ma + (state - step.current_ma) * np.exp(-step.seconds / seconds)
    return np.asarray(state / -np.expm1(-load.seconds / seconds), dtype=float)


def _outermost(first: Floats, second: Floats) -> tuple[Floats, Floats]:
    """The pairs that no other one equals or exceeds in both."""
    order = np.lexsort((-second, -first))
    kept: list[int] = []
    for row in order.tolist():
        if not kept or second[row] > second[kept[-1]]:
            kept.append(row)
    return first[kept], second[kept]
