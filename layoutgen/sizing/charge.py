"""Charging at constant current, then at constant voltage.

The current is the least of the plating limit and of what the charge voltage drives through the whole resistance:
``i = min(i_max, (V - U(s)) / R)``. Between two points of the open-circuit curve U is straight, so that both parts
follow in closed form: ``t = q ds / i_max``, and ``t = q R / m ln((V - U1) / (V - U2))`` with the slope m of U over
the state of charge. The whole resistance counts from the start, which errs on the side of a longer charge.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np

from layoutgen.pdk.electrical import OpenCircuit
from layoutgen.sizing.process import Number

CHARGED: Final = 0.9
"""The part of the capacity asked for that a charge in the time asked for must bring back."""
_SECONDS: Final = 3.6
"""mAh/cm2 x ohm cm2 / V in s."""
_FULL: Final = 0.999


@dataclass(frozen=True, slots=True)
class Charger:
    """How a cell is charged: voltage, and the most current for each cm2, infinite where none is stated."""

    curve: OpenCircuit
    voltage_v: float
    limit_ma_per_cm2: float

    def share_after(self, seconds: float, areal_mah: Number, ohm_cm2: Number) -> Number:
        """State of charge after charging an empty cell for ``seconds``.

        Args:
            seconds: from the start.
            areal_mah: charge of a full cell, mAh/cm2.
            ohm_cm2: its whole resistance, with what lies in series.
        """
        areal, ohm = (np.asarray(values, dtype=float) for values in (areal_mah, ohm_cm2))
        left = np.full(np.broadcast_shapes(areal.shape, ohm.shape), float(seconds))
        share = np.zeros_like(left)
        for start, end, low, high in self._pieces():
            slope = (high - low) / (end - start)
            turn = np.clip(start + (self._turn_v(ohm) - low) / slope, start, end)
            steady = areal * (turn - start) * self._per_ma() * 3600.0
            whole = (left >= steady) & (share >= start)
            part = np.divide(left, steady, out=np.zeros_like(left), where=steady > 0)
            share = np.where(
                share >= start, start + (turn - start) * np.where(whole, 1.0, np.minimum(part, 1.0)), share
            )
            left = np.where(whole, left - steady, 0.0)
            share, left = self._tapered(share, left, (turn, end, low, start, slope), areal * ohm * _SECONDS, whole)
        return share

    def _tapered(
        self, share: Number, left: Number, piece: tuple[Number, ...], constant: Number, goes_on: Number
    ) -> tuple[Number, Number]:
        """The part of a piece at constant voltage; ``constant`` is q R in V s."""
        turn, end, low, start, slope = piece
        gap = np.maximum(self.voltage_v - (low + slope * (turn - start)), 0.0)
        last = np.maximum(self.voltage_v - (low + slope * (end - start)), 0.0)
        with np.errstate(divide="ignore", invalid="ignore"):
            needed = np.where(turn < end, constant / slope * np.log(gap / last), 0.0)
            needed = np.where((turn < end) & (last <= 0), np.inf, np.nan_to_num(needed, nan=np.inf, posinf=np.inf))
        reached = turn + gap * -np.expm1(-left * slope / constant) / slope
        whole = goes_on & (left >= needed)
        share = np.where(goes_on, np.where(whole, end, np.minimum(reached, end)), share)
        return share, np.where(whole, left - np.where(np.isfinite(needed), needed, 0.0), 0.0)

    def seconds_to(self, share: float, areal_mah: float, ohm_cm2: float) -> float:
        """Time from empty to the state of charge ``share`` of 1, s; infinite if the voltage is too low."""
        found = 0.0
        for start, end, low, high in self._pieces():
            stop = min(end, share)
            if stop <= start:
                break
            slope = (high - low) / (end - start)
            turn = min(max(start + (self._turn_v(ohm_cm2) - low) / slope, start), stop)
            found += areal_mah * (turn - start) * self._per_ma() * 3600.0
            gap, last = (self.voltage_v - (low + slope * (at - start)) for at in (turn, stop))
            if turn < stop:
                if last <= 0:
                    return math.inf
                found += areal_mah * ohm_cm2 * _SECONDS / slope * math.log(gap / last)
        return found

    def profile(self, areal_mah: float, ohm_cm2: float) -> list[tuple[float, float, float, float]]:
        """Time in s, state of charge, terminal voltage in V and current in mA/cm2 of a whole charge."""
        shares = [index / 20 for index in range(20)] + [0.96, 0.97, 0.98, 0.99, _FULL]
        rows = []
        for share in shares:
            rest = float(np.interp(share, self.curve.charge, self.curve.voltage))
            current = min(self.limit_ma_per_cm2, max(self.voltage_v - rest, 0.0) / ohm_cm2 * 1000.0)
            seconds = self.seconds_to(share, areal_mah, ohm_cm2)
            rows.append((seconds, share, rest + current * ohm_cm2 / 1000.0, current))
        return rows

    def _pieces(self) -> Iterator[tuple[float, float, float, float]]:
        for (start, end), (low, high) in zip(
            pairwise(self.curve.charge), pairwise(self.curve.voltage), strict=True
        ):
            yield start, end, low, high

    def _turn_v(self, ohm_cm2: Number) -> Number:
        """Voltage at rest at which the current begins to fall."""
        if math.isinf(self.limit_ma_per_cm2):
            return ohm_cm2 * 0.0 - math.inf
        return self.voltage_v - self.limit_ma_per_cm2 * ohm_cm2 / 1000.0

    def _per_ma(self) -> float:
        return 1.0 / self.limit_ma_per_cm2
