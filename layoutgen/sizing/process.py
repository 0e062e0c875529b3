"""The numbers of a PDK that the sizing model uses, out of their wrapping.

Every field may be a float or a numpy array (all of one broadcastable shape), so that one call sizes many designs.
"""

from dataclasses import dataclass, replace
from typing import Any

from layoutgen.formula import Formula, states
from layoutgen.pdk.schema import Pdk
from layoutgen.sizing.assembly import Assembly, Order, lower_correlation

# float or numpy array; numpy's own ArrayLike would forbid plain arithmetic between the two
Number = Any


@dataclass(frozen=True, slots=True)
class Process:
    """Thicknesses in um, areal capacity in mAh/cm2, areas in cm2; see :class:`layoutgen.pdk.Pdk` for each."""

    substrate_um: Number
    interlayers_um: Number
    """Barrier, cathode collector and deposited anode, where there are any."""
    cathode_um: Number
    electrolyte_um: Number
    anode_collector_um: Number
    film_um: Number
    volumetric_capacity_uah_per_cm2_um: Number
    mean_voltage_v: Number
    plated_um_per_mah_cm2: Number
    utilization_max: Number
    utilization_mean: Number
    utilization_sigma_lot: Number
    utilization_sigma_cell: Number
    assembly: Assembly
    retention: Number
    retention_cycles: Number
    fade: str
    fade_exponent: Number
    yield_model: str
    defects_per_cm2: Number
    cluster_parameter: Number
    screen_coverage: Number
    stacking_per_layer: Number
    area_resistance_ohm_cm2: Number
    terminal_resistance_ohm: Number
    voltage_drop_max_v: Number
    plus_sheet_ohm: Number
    minus_sheet_ohm: Number

    def with_values(self, **values: Number) -> "Process":
        """A copy with some values replaced, for sweeps."""
        return replace(self, **values)


def process_of(pdk: Pdk) -> Process:
    """Collect the model's numbers from a PDK.

    The + pole is the substrate where it conducts, else the cathode collector. Sheet resistance is resistivity over
    thickness (uohm cm / um = 0.01 ohm per square).
    """
    stack, cell, electrical = pdk.stack, pdk.cell, pdk.electrical
    interlayers = [film for film in (stack.barrier, stack.cathode_collector, stack.anode) if film]
    plus = stack.substrate if stack.substrate.conductive else stack.cathode_collector
    return Process(
        substrate_um=stack.substrate.thickness.value,
        interlayers_um=sum(film.thickness.value for film in interlayers),
        cathode_um=stack.cathode.thickness.value,
        electrolyte_um=stack.electrolyte.thickness.value,
        anode_collector_um=stack.anode_collector.thickness.value,
        film_um=sum(film.thickness.value for film in (stack.film_lower, stack.tab, stack.film_upper)),
        volumetric_capacity_uah_per_cm2_um=stack.cathode.volumetric_capacity.value,
        mean_voltage_v=cell.mean_voltage.value,
        plated_um_per_mah_cm2=stack.lithium.plated_thickness.value,
        utilization_max=stack.lithium.utilization_max.value,
        utilization_mean=cell.utilization_mean.value,
        utilization_sigma_lot=cell.utilization_sigma_lot.value,
        utilization_sigma_cell=cell.utilization_sigma_cell.value,
        assembly=_assembly(pdk),
        retention=cell.retention.value,
        retention_cycles=cell.retention_cycles.value,
        fade=cell.fade,
        fade_exponent=1.0 if cell.fade_exponent is None else cell.fade_exponent.value,
        yield_model=pdk.yield_.model,
        defects_per_cm2=pdk.yield_.defect_density.value,
        cluster_parameter=pdk.yield_.cluster_parameter.value,
        screen_coverage=pdk.yield_.screen_coverage.value,
        stacking_per_layer=pdk.yield_.stacking_per_layer.value,
        area_resistance_ohm_cm2=electrical.area_specific_resistance.value,
        terminal_resistance_ohm=electrical.terminal_resistance.value,
        voltage_drop_max_v=electrical.voltage_drop_max.value,
        plus_sheet_ohm=_sheet_ohm(plus),
        minus_sheet_ohm=_sheet_ohm(stack.anode_collector),
    )


def _assembly(pdk: Pdk) -> Assembly:
    stated = pdk.assembly
    return Assembly(
        order=Order(stated.order),
        neighbours=stated.order_correlation.value,
        lots=stated.lots.value,
        estimate=lower_correlation(stated.estimate_correlation.value, stated.cycled.value),
        trays=stated.trays.value,
    )


def _sheet(pole: str, film: str) -> Formula:
    symbols = {"rho": f"pdk:stack.{film}.resistivity", "t": f"pdk:stack.{film}.thickness"}
    title = f"Sheet resistance of the {pole} collector"
    return Formula(title, "ohm/sq", "rho / t * 0.01", symbols, "resistivity over thickness")


@states("steps.minus_sheet_ohm", _sheet("-", "anode_collector"))
@states(
    "steps.plus_sheet_ohm",
    lambda pdk: _sheet("+", "substrate" if pdk.stack.substrate.conductive else "cathode_collector"),
)
def _sheet_ohm(film: Any) -> float:
    return float(film.resistivity.value / film.thickness.value * 0.01)
