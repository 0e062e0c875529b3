"""The CAD models of a design as files: relative path -> content."""

from layoutgen.draw.inputs import DrawingInputs
from layoutgen.draw.solids import exploded_layer, model_solids
from layoutgen.export.glb import glb_bytes
from layoutgen.export.kicad import footprint_name, footprint_text, symbol_text
from layoutgen.export.step import step_bytes
from layoutgen.smt.land_pattern import Level, land_pattern
from layoutgen.smt.part import solder_part
from layoutgen.units import plain


def model_files(inputs: DrawingInputs, name: str) -> dict[str, bytes]:
    """The folder ``cad/``: STEP, GLB, footprints of the three levels, symbol.

    Raises:
        DesignError: the part has no land pattern.
    """
    part, text = solder_part(inputs.design, inputs.template), part_description(inputs)
    datasheet = inputs.title.datasheet
    files = {
        f"cad/{name}.step": step_bytes(model_solids(inputs), name, text),
        f"cad/{name}.glb": glb_bytes(inputs),
    }
    for level in Level:
        footprint = footprint_text(name, part, land_pattern(part, level), text, f"{name}.step", datasheet)
        files[f"cad/{footprint_name(name, level)}.kicad_mod"] = footprint.encode()
    voltage = f"{plain(inputs.pdk.cell.mean_voltage.value)} V"
    files[f"cad/{name}.kicad_sym"] = symbol_text(name, f"{name}:{name}", text, voltage, datasheet).encode()
    return files


def exploded_files(inputs: DrawingInputs, name: str) -> dict[str, bytes]:
    """One layer of the stack, its films apart, as STEP."""
    text = f"One layer of {name}, films apart"
    return {f"cad/{name}-layer.step": step_bytes(exploded_layer(inputs), f"{name}-layer", text)}


def part_description(inputs: DrawingInputs) -> str:
    """One line about the part."""
    design = inputs.design
    sizes = (design.package_length_um, design.package_width_um, design.package_height_um)
    size = " x ".join(plain(value / 1000, 4) for value in sizes)
    text = f"Solid-state thin-film battery, {plain(design.rated_mah, 3)} mAh, {size} mm"
    return f"{text}, design {inputs.identity}" if inputs.identity else text
