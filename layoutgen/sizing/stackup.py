"""Thickness of one layer, built and charged, and volumetric energy density."""

from layoutgen.sizing.capacity import areal_capacity_mah_per_cm2
from layoutgen.sizing.process import Number, Process


def built_um(process: Process) -> Number:
    """As-built thickness of one cell, substrate included, without insulating film or plated lithium."""
    return (
        process.substrate_um
        + process.interlayers_um
        + process.cathode_um
        + process.electrolyte_um
        + process.anode_collector_um
    )


def plated_um(process: Process, utilization: Number) -> Number:
    """Lithium plated by a full charge; 4.85 um per mAh/cm2 (2062 mAh per cm3 of lithium)."""
    return process.plated_um_per_mah_cm2 * areal_capacity_mah_per_cm2(process, utilization)


def pitch_um(process: Process) -> Number:
    """What one layer adds to the stack: built cell, room for plated lithium at the highest utilisation, film."""
    return built_um(process) + plated_um(process, process.utilization_max) + process.film_um


def bare_cell_wh_per_l(process: Process, utilization: Number) -> Number:
    """Energy over as-built volume of a bare cell, ``q V / t``; 1232 Wh/L at u = 1 and 10 um foil (the paper).

    mWh/cm2 over um times 10^4 is mWh/cm3, which is Wh/L.
    """
    areal = areal_capacity_mah_per_cm2(process, utilization) * process.mean_voltage_v
    return areal / built_um(process) * 1e4


def bare_cell_charged_wh_per_l(process: Process, utilization: Number) -> Number:
    """As :func:`bare_cell_wh_per_l`, over the volume of the charged cell, where the plated lithium is."""
    areal = areal_capacity_mah_per_cm2(process, utilization) * process.mean_voltage_v
    return areal / (built_um(process) + plated_um(process, utilization)) * 1e4
