"""How the resistance of a cell builds up: with the time that a current flows, and with temperature.

An ohmic part is there at once. Electrolyte and interface each charge a capacitance. Lithium diffuses in a cathode
film that it enters on one face and does not leave on the other: a step of current meets, of the resistance R_d that
it meets in the end,

    ``R(t) = R_d (1 - 6 / pi^2 sum over k of exp(-pi^2 k^2 t D / L^2) / k^2)``

(Crank, The Mathematics of Diffusion: a sheet with a constant flux at its surface). The modes 1 to 3 are kept, the
others lumped in octaves, so that a step is met within half a percent of R_d at any time.
"""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np

from layoutgen.formula import Formula, states
from layoutgen.pdk.electrical import OpenCircuit
from layoutgen.pdk.schema import Pdk
from layoutgen.sizing.process import Number

REFERENCE_C: Final = 25.0
"""Temperature that the resistances of a kit are stated for."""
_EV_PER_K: Final = 8.617333262e-5
_ZERO_C: Final = 273.15
_SINGLE: Final = 3
_OCTAVES: Final = 7


RESPONSE: Final = {
    "ASR": "pdk:electrical.area_specific_resistance",
    "s_o": "pdk:electrical.response.ohmic",
    "s_e": "pdk:electrical.response.electrolyte",
    "s_i": "pdk:electrical.response.interface",
    "T": "device.electrical.temperature_c",
}
PAGE: Final = "docs/physics.md: resistance by time"
"""What the resistance of a cell is made of, and where its model is explained."""


@dataclass(frozen=True, slots=True)
class Branch:
    """A resistance that charges in a time of its own: ohm cm2 and s."""

    name: str
    ohm_cm2: float
    seconds: float


@dataclass(frozen=True, slots=True)
class CellResponse:
    """The resistance of one cell times its area, ohm cm2: at once, and branch by branch."""

    at_once_ohm_cm2: float
    branches: tuple[Branch, ...]

    @property
    @states(
        "steps.whole_response_ohm_cm2",
        Formula(
            "Resistance of a cell times its area, for hours",
            "ohm cm2",
            "",
            RESPONSE,
            f"the shares at the temperature asked for; {PAGE}",
        ),
    )
    def whole_ohm_cm2(self) -> float:
        """What a current meets that flows for hours."""
        return self.at_once_ohm_cm2 + math.fsum(branch.ohm_cm2 for branch in self.branches)

    @states(
        "steps.pulse_response_ohm_cm2",
        Formula(
            "Resistance of a cell times its area, for 10 ms",
            "ohm cm2",
            "",
            RESPONSE
            | {
                "D": "pdk:electrical.response.diffusivity",
                "C_i": "pdk:electrical.response.interface_capacitance",
                "t": "pdk:stack.cathode.thickness",
            },
            f"at once, electrolyte, interface, and what diffuses in 10 ms; {PAGE}",
        ),
    )
    def after_ohm_cm2(self, seconds: Number) -> Number:
        """What a step of current meets after ``seconds``, at rest before."""
        return self.at_once_ohm_cm2 + sum(
            branch.ohm_cm2 * -np.expm1(-np.asarray(seconds, dtype=float) / branch.seconds)
            for branch in self.branches
        )


def arrhenius(activation_ev: float, temperature_c: float) -> float:
    """By how much a resistance of this activation energy is larger than at 25 C: ``exp(E / k (1/T - 1/T0))``."""
    kelvin, reference = temperature_c + _ZERO_C, REFERENCE_C + _ZERO_C
    return math.exp(activation_ev / _EV_PER_K * (1.0 / kelvin - 1.0 / reference))


def diffusion_branches(ohm_cm2: float, seconds: float) -> tuple[Branch, ...]:
    """The modes of diffusion in a film that is closed on one face.

    Args:
        ohm_cm2: what a steady current meets beyond what it charges.
        seconds: thickness squared over the diffusion coefficient.

    Returns:
        Modes 1, 2, 3, then octaves of them; a lump has the resistance and the first slope of its modes.
    """
    groups: list[range] = [range(mode, mode + 1) for mode in range(1, _SINGLE + 1)]
    groups += [range(2**octave, 2 ** (octave + 1)) for octave in range(2, 2 + _OCTAVES)]
    found, left = [], 1.0
    for modes in groups:
        share = 6.0 / math.pi**2 * math.fsum(1.0 / mode**2 for mode in modes)
        slope = 6.0 * len(modes)
        if modes is groups[-1]:
            share = left
        found.append(Branch(f"diffusion {modes[0]}", ohm_cm2 * share, seconds * share / slope))
        left -= share
    return tuple(found)


def cell_response(pdk: Pdk, temperature_c: float = REFERENCE_C) -> CellResponse:
    """The response of a process at a temperature.

    A process that states no response meets every current with the whole of its resistance.

    Raises:
        ValueError: another temperature than 25 C, and the process does not state every activation energy.
    """
    electrical = pdk.electrical
    whole, stated = electrical.area_specific_resistance.value, electrical.response
    warm = temperature_c == REFERENCE_C
    if stated is None:
        if not warm:
            raise ValueError("the process states no activation energies")
        return CellResponse(whole, ())
    energies = (stated.electrolyte_activation, stated.interface_activation, stated.diffusion_activation)
    factors = [1.0, 1.0, 1.0]
    if not warm:
        if any(energy is None for energy in energies):
            raise ValueError("the process does not state every activation energy")
        factors = [arrhenius(energy.value, temperature_c) for energy in energies if energy is not None]
    at_once, electrolyte, interface = (
        share.value * whole for share in (stated.ohmic, stated.electrolyte, stated.interface)
    )
    diffusion = (whole - at_once - electrolyte - interface) * factors[2]
    charging = (
        ("electrolyte", electrolyte * factors[0], stated.electrolyte_capacitance.value),
        ("interface", interface * factors[1], stated.interface_capacitance.value),
    )
    seconds = (pdk.stack.cathode.thickness.value * 1e-4) ** 2 / stated.diffusivity.value * factors[2]
    return CellResponse(
        at_once,
        (
            *(Branch(name, ohm, ohm * capacitance * 1e-6) for name, ohm, capacitance in charging),
            *diffusion_branches(diffusion, seconds),
        ),
    )


def resting_voltage(curve: OpenCircuit, charge: Number) -> Number:
    """Voltage at rest at the state of charge ``charge`` of 1, V; the ends hold beyond them."""
    return np.interp(charge, curve.charge, curve.voltage)


def charge_at(curve: OpenCircuit, voltage_v: Number) -> Number:
    """State of charge at which the cell rests at a voltage: 0 below the curve, 1 above it."""
    return np.interp(voltage_v, curve.voltage, curve.charge)
