"""Resistance and continuous current of a stack."""

from layoutgen.formula import MODEL, Formula, states
from layoutgen.sizing.process import Number, Process


@states(
    "steps.collectors_ohm",
    Formula(
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
)
def collectors_ohm(process: Process, length_um: Number, width_um: Number) -> Number:
    """Resistance of the two current collectors of one layer.

    ``(R_plus + R_minus) L / (3 W)``: each is fed along one edge of width W and its current falls linearly to zero
    over L, which gives a third of its end-to-end resistance.

    Args:
        process: the numbers of the process.
        length_um: active length along the terminal axis.
        width_um: active width.
    """
    return (process.plus_sheet_ohm + process.minus_sheet_ohm) * length_um / (3.0 * width_um)


@states(
    "device.resistance_ohm",
    Formula(
        "Internal resistance",
        "ohm",
        "(r / A + R_c) / N + R_t",
        {
            "r": "steps.whole_response_ohm_cm2",
            "A": "device.active_area_cm2",
            "R_c": "steps.collectors_ohm",
            "N": "device.layers",
            "R_t": "pdk:electrical.terminal_resistance",
        },
        MODEL,
    ),
)
def resistance_ohm(process: Process, layers: Number, length_um: Number, width_um: Number) -> Number:
    """Internal resistance.

    ``ASR / (N A) + R_collectors / N + R_terminal``, see :func:`collectors_ohm`.

    Args:
        process: the numbers of the process; its area-specific resistance is that of the temperature asked for.
        layers: cells in parallel.
        length_um: active length along the terminal axis.
        width_um: active width.
    """
    area_cm2 = length_um * width_um * 1e-8
    collectors = collectors_ohm(process, length_um, width_um)
    return (process.area_resistance_ohm_cm2 / area_cm2 + collectors) / layers + process.terminal_resistance_ohm


@states(
    "device.max_continuous_ma",
    Formula(
        "Largest continuous current",
        "mA",
        "V_drop / R * 1000",
        {"V_drop": "pdk:electrical.voltage_drop_max", "R": "device.resistance_ohm"},
        "the current at which I R reaches the allowed drop",
    ),
)
def max_continuous_ma(process: Process, resistance: Number) -> Number:
    """Current at which I x R reaches the allowed voltage drop.

    Args:
        process: the numbers of the process.
        resistance: of the stack, ohm.
    """
    return process.voltage_drop_max_v / resistance * 1000.0
