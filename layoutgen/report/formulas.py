"""How each figure of design.json follows from others: formula, inputs, reference.

A formula is plain arithmetic (``+ - * / **``, ``sqrt``, ``exp``, ``min``, ``max``, ``floor``) over its symbols, so
that it can be read, and be evaluated again by whoever doubts it. A symbol stands for a key of design.json, or, with
``pdk:`` in front, for a quantity of the process design kit.
"""

from typing import Final

from layoutgen.report.electrical_formulas import DELIVERED, ELECTRICAL_STEPS
from layoutgen.report.formula import Formula

PAPER: Final = "Cheng et al., ACS Energy Lett. 2023, doi 10.1021/acsenergylett.3c01839"
_MODEL: Final = "sizing model"

YIELD_MODELS: Final[dict[str, tuple[str, str]]] = {
    "negative-binomial": ("(1 + d / alpha) ** -alpha", "negative binomial model, Stapper 1973"),
    "poisson": ("exp(-d)", "Poisson model"),
    "murphy": ("((1 - exp(-d)) / d) ** 2", "Murphy 1964, triangular density"),
    "seeds": ("1 / (1 + d)", "Seeds 1967, exponential density"),
}

FADE_MODELS: Final[dict[str, tuple[str, str]]] = {
    "linear": ("max(1 - (1 - r) * n / n_r, 0)", "equal steps through the measured point"),
    "square-root": ("max(1 - (1 - r) * sqrt(n / n_r), 0)", "root of the cycles through the measured point"),
    "geometric": ("r ** (n / n_r)", "each cycle keeps the same part, through the measured point"),
    "power": ("max(1 - (1 - r) * (n / n_r) ** p, 0)", "power of the cycles through the measured point"),
}

_LINE: Final = {
    "s_lot": "pdk:cell.utilization_sigma_lot",
    "s_cell": "pdk:cell.utilization_sigma_cell",
    "N": "device.layers",
}
_OVER_LOTS: Final = {**_LINE, "L": "pdk:assembly.lots", "r": "steps.estimate_correlation"}
_EVEN: Final = "(s_lot ** 2 * (1 - 1 / L) + s_cell ** 2) / N"

ORDERS: Final[dict[str, tuple[str, dict[str, str], str]]] = {
    "web": (
        "sqrt(s_lot ** 2 + deff * s_cell ** 2 / N)",
        {**_LINE, "deff": "steps.design_effect"},
        "web order: neighbours of one lot, which are alike",
    ),
    "shuffled": (
        "sqrt(s_lot ** 2 + s_cell ** 2 / N)",
        _LINE,
        "drawn at random from one lot",
    ),
    "mixed": (
        "sqrt(s_lot ** 2 / lots + s_cell ** 2 / N)",
        {**_LINE, "lots": "steps.lots_in_stack"},
        "drawn at random from several lots, evenly",
    ),
    "trays": (
        f"sqrt(s_lot ** 2 / L + (1 - r ** 2 * (1 - f)) * {_EVEN})",
        {**_OVER_LOTS, "f": "steps.within_classes"},
        "class trays over several lots; the mean of the lots still varies",
    ),
    "matched": (
        f"sqrt(s_lot ** 2 / L + (1 - r ** 2 * min(N - 1, 1)) * {_EVEN})",
        _OVER_LOTS,
        "shared evenly by estimate over several lots; the mean of the lots still varies",
    ),
}
"""Sigma of the mean utilisation of a stack by the order of the line: formula, symbols, what it is."""

CAPACITY: Final = {
    "steps.areal_capacity_mah_per_cm2": Formula(
        "Areal capacity at full utilisation",
        "mAh/cm2",
        "q_v * t_lco / 1000",
        {"q_v": "pdk:stack.cathode.volumetric_capacity", "t_lco": "pdk:stack.cathode.thickness"},
        f"0.69 mAh/cm2 at 10 um: {PAPER}",
    ),
    "steps.rated_utilization": Formula(
        "Utilisation that the stack exceeds with the asked confidence",
        "",
        "max(u - z * s, 0)",
        {"u": "pdk:cell.utilization_mean", "z": "steps.one_sided_z", "s": "steps.stack_sigma"},
        "cells in parallel average out their own spread, as far as the order of stacking lets them",
    ),
    "steps.design_effect": Formula(
        "By how much alike neighbours multiply the variance of a stack",
        "",
        "1 + (N - 1) * rho",
        {"N": "device.layers", "rho": "pdk:assembly.order_correlation"},
        "design effect, Kish, Survey Sampling, 1965",
    ),
    "steps.cells_of_a_lot": Formula(
        "Cells that a stack takes of each lot at least",
        "",
        "floor(N / L)",
        {"N": "device.layers", "L": "pdk:assembly.lots"},
        "a stack takes as many of each lot, or one more",
    ),
    "steps.lots_in_stack": Formula(
        "Lots of equal share that average alike",
        "",
        "N ** 2 / (L * q ** 2 + (N - L * q) * (2 * q + 1))",
        {"N": "device.layers", "L": "pdk:assembly.lots", "q": "steps.cells_of_a_lot"},
        "N cells from L lots as evenly as can be, q or q + 1 of each",
    ),
    "steps.estimate_correlation": Formula(
        "Correlation of estimate and truth that is sure",
        "",
        "max(1 - 2 / ((1 + r) / max(1 - r, 1e-12) * exp(-3.92 / sqrt(max(n - 3, 1e-6))) + 1), 0)",
        {"r": "pdk:assembly.estimate_correlation", "n": "pdk:assembly.cycled"},
        "lower end of the 95 % interval, Fisher's z",
    ),
    "steps.within_classes": Formula(
        "Share of the variance of estimates that stays inside the classes of trays",
        "",
        "",
        {"N": "device.layers", "K": "pdk:assembly.trays"},
        "1 - K sum (phi(a) - phi(b))^2 over min(K, N) classes of equal count between normal quantiles a and b",
    ),
    "steps.one_sided_z": Formula(
        "One-sided normal quantile",
        "",
        "quantile(p)",
        {"p": "device.capacity_mah.confidence"},
        "standard normal distribution",
    ),
    "device.capacity_mah.nominal": Formula(
        "Nominal capacity",
        "mAh",
        "N * A * q * u",
        {
            "N": "device.layers",
            "A": "device.active_area_cm2",
            "q": "steps.areal_capacity_mah_per_cm2",
            "u": "pdk:cell.utilization_mean",
        },
        "cells in parallel add up",
    ),
    "device.capacity_mah.rated": Formula(
        "Rated capacity",
        "mAh",
        "N * A * q * u_rated * left",
        {
            "N": "device.layers",
            "A": "device.active_area_cm2",
            "q": "steps.areal_capacity_mah_per_cm2",
            "u_rated": "steps.rated_utilization",
            "left": "steps.capacity_left",
        },
        _MODEL,
    ),
    "device.energy_mwh": Formula(
        "Energy, nominal",
        "mWh",
        "C * V",
        {"C": "device.capacity_mah.nominal", "V": "pdk:cell.mean_voltage"},
        _MODEL,
    ),
    "device.energy_density_wh_per_l.package": Formula(
        "Energy density of the package",
        "Wh/L",
        "E / volume * 1000",
        {"E": "device.energy_mwh", "volume": "steps.package_volume_mm3"},
        "terminals, lids, walls and insulating film counted",
    ),
    "device.energy_density_wh_per_l.bare_cell": Formula(
        "Energy density of the bare cell, as built",
        "Wh/L",
        "q * u * V / t * 10000",
        {
            "q": "steps.areal_capacity_mah_per_cm2",
            "u": "pdk:cell.utilization_mean",
            "V": "pdk:cell.mean_voltage",
            "t": "steps.built_um",
        },
        f"definition of figure 1 of {PAPER}: plated lithium not counted",
    ),
    "device.energy_density_wh_per_l.bare_cell_charged": Formula(
        "Energy density of the bare cell, charged",
        "Wh/L",
        "q * u * V / (t + p * q * u) * 10000",
        {
            "q": "steps.areal_capacity_mah_per_cm2",
            "u": "pdk:cell.utilization_mean",
            "V": "pdk:cell.mean_voltage",
            "t": "steps.built_um",
            "p": "pdk:stack.lithium.plated_thickness",
        },
        "as above, over the volume with the plated lithium",
    ),
}

GEOMETRY: Final = {
    "device.active_area_cm2": Formula(
        "Active area of one cell",
        "cm2",
        "L * W / 100",
        {"L": "steps.active_length_mm", "W": "steps.active_width_mm"},
        "overlap of the elements that store charge",
    ),
    "steps.package_volume_mm3": Formula(
        "Volume of the package",
        "mm3",
        "L * W * H",
        {"L": "device.package_mm.length", "W": "device.package_mm.width", "H": "device.package_mm.height"},
        "box around the part, nominal",
    ),
    "steps.lithium_um": Formula(
        "Room for plated lithium in each layer",
        "um",
        "p * q * u_max",
        {
            "p": "pdk:stack.lithium.plated_thickness",
            "q": "steps.areal_capacity_mah_per_cm2",
            "u_max": "pdk:stack.lithium.utilization_max",
        },
        "lithium stores 2062 mAh/cm3",
    ),
}

_IPC: Final = "IPC-7351B model, level B, before rounding"
_BOARD: Final = {"F": "land_pattern.board_tolerance_mm", "P": "land_pattern.placement_tolerance_mm"}
_ENDS: Final = {
    "L": "device.package_mm.length",
    "t_L": "device.tolerance_mm.length",
    "inset": "land_pattern.terminal_inset_mm",
}

LANDS: Final = {
    "device.tolerance_mm.length": Formula(
        "Tolerance of the package length",
        "mm",
        "t / 1000",
        {"t": "pdk:package.tolerance_length"},
        "process: package",
    ),
    "device.tolerance_mm.terminal": Formula(
        "Tolerance of the terminals", "mm", "t / 1000", {"t": "pdk:package.tolerance_terminal"}, "process: package"
    ),
    "land_pattern.levels[1].exact_mm.z": Formula(
        "Z, over the lands",
        "mm",
        "L - t_L - 2 * inset + 2 * J_T + sqrt((2 * t_L) ** 2 + F ** 2 + P ** 2)",
        {**_ENDS, "J_T": "land_pattern.levels[1].goals_mm.toe", **_BOARD},
        _IPC,
    ),
    "land_pattern.levels[1].exact_mm.g": Formula(
        "G, between the lands",
        "mm",
        "L - 2 * inset - 2 * T + sqrt((2 * t_L) ** 2 + 2 * (2 * t_T) ** 2) / 2 - 2 * J_H"
        " - sqrt((2 * t_L) ** 2 + 2 * (2 * t_T) ** 2 + F ** 2 + P ** 2)",
        {
            **_ENDS,
            "T": "device.terminal_mm.length",
            "t_T": "device.tolerance_mm.terminal",
            "J_H": "land_pattern.levels[1].goals_mm.heel",
            **_BOARD,
        },
        _IPC,
    ),
    "land_pattern.levels[1].exact_mm.x": Formula(
        "X, land width",
        "mm",
        "W - t_W + 2 * J_S + sqrt((2 * t_W) ** 2 + F ** 2 + P ** 2)",
        {
            "W": "land_pattern.terminal_width_mm",
            "t_W": "land_pattern.terminal_width_tolerance_mm",
            "J_S": "land_pattern.levels[1].goals_mm.side",
            **_BOARD,
        },
        _IPC,
    ),
}

ELECTRICAL: Final = {
    "steps.collectors_ohm": Formula(
        "Resistance of the two current collectors of one layer",
        "ohm",
        "(R_plus + R_minus) * L / (3 * W)",
        {
            "R_plus": "steps.plus_sheet_ohm",
            "R_minus": "steps.minus_sheet_ohm",
            "L": "steps.active_length_mm",
            "W": "steps.active_width_mm",
        },
        "fed along one edge, current falls linearly: a third of the end-to-end resistance",
    ),
    "steps.minus_sheet_ohm": Formula(
        "Sheet resistance of the - collector",
        "ohm/sq",
        "rho / t * 0.01",
        {"rho": "pdk:stack.anode_collector.resistivity", "t": "pdk:stack.anode_collector.thickness"},
        "resistivity over thickness",
    ),
    "device.resistance_ohm": Formula(
        "Internal resistance",
        "ohm",
        "(ASR / A + R_c) / N + R_t",
        {
            "ASR": "pdk:electrical.area_specific_resistance",
            "A": "device.active_area_cm2",
            "R_c": "steps.collectors_ohm",
            "N": "device.layers",
            "R_t": "pdk:electrical.terminal_resistance",
        },
        _MODEL,
    ),
    "device.max_continuous_ma": Formula(
        "Largest continuous current",
        "mA",
        "V_drop / R * 1000",
        {"V_drop": "pdk:electrical.voltage_drop_max", "R": "device.resistance_ohm"},
        "the current at which I R reaches the allowed drop",
    ),
}

YIELD: Final = {
    "steps.defects_per_cell": Formula(
        "Killer defects per cell",
        "",
        "A * D0",
        {"A": "device.active_area_cm2", "D0": "pdk:yield.defect_density"},
        _MODEL,
    ),
    "steps.screen_pass": Formula(
        "Part of the cells that the screen lets through",
        "",
        "y + (1 - y) * (1 - c)",
        {"y": "yield.cell", "c": "pdk:yield.screen_coverage"},
        "the good cells, and the bad ones that it misses",
    ),
    "yield.screened_cell": Formula(
        "Good among the screened cells",
        "",
        "y / s",
        {"y": "yield.cell", "s": "steps.screen_pass"},
        _MODEL,
    ),
    "yield.stack": Formula(
        "Stacks that work",
        "",
        "(y_s * k) ** N",
        {"y_s": "yield.screened_cell", "k": "pdk:yield.stacking_per_layer", "N": "device.layers"},
        "one shorted layer kills a parallel stack",
    ),
    "web.good_devices_per_cell": Formula(
        "Good devices for each cell on the web",
        "",
        "s / N * Y",
        {"s": "steps.screen_pass", "N": "device.layers", "Y": "yield.stack"},
        _MODEL,
    ),
}

WEB: Final = {
    "web.usable_mm": Formula(
        "Usable width of the web", "mm", "w - 2 * e", {"w": "web.width_mm", "e": "web.edge_mm"}, "process: web"
    ),
    "web.cells_per_m": Formula(
        "Cells on a metre of web",
        "1/m",
        "n / L * 1000",
        {"n": "web.cells_per_repeat", "L": "web.repeat_mm.length"},
    ),
    "web.cells_per_m2": Formula(
        "Cells on a square metre of web",
        "1/m2",
        "n / (W * L) * 1e6",
        {"n": "web.cells_per_repeat", "W": "web.repeat_mm.width", "L": "web.repeat_mm.length"},
    ),
    "web.devices_per_m2.gross": Formula(
        "Devices from a square metre, if every cell were good",
        "1/m2",
        "c / N",
        {"c": "web.cells_per_m2", "N": "device.layers"},
    ),
    "web.devices_per_m2.good": Formula(
        "Good devices from a square metre of web",
        "1/m2",
        "c * g",
        {"c": "web.cells_per_m2", "g": "web.good_devices_per_cell"},
    ),
    "web.utilization": Formula(
        "Part of the web that becomes cells",
        "",
        "n * l * w / (W * L)",
        {
            "n": "web.cells_per_repeat",
            "l": "device.cell_mm.length",
            "w": "device.cell_mm.width",
            "W": "web.repeat_mm.width",
            "L": "web.repeat_mm.length",
        },
        "finished cells, streets not counted",
    ),
    "web.gap_percent": Formula(
        "Distance from the bound",
        "%",
        "100 * (b - n) / b",
        {"b": "web.bound_cells_per_repeat", "n": "web.cells_per_repeat"},
        "no arrangement can hold more cells than the bound",
    ),
    "naive.gain_percent": Formula(
        "Gain over filling the footprint on a plain grid",
        "%",
        "(g / g_0 - 1) * 100",
        {"g": "web.devices_per_m2.good", "g_0": "naive.devices_per_m2_good"},
        "same question, same process",
    ),
}

# Figures that a search or a check decides: what they are, without arithmetic over other figures.
DECIDED: Final = {
    "device.layers": Formula("Layers in the stack", "", "", {}, "chosen by the search"),
    "device.cell_mm.length": Formula("Cell length", "mm", "", {}, "chosen by the search on the size grid"),
    "device.cell_mm.width": Formula("Cell width", "mm", "", {}, "chosen by the search on the size grid"),
    "web.cells_per_repeat": Formula("Cells in a repeat of the web", "", "", {}, "counted in the tiling"),
    "web.bound_cells_per_repeat": Formula("Bound on the cells in a repeat", "", "", {}, "computed with the tiling"),
    "web.repeat_mm.length": Formula("Length of the repeat", "mm", "", {}, "chosen by the tiler"),
    "web.width_mm": Formula("Width of the web", "mm", "W / 1000", {"W": "pdk:web.width"}, "process: web"),
    "web.edge_mm": Formula(
        "Unusable at each edge of the web", "mm", "e / 1000", {"e": "pdk:web.edge"}, "process: web"
    ),
    "web.kerf_mm": Formula("Width that a cut takes away", "mm", "k / 1000", {"k": "pdk:web.kerf"}, "process: web"),
    "web.repeat_mm.width": Formula("Width of the repeat", "mm", "w", {"w": "web.width_mm"}, "the whole web"),
    "search.gap_percent": Formula(
        "Distance of the objective from its bound",
        "%",
        "",
        {},
        "computed by the search over every design considered",
    ),
    "search.given_up_percent": Formula(
        "How much the best design is better in the objective than this one, which is lower",
        "%",
        "",
        {},
        "computed by the search",
    ),
    "search.designs_considered": Formula("Designs considered", "", "", {}, "counted by the search"),
    "search.designs_tiled": Formula("Designs tiled in full", "", "", {}, "counted by the search"),
    "search.choices": Formula("Combinations of foil and cathode", "", "", {}, "counted by the search"),
    "search.choices_dominated": Formula("Combinations left out", "", "", {}, "counted by the search"),
    "naive.devices_per_m2_good": Formula(
        "Good devices, footprint filled, plain grid", "1/m2", "", {}, "sized and tiled like the design itself"
    ),
}

FORMULAS: Final[dict[str, Formula]] = (
    DECIDED | GEOMETRY | LANDS | CAPACITY | ELECTRICAL | ELECTRICAL_STEPS | DELIVERED | YIELD | WEB
)
