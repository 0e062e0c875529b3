"""Cross-section along the section line of the layout: one layer (schematic), the stack and its ends (to scale)."""

from itertools import pairwise
from typing import Final

from layoutgen.draw.builder import NORMAL, SMALL, Draft, spread
from layoutgen.draw.hatching import film_look, slab_look, solid_look
from layoutgen.draw.inputs import DrawingInputs
from layoutgen.draw.metrics import shorten, text_width
from layoutgen.draw.scales import Schematic, log_sizes, merged, schematic
from layoutgen.draw.scene import HAIR, THIN, Box, Point, Role, Scene
from layoutgen.draw.section import Slab, cell_films, cut_spans, lands, unit_cell
from layoutgen.draw.sheet import A3, SheetKind, new_sheet, notes, revisions_top
from layoutgen.draw.sheets.stack_views import charge_columns, end_details, layers_text, whole_stack
from layoutgen.draw.text import um
from layoutgen.pdk.quantity import Quantity
from layoutgen.sizing.device import StackFilm

TITLE: Final = "Stack cross-section"
_LEFT, _RIGHT = 27.0, 405.0
_GAP: Final = Box(124.0, 0.0, 282.0, 0.0)
_LABEL_COLUMNS: Final = (103.5, 126.0, 143.0)
"""Middles of the columns beside the film's name, from the left edge of the gap."""


def sheet(inputs: DrawingInputs, number: int = 1, of: int = 1) -> Scene:
    """The cross-section of a design."""
    draft = new_sheet(inputs, SheetKind(TITLE, number, of, "as shown"))
    low = _layer_view(draft, inputs, 277.0)
    floor = revisions_top(inputs)
    low = min(low, 176.0) - 5.0
    whole_stack(draft, inputs, Box(_LEFT, 66.0, 166.0, low))
    end_details(draft, inputs, Box(176.0, floor + 3.0, 300.0, low))
    charge_columns(draft, inputs, Box(318.0, floor + 3.0, _RIGHT, low))
    notes(draft, _LEFT, 60.0, 194.0, _notes(inputs))
    return draft.scene()


def figure(inputs: DrawingInputs) -> Scene:
    """The schematic view of one layer alone, for a page that has its own frame."""
    draft = Draft(*A3, TITLE)
    _layer_view(draft, inputs, 277.0)
    return draft.scene()


def x_stops(inputs: DrawingInputs) -> list[float]:
    """Every x at which something starts or ends along the section, ends of the package included."""
    spans = cut_spans(inputs)
    wraps = {inputs.template.template.terminals.positive, inputs.template.template.terminals.negative}
    marks = {name for name, layer in inputs.pdk.layers.items() if layer.purpose != "drawn"}
    edges = [x for name, pairs in spans.items() if name not in wraps | marks for pair in pairs for x in pair]
    return merged(edges, 0.01)


def _layer_view(draft: Draft, inputs: DrawingInputs, top: float) -> float:
    """One layer, thickness and length not to scale; broken in the middle, where the labels stand."""
    stops = x_stops(inputs)
    lengths = [b - a for a, b in pairwise(stops)]
    middle = lengths.index(max(lengths))
    # the longest stretch is the one that is broken: half of it stays on each side
    left = log_sizes([*lengths[:middle], 300.0], 8.0, _GAP.x0 - _LEFT - 24.0, 6.6)
    right = log_sizes([300.0, *lengths[middle + 1 :]], 8.0, _RIGHT - 4.0 - _GAP.x1, 6.6)
    split = (stops[middle] + stops[middle + 1]) / 2
    to_left = schematic([*stops[: middle + 1], split], _LEFT + 24.0, left)
    to_right = schematic([split, *stops[middle + 1 :]], _GAP.x1, right)
    films = cell_films(inputs)
    heights = log_sizes([film.thickness_um for film in films], 0.05, 62.0, 3.4)
    levels = [film.z0_um - films[0].z0_um for film in films] + [inputs.design.pitch_um]
    to_z = schematic(levels, top - 14.0 - 62.0 - 7.0, heights)
    draft.text(_LEFT, top + 1.2, "One layer along S-S, charged; thickness and length not to scale, µm", NORMAL)
    for part, to_x in (("left", to_left), ("right", to_right)):
        _half(draft, inputs, part, to_x, to_z)
    _labels(draft, inputs, to_z)
    _captions(draft, inputs, to_left, to_right, to_z.at(levels[-1]) + 9.0)
    edge, x = to_left.at(stops[0]), _LEFT + 14.0
    foot, head = (edge, to_z.at(0.0)), (edge, to_z.at(levels[-1]))
    pitch = inputs.design.pitch_um
    scale = (head[1] - foot[1]) / (pitch / 1000)
    draft.dimension(foot, head, x, um(pitch), scale, vertical=True, value_mm=pitch / 1000, height=SMALL)
    low = to_z.at(0) - 7.0
    _chain(draft, stops, middle, to_left, to_right, low - 9.0)
    return low - 16.0


def _half(draft: Draft, inputs: DrawingInputs, part: str, to_x: Schematic, to_z: Schematic) -> None:
    x_low, x_high = to_x.stops[0], to_x.stops[-1]
    pitch = inputs.design.pitch_um

    def place(slab: Slab, shift: float = 0.0) -> Box | None:
        a, b = max(slab.x0, x_low), min(slab.x1, x_high)
        if a >= b:
            return None
        return Box(to_x.at(a), to_z.at(slab.z0 + shift), to_x.at(b), to_z.at(slab.z1 + shift))

    base, roof = to_z.at(0) - 7.0, to_z.at(pitch) + 7.0
    _terminals(draft, inputs, to_x, (base, roof))
    slabs = [*lands(inputs), *unit_cell(inputs)]
    for slab in slabs:
        box, look = place(slab), slab_look(inputs, slab)
        if box:
            draft.box(box, THIN, look.fill, hatch=look.hatch_on(box))
    # the neighbours: the upper film of the layer below, the substrate of the layer above
    films = cell_films(inputs)
    for film, low, high in ((films[-1].film, base, to_z.at(0)), (films[0].film, to_z.at(pitch), roof)):
        for slab in slabs:
            box = place(slab) if slab.film == film else None
            if box:
                look = slab_look(inputs, slab)
                draft.box(Box(box.x0, low, box.x1, high), None, look.fill, hatch=look.hatch)
                edge = high if low == base else low
                draft.line(((box.x0, edge), (box.x1, edge)), THIN)
    edge = to_x.paper[-1] if part == "left" else to_x.paper[0]
    draft.line(_torn(edge, base, roof), THIN)


def _terminals(draft: Draft, inputs: DrawingInputs, to_x: Schematic, reach: tuple[float, float]) -> None:
    low, high = to_x.stops[0], to_x.stops[-1]
    spans, wraps = cut_spans(inputs), inputs.template.template.terminals
    for element in inputs.template.template.elements:
        name = element.layer
        if element.stage != "package" or name in {wraps.positive, wraps.negative}:
            continue
        for a, b in spans[name]:
            x0, x1 = max(a, low), min(b, high)
            if x0 < x1:
                look = solid_look(inputs, name, element.net)
                box = Box(to_x.at(x0), reach[0], to_x.at(x1), reach[1])
                draft.box(box, THIN, look.fill, hatch=look.hatch_on(box))


def _captions(draft: Draft, inputs: DrawingInputs, to_left: Schematic, to_right: Schematic, base: float) -> None:
    """Names of the package's parts above the piece that shows them, each in the lowest row that is free."""
    metal = "end cap" if terminal_noun(inputs) == "end cap" else "end face"
    names = {"+": f"+ {metal}", "-": f"- {metal}", "": "encapsulation"}
    wraps = inputs.template.template.terminals
    filmed = {slab.layer for slab in unit_cell(inputs)}
    # of pieces with the same name on one side of the break only the longest is named
    found: dict[tuple[str, bool], tuple[float, float]] = {}
    for element in inputs.template.template.elements:
        land = element.stage == "web" and element.net and element.layer not in filmed
        if element.layer in {wraps.positive, wraps.negative} or not (land or element.stage == "package"):
            continue
        for a, b in cut_spans(inputs)[element.layer]:
            to_x = to_left if b <= to_left.stops[-1] else to_right
            if a >= to_x.stops[0] and b <= to_x.stops[-1]:
                text = "contact land" if land else names[element.net]
                key, middle = (text, to_x is to_left), (to_x.at(a) + to_x.at(b)) / 2
                found[key] = max(found.get(key, (0.0, 0.0)), (b - a, middle))
    rows: list[list[tuple[float, float]]] = []
    places = [(x, text) for (text, _), (_, x) in found.items()]
    for x, text in sorted(places, key=lambda item: not item[1].endswith(metal)):
        half = text_width(text, SMALL) / 2 + 0.8
        row = next((i for i, taken in enumerate(rows) if all(x + half < a or b < x - half for a, b in taken)), None)
        if row is None:
            rows.append([])
            row = len(rows) - 1
        rows[row].append((x - half, x + half))
        draft.text(x, base + 3.9 * row, text, SMALL, "middle")


def terminal_noun(inputs: DrawingInputs) -> str:
    """What the terminals of this template are called."""
    return "end cap" if inputs.template.template.terminals.style == "end-cap" else "terminal"


def _torn(x: float, low: float, high: float) -> tuple[Point, ...]:
    """A break line (ISO 128): straight with a zigzag in the middle."""
    middle = (low + high) / 2
    return (
        (x, low - 2.0),
        (x, middle - 2.5),
        (x + 1.6, middle - 1.0),
        (x - 1.6, middle + 1.0),
        (x, middle + 2.5),
        (x, high + 2.0),
    )


def pole(inputs: DrawingInputs, film: StackFilm) -> str:
    """The pole that a film carries: of its layer, unless the film is a substrate that does not conduct."""
    if film.film == "substrate" and not inputs.pdk.stack.substrate.conductive:
        return ""
    return next(e.net for e in inputs.template.template.elements if e.layer == film.layer)


def film_label(inputs: DrawingInputs, film: StackFilm) -> tuple[str, str, str, str]:
    """What a label says of a film: what it is, thickness, the range the process holds it in, pole."""
    name = film.film.replace("_", " ")
    quantity = getattr(getattr(inputs.pdk.stack, film.film, None), "thickness", None)
    text = film.material if film.film == "lithium" else f"{name}: {film.material}"
    limits = ""
    if isinstance(quantity, Quantity) and quantity.low is not None and quantity.high is not None:
        limits = f"{um(quantity.low)} to {um(quantity.high)}"
    return text, um(film.thickness_um), limits, pole(inputs, film)


def _labels(draft: Draft, inputs: DrawingInputs, to_z: Schematic) -> None:
    films = cell_films(inputs)
    bottom = films[0].z0_um
    centres = [to_z.at(film.z0_um - bottom + film.thickness_um / 2) for film in films]
    rows = spread(centres, 5.4, to_z.at(0) - 4.0, to_z.at(inputs.design.pitch_um) + 3.0)
    left, right = _GAP.x0, _GAP.x1
    for film, centre, row in zip(films, centres, rows, strict=True):
        for edge, sign in ((left, 1.0), (right, -1.0)):
            xs = [edge + sign * step for step in (0.0, 3.0, 7.0, 9.0)]
            draft.line(tuple(zip(xs, (centre, centre, row, row), strict=True)), HAIR, Role.NOTE)
        look = film_look(inputs, film.film, film.layer)
        draft.box(Box(left + 9.0, row - 1.9, left + 17.0, row + 1.9), THIN, look.fill, Role.NOTE, look.hatch)
        _label_row(draft, left, row - SMALL / 2, film_label(inputs, film))
    head = to_z.at(inputs.design.pitch_um) + 9.0
    _label_row(draft, left, head, ("Film: material", "thickness", "range", "pole"), "#555555")
    foot = to_z.at(0) - 7.0
    total = f"{layers_text(inputs.design.layers)} of {um(inputs.design.pitch_um)}"
    draft.text((left + right) / 2, foot - 3.0, total, SMALL, "middle")


def _label_row(draft: Draft, left: float, base: float, texts: tuple[str, ...], colour: str = "#000000") -> None:
    name, *rest = texts
    draft.text(left + 18.5, base, shorten(name, SMALL, 77.0), SMALL, colour=colour)
    for centre, text in zip(_LABEL_COLUMNS, rest, strict=True):
        draft.text(left + centre, base, text, SMALL, "middle", colour=colour)


def _chain(
    draft: Draft, stops: list[float], middle: int, to_left: Schematic, to_right: Schematic, line: float
) -> None:
    """True lengths between all edges, one after the other."""
    foot = line + 6.0
    for index, (a, b) in enumerate(pairwise(stops)):
        value = um(b - a)
        if index == middle:
            start, end = to_left.at(a), to_right.at(b)
        else:
            to_x = to_left if index < middle else to_right
            start, end = to_x.at(a), to_x.at(b)
        height = SMALL if text_width(value, SMALL) + 0.8 <= end - start else 1.8
        scale = (end - start) / ((b - a) / 1000)
        draft.dimension(
            (start, foot), (end, foot), line, value, scale, place="inside", value_mm=(b - a) / 1000, height=height
        )


def _plus_note(inputs: DrawingInputs, metal: str) -> str:
    """How the + pole of a layer reaches its terminal."""
    if not inputs.pdk.stack.substrate.conductive:
        return f"+: every cathode collector ends at the + {metal}."
    if lands(inputs):
        return f"+: every foil ends at the + {metal} and is bare on the contact land beside it."
    return (
        f"+: every foil meets the + {metal} with its cut edge, and with its underside where no film lies under it."
    )


def _notes(inputs: DrawingInputs) -> list[str]:
    design = inputs.design
    x0, x1, y = inputs.template.section_line(*inputs.cell_um)
    lithium = next((film for film in design.stack if film.film == "lithium"), None)
    metal = terminal_noun(inputs)
    found = [
        f"Cut along S-S of the layout: y = {um(y)}, x = {um(x0)} to {um(x1)} from the foil's + corner.",
        _plus_note(inputs, metal),
        f"-: the tab goes through the window in the lower film to the anode collector, and out to the - {metal}.",
        "Range: what the process design kit states, where it states one. White: no film; adhesive flows in."
        " Hatching as in the labels; thin pieces are left without.",
    ]
    if lithium is not None:
        found.append(
            f"Drawn charged. Discharged, the {um(lithium.thickness_um)} µm of lithium are in the cathode;"
            " the height of the package does not change."
        )
    return found
