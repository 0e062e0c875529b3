"""Figures between the process and the result, so that every formula of the sizing model can be followed by hand."""

from layoutgen.pdk.schema import Pdk
from layoutgen.sizing.assembly import cells_of_a_lot, design_effect, lots_in_stack, stack_sigma, within_classes
from layoutgen.sizing.capacity import areal_capacity_mah_per_cm2, one_sided_z, rated_utilization, remaining
from layoutgen.sizing.delivery import PULSE_S
from layoutgen.sizing.device import DeviceDesign
from layoutgen.sizing.duty import series_ohm
from layoutgen.sizing.electrical import collectors_ohm
from layoutgen.sizing.process import process_of
from layoutgen.sizing.response import cell_response
from layoutgen.sizing.stackup import built_um, package_volume_mm3, plated_um
from layoutgen.sizing.yields import defects_per_cell, screen_pass


def steps_of(pdk: Pdk, device: DeviceDesign) -> dict[str, float]:
    """Intermediate figures of the sizing of one device, by name with unit."""
    process = process_of(pdk)
    length_um, width_um, area_cm2 = device.active_length_um, device.active_width_um, device.active_area_cm2
    response = cell_response(pdk, device.delivery.temperature_c)
    size_um = device.package_length_um, device.package_width_um, device.package_height_um
    line, layers = process.assembly, device.layers
    steps = {
        "areal_capacity_mah_per_cm2": areal_capacity_mah_per_cm2(process),
        "one_sided_z": one_sided_z(device.confidence),
        "design_effect": design_effect(layers, line.neighbours),
        "cells_of_a_lot": cells_of_a_lot(layers, line.lots),
        "lots_in_stack": lots_in_stack(layers, line.lots),
        "estimate_correlation": line.estimate,
        "within_classes": within_classes(layers, line.trays),
        "stack_sigma": stack_sigma(line, layers, process.utilization_sigma_lot, process.utilization_sigma_cell),
        "rated_utilization": rated_utilization(process, device.layers, device.confidence),
        "capacity_left": remaining(process, device.cycles),
        "built_um": built_um(process),
        "lithium_um": plated_um(process, process.utilization_max),
        "active_length_mm": length_um / 1000,
        "active_width_mm": width_um / 1000,
        "package_volume_mm3": package_volume_mm3(*size_um),
        "defects_per_cell": defects_per_cell(process, area_cm2),
        "screen_pass": screen_pass(process, area_cm2),
        "plus_sheet_ohm": process.plus_sheet_ohm,
        "minus_sheet_ohm": process.minus_sheet_ohm,
        "collectors_ohm": collectors_ohm(process, length_um, width_um),
        "series_ohm": series_ohm(process, device.layers, length_um, width_um),
        "whole_response_ohm_cm2": response.whole_ohm_cm2,
        "pulse_response_ohm_cm2": response.after_ohm_cm2(PULSE_S),
    }
    return {name: float(value) for name, value in steps.items()}
