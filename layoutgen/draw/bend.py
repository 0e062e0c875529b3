"""Strain through the thickness of a bent cell: films as bands, strain as a line, limits as marks."""

from collections.abc import Callable
from typing import Final

from layoutgen.draw.bent import bent_solids, side_view
from layoutgen.draw.builder import SMALL, Draft
from layoutgen.draw.hatching import film_look
from layoutgen.draw.inputs import DrawingInputs
from layoutgen.draw.plot import nice_ticks
from layoutgen.draw.scales import log_sizes, schematic
from layoutgen.draw.scene import HAIR, THICK, THIN, Box, Pen, Role, Scene
from layoutgen.draw.solids import model_solids
from layoutgen.draw.svg import svg_bytes
from layoutgen.draw.text import um
from layoutgen.mechanics.answer import curved_json, curved_lines, terminals_json, terminals_lines
from layoutgen.mechanics.asked import asked_bend
from layoutgen.mechanics.bending import Bend, Span, mechanics_missing
from layoutgen.mechanics.laminate import Strained
from layoutgen.solver.solution import Solution
from layoutgen.units import plain

_SIZE: Final = (210.0, 136.0)
_AREA: Final = Box(62.0, 22.0, 200.0, 112.0)
_LEFT: Final = 10.0
_STRAIN: Final = Pen(0.6, (), "#0072b2")
_LIMIT: Final = Pen(0.5, (2.0, 1.0), "#d55e00")
_RANGE: Final = "#f6d3bd"
_ZERO: Final = Pen(0.25, (1.0, 1.0), "#555555")


def figure(inputs: DrawingInputs, bend: Bend, title: str) -> Scene:
    """One cell of the stack, that with the largest stretch; thickness not to scale, strain to scale."""
    films = _worst_cell(bend)
    draft = Draft(*_SIZE, title)
    draft.box(Box(0.0, 0.0, *_SIZE), None, "#ffffff", Role.AUXILIARY)
    sizes = log_sizes([film.z1_um - film.z0_um for film in films], 0.05, _AREA.y1 - _AREA.y0, 7.0)
    to_y = schematic([films[0].z0_um, *(film.z1_um for film in films)], _AREA.y0, sizes)
    limits = {film.film: film.limit for film in bend.films if film.limit is not None}
    percents = [100 * value for film in films for value in (film.bottom, film.top)]
    reach = [100 * end for limit in limits.values() for end in (limit.low, limit.high)]
    shown = [value for value in reach if value <= 4 * max(map(abs, percents), default=0.0) or value == min(reach)]
    ticks = nice_ticks(min(0.0, *percents), max(0.0, *percents, *shown))

    def at(percent: float) -> float:
        part = (percent - ticks[0]) / (ticks[-1] - ticks[0])
        return _AREA.x0 + min(max(part, 0.0), 1.0) * (_AREA.x1 - _AREA.x0)

    for film in films:
        band = Box(_AREA.x0, to_y.at(film.z0_um), _AREA.x1, to_y.at(film.z1_um))
        name = film.name.rpartition(":")[2]
        draft.box(band, HAIR, film_look(inputs, name, _layer_of(inputs, name)).fill, Role.AUXILIARY)
        limit = limits.get(name)
        if limit is not None:
            _limit(draft, band, limit, at)
        middle = (band.y0 + band.y1) / 2
        thickness = um(film.z1_um - film.z0_um)
        draft.text(_AREA.x0 - 2.0, middle - 1.1, f"{name.replace('_', ' ')}, {thickness} µm", SMALL, "end")
    for tick in ticks:
        x = at(tick)
        draft.line(((x, _AREA.y0 - 1.2), (x, _AREA.y0)), THIN, Role.AUXILIARY)
        draft.text(x, _AREA.y0 - 5.0, plain(tick), SMALL, "middle")
    draft.line(((at(0.0), _AREA.y0), (at(0.0), _AREA.y1)), _ZERO, Role.AUXILIARY)
    points = [(at(100 * films[0].bottom), _AREA.y0)]
    points += [(at(100 * film.top), to_y.at(film.z1_um)) for film in films]
    draft.line(points, _STRAIN, Role.AUXILIARY)
    draft.box(_AREA, THICK, role=Role.AUXILIARY)
    draft.text((_AREA.x0 + _AREA.x1) / 2, _AREA.y0 - 11.0, "strain, % (stretched positive)", SMALL, "middle")
    draft.text(_LEFT, _SIZE[1] - 9.0, title, 3.5)
    draft.text(_LEFT, _SIZE[1] - 15.5, _subtitle(bend, films), SMALL)
    draft.text(_LEFT, 4.0, _legend(bend), SMALL)
    return draft.scene()


def asked_figures(solution: Solution, inputs: DrawingInputs) -> dict[str, bytes]:
    """``drawings/bend.svg``, the bend that the question asks for, and ``bend-side.svg`` of a part built curved.

    Nothing where no bend is asked for, or where the kit says nothing of its films.
    """
    spec, pdk = solution.spec, solution.loaded.pdk
    if spec.bend_radius is None or mechanics_missing(pdk):
        return {}
    asked = asked_bend(pdk, solution.template, solution.device, spec.bend_radius, curved=spec.curved)
    title = f"{spec.file_name()}, bending radius {plain(asked.bend.radius_mm, 5)} mm"
    files = {"drawings/bend.svg": svg_bytes(figure(inputs, asked.bend, title))}
    if asked.curved is not None:
        facts = curved_json(asked.curved, asked.outline_mm, growing=False)
        terminals = terminals_json(pdk, solution.template, solution.device, spec.bend_radius)
        lines = [*curved_lines(facts, solution.device.layers), *terminals_lines(terminals)]
        solids = bent_solids(model_solids(inputs), spec.bend_radius * 1000, growing=False)
        files["drawings/bend-side.svg"] = svg_bytes(side_view(solids, f"{spec.file_name()}, built curved", lines))
    return files


def _limit(draft: Draft, band: Box, limit: Span, at: Callable[[float], float]) -> None:
    low, value, high = (at(100 * end) for end in (limit.low, limit.value, limit.high))
    if high > low:
        draft.box(Box(low, band.y0, high, band.y1), None, _RANGE, Role.AUXILIARY)
    draft.line(((value, band.y0), (value, band.y1)), _LIMIT, Role.AUXILIARY)


def _worst_cell(bend: Bend) -> tuple[Strained, ...]:
    """The films of the layer that is stretched most."""
    strained = bend.laminate.bent(bend.radius_mm, films_outside=bend.films_outside)
    if not bend.block or bend.layers == 1:
        return strained
    layer = bend.layers if bend.films_outside else 1
    return tuple(film for film in strained if film.name.startswith(f"{layer}:"))


def _layer_of(inputs: DrawingInputs, film: str) -> str:
    return next(place.layer for place in inputs.template.template.films if place.film == film)


def _subtitle(bend: Bend, films: tuple[Strained, ...]) -> str:
    if not bend.block or bend.layers == 1:
        return f"one cell, neutral axis {bend.neutral_axis_um:.2f} µm above its bottom; thickness not to scale"
    layer = films[0].name.partition(":")[0]
    return (
        f"layer {layer} of {bend.layers} as one block, neutral axis {bend.neutral_axis_um:.1f} µm above the"
        " bottom; thickness not to scale"
    )


def _legend(bend: Bend) -> str:
    judged = [film for film in bend.films if film.limit is not None]
    if not judged:
        return "blue: strain; the process states no limit for any film"
    return "blue: strain; dashed: limit, shaded: its range; the residual strain of a film is not drawn"
