"""What a board designer must know beside the files: README, charge profile, the order of reflow and formation."""

import csv
import io
import textwrap

from layoutgen.draw.inputs import DrawingInputs
from layoutgen.pdk.schema import Pdk
from layoutgen.resources import data_folder
from layoutgen.sizing.attach import Attach
from layoutgen.sizing.device import DeviceDesign
from layoutgen.sizing.duty import charger_of
from layoutgen.smt.reflow import peak_c
from layoutgen.units import duration_text, plain

CHARGE_PROFILE = "charge-profile.csv"
README = "README.txt"
_NOT_STATED = "not stated by the process"


def charge_profile(pdk: Pdk, design: DeviceDesign) -> bytes | None:
    """A whole charge of the rated capacity as a table; None where the process does not state how it is charged."""
    charger = charger_of(pdk)
    if charger is None or not design.rated_mah:
        return None
    area_cm2 = design.layers * design.active_area_cm2
    rows = charger.profile(design.rated_mah / area_cm2, design.resistance_ohm * area_cm2)
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(["seconds", "state_of_charge", "voltage_v", "current_ma"])
    table.writerows(
        [f"{seconds:.6g}", f"{share:g}", f"{volts:.5g}", f"{current * area_cm2:.5g}"]
        for seconds, share, volts, current in rows
    )
    return text.getvalue().encode()


def readme(inputs: DrawingInputs, name: str, others: dict[str, str]) -> bytes:
    """The README of the archive.

    Args:
        inputs: the part.
        name: of its files.
        others: files that not every part has, with what each is.
    """
    pdk, design = inputs.pdk, inputs.design
    template = (data_folder("templates") / "board" / README).read_text(encoding="utf-8")
    facts = {
        "name": name,
        "line": "=" * (len(name) + len(": what is in this archive")),
        "process": f"{pdk.name} {pdk.version}",
        "trust": f"{pdk.disclaimer[:1].upper()}{pdk.disclaimer[1:]}." if pdk.disclaimer else "",
        "pretty": f"{name + '.pretty/':<27}",
        "symbol": f"{name + '.kicad_sym':<27}",
        "files": "".join(f"  {path:<27}{what}\n" for path, what in others.items()),
        "order": _lines(_order(inputs)),
        "delivered": _table(_delivered(pdk)),
        "temperature": plain(design.delivery.temperature_c),
        "electrical": _table(_electrical(design)),
        "flags": _lines([f"{flag.message[:1].upper()}{flag.message[1:]}." for flag in design.flags]),
    }
    return (template.format(**facts).rstrip() + "\n").encode()


def _delivered(pdk: Pdk) -> list[tuple[str, str]]:
    package = pdk.package
    return [
        ("moisture class, J-STD-020", package.moisture_class or _NOT_STATED),
        ("storage", package.storage or _NOT_STATED),
        ("reel", package.reel or _NOT_STATED),
    ]


def _table(rows: list[tuple[str, str]]) -> str:
    return "\n".join(f"  {title:<27}{value}" for title, value in rows)


def _order(inputs: DrawingInputs) -> list[str]:
    """Reflow, then formation; a part with a lithium anode, or whose ends lean too far, is not reflowed at all."""
    pdk = inputs.pdk
    charge = pdk.electrical.charge_voltage
    voltage = f"{plain(charge.value)} V" if charge is not None else f"the charge voltage ({_NOT_STATED})"
    no_paste = "Footprints and land pattern in this archive have no paste."
    if pdk.stack.anode is not None:
        return [
            f"The part holds metallic lithium: no reflow. Join it below the melting point of lithium. {no_paste}",
            f"Charge at {voltage}, constant voltage, the current limited.",
        ]
    design, form = inputs.design, "the first charge, at {} and a limited current. It takes more than later ones."
    if design.attach is not Attach.SOLDERED:
        return [
            f"1. No reflow: {design.no_reflow}. {no_paste} Join it as it is delivered, not formed: what the heat of"
            " joining does to a charged part, the process does not state.",
            f"2. Then form it: {form.format(voltage)}",
        ]
    if design.no_reflow:
        return [
            f"1. No reflow: {design.no_reflow}. {no_paste} Lands and tape are those of the flat part.",
            f"2. Form it: {form.format(voltage)}",
        ]
    return [
        "1. Place and reflow the part as it is delivered: not formed, without lithium, without a voltage. Its body"
        f" may see {plain(peak_c(pdk, inputs.design))} C at most.",
        f"2. Then form it: {form.format(voltage)}",
        "3. From then on no reflow, rework with hot air included: a charged part may be destroyed.",
    ]


def _electrical(design: DeviceDesign) -> list[tuple[str, str]]:
    found = design.delivery

    def told(value: float | None, unit: str, digits: int = 3) -> str:
        return _NOT_STATED if value is None else f"{plain(value, digits)} {unit}"

    return [
        ("charge voltage", told(found.charge_voltage_v, "V")),
        ("most charge current", told(found.charge_limit_ma, "mA")),
        (
            "charge time",
            _NOT_STATED if found.charge_s is None else f"{duration_text(found.charge_s)} to {found.charge_words}",
        ),
        ("first charge", told(found.formation_mah, "mAh")),
        ("discharge ends at", told(found.cutoff_voltage_v, "V")),
        ("resistance, 10 ms", told(found.pulse_ohm, "ohm")),
        ("resistance, hours", told(design.resistance_ohm, "ohm")),
        ("self-discharge, at least", told(found.self_discharge_percent_per_year, "% a year", 2)),
    ]


def _lines(texts: list[str]) -> str:
    wrapped = (textwrap.wrap(text, 96, initial_indent="  ", subsequent_indent="     ") for text in texts)
    return "\n".join(line for lines in wrapped for line in lines) or "  nothing"
