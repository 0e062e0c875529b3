"""What a kit states of voltage, resistance, charge and leakage.

In the shipped kits these tables stand in ``process.toml``.
"""

from itertools import pairwise
from typing import Annotated, Self

from pydantic import Field, model_validator

from layoutgen.pdk.measures import (
    Activation,
    Asr,
    Capacitance,
    CurrentDensity,
    Diffusivity,
    ElectronicResistivity,
    Ratio,
    Resistance,
    Thickness,
    Voltage,
)
from layoutgen.pdk.quantity import Kind
from layoutgen.record import KitRecord


class OpenCircuit(KitRecord):
    """Voltage of a cell at rest over its state of charge."""

    charge: tuple[Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)], ...] = Field(min_length=2)
    """States of charge, from 0 (empty) to 1 (full), rising."""
    voltage: tuple[Annotated[float, Field(gt=0, le=10, allow_inf_nan=False)], ...] = Field(min_length=2)
    """Voltage at each of them, V, rising; straight lines in between."""
    source: str = Field(min_length=3)
    """Where the curve comes from, so that a reader can look it up."""
    kind: Kind
    """How far it may be trusted: measured, paper, published, derived or assumed."""

    @model_validator(mode="after")
    def _is_a_curve(self) -> Self:
        if len(self.charge) != len(self.voltage):
            raise ValueError(f"{len(self.charge)} states of charge and {len(self.voltage)} voltages")
        if self.charge[0] != 0 or self.charge[-1] != 1:
            raise ValueError("the states of charge go from 0 to 1")
        for name, values in (("charge", self.charge), ("voltage", self.voltage)):
            if any(after <= before for before, after in pairwise(values)):
                raise ValueError(f"{name} must rise from each point to the next")
        return self


class Response(KitRecord):
    """How the area-specific resistance builds up with the time that a current flows."""

    ohmic: Ratio
    """Share of the area-specific resistance that is there at once, whatever the temperature."""
    electrolyte: Ratio
    """Share of the solid electrolyte."""
    interface: Ratio
    """Share of the interface of electrolyte and cathode. What is left is diffusion in the cathode."""
    electrolyte_capacitance: Capacitance
    """Capacitance of the electrolyte film: it charges in resistance x capacitance."""
    interface_capacitance: Capacitance
    """Capacitance of the interface: it charges in resistance x capacitance."""
    diffusivity: Diffusivity
    """Chemical diffusion coefficient of lithium across the cathode: the time of diffusion is thickness squared over
    this."""
    electrolyte_activation: Activation | None = None
    """Activation energy of the electrolyte's resistance; without it no temperature is answered for."""
    interface_activation: Activation | None = None
    """Activation energy of the interface's resistance; without it no temperature is answered for."""
    diffusion_activation: Activation | None = None
    """Activation energy of the diffusion coefficient; without it no temperature is answered for."""

    @model_validator(mode="after")
    def _leaves_diffusion(self) -> Self:
        shares = self.ohmic.value + self.electrolyte.value + self.interface.value
        if shares >= 1:
            raise ValueError(
                f"ohmic, electrolyte and interface take {shares:g} in all; less than 1 leaves diffusion"
            )
        return self


class Electrical(KitRecord):
    """Voltage, resistance and current. What is left out, the process does not state, and nothing answers for it."""

    area_specific_resistance: Asr
    """Resistance of the cell times its active area, for a current that flows for hours."""
    terminal_resistance: Resistance
    """Both terminals with their joints."""
    voltage_drop_max: Voltage
    """The continuous current is the one at which I x R reaches this."""
    open_circuit: OpenCircuit | None = None
    """Voltage at rest; without it no load is answered for."""
    response: Response | None = None
    """How the resistance builds up with time; without it every current meets the whole of it."""
    charge_voltage: Voltage | None = None
    """Voltage at which the cell is charged; without it no charge is answered for."""
    cutoff_voltage: Voltage | None = None
    """Lowest voltage that a discharge ends at."""
    plating_limit: CurrentDensity | None = None
    """Critical current density of plating and stripping lithium: charging stays below it."""
    first_cycle_loss: Thickness | None = None
    """Lithium that the first charge loses, as the thickness of a film of lithium. Capacities are those after it."""
    leak_resistivity: ElectronicResistivity | None = None
    """Electronic resistivity of the electrolyte: what leaks through it discharges the cell."""
