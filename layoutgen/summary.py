"""What a design looks like on a terminal."""

from layoutgen.mechanics.answer import terminals_json, terminals_lines
from layoutgen.mechanics.asked import asked_bend, bend_figures, most_stretched
from layoutgen.mechanics.bending import mechanics_missing
from layoutgen.sizing.attach import Attach
from layoutgen.sizing.device import DeviceDesign
from layoutgen.sizing.orders import ORDER_WORDS, orders_of
from layoutgen.solver.asked import load_text
from layoutgen.solver.explanation import OrderOutcome, Outcome, Without
from layoutgen.solver.solution import Neighbour, Solution
from layoutgen.solver.width import widths_of
from layoutgen.spec import SizeLimits
from layoutgen.units import counted, duration_text, plain


def facts(solution: Solution) -> list[tuple[str, str]]:
    """Package, layers, capacity, energy, web and what binds, by name; empty where the one before goes on."""
    device, web = solution.device, solution.web
    length, width, height = (
        size / 1000 for size in (device.package_length_um, device.package_width_um, device.package_height_um)
    )
    ohm, current = device.resistance_ohm, device.max_continuous_ma
    return [
        ("package", f"{length:.2f} x {width:.2f} x {height:.2f} mm (terminal axis x width x height)"),
        ("", _largest(solution)),
        ("stack", f"{counted(device.layers, 'layer')} of {_cells(solution)}"),
        ("", f"{_foil(solution)}, {device.pitch_um:.2f} um a layer"),
        (
            "capacity",
            f"{plain(device.rated_mah, 4)} mAh rated at {device.confidence:.4g} confidence{_cycles(device.cycles)},"
            f" {plain(device.nominal_mah, 4)} mAh nominal",
        ),
        *_order(solution),
        (
            "energy",
            f"{plain(device.energy_mwh, 4)} mWh; {device.package_wh_per_l:.0f} Wh/L package,"
            f" {device.bare_cell_wh_per_l:.0f} Wh/L bare cell",
        ),
        (
            "resistance",
            f"{plain(ohm, 3)} ohm, {plain(current, 3)} mA continuous{_for_a_pulse(device)}{_at(solution)}",
        ),
        *_load(solution),
        *_charge(solution),
        ("mass", f"{plain(device.mass_g, 3)} g"),
        *_bent(solution),
        *_joined(device),
        (solution.loaded.pdk.web.whole, _cells_of_a_repeat(solution)),
        ("", f"bound {web.bound_cells_per_repeat}, gap {web.gap_percent:.2f} % ({_proof(solution)})"),
        *_kept_free(solution),
        (
            "yield",
            f"cell {device.cell_yield:.1%}, screened cell {device.screened_cell_yield:.2%},"
            f" stack {device.stack_yield:.1%}",
        ),
        ("good devices", f"{plain(solution.good_devices_per_m2, 4)} per m2{_against_naive(solution)}"),
        *_lowest_of_equals(solution),
        *_trade_off(solution),
        *_set_by_the_user(solution),
        *_wide(solution),
        ("binds", ", ".join(item.limit for item in solution.limits if item.binds) or "nothing in the question"),
    ]


def summary(solution: Solution) -> str:
    """A dozen lines: the facts, and what is flagged."""
    lines = [f"{solution.spec.file_name()}  ({solution.objective} objective, process {_process(solution)})", ""]
    lines += [f"  {name:<14}{text}" for name, text in facts(solution)]
    lines += [f"  ! {flag.message}" for flag in solution.device.flags]
    lines += _other_designs(solution)
    lines += _explained(solution)
    return "\n".join(lines)


def _wide(solution: Solution) -> list[tuple[str, str]]:
    """How wide the answer is, and what to measure first."""
    widths = widths_of(solution)
    told = ", ".join(
        f"{plain(item.low, 3)} to {plain(item.high, 3)} {_UNIT_WORDS[item.unit]}" for item in widths.figures
    )
    rows = [("range", told), ("", "with each assumed or derived number alone at the ends of its range")]
    if widths.next:
        first = widths.next[0]
        rows.append(("measure next", f"{first.path}: {first.test}"))
    return rows


_UNIT_WORDS = {"mAh": "mAh", "mm": "mm high", "ohm": "ohm", "1/m2": "good/m2"}


def _for_a_pulse(device: DeviceDesign) -> str:
    pulse = device.delivery.pulse_ohm
    return "" if pulse is None else f"; {plain(pulse, 3)} ohm for 10 ms"


def _at(solution: Solution) -> str:
    """The temperature of the electrical figures, where it is asked for."""
    asked = solution.spec.temperature
    return "" if asked is None else f", at {plain(asked)} C"


def _load(solution: Solution) -> list[tuple[str, str]]:
    """What the load that is asked for does to the voltage."""
    load = solution.device.delivery.load
    if load is None:
        return []
    capacity = solution.spec.capacity
    ends = f", {plain(load.end_v, 4)} V after {plain(capacity)} mAh" if capacity else ""
    return [
        (
            "load",
            f"{load_text(solution.spec)}: drop {plain(load.drop_v * 1000, 3)} mV{ends},"
            f" {plain(load.lowest_v, 3)} V after {plain(load.delivered_mah, 4)} mAh",
        )
    ]


def _charge(solution: Solution) -> list[tuple[str, str]]:
    """How long a charge takes, where it is asked for."""
    delivery = solution.device.delivery
    if delivery.charge_asked_s is None or delivery.charge_s is None or delivery.charge_voltage_v is None:
        return []
    limit = delivery.charge_limit_ma
    most = "" if limit is None else f", at most {plain(limit, 3)} mA"
    time = f"{duration_text(delivery.charge_s)} to {delivery.charge_words}{_at(solution)}"
    return [("charge", f"{time}, {plain(delivery.charge_voltage_v)} V{most}")]


def _bent(solution: Solution) -> list[tuple[str, str]]:
    """What the bend that is asked for does to the film that it stretches most, and to the terminals."""
    spec, pdk, device = solution.spec, solution.loaded.pdk, solution.device
    if spec.bend_radius is None or mechanics_missing(pdk):
        return []
    bend = asked_bend(pdk, solution.template, device, spec.bend_radius, curved=spec.curved).bend
    film = most_stretched(bend.films)
    how = "built curved" if spec.curved else "as one block" if bend.block else "as cells that slide"
    figures = bend_figures(pdk, solution.template, device, spec.bend_radius, curved=spec.curved)
    least = figures["bend.radius"]
    room = "no sourced limit" if least is None else f"films with a sourced limit take {plain(least / 1000, 3)} mm"
    terminals = terminals_json(pdk, solution.template, device, spec.bend_radius)
    return [
        (
            "bent",
            f"to {plain(spec.bend_radius)} mm {how}: {film.film} {film.high * 100:+.3g} %"
            f"{', charged' if bend.charged else ''}; {room}",
        ),
        *(("", line) for line in terminals_lines(terminals)),
    ]


def _joined(device: DeviceDesign) -> list[tuple[str, str]]:
    """How a part that is not soldered is joined to its board."""
    if device.attach is Attach.SOLDERED:
        return []
    return [("attach", f"{device.attach.value}: no reflow, no paste on its lands")]


def _largest(solution: Solution) -> str:
    """The largest part that tolerances allow, and which of the two the question limits."""
    device = solution.device
    length, width, height = (
        (size + tolerance) / 1000
        for size, tolerance in (
            (device.package_length_um, device.tolerance_length_um),
            (device.package_width_um, device.tolerance_width_um),
            (device.package_height_um, device.tolerance_height_um),
        )
    )
    limited = "this" if solution.spec.size_limits is SizeLimits.MAXIMUM else "the nominal size"
    return f"at most {length:.2f} x {width:.2f} x {height:.2f} mm by tolerance; the question limits {limited}"


def _order(solution: Solution) -> list[tuple[str, str]]:
    """The order of stacking that the rating counts on, and what the best other one would save in these cells."""
    pdk, device, asked = solution.loaded.pdk, solution.device, solution.spec.capacity
    effects = {item.order: item for item in orders_of(pdk, solution.template, device, asked)}
    own = effects[pdk.assembly.order]
    rows = [("order", f"{own.order}: {ORDER_WORDS[own.order]}")]
    better = [item for item in effects.values() if item.rated_mah > own.rated_mah * (1 + 1e-9)]
    # the simplest of those that save most layers; where nothing is asked for, that rate highest
    best = min(better, key=lambda item: (item.layers or 0, -round(item.rated_mah, 2)), default=None)
    if best is None:
        return rows
    gain = f"{best.order} rates these {device.layers} at {plain(best.rated_mah, 4)} mAh"
    if best.layers and own.layers and best.layers < own.layers and best.height_mm and own.height_mm:
        saved = own.layers - best.layers
        gain += f"; {counted(saved, 'layer')} and {own.height_mm - best.height_mm:.2f} mm less would do"
    return [*rows, ("", gain)]


def _lowest_of_equals(solution: Solution) -> list[tuple[str, str]]:
    if solution.search.given_up_percent < 5e-7:
        return []
    within = plain(solution.spec.indifference_percent)
    given_up = max(solution.search.given_up_percent, 0.01)
    return [("", f"the lowest of the designs within {within} % of the best, {given_up:.2f} % below it")]


def _trade_off(solution: Solution) -> list[tuple[str, str]]:
    """The lowest and the cheapest design of the footprint, and what one costs in the other."""
    found = solution.trade_off
    if found is None:
        return []
    indifferent = solution.spec.indifference_percent
    within = f"within {plain(indifferent)} %" if indifferent else ""
    if found.lowest is found.cheapest:
        own = "this design is" if not found.lowest.varies else f"{_end(solution, found.lowest)} is"
        cheapest = f"and, {within}, the cheapest" if within else "and the cheapest"
        return [("trade-off", f"{own} both the lowest {cheapest} of the footprint")]
    fewer = f"{plain(-found.good_devices_percent, 2)} % fewer good devices than the cheapest"
    higher = f"{found.height_mm:.2f} mm higher"
    return [
        ("trade-off", f"lowest: {_end(solution, found.lowest)}, {fewer}"),
        ("", f"{f'cheapest {within}'.rstrip()}: {_end(solution, found.cheapest)}, {higher}"),
    ]


def _end(solution: Solution, item: Neighbour) -> str:
    own = solution.neighbours[0]
    films = [
        f"{plain(value)} um {name}"
        for value, other, name in (
            (item.foil_um, own.foil_um, "foil"),
            (item.cathode_um, own.cathode_um, "cathode"),
        )
        if value != other
    ]
    this = "" if item.varies else " (this design)"
    return ", ".join([f"{item.package_height_mm:.2f} mm, {counted(item.layers, 'layer')}{this}", *films])


def _set_by_the_user(solution: Solution) -> list[tuple[str, str]]:
    """What is not as the process has it, so that nobody takes the answer for the process's own."""
    overrides = solution.loaded.overrides
    rows = [
        ("set" if not number else "", f"{item.path} = {item.value}, was {item.was}")
        for number, item in enumerate(overrides)
    ]
    waived = solution.search.waived
    return [*rows, ("waived", f"{', '.join(waived)}: the answer may break them")] if waived else rows


def _kept_free(solution: Solution) -> list[tuple[str, str]]:
    """What is kept free of cells, where the question or the process says so."""
    web, rows = solution.web, []
    if web.frame.slits:
        rows.append(("slits", f"{len(web.frame.slits)}, into {counted(len(web.frame.slits) + 1, 'strip')}"))
    if web.structures:
        before = web.cells_per_repeat + web.structures_cost_cells
        rows += [
            (
                "structures" if not number else "",
                f"{item.structure.name}: {counted(item.cost_cells, 'cell')} of a repeat,"
                f" {item.cost_cells / before:.2%}",
            )
            for number, item in enumerate(web.structures)
        ]
    if web.zones:
        rows.append(("zones", ", ".join(dict.fromkeys(f"{zone.name} ({zone.reason})" for zone in web.zones))))
    return rows


def _other_designs(solution: Solution) -> list[str]:
    if not solution.alternatives:
        return []
    lines = ["", "  next-best designs"]
    for item in solution.alternatives:
        length, width, height = item.package_mm
        size = f"{length:.2f} x {width:.2f} x {height:.2f} mm"
        lines.append(f"  {counted(item.layers, 'layer'):>12}  {size}  {item.why_not}")
    return lines


def _explained(solution: Solution) -> list[str]:
    found = solution.explanation
    if found is None:
        return []
    lines = ["", "  what a relaxed limit would gain"]
    lines += [f"    {price.text}" for price in found.prices]
    if found.requirements:
        lines += ["", "  what each requirement costs, all others kept"]
        lines += [f"    {item.requirement:<28}{_costs(item)}" for item in found.requirements]
    lines += [
        "",
        "  percent change for 1 % more of a value       capacity   height  good/m2    stack yield      ohm      mA",
    ]
    for item in found.sensitivities:
        figures = (
            *(item.rated_capacity, item.height, item.good_devices_per_m2, item.stack_yield),
            *(item.resistance, item.current),
        )
        numbers = "".join(f"{figure:>10.3f}" for figure in figures)
        lines.append(f"    {item.path:<40}{numbers}  {item.kind}")
    if found.orders:
        lines += ["", "  what another order of stacking would give"]
        lines += [f"    {item.order:<12}{_outcome(item)}" for item in found.orders]
    lines += [
        "",
        "  what assumed and derived numbers do to the answer, from low to high end of their range",
    ]
    idle = []
    for span in found.ranges:
        low, high = _outcome(span.low), _outcome(span.high)
        if low == high:
            idle.append(span.path)
            continue
        ends = f"{plain(span.low.value)}: {low};  {plain(span.high.value)}: {high}"
        lines.append(f"    {span.path} ({span.unit})  {ends}")
    if idle:
        lines.append(f"    no effect: {', '.join(idle)}")
    return lines


def _costs(item: Without) -> str:
    if item.layers_more is None or item.height_more_mm is None:
        return f"without it: {_outcome(item)}"
    found = []
    if item.layers_more:
        word = "layer" if abs(item.layers_more) == 1 else "layers"
        found.append(f"{item.layers_more:+d} {word}, {item.height_more_mm:+.2f} mm")
    if item.good_devices_percent is not None and abs(item.good_devices_percent) >= 0.05:
        found.append(f"{item.good_devices_percent:+.1f} % good devices")
    return f"{', '.join(found) or 'nothing'}; without it {_outcome(item)}"


def _outcome(outcome: Outcome | OrderOutcome | Without) -> str:
    if outcome.layers is None or outcome.height_mm is None or outcome.good_devices_per_m2 is None:
        return "does not fit"
    layers, good = counted(outcome.layers, "layer"), plain(outcome.good_devices_per_m2, 4)
    told = outcome.resistance_ohm if isinstance(outcome, Outcome) else None
    ohm = "" if told is None else f", {plain(told, 3)} ohm"
    return f"{layers}, {outcome.height_mm:.2f} mm, {good} good/m2{ohm}"


def _against_naive(solution: Solution) -> str:
    if solution.naive is None or not solution.naive.devices_per_m2_good:
        return ""
    gain = (solution.good_devices_per_m2 / solution.naive.devices_per_m2_good - 1) * 100
    return f", {gain:+.1f} % against filling the footprint on a plain grid"


def _process(solution: Solution) -> str:
    pdk = solution.loaded.pdk
    trust = f": {pdk.disclaimer}" if pdk.disclaimer else ""
    return f"{pdk.name} {pdk.version}{trust}"


def _foil(solution: Solution) -> str:
    stack = solution.loaded.pdk.stack
    return (
        f"{plain(stack.cathode.thickness.value)} um {stack.cathode.material} on"
        f" {plain(stack.substrate.thickness.value)} um {stack.substrate.material}"
    )


def _cells(solution: Solution) -> str:
    device = solution.device
    size = f"{_mm(device.cell_length_um)} x {_mm(device.cell_width_um)} mm"
    return f"one {size} cell" if device.layers == 1 else f"{size} cells"


def _cells_of_a_repeat(solution: Solution) -> str:
    plan = solution.web
    width_mm, length_mm = (side * solution.dbu_nm * 1e-6 for side in (plan.frame.width, plan.repeat_length))
    cells = counted(plan.cells_per_repeat, "cell")
    if solution.loaded.pdk.web.form == "plate":
        return f"{cells} per plate of {width_mm:.2f} x {length_mm:.2f} mm, {solution.cells_per_m2:.0f} cells per m2"
    return f"{cells} per {length_mm:.2f} mm repeat, {solution.cells_per_m:.0f} cells per m"


def _proof(solution: Solution) -> str:
    return "proved optimal" if solution.web.proved_optimal else f"method {solution.web.method}"


def _cycles(cycles: float) -> str:
    return f" after {cycles:g} cycles" if cycles else ""


def _mm(value_um: float) -> str:
    return f"{value_um / 1000:.2f}"
