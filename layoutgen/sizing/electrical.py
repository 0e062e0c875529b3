"""Resistance and continuous current of a stack."""

from layoutgen.sizing.process import Number, Process


def resistance_ohm(process: Process, layers: Number, length_um: Number, width_um: Number) -> Number:
    """Internal resistance.

    ``ASR / (N A) + (R_plus + R_minus) L / (3 W N) + R_terminal``: each collector is fed along one edge of width W
    and its current falls linearly to zero over L, which gives a third of its end-to-end resistance.

    Args:
        process: the numbers of the process.
        layers: cells in parallel.
        length_um: active length along the terminal axis.
        width_um: active width.
    """
    area_cm2 = length_um * width_um * 1e-8
    collectors = (process.plus_sheet_ohm + process.minus_sheet_ohm) * length_um / (3.0 * width_um)
    return (process.area_resistance_ohm_cm2 / area_cm2 + collectors) / layers + process.terminal_resistance_ohm


def max_continuous_ma(process: Process, resistance: Number) -> Number:
    """Current at which I x R reaches the allowed voltage drop.

    Args:
        process: the numbers of the process.
        resistance: of the stack, ohm.
    """
    return process.voltage_drop_max_v / resistance * 1000.0
