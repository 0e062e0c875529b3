"""One question, asked of several flows: the answers, and every figure in which they differ with its reason."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from layoutgen.errors import DoesNotFit, Input, Place, Problem, SpecError
from layoutgen.expressions import names_in, parse_expression
from layoutgen.patterning.borders import NAMES, SIDES, Border, borders_of
from layoutgen.pdk.compare import KitChange, compare_kits
from layoutgen.pdk.flow import Pass, overlay_um
from layoutgen.pdk.layers import masks_of_marks
from layoutgen.pdk.load import load_pdk
from layoutgen.pdk.rule import Rule
from layoutgen.rules.pages import requirement
from layoutgen.solver.solution import Solution
from layoutgen.solver.solve import solve
from layoutgen.spec import Spec
from layoutgen.units import counted, plain

Progress = Callable[[str], None]
_MOST: Final = 6
FLOW: Final = Input("flow")


@dataclass(frozen=True, slots=True)
class FlowDesign:
    """What one flow makes of the question; ``changes`` are the statements that its kit has unlike the first."""

    asked: str
    solution: Solution
    borders: tuple[Border, ...]
    changes: tuple[KitChange, ...]

    @property
    def name(self) -> str:
        return self.solution.loaded.pdk.name

    @property
    def cell_mm2(self) -> float:
        device = self.solution.device
        return device.cell_length_um * device.cell_width_um * 1e-6

    @property
    def active_mm2(self) -> float:
        return self.solution.device.active_area_cm2 * 100

    @property
    def lost_mm2(self) -> float:
        """Of each cell, that stores no charge."""
        return self.cell_mm2 - self.active_mm2

    @property
    def passes(self) -> list[tuple[str, Pass | None]]:
        """Every mask in order, and its pass where the kit states a flow."""
        pdk = self.solution.loaded.pdk
        masks = sorted(pdk.masks, key=lambda name: pdk.masks[name].number)
        return [(name, pdk.flow.passes.get(name) if pdk.flow else None) for name in masks]

    @property
    def web_passes(self) -> list[str]:
        """The masks of the web: ablations and the cut."""
        pdk = self.solution.loaded.pdk
        return [name for name, _ in self.passes if pdk.layers[name].stage == "web"]

    def overlay_um(self, step: Pass) -> float:
        return overlay_um(self.solution.loaded.pdk, step)

    @property
    def chain_um(self) -> float | None:
        """What the passes of the web may lie off against each other in all; None where the kit states no flow.

        The pass that makes the marks is what the others lie off against.
        """
        marks = masks_of_marks(self.solution.loaded.pdk)
        steps = [
            step for name, step in self.passes if name in self.web_passes and name not in marks and step is not None
        ]
        return sum(map(self.overlay_um, steps)) if steps else None


@dataclass(frozen=True, slots=True)
class Difference:
    """A figure in which flows differ: a value of each, why each has it, and the statements that it comes from."""

    figure: str
    unit: str
    values: tuple[Any, ...]
    because: tuple[str, ...]
    statements: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FlowComparison:
    """Flows beside each other, the first the one that others are compared with."""

    flows: tuple[FlowDesign, ...]
    differences: tuple[Difference, ...]


def compare_flows(
    spec: Spec, kits: Sequence[str], *, where: Place = FLOW, progress: Progress | None = None
) -> FlowComparison:
    """Ask one question of several kits; ``where`` is what messages call them.

    Raises:
        SpecError: there are fewer than two, more than six, or one stands there twice.
        PdkError: a kit cannot be loaded.
        DoesNotFit: a flow has no answer; says which.
    """
    if not 2 <= len(kits) <= _MOST:
        what = f"{counted(len(kits), 'flow')} given"
        raise SpecError(Problem(what, where, f"2 to {_MOST}, each a kit"))
    twice = next((name for number, name in enumerate(kits) if name in kits[:number]), None)
    if twice is not None:
        raise SpecError(Problem(f"{twice!r} stands there twice", where, "each kit once"))
    loaded = [load_pdk(name, spec.overrides, where=where) for name in kits]
    flows = []
    for name, kit in zip(kits, loaded, strict=True):
        if progress is not None:
            progress(f"asking {kit.pdk.name}")
        try:
            solution = solve(spec.model_copy(update={"pdk": name}), kit, compare=False)
        except DoesNotFit as error:
            problems = [replace(item, what=f"{kit.pdk.name}: " + item.what) for item in error.problems]
            raise DoesNotFit(problems, error.nearest) from error
        changes = compare_kits(loaded[0], kit).changes
        flows.append(FlowDesign(name, solution, borders_of(solution), changes))
    return FlowComparison(tuple(flows), tuple(_differences(tuple(flows))))


def _differences(flows: tuple[FlowDesign, ...]) -> list[Difference]:
    found = []
    for figure, unit, value, why, of in _FIGURES:
        values = tuple(value(flow) for flow in flows)
        if len({repr(item) for item in values}) > 1:
            drawn = _drawn(flows) if set(_SIZED) <= set(of) else ()
            paths = dict.fromkeys(
                change.path
                for flow in flows
                for change in flow.changes
                if change.path.startswith(of) or change.path in drawn
            )
            found.append(Difference(figure, unit, values, tuple(why(flow) for flow in flows), tuple(paths)))
    return found


def _drawn(flows: Sequence[FlowDesign]) -> set[str]:
    """The statements of templates and lengths that the borders of the active area are made of."""
    found: set[str] = set()
    for flow in flows:
        template = flow.solution.template
        waiting = list(template.template.package.active)
        layers: set[str] = set()
        while waiting:
            layer = waiting.pop()
            if layer not in layers:
                layers.add(layer)
                names = [name for edge in SIDES for name in names_in(template.trees[f"{layer}.{edge}"])]
                waiting += [name.partition(".")[0] for name in names if "." in name]
        found |= {f"template(elements).{layer}{axis}" for layer in layers for axis in ("", ".x", ".y")}
        for term in (term for border in flow.borders for term in border.terms):
            found |= {f"template(parameters).{term.name}", *names_in(parse_expression(term.stated))}
    return found


def same_cell_mm2(flows: Sequence[FlowDesign]) -> list[float]:
    """The active area that each flow leaves of the cell of the first, mm2."""
    device = flows[0].solution.device
    cell = device.cell_length_um, device.cell_width_um
    return [float(flow.solution.template.active_area_cm2(*cell)) * 100 for flow in flows]


def rules_changed(first: FlowDesign, other: FlowDesign) -> dict[str, list[str]]:
    """Rule ids that only the first has, only the other, and those that say something else or have another limit."""
    one, two = first.solution.loaded.pdk, other.solution.loaded.pdk
    return {
        "only_first": sorted(set(one.rules) - set(two.rules)),
        "only_other": sorted(set(two.rules) - set(one.rules)),
        "changed": sorted(
            name
            for name in set(one.rules) & set(two.rules)
            if one.rules[name] != two.rules[name]
            or requirement(one, one.rules[name]) != requirement(two, two.rules[name])
        ),
    }


def masks_changed(first: FlowDesign, other: FlowDesign) -> dict[str, list[str]]:
    """Masks that only the first has, only the other, and those of another expression, title or tool."""
    one, two = first.solution.loaded.pdk.masks, other.solution.loaded.pdk.masks
    return {
        "only_first": [name for name in one if name not in two],
        "only_other": [name for name in two if name not in one],
        "changed": [name for name in one if name in two and one[name] != two[name]],
    }


def _charge(flow: FlowDesign) -> str:
    device = flow.solution.device
    areal = device.rated_mah / device.layers / device.active_area_cm2
    return (
        f"{device.layers} x {flow.active_mm2:.3f} mm2 x {areal / 100:.6f} mAh/mm2"
        f" = {plain(device.rated_mah, 4)} mAh rated"
    )


def _height(flow: FlowDesign) -> str:
    device = flow.solution.device
    rest = device.package_height_um - device.layers * device.pitch_um
    return f"{device.layers} x {device.pitch_um:.2f} um + {rest:.0f} um of lids and terminals"


def _cell(flow: FlowDesign) -> str:
    device = flow.solution.device
    return (
        f"the cell that takes least web at {device.layers} layers:"
        f" {flow.solution.good_devices_per_m2:.1f} good devices per m2"
    )


def _active(flow: FlowDesign) -> str:
    device = flow.solution.device
    return (
        f"{device.active_length_um / 1000:.3f} x {device.active_width_um / 1000:.3f} mm inside a cell of"
        f" {device.cell_length_um / 1000:.3f} x {device.cell_width_um / 1000:.3f} mm"
    )


def _borders(flow: FlowDesign) -> str:
    return "; ".join(f"{NAMES[item.side]} {item.text}" for item in flow.borders)


def _web(flow: FlowDesign) -> str:
    solution = flow.solution
    return f"{solution.cells_per_m2:.0f} cells per m2 / {solution.device.layers} x yields"


def _steps(flow: FlowDesign) -> str:
    return ", ".join(flow.web_passes)


def _chain(flow: FlowDesign) -> str:
    steps = [(name, step) for name, step in flow.passes if name in flow.web_passes and step is not None]
    return " + ".join(f"{name} {flow.overlay_um(step):g}" for name, step in steps) or "the kit states no flow"


def _count(what: str) -> Callable[[FlowDesign], str]:
    return lambda flow: f"{len(getattr(flow.solution.loaded.pdk, what))} {what} stated by {flow.name}"


def _in_words(text: Callable[[FlowDesign], str]) -> Callable[[FlowDesign], str]:
    return lambda flow: f"stated by {flow.name}: {text(flow)}"


def _flow_text(key: str) -> Callable[[FlowDesign], str]:
    def text(flow: FlowDesign) -> str:
        stated = flow.solution.loaded.pdk.flow
        return "not stated" if stated is None else str(getattr(stated, key))

    return text


def _risks(flow: FlowDesign) -> tuple[str, ...]:
    pdk = flow.solution.loaded.pdk
    unproven = (f"unproven: {pdk.unproven}",) if pdk.unproven else ()
    return (*unproven, *(pdk.flow.risks if pdk.flow else ()))


def _drop_mv(flow: FlowDesign) -> float | None:
    load = flow.solution.device.delivery.load
    return None if load is None else round(load.drop_v * 1000, 4)


def _delivered_mah(flow: FlowDesign) -> float | None:
    load = flow.solution.device.delivery.load
    return None if load is None else round(load.delivered_mah, 6)


def _charge_min(flow: FlowDesign) -> float | None:
    """Where a charge time is asked for."""
    delivery = flow.solution.device.delivery
    if delivery.charge_asked_s is None or delivery.charge_s is None:
        return None
    return round(delivery.charge_s / 60, 4)


def _resistance(flow: FlowDesign) -> str:
    device = flow.solution.device
    area_cm2 = device.layers * device.active_area_cm2
    return (
        f"{device.resistance_ohm * area_cm2:.1f} ohm cm2 over {area_cm2:.2f} cm2"
        f" at {plain(device.delivery.temperature_c)} C"
    )


def _drop(flow: FlowDesign) -> str:
    load = flow.solution.device.delivery.load
    return "no load asked" if load is None else f"{plain(load.peak_ma, 4)} mA at most; {_resistance(flow)}"


def _delivered(flow: FlowDesign) -> str:
    device = flow.solution.device
    load = device.delivery.load
    if load is None:
        return "no load asked"
    return f"{plain(device.rated_mah, 4)} mAh rated, down to {plain(load.lowest_v)} V; {_drop(flow)}"


def _charging(flow: FlowDesign) -> str:
    delivery = flow.solution.device.delivery
    limit = "" if delivery.charge_limit_ma is None else f", at most {plain(delivery.charge_limit_ma, 3)} mA"
    return f"to {delivery.charge_words}{limit}; {_resistance(flow)}"


_SIZED: Final = ("stack.", "cell.", "yield.", "web.", "package.")
"""What sizes a device beside the borders of its cells; see also :func:`_drawn`."""
_MASKS: Final = ("masks.", "flow.passes")
_Figure = tuple[str, str, Callable[[FlowDesign], Any], Callable[[FlowDesign], str], tuple[str, ...]]
_FIGURES: Final[tuple[_Figure, ...]] = (
    ("layers", "", lambda flow: flow.solution.device.layers, _charge, _SIZED),
    ("cell length", "mm", lambda flow: flow.solution.device.cell_length_um / 1000, _cell, _SIZED),
    ("cell width", "mm", lambda flow: flow.solution.device.cell_width_um / 1000, _cell, _SIZED),
    ("package height", "mm", lambda flow: round(flow.solution.device.package_height_um / 1000, 6), _height, _SIZED),
    ("active area of a cell", "mm2", lambda flow: round(flow.active_mm2, 6), _active, _SIZED),
    ("area lost to isolation and contact, a cell", "mm2", lambda flow: round(flow.lost_mm2, 6), _borders, _SIZED),
    (
        "area lost to isolation and contact",
        "%",
        lambda flow: round(100 * flow.lost_mm2 / flow.cell_mm2, 4),
        _borders,
        _SIZED,
    ),
    ("rated capacity", "mAh", lambda flow: round(flow.solution.device.rated_mah, 6), _charge, _SIZED),
    (
        "resistance for hours",
        "ohm",
        lambda flow: round(flow.solution.device.resistance_ohm, 6),
        _resistance,
        ("electrical.", *_SIZED),
    ),
    ("drop at the load", "mV", _drop_mv, _drop, ("electrical.", *_SIZED)),
    ("delivered at the load", "mAh", _delivered_mah, _delivered, ("electrical.", *_SIZED)),
    ("charge time", "min", _charge_min, _charging, ("electrical.", *_SIZED)),
    ("good devices", "per m2", lambda flow: round(flow.solution.good_devices_per_m2, 4), _web, _SIZED),
    ("passes of the web", "", lambda flow: len(flow.web_passes), _steps, _MASKS),
    ("overlay of the web's passes in all", "um", lambda flow: flow.chain_um, _chain, ("flow.passes", "laser.")),
    ("rules", "", lambda flow: len(flow.solution.loaded.pdk.rules), _count("rules"), ("rules.",)),
    ("masks", "", lambda flow: len(flow.solution.loaded.pdk.masks), _count("masks"), ("masks.",)),
    ("isolation", "", _flow_text("isolation"), _in_words(_flow_text("isolation")), ("flow.",)),
    ("contact of +", "", _flow_text("contact"), _in_words(_flow_text("contact")), ("flow.",)),
    ("risks", "", _risks, lambda flow: f"stated by {flow.name}", ("flow.", "unproven")),
)
"""Figure, unit, its value, why it is so, and the key paths that it may come from."""


def figures_of(flow: FlowDesign) -> dict[str, Any]:
    """Every figure of a flow, whether flows differ in it or not."""
    return {figure: value(flow) for figure, _, value, _, _ in _FIGURES}


def rule_of(flow: FlowDesign, name: str) -> Rule:
    return flow.solution.loaded.pdk.rules[name]
