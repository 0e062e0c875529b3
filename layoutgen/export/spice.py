"""A model of the part for ngspice: voltage at rest over the charge, resistances with their times, corners."""

import textwrap

from layoutgen.pdk.schema import Pdk
from layoutgen.sizing.device import DeviceDesign
from layoutgen.sizing.duty import series_ohm
from layoutgen.sizing.process import process_of
from layoutgen.sizing.response import cell_response

_DIGITS = 9
_AS_PER_MAH = 3.6
_SMALL = 1e-6
"""Branches carry this part of the current: farads would bring the solver's steps to nothing."""


def spice_model(pdk: Pdk, design: DeviceDesign, name: str) -> bytes | None:
    """The subcircuit, and how it is used; None where the process states no voltage at rest.

    The charge that was drawn is the voltage of a capacitor. The table of the voltage at rest is asked within its
    ends only, since ngspice goes on along a straight line beyond them.
    """
    electrical = pdk.electrical
    curve = electrical.open_circuit
    if curve is None:
        return None
    response = cell_response(pdk, design.delivery.temperature_c)
    area_cm2 = design.layers * design.active_area_cm2
    series = float(series_ohm(process_of(pdk), design.layers, design.active_length_um, design.active_width_um))
    asr = electrical.area_specific_resistance
    low, high = ((end if end is not None else asr.value) / asr.value for end in (asr.low, asr.high))
    table = ",".join(f"{x:g},{y:g}" for x, y in zip(curve.charge, curve.voltage, strict=True))
    drops = "".join(f"-V(b{number})" for number in range(1, len(response.branches) + 1))
    lines = [
        f"* {name}: {_number(design.nominal_mah)} mAh nominal, {_number(design.rated_mah)} mAh rated,"
        f" {design.delivery.temperature_c:g} C",
        f"* process {pdk.name} {pdk.version}" + (f": {pdk.disclaimer}" if pdk.disclaimer else ""),
        "*",
        f"* use:     X1 plus minus {_word(name)} charge=1 r=1 q=1",
        "* charge   state of charge at the start, 0 to 1",
        f"* r        factor of the resistance: 1 as stated, {low:.3g} and {high:.3g} are the ends of its range",
        f"* q        factor of the capacity: 1 nominal, {design.rated_mah / design.nominal_mah:.4g} rated",
        "* set .options reltol=1e-6, or a step of a hundredth of the shortest pulse; the default may be 1 % off",
        f".subckt {_word(name)} plus minus charge=1 r=1 q=1",
        "* voltage at rest, asked within its table only, less what each branch drops",
        *_folded(f"Brest rest minus V=pwl(min(max({{charge}}-V(used),0),1),{table}){drops}"),
        "* at once: ohmic, collectors, terminals",
        f"Rseries rest n0 {{{_number(response.at_once_ohm_cm2 / area_cm2)}*r+{_number(series)}}}",
        "Vsense n0 plus 0",
        f"* charge drawn, 1 V for all of it; currents {_SMALL:g} of the real keep the solver's steps long",
        f"Bused 0 used I=i(Vsense)*{{{_SMALL:g}/q}}",
        f"Cused used 0 {_number(design.nominal_mah * _AS_PER_MAH * _SMALL)}",
        "Rused used 0 1e15",
        ".ic V(used)=0",
    ]
    for number, branch in enumerate(response.branches, 1):
        ohm = branch.ohm_cm2 / area_cm2
        lines += [
            f"* {branch.name}: {_number(ohm)} ohm, {_number(branch.seconds)} s",
            f"F{number} 0 b{number} Vsense {_SMALL:g}",
            f"R{number} b{number} 0 {{{_number(ohm / _SMALL)}*r}}",
            f"C{number} b{number} 0 {{{_number(branch.seconds / ohm * _SMALL)}/r}}",
        ]
    lines += [f".ends {_word(name)}", ""]
    return "\n".join(lines).encode()


def _folded(line: str) -> list[str]:
    """A line as ngspice takes it, parts after the first beginning with ``+``."""
    parts = textwrap.wrap(line.replace(",", ", ").replace("-V(b", " -V(b"), 100, break_long_words=False)
    return [parts[0], *(f"+ {part}" for part in parts[1:])]


def _number(value: float) -> str:
    return f"{value:.{_DIGITS}g}"


def _word(name: str) -> str:
    """A name as a subcircuit's: letters, digits and underscores, a letter first."""
    word = "".join(character if character.isalnum() else "_" for character in name)
    return word if word[:1].isalpha() else f"B_{word}"
