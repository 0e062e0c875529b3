"""A web that was never made, with everything about it known: for learning the commands, and for testing them.

The recipe is that of a plausible lot: alike neighbours, lanes, a roller's wave, drift, clustered defects, marks,
latent leaks, bad contacts. Its numbers are assumptions. Every file says ``synthetic``.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from layoutgen.lot.table import NO_CONTACT, NULL, RETESTED, WEB, Matrix, repeats_a_group, ticks
from layoutgen.lot.webmap import RepeatMap
from layoutgen.pdk.schema import Pdk
from layoutgen.units import rounded

SCHEMA: Final = "layoutgen.truth/1"
SIGNATURES: Final = ("mark", "scratch", "edge")
SOUND, SHORTED, SOFT, MARK, SCRATCH, SPLICE, LATENT = range(7)
SHARES: Final = {"edge": 0.20, "lanes": 0.10, "roller": 0.05, "drift": 0.25, "own": 0.40}
"""Shares of the variance of utilisation."""
_HARD: Final = 0.85
_LATENTS: Final = 2e-4
_NO_CONTACT: Final = 1e-3
_TWICE: Final = 5e-4
_MARK_HITS: Final = 0.8
_SCRATCH_CELLS: Final = 300
_EDGE_FACTOR: Final = 4.0
_EDGE_UM: Final = 12_000.0
DRIFT_UM: Final = 5e6
_WAVE_UM: Final = 20e6
_SPLICE_UM: Final = 20_000.0
_OCV_V: Final = 3.850
_FORMED_S: Final = 86_400
"""A latent leak has lost its 30 to 50 mV in a day since formation, and goes on so."""
_SOUND_V: Final = 0.0006
"""What a sound cell loses in a day: 26 pA/cm2 through the electrolyte, on 3600 uF/cm2."""
_AGAIN_V: Final = 0.0002
"""Repeatability of the meter."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """What may be chosen of a synthetic web."""

    seed: int
    repeats: int
    defect_density_cm2: float
    cluster_parameter: float
    block_um: float
    correlation: float
    circumference_um: float
    signatures: tuple[str, ...] = SIGNATURES
    wave: bool = False
    """Adds a wave of 25 mV along the web and steps of 10 mV between lanes."""
    splice: bool = True
    rest_s: int = 0
    """Time to a second pass over the web, which tells leaks; 0 is one pass."""


@dataclass(frozen=True, slots=True)
class Truth:
    """What stands fixed before the first cell is made."""

    utilization_mean: float
    lanes: NDArray[np.float64]
    """Of each lane, zero mean and unit variance."""
    lane_step_v: NDArray[np.float64]
    site_offset_v: NDArray[np.float64]
    roller_phase: float
    mark_lane: int
    mark_phase_um: float
    scratch_lane: int
    scratch_repeat: int
    missing_repeat: int
    splice_repeat: int


class SyntheticWeb:
    """Makes the cells of a synthetic web, piece by piece, the same whatever the pieces."""

    def __init__(self, cells: RepeatMap, pdk: Pdk, sites: NDArray[np.int32], recipe: Recipe) -> None:
        self.map, self.pdk, self.sites, self.recipe = cells, pdk, sites, recipe
        self.truth = self._fixed()
        self._drift = self._drift_along()
        self._blocks = _Blocks(recipe, cells.width_um)
        middle = (cells.x_um.min() + cells.x_um.max()) / 2
        self._edge = _standardised(-((cells.x_um - middle) ** 2))
        self._tilt_v = 0.003 * (cells.x_um - middle) / max(float(np.ptp(cells.x_um)), 1.0)
        near_edge = cells.x_um - cells.edge_um < _EDGE_UM
        self._at_edge = near_edge | (cells.width_um - cells.edge_um - cells.x_um < _EDGE_UM)
        self._counts = np.zeros(LATENT + 1, dtype=np.int64)
        self._latents: list[list[int]] = []

    def _stream(self, number: int) -> np.random.Generator:
        return np.random.Generator(np.random.PCG64([self.recipe.seed, number]))

    def _fixed(self) -> Truth:
        rng, cells, repeats = self._stream(0), self.map, self.recipe.repeats
        lot = (
            self.pdk.cell.utilization_mean.value + self.pdk.cell.utilization_sigma_lot.value * rng.standard_normal()
        )
        lanes = _standardised(rng.standard_normal(cells.lanes))
        steps = 0.010 * rng.standard_normal(cells.lanes)
        offsets = 0.0005 * rng.standard_normal(int(self.sites.max()) + 1)
        phase = rng.uniform(0, 2 * math.pi)
        mark_lane, scratch_lane = (int(rng.integers(cells.lanes)) for _ in range(2))
        mark_phase = rng.uniform(0, self.recipe.circumference_um)
        needed = -(-_SCRATCH_CELLS // max(1, cells.least_rows))
        scratch = int(rng.integers(1, max(2, repeats - needed + 1)))
        missing, splice = (int(rng.integers(1, repeats + 1)) for _ in range(2))
        return Truth(
            lot, lanes, steps, offsets, phase, mark_lane, mark_phase, scratch_lane, scratch,
            missing if repeats > 4 else 0, splice if repeats > 4 and self.recipe.splice else 0,
        )  # fmt: skip

    def _drift_along(self) -> NDArray[np.float64]:
        """A value a repeat with a correlation length of 5 m and unit variance."""
        rng, count = self._stream(1), self.recipe.repeats
        steps = rng.standard_normal(count)
        keep = math.exp(-self.map.length_um / DRIFT_UM)
        new = math.sqrt(1 - keep**2)
        drift = np.empty(count)
        level = steps[0]
        for number in range(count):
            level = level if number == 0 else keep * level + new * steps[number]
            drift[number] = level
        return drift

    def chunks(self) -> Iterator[tuple[dict[str, Matrix], dict[str, Matrix]]]:
        """Readings and truth of the web in order: columns of ``web.parquet`` and of ``truth.parquet``."""
        group = repeats_a_group(self.map.cells)
        for start in range(0, self.recipe.repeats, group):
            count = min(group, self.recipe.repeats - start)
            # a repeat has a stream of its own, so that pieces may be of any size
            parts = [self._repeats(start + i) for i in range(count)]
            web = {name: np.stack([part[0][name] for part in parts]) for name in parts[0][0]}
            truth = {name: np.stack([part[1][name] for part in parts]) for name in parts[0][1]}
            yield web, truth

    def repeat(self, number: int) -> tuple[dict[str, Matrix], dict[str, Matrix]]:
        """Readings and truth of one repeat, from 1, as :meth:`chunks` has them: a part of a web stands for it."""
        return self._repeats(number - 1)

    def _repeats(self, index: int) -> tuple[dict[str, Matrix], dict[str, Matrix]]:
        rng = np.random.Generator(np.random.PCG64([self.recipe.seed, 2, index]))
        cells, number = self.map, index + 1
        y_um = cells.y_um + index * cells.length_um
        level = self._level(rng, y_um, index)
        sigma = self.pdk.cell.utilization_sigma_cell.value
        capacity = self._capacity_mah(self.truth.utilization_mean + sigma * level)
        cause = self._causes(rng, y_um, number)
        ocv, lost_v = self._voltage(rng, y_um, cause)
        own = -0.3 * level + math.sqrt(1 - 0.09) * rng.standard_normal(cells.cells)
        asr = self.pdk.electrical.area_specific_resistance.value * np.exp(0.08 * own)
        noise = sigma * math.sqrt(1 / self.recipe.correlation**2 - 1)
        estimate = self._capacity_mah(
            self.truth.utilization_mean + sigma * level + noise * rng.standard_normal(cells.cells)
        )
        hard, soft = (cause >= SHORTED) & (cause < LATENT) & (cause != SOFT), cause == SOFT
        asr = np.where(hard, 2.0, asr)
        estimate = np.where(hard, 0.0, np.where(soft, 0.3 * estimate, estimate))
        web = self._read(rng, number, ocv, asr, estimate)
        if self.recipe.rest_s:
            self._second_pass(index, web, lost_v)
        self._counts += np.bincount(cause, minlength=LATENT + 1)
        self._latents += [[number, int(cell)] for cell in np.flatnonzero(cause == LATENT)]
        truth: dict[str, Matrix] = {
            "cause": cause.astype(np.uint8),
            "capacity_nah": np.where(hard, 0, np.rint(capacity * 1e6)).astype(np.int32),
        }
        return web, truth

    def _level(self, rng: np.random.Generator, y_um: NDArray[np.float64], index: int) -> NDArray[np.float64]:
        wave = math.sqrt(2) * np.sin(2 * math.pi * y_um / self.recipe.circumference_um + self.truth.roller_phase)
        level: NDArray[np.float64] = (
            math.sqrt(SHARES["edge"]) * self._edge
            + math.sqrt(SHARES["lanes"]) * self.truth.lanes[self.map.lane]
            + math.sqrt(SHARES["roller"]) * wave
            + math.sqrt(SHARES["drift"]) * self._drift[index]
            + math.sqrt(SHARES["own"]) * rng.standard_normal(self.map.cells)
        )
        return level

    def _capacity_mah(self, utilization: NDArray[np.float64]) -> NDArray[np.float64]:
        return self.map.nominal_mah / self.pdk.cell.utilization_mean.value * utilization

    def _causes(self, rng: np.random.Generator, y_um: NDArray[np.float64], number: int) -> NDArray[np.int64]:
        cells, recipe, truth = self.map, self.recipe, self.truth
        rate = recipe.defect_density_cm2 * cells.area_cm2 * self._blocks.at(cells.x_um, y_um)
        if "edge" in recipe.signatures:
            rate = np.where(self._at_edge, rate * _EDGE_FACTOR, rate)
        killed = rng.poisson(rate) > 0
        hard = rng.random(cells.cells) < _HARD
        latent = rng.random(cells.cells) < _LATENTS
        cause = np.where(killed, np.where(hard, SHORTED, SOFT), np.where(latent, LATENT, SOUND))
        hit = rng.random(cells.cells) < _MARK_HITS
        if "mark" in recipe.signatures:
            along = np.mod(y_um - truth.mark_phase_um, recipe.circumference_um)
            half = cells.size_um[:, 1] / 2
            under = (along < half) | (along > recipe.circumference_um - half)
            cause = np.where(under & hit & (cells.lane == truth.mark_lane), MARK, cause)
        if "scratch" in recipe.signatures:
            rank = self._scratch_rank(number)
            cause = np.where((rank >= 0) & (rank < _SCRATCH_CELLS), SCRATCH, cause)
        if number == truth.splice_repeat:
            at = np.abs(cells.y_um - cells.length_um / 2) < _SPLICE_UM / 2
            cause = np.where(at, SPLICE, cause)
        return cause.astype(np.int64)

    def _scratch_rank(self, number: int) -> NDArray[np.int64]:
        """How many cells down the scratch each cell is, -1 beside it."""
        lane = self.map.by_lane[self.truth.scratch_lane]
        rank = np.full(self.map.cells, -1, dtype=np.int64)
        rank[lane] = np.arange(len(lane)) + (number - self.truth.scratch_repeat) * len(lane)
        return rank

    def _voltage(
        self, rng: np.random.Generator, y_um: NDArray[np.float64], cause: NDArray[np.int64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Voltages, and what each cell has lost in the day since formation."""
        count = self.map.cells
        ocv = _OCV_V + 0.004 * rng.standard_normal(count) + self._tilt_v + self.truth.site_offset_v[self.sites]
        if self.recipe.wave:
            ocv = ocv + 0.0125 * np.sin(2 * math.pi * y_um / _WAVE_UM) + self.truth.lane_step_v[self.map.lane]
        low, soft, leak = rng.uniform(0, 0.015, count), rng.uniform(1, 3, count), rng.uniform(0.030, 0.050, count)
        dead = (cause >= SHORTED) & (cause < LATENT)
        ocv = np.where(dead, np.where(cause == SOFT, soft, low), ocv)
        lost = np.where(dead, 0.0, np.where(cause == LATENT, leak, _SOUND_V))
        return np.where(cause == LATENT, ocv - leak, ocv), lost

    def _read(
        self,
        rng: np.random.Generator,
        number: int,
        ocv: NDArray[np.float64],
        asr: NDArray[np.float64],
        estimate: NDArray[np.float64],
    ) -> dict[str, Matrix]:
        count = self.map.cells
        chance = rng.random((2, count))
        untouched, twice = chance[0] < _NO_CONTACT, chance[1] < _TWICE
        contact = np.where(untouched, 1e3, 0.3 + 0.1 * np.abs(rng.standard_normal(count)))
        read = number != self.truth.missing_repeat
        status = np.where(untouched, NO_CONTACT, np.where(twice, RETESTED, 0)).astype(np.uint8)

        def column(name: str, values: NDArray[np.float64], *, gone: NDArray[np.bool_] | bool) -> NDArray[np.int32]:
            found = ticks(values, WEB.column(name))
            return np.where(np.logical_or(gone, not read), NULL, found).astype(np.int32)

        none = np.full(count, NULL, dtype=np.int32)
        return {
            "passes": np.where(read, np.where(twice & ~untouched, 2, 1), 0).astype(np.uint8),
            "status": np.where(read, status, 0).astype(np.uint8),
            "site": np.where(read, self.sites, 0).astype(np.uint16),
            "tester_bin": np.full(count, 0xFFFF, dtype=np.uint16),
            "ocv_100uv": column("ocv_100uv", ocv, gone=untouched),
            "ocv_before_100uv": none,
            "rest_s": none,
            "asr_mohm_cm2": column("asr_mohm_cm2", asr, gone=untouched),
            "capacity_nah": column("capacity_nah", np.maximum(estimate, 0.0), gone=untouched),
            "contact_mohm": column("contact_mohm", contact, gone=False),
            "temperature_cdegc": none,
        }

    def _second_pass(self, index: int, web: dict[str, Matrix], lost_v: NDArray[np.float64]) -> None:
        """Read every voltage again after the rest: the first pass becomes the earlier one."""
        rng = np.random.Generator(np.random.PCG64([self.recipe.seed, 6, index]))
        first = web["ocv_100uv"]
        there = first != NULL
        noise = _AGAIN_V * rng.standard_normal(self.map.cells)
        fall = np.rint((lost_v * self.recipe.rest_s / _FORMED_S + noise) / WEB.column("ocv_100uv").tick)
        web["ocv_before_100uv"] = first
        web["ocv_100uv"] = np.where(there, first - fall, NULL).astype(np.int32)
        web["rest_s"] = np.where(there, self.recipe.rest_s, NULL).astype(np.int32)
        web["passes"] = np.where(there, 2, web["passes"]).astype(np.uint8)

    def truth_document(self) -> dict[str, Any]:
        """truth.json, after all chunks were made."""
        cells, recipe, truth = self.map, self.recipe, self.truth
        content = {
            "schema": SCHEMA,
            "synthetic": True,
            "design": cells.name,
            "map_sha256": cells.digest,
            "seed": recipe.seed,
            "repeats": recipe.repeats,
            "cells": recipe.repeats * cells.cells,
            "web_length_m": recipe.repeats * cells.length_um * 1e-6,
            "defect_density": recipe.defect_density_cm2,
            "cluster_parameter": recipe.cluster_parameter,
            "block_mm": recipe.block_um / 1000,
            "correlation": recipe.correlation,
            "utilization": {
                "lot": truth.utilization_mean,
                "sigma_cell": self.pdk.cell.utilization_sigma_cell.value,
                "shares": SHARES,
            },
            "ocv_v": {"mean": _OCV_V, "sigma": 0.004, "tilt": 0.003, "wave": 0.025 if recipe.wave else 0.0},
            "signatures": self._signatures(),
            "causes": dict(zip(_CAUSES, self._counts.tolist(), strict=True)),
            "missing_repeat": truth.missing_repeat or None,
            "rest_h": recipe.rest_s / 3600,
            "latents": self._latents,
        }
        document: dict[str, Any] = rounded(content)
        return document

    def _signatures(self) -> list[dict[str, Any]]:
        truth, cells, recipe = self.truth, self.map, self.recipe
        found: list[dict[str, Any]] = []
        if "mark" in recipe.signatures:
            found.append(
                {
                    "kind": "period",
                    "place": f"lane {truth.mark_lane + 1}",
                    "circumference_mm": recipe.circumference_um / 1000,
                    "cells": int(self._counts[MARK]),
                }
            )
        if "scratch" in recipe.signatures:
            found.append(
                {
                    "kind": "run",
                    "place": f"lane {truth.scratch_lane + 1}",
                    "first_repeat": truth.scratch_repeat,
                    "cells": int(self._counts[SCRATCH]),
                }
            )
        if "edge" in recipe.signatures:
            lanes = sorted(set(cells.lane[self._at_edge].tolist()))
            found.append(
                {
                    "kind": "edge",
                    "place": "lanes " + ", ".join(str(lane + 1) for lane in lanes),
                    "factor": _EDGE_FACTOR,
                }
            )
        if truth.splice_repeat:
            found.append(
                {"kind": "splice", "place": f"repeat {truth.splice_repeat}", "cells": int(self._counts[SPLICE])}
            )
        return found


_CAUSES: Final = ("sound", "shorted", "soft short", "roll mark", "scratch", "splice", "latent leak")


class _Blocks:
    """The multiplier of the defect density in each square block of the web: gamma(alpha, 1 / alpha)."""

    def __init__(self, recipe: Recipe, width_um: float) -> None:
        self._recipe = recipe
        self._columns = int(width_um // recipe.block_um) + 1
        self._rows: dict[int, NDArray[np.float64]] = {}

    def at(self, x_um: NDArray[np.float64], y_um: NDArray[np.float64]) -> NDArray[np.float64]:
        size = self._recipe.block_um
        column, row = (x_um // size).astype(np.int64), (y_um // size).astype(np.int64)
        first, last = int(row.min()), int(row.max())
        for stale in [number for number in self._rows if number < first]:
            del self._rows[stale]
        rows = np.stack([self._row(number) for number in range(first, last + 1)])
        return rows[row - first, column]

    def _row(self, number: int) -> NDArray[np.float64]:
        if number not in self._rows:
            rng = np.random.Generator(np.random.PCG64([self._recipe.seed, 3, number]))
            alpha = self._recipe.cluster_parameter
            self._rows[number] = rng.gamma(alpha, 1 / alpha, self._columns)
        return self._rows[number]


def _standardised(values: NDArray[np.float64]) -> NDArray[np.float64]:
    spread = float(values.std())
    return (values - values.mean()) / spread if spread > 0 else values * 0.0
