"""What ``layoutgen bend`` says: the same facts as text and as JSON."""

import math
from collections.abc import Mapping
from typing import Any, Final

from layoutgen.mechanics.asked import STANDS, asked_bend, terminal_gap_um
from layoutgen.mechanics.bending import Bend, BentFilm, Span, Verdict, mechanics_missing
from layoutgen.mechanics.curved import CurvedStack
from layoutgen.mechanics.stack import Bonding, bonding
from layoutgen.pdk.schema import Pdk
from layoutgen.sizing.attach import Attach
from layoutgen.sizing.device import DeviceDesign
from layoutgen.template import BoundTemplate
from layoutgen.units import counted, plain

SCHEMA: Final = "layoutgen.bend/1"


def bend_json(bend: Bend, design: str) -> dict[str, Any]:
    """The document ``bend.json``. Strains in percent, stretched positive; a radius without end is null."""
    return {
        "schema": SCHEMA,
        "design": design,
        "radius_mm": bend.radius_mm if math.isfinite(bend.radius_mm) else None,
        "films_outside": bend.films_outside,
        "charged": bend.charged,
        "layers": bend.layers,
        "bonding": {
            "state": str(bend.bonding),
            "bends_as": "block" if bend.block else "single cells",
            "shear_lag_mm": None if bend.lag_mm is None else _span(bend.lag_mm),
            "length_mm": bend.length_mm,
        },
        "neutral_axis_um": bend.neutral_axis_um,
        "cell_neutral_axis_um": bend.cell_axis_um,
        "thickness_um": bend.laminate.thickness_um,
        "films": [_film_json(film) for film in bend.films],
        "least_radius_mm": _radius(bend.least_radius_mm),
        "least_radius_sliding_mm": _radius(bend.least_radius_sliding_mm),
        "least_radius_bonded_mm": _radius(bend.least_radius_bonded_mm),
        "verdict": str(bend.verdict),
    }


def _film_json(film: BentFilm) -> dict[str, Any]:
    return {
        "film": film.film,
        "material": film.material,
        "strain_percent": {"low": film.low * 100, "high": film.high * 100},
        "residual_percent": None if film.residual is None else _span(film.residual, 100),
        "limit_percent": None if film.limit is None else film.limit.value * 100,
        "limit_range_percent": None
        if film.limit is None
        else {"low": film.limit.low * 100, "high": film.limit.high * 100},
        "limit_kind": film.limit_kind or None,
        "least_radius_mm": _radius(film.least_radius_mm),
        "against_limit": None if film.limit is None else STANDS[film.stands],
        "verdict": str(film.verdict),
    }


def asked_json(
    pdk: Pdk, template: BoundTemplate, device: DeviceDesign, radius_mm: float, design: str, *, curved: bool
) -> dict[str, Any] | None:
    """What ``design.json`` says of the bend that is asked for; None where the kit says nothing of its films."""
    if mechanics_missing(pdk):
        return None
    found = asked_bend(pdk, template, device, radius_mm, curved=curved)
    answer = bend_json(found.bend, design)
    if found.curved is not None:
        answer["curved"] = curved_json(found.curved, found.outline_mm, growing=False)
    return answer | {"terminals": terminals_json(pdk, template, device, radius_mm)}


def terminals_json(pdk: Pdk, template: BoundTemplate, device: DeviceDesign, radius_mm: float) -> dict[str, Any]:
    """How the terminals of a bent part stand on a flat board: their lean, and the gap under their inner edge."""
    gap_um = terminal_gap_um(device, template, radius_mm)
    most = pdk.package.coplanarity if device.attach is Attach.SOLDERED else None
    return {
        "lean_deg": math.degrees(device.package_length_um / 2000 / radius_mm),
        "gap_um": gap_um,
        "gap_allowed_um": None if most is None else most.value,
        "soldered_flat": None if most is None else gap_um <= most.value,
    }


def terminals_lines(terminals: Mapping[str, Any]) -> list[str]:
    """The same in words."""
    text = (
        f"each terminal leans by {terminals['lean_deg']:.1f} degrees, its inner edge stands"
        f" {terminals['gap_um']:.0f} um above a flat board"
    )
    if terminals["soldered_flat"] is None:
        return [text]
    way = (
        "soldered as a flat part is"
        if terminals["soldered_flat"]
        else "joined to a flexible circuit or a spring, not soldered to a flat board"
    )
    return [text, f"{plain(terminals['gap_allowed_um'])} um are allowed: {way}"]


def curved_json(curved: CurvedStack, ends: Mapping[str, float], *, growing: bool) -> dict[str, Any]:
    """The part of ``bend.json`` about a part that is built curved; mm, um and degrees.

    ``ends`` are the outside measures of :func:`layoutgen.mechanics.curved.curved_outline_mm`.
    """
    return {
        "inner_radius_mm": curved.inner_radius_mm,
        "angle_deg": curved.angle_deg,
        "cells": "grow by one step a layer" if growing else "equal",
        "arc_mm": {"first": curved.arc_mm(1), "last": curved.arc_mm(curved.layers)},
        "arc_step_um": curved.arc_step_um,
        "equal_cells_loss_percent": curved.equal_cells_loss * 100,
        "end_step_um": 0.0 if growing else curved.end_step_um,
        "end_lean_deg": 0.0 if growing else curved.end_lean_deg,
        "outer_radius_mm": ends["outer_radius"],
        "chord_mm": ends["chord"],
        "rise_mm": ends["rise"],
        "terminals": "end caps on the ends of the arc" if growing else "end caps on ends that lean",
    }


def curved_lines(curved: dict[str, Any], layers: int) -> list[str]:
    """What is to be known of a curved part, in a few lines."""
    arc = curved["arc_mm"]
    lines = [
        f"inner radius {plain(curved['inner_radius_mm'], 4)} mm, {plain(curved['angle_deg'], 4)} degrees,"
        f" chord {curved['chord_mm']:.2f} mm, rise {curved['rise_mm']:.2f} mm",
        f"{counted(layers, 'layer')}: the arc grows from {arc['first']:.3f} to {arc['last']:.3f} mm,"
        f" {curved['arc_step_um']:.1f} um a layer",
    ]
    if curved["end_lean_deg"]:
        lines += [
            f"equal cells leave {curved['equal_cells_loss_percent']:.2f} % of the room unused",
            f"each end steps back {curved['end_step_um']:.1f} um a layer and leans by"
            f" {curved['end_lean_deg']:.1f} degrees; it carries an end cap",
        ]
    else:
        lines.append("each layer is a cell of its own length: the ends point to the axis of the bend")
    return lines


def _span(span: Span, factor: float = 1.0) -> dict[str, float]:
    return {"value": span.value * factor, "low": span.low * factor, "high": span.high * factor}


def _radius(span: Span | None) -> dict[str, float | None] | None:
    if span is None:
        return None
    ends = {"value": span.value, "low": span.low, "high": span.high}
    return {name: value if math.isfinite(value) else None for name, value in ends.items()}


def bend_text(bend: Bend, design: str) -> str:
    """The answer on a terminal."""
    side = "outside" if bend.films_outside else "inside"
    state = "charged" if bend.charged else "as built"
    bent = f"bent to a radius of {plain(bend.radius_mm)} mm" if math.isfinite(bend.radius_mm) else "flat"
    lines = [f"{design}, {bent}, films {side}, {state}", ""]
    lines += [f"  {name:<14}{text}" for name, text in _facts(bend)]
    lines += ["", f"  {'film':<18}{'strain, %':>22}  {'limit, %':>18}   {''}".rstrip()]
    for film in bend.films:
        strain = f"{_signed(film.low * 100)} to {_signed(film.high * 100)}"
        lines.append(f"  {film.film:<18}{strain:>22}  {_limit_text(film):>18}   {_verdict_text(film)}".rstrip())
    residual = [film for film in bend.films if film.residual is not None]
    lines += [
        f"  ! {film.film} is strained by {_percent(film.residual)} before it is bent: it counts in the verdict"
        for film in residual
        if film.residual is not None
    ]
    assumed = [film.film for film in bend.films if film.limit_kind == "assumed"]
    if assumed:
        lines.append(f"  ! the limit of {', '.join(assumed)} is assumed: it judges nothing, its radius is a range")
    lines.append(f"  {_sentence(bend)}")
    return "\n".join(lines)


def _facts(bend: Bend) -> list[tuple[str, str]]:
    whole = f"{counted(bend.layers, 'layer')}, {plain(bend.laminate.thickness_um, 5)} um, one block"
    single = f"one cell of {plain(bend.laminate.thickness_um, 4)} um"
    facts = [("bends as", whole if bend.block and bend.layers > 1 else single)]
    if bend.layers > 1:
        facts.append(("layers", _bonding_text(bend)))
    facts.append(("neutral axis", f"{bend.neutral_axis_um:.2f} um above the bottom of the substrate"))
    if bend.least_radius_mm is not None:
        facts.append(("least radius", _radius_text(bend.least_radius_mm)))
        if bend.layers > 1 and bend.least_radius_sliding_mm and bend.least_radius_bonded_mm:
            sliding, bonded = bend.least_radius_sliding_mm, bend.least_radius_bonded_mm
            facts.append(("", f"sliding layers {_radius_text(sliding)}; bonded {_radius_text(bonded)}"))
    return facts


def _bonding_text(bend: Bend) -> str:
    if bend.lag_mm is None:
        return f"{bend.bonding}: the kit does not say how far the film between two layers gives"
    lag = (
        f"shear lag {plain(bend.lag_mm.value, 3)} mm ({plain(bend.lag_mm.low, 3)} to {plain(bend.lag_mm.high, 3)})"
    )
    if bonding(bend.length_mm, bend.lag_mm.value) is not bend.bonding:
        return f"{bend.bonding}, as asked; {lag}"
    word = "neither bonded nor sliding, taken as bonded" if bend.bonding is Bonding.BETWEEN else str(bend.bonding)
    return f"{word}: {lag} against a cell of {plain(bend.length_mm, 4)} mm"


def _verdict_text(film: BentFilm) -> str:
    if film.limit is None or film.sourced:
        return str(film.verdict)
    return f"{film.verdict}: {STANDS[film.stands]} an assumed limit"


def _limit_text(film: BentFilm) -> str:
    if film.limit is None:
        return "not stated"
    return (
        f"{plain(film.limit.value * 100, 3)} ({plain(film.limit.low * 100, 3)}-{plain(film.limit.high * 100, 3)})"
    )


def _signed(percent: float) -> str:
    """With its sign, and without one where nothing is left of the number."""
    text = f"{percent:+.4f}"
    return text if float(text) else text[1:]


def _percent(span: Span | None) -> str:
    if span is None:
        return ""
    return f"{span.value * 100:+.3g} % ({span.low * 100:+.3g} to {span.high * 100:+.3g})"


def _radius_text(span: Span) -> str:
    parts = ["any" if value == 0 else f"{value:.3g}" if math.isfinite(value) else "none" for value in
             (span.value, span.low, span.high)]  # fmt: skip
    return f"{parts[0]} mm" if span.low == span.high else f"{parts[0]} mm ({parts[1]} to {parts[2]})"


def _sentence(bend: Bend) -> str:
    worst = next((film for film in bend.films if film.verdict is bend.verdict), None)
    name = worst.film if worst is not None else ""
    return {
        Verdict.HOLDS: "every film that has a sourced limit stays below it",
        Verdict.OPEN: f"{name}: its strain lies inside the range of its limit; a bend test of a coupon would tell",
        Verdict.BREAKS: f"{name} is stretched past its limit",
        Verdict.NOT_JUDGED: "no film has a sourced limit: the strain is reported and not judged",
    }[bend.verdict]
