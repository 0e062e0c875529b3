"""What is asked of a device beside its charge: a load that it must carry, and a time in which it must be charged.

The load is repeated from a full charge on, until the capacity asked for is drawn; at no time may the voltage fall
below the lowest one asked for. Counted is the worst that can meet: the largest drop of a load that has run for
long, at the lowest state of charge, ``U(1 - C / Q) - drop >= V_low``. So a device of rated charge Q delivers
``C = Q (1 - s)``, with s the state of charge at which it rests at ``V_low + drop``.
"""

from dataclasses import dataclass, replace

import numpy as np

from layoutgen.formula import Formula, states
from layoutgen.pdk.electrical import OpenCircuit
from layoutgen.pdk.schema import Pdk
from layoutgen.sizing.charge import CHARGED, Charger
from layoutgen.sizing.electrical import collectors_ohm
from layoutgen.sizing.load import Demand, Load, demand
from layoutgen.sizing.process import Number, Process
from layoutgen.sizing.response import REFERENCE_C, CellResponse, cell_response, charge_at


@dataclass(frozen=True, slots=True)
class Asked:
    """The electrical part of a question, in the terms of the model."""

    load: Load | None = None
    lowest_v: float | None = None
    """None where the process's own cut-off counts."""
    charge_s: float | None = None
    temperature_c: float = REFERENCE_C

    @property
    def sizes(self) -> bool:
        """Whether it can make a device larger."""
        return self.load is not None or self.charge_s is not None


@dataclass(frozen=True, slots=True)
class Duty:
    """What is asked, on one process."""

    asked: Asked
    response: CellResponse
    curve: OpenCircuit
    lowest_v: float
    demand: Demand | None
    charger: Charger | None

    def carried_share(self, drop_v: Number) -> Number:
        """The part of the rated charge that a device delivers before the voltage falls below the lowest."""
        return 1.0 - charge_at(self.curve, self.lowest_v + drop_v)

    def usable_mah(
        self, process: Process, rated_mah: Number, layers: Number, length_um: Number, width_um: Number
    ) -> Number:
        """The charge that a device delivers at the load, and can take again in the time asked for.

        Args:
            process: the numbers of the process.
            rated_mah: its rated charge.
            layers: cells in parallel.
            length_um: active length along the terminal axis.
            width_um: active width.
        """
        usable = np.asarray(rated_mah, dtype=float)
        area = layers * length_um * width_um * 1e-8
        series = series_ohm(process, layers, length_um, width_um)
        with np.errstate(divide="ignore", invalid="ignore"):
            if self.demand is not None:
                usable = usable * self.carried_share(self.demand.drop_v(area, series))
            if self.charger is not None and self.asked.charge_s is not None:
                ohm = self.response.whole_ohm_cm2 + series * area
                share = self.charger.share_after(self.asked.charge_s, rated_mah / area, ohm)
                usable = np.minimum(usable, np.asarray(rated_mah) * share / CHARGED)
        return np.where(area > 0, usable, 0.0)


@states(
    "steps.series_ohm",
    Formula(
        "Resistance outside the cells",
        "ohm",
        "R_c / N + R_t",
        {"R_c": "steps.collectors_ohm", "N": "device.layers", "R_t": "pdk:electrical.terminal_resistance"},
        "collectors of all layers in parallel, terminals and joints",
    ),
)
def series_ohm(process: Process, layers: Number, length_um: Number, width_um: Number) -> Number:
    """What lies in series with the cells: collectors, fed along one edge, and terminals, ohm."""
    return collectors_ohm(process, length_um, width_um) / layers + process.terminal_resistance_ohm


def duty_of(pdk: Pdk, asked: Asked) -> Duty | None:
    """What is asked on a process; None where nothing is that sizes a device.

    Raises:
        ValueError: the process does not state what it takes; see :func:`not_stated`.
    """
    electrical = pdk.electrical
    if not asked.sizes:
        return None
    lacking = not_stated(pdk, asked)
    if lacking or electrical.open_circuit is None:
        raise ValueError(f"the process does not state {', '.join(lacking)}")
    response = cell_response(pdk, asked.temperature_c)
    lowest = asked.lowest_v
    if lowest is None:
        lowest = (
            electrical.cutoff_voltage.value if electrical.cutoff_voltage else electrical.open_circuit.voltage[0]
        )
    return Duty(
        asked=asked,
        response=response,
        curve=electrical.open_circuit,
        lowest_v=lowest,
        demand=None if asked.load is None else demand(asked.load, response),
        charger=None if asked.charge_s is None else charger_of(pdk),
    )


def charger_of(pdk: Pdk) -> Charger | None:
    """How the cells of a process are charged; None where it does not state curve and voltage."""
    electrical = pdk.electrical
    if electrical.open_circuit is None or electrical.charge_voltage is None:
        return None
    limit = float("inf") if electrical.plating_limit is None else electrical.plating_limit.value
    return Charger(electrical.open_circuit, electrical.charge_voltage.value, limit)


def not_stated(pdk: Pdk, asked: Asked) -> list[str]:
    """Key paths of what a process would have to state to answer, and does not."""
    electrical = pdk.electrical
    found = []
    if asked.sizes and electrical.open_circuit is None:
        found.append("electrical.open_circuit")
    if asked.charge_s is not None and electrical.charge_voltage is None:
        found.append("electrical.charge_voltage")
    if asked.temperature_c != REFERENCE_C:
        stated = electrical.response
        names = ("electrolyte_activation", "interface_activation", "diffusion_activation")
        lacking = [name for name in names if stated is None or getattr(stated, name) is None]
        found += [f"electrical.response.{name}" for name in lacking]
    return found


def scaled(load: Load, factor: float) -> Load:
    """The same load at ``factor`` times its currents."""
    return Load(tuple(replace(step, current_ma=step.current_ma * factor) for step in load.steps))
