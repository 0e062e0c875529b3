"""All drawings and models of a design as files: relative path -> content."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from layoutgen.draw.inputs import DrawingInputs
from layoutgen.draw.registry import draw_sheets
from layoutgen.errors import Problem, SpecError, did_you_mean
from layoutgen.export.archive import with_sums, zip_bytes
from layoutgen.titleblock import Title
from layoutgen.units import plain, rounded
from layoutgen.validation import problems_of

if TYPE_CHECKING:
    from layoutgen.draw.pdf import Typesetter
    from layoutgen.solver.solution import Solution

FORMATS: Final = ("svg", "dxf", "pdf")
LANDS: Final = "land-pattern.json"
LANDS_SCHEMA: Final = "layoutgen.land-pattern/1"
FIELDS: Final = tuple(name for name in Title.model_fields if name != "revisions")


def inputs_of(solution: "Solution") -> DrawingInputs:
    """What the sheets of a solution are drawn from; the title block from its spec."""
    given, name = solution.spec.title, solution.spec.file_name()
    defaults = {"number": given.number or name, "title": given.title or f"Micro-battery {name}"}
    title = given.model_copy(update=defaults)
    return DrawingInputs(solution.device, solution.loaded, solution.template, solution.web, solution.dbu_nm, title)


def with_fields(inputs: DrawingInputs, fields: Mapping[str, str], where: str = "--field") -> DrawingInputs:
    """The inputs with some title block fields replaced.

    Raises:
        SpecError: a field does not exist.
    """
    problems = [
        Problem(f"the title block has no field {name!r}", where, ", ".join(FIELDS), did_you_mean(name, FIELDS))
        for name in fields
        if name not in FIELDS
    ]
    values = {**inputs.title.model_dump(), **fields}
    problems = problems or problems_of(Title, values, dict.fromkeys(values, where))
    if problems:
        raise SpecError(problems)
    return replace(inputs, title=Title.model_validate(values))


def drawing_files(
    inputs: DrawingInputs,
    formats: Iterable[str] = ("svg",),
    sheets: tuple[str, ...] | None = None,
    typesetter: "Typesetter | None" = None,
) -> dict[str, bytes]:
    """The folder ``drawings/``: every sheet, or those named, in each format.

    Raises:
        DesignError: the part has no land pattern.
    """
    wanted = tuple(formats)
    files: dict[str, bytes] = {}
    for name, scene in draw_sheets(inputs, sheets).items():
        if "svg" in wanted:
            from layoutgen.draw.svg import svg_bytes

            files[f"drawings/{name}.svg"] = svg_bytes(scene)
        if "dxf" in wanted:
            from layoutgen.draw.dxf import dxf_bytes

            files[f"drawings/{name}.dxf"] = dxf_bytes(scene)
        if "pdf" in wanted:
            from layoutgen.draw.pdf import pdf_bytes

            files[f"drawings/{name}.pdf"] = pdf_bytes(scene, files.get(f"drawings/{name}.svg"), typesetter)
    return files


def model_files(inputs: DrawingInputs, name: str) -> dict[str, bytes]:
    """The folder ``cad/``: STEP, GLB, footprints of the three levels, symbol.

    Raises:
        DesignError: the part has no land pattern.
    """
    from layoutgen.draw.solids import model_solids
    from layoutgen.export.glb import glb_bytes
    from layoutgen.export.kicad import footprint_name, footprint_text, symbol_text
    from layoutgen.export.step import step_bytes
    from layoutgen.smt.land_pattern import Level, land_pattern
    from layoutgen.smt.part import solder_part

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
    from layoutgen.draw.solids import exploded_layer
    from layoutgen.export.step import step_bytes

    text = f"One layer of {name}, films apart"
    return {f"cad/{name}-layer.step": step_bytes(exploded_layer(inputs), f"{name}-layer", text)}


def datasheet_files(inputs: DrawingInputs, name: str, typesetter: "Typesetter | None" = None) -> dict[str, bytes]:
    """The datasheet.

    Raises:
        DesignError: the part has no land pattern.
    """
    from layoutgen.draw.datasheet import datasheet_bytes

    return {f"drawings/{name}-datasheet.pdf": datasheet_bytes(inputs, typesetter)}


def board_archive(inputs: DrawingInputs, name: str) -> bytes:
    """A zip for a board designer, of :func:`board_files`; equal designs give equal bytes everywhere.

    Raises:
        DesignError: the part has no land pattern.
    """
    return zip_bytes(board_files(inputs, name), name)


def board_files(inputs: DrawingInputs, name: str) -> dict[str, bytes]:
    """KiCad library folder, symbol, STEP model, lands as data, datasheet, three drawings, and their checksums.

    Raises:
        DesignError: the part has no land pattern.
    """
    from layoutgen.draw.pdf import Typesetter

    models = {path.removeprefix("cad/"): content for path, content in model_files(inputs, name).items()}
    files = {
        (f"{name}.pretty/{path}" if path.endswith((".kicad_mod", ".step")) else path): content
        for path, content in models.items()
        if not path.endswith(".glb")
    }
    with Typesetter() as typesetter:
        drawings = drawing_files(
            inputs, ("pdf", "dxf"), ("package-outline", "land-pattern", "assembly"), typesetter
        )
        files |= drawings | datasheet_files(inputs, name, typesetter)
    return with_sums(files | {LANDS: _lands_text(inputs, name).encode()})


def _lands_text(inputs: DrawingInputs, name: str) -> str:
    """The part of design.json that a board and its stencil are made from, on its own."""
    from layoutgen.smt.part import solder_part
    from layoutgen.smt.record import land_pattern_record

    record = land_pattern_record(solder_part(inputs.design, inputs.template))
    content = {"schema": LANDS_SCHEMA, "name": name, "land_pattern": rounded(record)}
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


def part_description(inputs: DrawingInputs) -> str:
    """One line about the part."""
    design = inputs.design
    sizes = (design.package_length_um, design.package_width_um, design.package_height_um)
    size = " x ".join(plain(value / 1000, 4) for value in sizes)
    return f"Solid-state thin-film battery, {plain(design.rated_mah, 3)} mAh, {size} mm"
