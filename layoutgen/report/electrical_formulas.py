"""How the electrical figures of design.json, and its life, follow from others."""

from typing import Final

from layoutgen.report.formula import Formula

_RESPONSE: Final = {
    "ASR": "pdk:electrical.area_specific_resistance",
    "s_o": "pdk:electrical.response.ohmic",
    "s_e": "pdk:electrical.response.electrolyte",
    "s_i": "pdk:electrical.response.interface",
    "T": "device.electrical.temperature_c",
}
_PAGE: Final = "docs/physics.md: resistance by time"

ELECTRICAL_STEPS: Final = {
    "steps.series_ohm": Formula(
        "Resistance outside the cells",
        "ohm",
        "R_c / N + R_t",
        {"R_c": "steps.collectors_ohm", "N": "device.layers", "R_t": "pdk:electrical.terminal_resistance"},
        "collectors of all layers in parallel, terminals and joints",
    ),
    "steps.whole_response_ohm_cm2": Formula(
        "Resistance of a cell times its area, for hours",
        "ohm cm2",
        "",
        _RESPONSE,
        f"the shares at the temperature asked for; {_PAGE}",
    ),
    "steps.pulse_response_ohm_cm2": Formula(
        "Resistance of a cell times its area, for 10 ms",
        "ohm cm2",
        "",
        _RESPONSE
        | {
            "D": "pdk:electrical.response.diffusivity",
            "C_i": "pdk:electrical.response.interface_capacitance",
            "t": "pdk:stack.cathode.thickness",
        },
        f"at once, electrolyte, interface, and what diffuses in 10 ms; {_PAGE}",
    ),
}
_CHARGE: Final = {
    "V": "device.electrical.charge_voltage_v",
    "i_max": "pdk:electrical.plating_limit",
    "R": "device.electrical.whole_ohm",
    "Q": "device.capacity_mah.rated",
}

DELIVERED: Final = {
    "device.electrical.temperature_c": Formula(
        "Temperature of the electrical figures", "degC", "", {}, "asked for"
    ),
    "device.electrical.pulse_ohm": Formula(
        "Resistance for 10 ms",
        "ohm",
        "r / (N * A) + R_s",
        {
            "r": "steps.pulse_response_ohm_cm2",
            "N": "device.layers",
            "A": "device.active_area_cm2",
            "R_s": "steps.series_ohm",
        },
        _PAGE,
    ),
    "device.electrical.whole_ohm": Formula(
        "Resistance for hours",
        "ohm",
        "r / (N * A) + R_s",
        {
            "r": "steps.whole_response_ohm_cm2",
            "N": "device.layers",
            "A": "device.active_area_cm2",
            "R_s": "steps.series_ohm",
        },
        _PAGE,
    ),
    "device.electrical.charge_voltage_v": Formula(
        "Charge voltage", "V", "V", {"V": "pdk:electrical.charge_voltage"}, "process: electrical"
    ),
    "device.electrical.cutoff_voltage_v": Formula(
        "Discharge cut-off", "V", "V", {"V": "pdk:electrical.cutoff_voltage"}, "process: electrical"
    ),
    "device.electrical.charge_limit_ma": Formula(
        "Critical current of plating lithium",
        "mA",
        "i * N * A",
        {"i": "pdk:electrical.plating_limit", "N": "device.layers", "A": "device.active_area_cm2"},
        "current density times the area of all layers",
    ),
    "device.electrical.charge_s": Formula(
        "Charge to nine tenths",
        "s",
        "",
        _CHARGE,
        "constant current, then constant voltage; docs/physics.md: charge",
    ),
    "device.electrical.charge_asked_s": Formula("Time to charge asked for", "s", "", {}, "asked for"),
    "device.electrical.formation_mah": Formula(
        "Charge of the first cycle",
        "mAh",
        "Q + d / p * N * A",
        {
            "Q": "device.capacity_mah.nominal",
            "d": "pdk:electrical.first_cycle_loss",
            "p": "pdk:stack.lithium.plated_thickness",
            "N": "device.layers",
            "A": "device.active_area_cm2",
        },
        "nominal capacity, and the film of lithium that is lost",
    ),
    "device.electrical.self_discharge_percent_per_year": Formula(
        "Self-discharge through the electrolyte film",
        "% a year",
        "V / (rho * t * 1e-4) * 1000 * N * A * 8766 / Q * 100",
        {
            "V": "pdk:cell.mean_voltage",
            "rho": "pdk:electrical.leak_resistivity",
            "t": "pdk:stack.electrolyte.thickness",
            "N": "device.layers",
            "A": "device.active_area_cm2",
            "Q": "device.capacity_mah.nominal",
        },
        "the least that a cell loses: edges and defects are not in it",
    ),
    **{
        f"device.electrical.load.{name}": Formula(title, unit, "", symbols, "docs/physics.md: a load")
        for name, title, unit, symbols in (
            ("peak_ma", "Largest current of the load", "mA", {}),
            ("mean_ma", "Mean current of the load", "mA", {}),
            ("peak_ma_per_cm2", "Largest current for each cm2", "mA/cm2", {"I": "device.electrical.load.peak_ma"}),
            ("drop_v", "Largest drop of the load", "V", {"I": "device.electrical.load.peak_ma", **_RESPONSE}),
            ("lowest_v", "Voltage that the load may not fall below", "V", {}),
            ("end_v", "Least voltage once the capacity asked for is drawn", "V", _RESPONSE),
            ("delivered_mah", "Charge until the lowest voltage", "mAh", {"Q": "device.capacity_mah.rated"}),
            ("hours", "How long that lasts", "h", {"I": "device.electrical.load.mean_ma"}),
        )
    },
    "device.life.cycles": Formula("Cycles asked for", "", "", {}, "asked for"),
    "device.life.left": Formula(
        "Part of the capacity left", "", "left", {"left": "steps.capacity_left"}, "by the model of the process"
    ),
    **{
        f"device.life.{end}": Formula(
            f"{title} that the models leave after the asked cycles",
            "",
            "",
            {"r": "pdk:cell.retention", "n": "device.capacity_mah.cycles", "n_r": "pdk:cell.retention_cycles"},
            "linear, square root, geometric through the measured point",
        )
        for end, title in (("low", "Least"), ("high", "Most"))
    },
    "device.life.measured_cycles": Formula(
        "Cycles of the measured point", "", "n_r", {"n_r": "pdk:cell.retention_cycles"}, "process: cell"
    ),
}
