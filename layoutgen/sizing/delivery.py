"""What one device does electrically: resistance by time, a load, a charge, leakage.

None is what a process leaves open.
"""

import math
from dataclasses import dataclass, replace
from typing import Final

from layoutgen.formula import Formula, states_all
from layoutgen.pdk.schema import Pdk
from layoutgen.sizing.charge import CHARGED
from layoutgen.sizing.duty import Asked, Duty, charger_of, duty_of, not_stated, series_ohm
from layoutgen.sizing.process import Process
from layoutgen.sizing.response import PAGE, REFERENCE_C, RESPONSE, cell_response, resting_voltage

_HOURS_A_YEAR = 8766.0
PULSE_S = 0.01
"""The time of a radio's burst, for which a resistance is told beside the one of hours."""


@dataclass(frozen=True, slots=True)
class Carried:
    """A load that is asked for, on one device."""

    peak_ma: float
    mean_ma: float
    peak_ma_per_cm2: float
    drop_v: float
    lowest_v: float
    end_v: float
    """The least voltage, when the capacity asked for (where none is: nothing) is drawn."""
    delivered_mah: float
    """Charge until the voltage reaches the lowest."""
    hours: float
    """How long that charge lasts at the mean current."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """At the temperature asked for; ohm, times in s. The resistance for hours is that of the device."""

    temperature_c: float
    pulse_ohm: float | None
    """After 10 ms; None where the process does not state how the resistance builds up."""
    charge_voltage_v: float | None
    cutoff_voltage_v: float | None
    charge_limit_ma: float | None
    """The critical current of plating lithium."""
    charge_to_mah: float | None
    """Nine tenths of the rated capacity; where a charge time is asked for, of the capacity asked for."""
    charge_s: float | None
    """To that charge, from empty; constant current, then constant voltage."""
    charge_asked_s: float | None
    formation_mah: float | None
    """Charge of the first cycle: the nominal capacity and the lithium that is lost."""
    self_discharge_percent_per_year: float | None
    """What leaks through the electrolyte film: the least that a cell loses. Edges and defects are not in it."""
    load: Carried | None = None

    @property
    def charge_words(self) -> str:
        """What a charge is counted to."""
        return f"nine tenths of the {'rated capacity' if self.charge_asked_s is None else 'capacity asked for'}"


_CHARGE: Final = {
    "V": "device.electrical.charge_voltage_v",
    "i_max": "pdk:electrical.plating_limit",
    "R": "device.resistance_ohm",
    "Q": "device.capacity_mah.rated",
    "C": "device.electrical.charge_to_mah",
}

_DELIVERED: Final = {
    "device.electrical.pulse_ohm": Formula(
        "Resistance for 10 ms",
        "ohm",
        "r / (N * A) + R_s",
        {
            "r": "steps.pulse_response_ohm_cm2",
            "N": "device.layers",
            "A": "device.active_area_cm2",
            "R_s": "steps.series_ohm",
        },
        PAGE,
    ),
    "device.electrical.charge_voltage_v": Formula(
        "Charge voltage", "V", "V", {"V": "pdk:electrical.charge_voltage"}, "process: electrical"
    ),
    "device.electrical.cutoff_voltage_v": Formula(
        "Discharge cut-off", "V", "V", {"V": "pdk:electrical.cutoff_voltage"}, "process: electrical"
    ),
    "device.electrical.charge_limit_ma": Formula(
        "Critical current of plating lithium",
        "mA",
        "i * N * A",
        {"i": "pdk:electrical.plating_limit", "N": "device.layers", "A": "device.active_area_cm2"},
        "current density times the area of all layers",
    ),
    "device.electrical.charge_to_mah": Formula(
        "Charge that the charge time is counted to",
        "mAh",
        "",
        {"Q": "device.capacity_mah.rated"},
        "nine tenths of the rated capacity; of the capacity asked for where a charge time is",
    ),
    "device.electrical.charge_s": Formula(
        "Charge to nine tenths",
        "s",
        "",
        _CHARGE,
        "constant current, then constant voltage; docs/physics.md: charge",
    ),
    "device.electrical.formation_mah": Formula(
        "Charge of the first cycle",
        "mAh",
        "Q + d / p * N * A",
        {
            "Q": "device.capacity_mah.nominal",
            "d": "pdk:electrical.first_cycle_loss",
            "p": "pdk:stack.lithium.plated_thickness",
            "N": "device.layers",
            "A": "device.active_area_cm2",
        },
        "nominal capacity, and the film of lithium that is lost",
    ),
    "device.electrical.self_discharge_percent_per_year": Formula(
        "Self-discharge through the electrolyte film",
        "% a year",
        "V / (rho * t * 1e-4) * 1000 * N * A * 8766 / Q * 100",
        {
            "V": "pdk:cell.mean_voltage",
            "rho": "pdk:electrical.leak_resistivity",
            "t": "pdk:stack.electrolyte.thickness",
            "N": "device.layers",
            "A": "device.active_area_cm2",
            "Q": "device.capacity_mah.nominal",
        },
        "the least that a cell loses: edges and defects are not in it",
    ),
}


@states_all(_DELIVERED)
def delivery_of(
    pdk: Pdk, process: Process, asked: Asked, *, layers: int, active_um: tuple[float, float], nominal_mah: float,
    rated_mah: float, capacity_mah: float | None,
) -> Delivery:  # fmt: skip
    """The electrical figures of a stack.

    Args:
        pdk: the process.
        process: its numbers.
        asked: load, charge and temperature.
        layers: cells in parallel.
        active_um: active length and width.
        nominal_mah: mean capacity, new.
        rated_mah: rated capacity.
        capacity_mah: what must be drawn at the load; None where the question leaves it open.

    Raises:
        ValueError: the process does not state what it takes.
    """
    lacking = not_stated(pdk, asked)
    if lacking:
        raise ValueError(f"the process does not state {', '.join(lacking)}")
    electrical = pdk.electrical
    response = cell_response(pdk, asked.temperature_c)
    area = layers * active_um[0] * active_um[1] * 1e-8
    series = float(series_ohm(process, layers, *active_um))
    duty, charger = duty_of(pdk, asked), charger_of(pdk)
    full = rated_mah if asked.charge_s is None or not capacity_mah else min(capacity_mah, rated_mah)
    charge_s = None
    if charger is not None and rated_mah:
        share = CHARGED * full / rated_mah
        charge_s = charger.seconds_to(share, rated_mah / area, response.whole_ohm_cm2 + series * area)
    limit, loss, leak = electrical.plating_limit, electrical.first_cycle_loss, electrical.leak_resistivity
    lost = None if loss is None else lithium_mah(loss.value, process, area)
    yearly = None
    if leak is not None and nominal_mah:
        # V / (ohm cm x cm) is A/cm2
        leaking_ma = process.mean_voltage_v / (leak.value * process.electrolyte_um * 1e-4) * 1000.0 * area
        yearly = leaking_ma * _HOURS_A_YEAR / nominal_mah * 100.0
    return Delivery(
        temperature_c=asked.temperature_c,
        pulse_ohm=None if electrical.response is None else float(response.after_ohm_cm2(PULSE_S)) / area + series,
        charge_voltage_v=None if electrical.charge_voltage is None else electrical.charge_voltage.value,
        cutoff_voltage_v=None if electrical.cutoff_voltage is None else electrical.cutoff_voltage.value,
        charge_limit_ma=None if limit is None else limit.value * area,
        charge_to_mah=None if charge_s is None else CHARGED * full,
        charge_s=charge_s if charge_s is None or math.isfinite(charge_s) else None,
        charge_asked_s=asked.charge_s,
        formation_mah=None if lost is None else nominal_mah + lost,
        self_discharge_percent_per_year=yearly,
        load=None if duty is None else _carried(duty, area, series, rated_mah, capacity_mah),
    )


def at_temperature(pdk: Pdk, process: Process, temperature_c: float) -> Process:
    """A process with the area-specific resistance that it has for hours at a temperature.

    Raises:
        ValueError: the process does not state what it takes.
    """
    if temperature_c == REFERENCE_C:
        return process
    return replace(process, area_resistance_ohm_cm2=cell_response(pdk, temperature_c).whole_ohm_cm2)


def lithium_mah(lithium_um: float, process: Process, area_cm2: float) -> float:
    """Charge in a film of lithium, mAh."""
    return lithium_um / float(process.plated_um_per_mah_cm2) * area_cm2


_CARRIED: Final = {
    f"device.electrical.load.{name}": Formula(title, unit, "", symbols, "docs/physics.md: a load")
    for name, title, unit, symbols in (
        ("peak_ma", "Largest current of the load", "mA", {}),
        ("mean_ma", "Mean current of the load", "mA", {}),
        ("peak_ma_per_cm2", "Largest current for each cm2", "mA/cm2", {"I": "device.electrical.load.peak_ma"}),
        ("drop_v", "Largest drop of the load", "V", {"I": "device.electrical.load.peak_ma", **RESPONSE}),
        ("lowest_v", "Voltage that the load may not fall below", "V", {}),
        ("end_v", "Least voltage once the capacity asked for is drawn", "V", RESPONSE),
        ("delivered_mah", "Charge until the lowest voltage", "mAh", {"Q": "device.capacity_mah.rated"}),
        ("hours", "How long that lasts", "h", {"I": "device.electrical.load.mean_ma"}),
    )
}


@states_all(_CARRIED)
def _carried(
    duty: Duty, area_cm2: float, series: float, rated_mah: float, capacity_mah: float | None
) -> Carried | None:
    load = duty.asked.load
    if load is None or duty.demand is None or not rated_mah:
        return None
    drop = float(duty.demand.drop_v(area_cm2, series))
    delivered = duty.carried_share(drop) * rated_mah
    left = 1.0 - (capacity_mah or 0.0) / rated_mah
    return Carried(
        peak_ma=load.peak_ma,
        mean_ma=load.mean_ma,
        peak_ma_per_cm2=load.peak_ma / area_cm2,
        drop_v=drop,
        lowest_v=duty.lowest_v,
        end_v=float(resting_voltage(duty.curve, left)) - drop,
        delivered_mah=float(delivered),
        hours=float(delivered) / load.mean_ma if load.mean_ma else math.inf,
    )
