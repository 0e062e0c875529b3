"""All drawings of a design as files: relative path -> content."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from layoutgen.draw.inputs import DrawingInputs
from layoutgen.draw.scene import Scene
from layoutgen.draw.sheets import assembly, cross_section, land_pattern, package_outline, web_map, web_plan
from layoutgen.errors import Problem, SpecError, did_you_mean
from layoutgen.record import checked
from layoutgen.solver.design_id import design_id
from layoutgen.titleblock import Title

if TYPE_CHECKING:
    from layoutgen.draw.pdf import Typesetter
    from layoutgen.solver.solution import Solution

Draw = Callable[[DrawingInputs, int, int], Scene]

SHEETS: Final[dict[str, Draw]] = {
    "cross-section": cross_section.sheet,
    "package-outline": package_outline.sheet,
    "land-pattern": land_pattern.sheet,
    "assembly": assembly.sheet,
    "web-map": web_map.sheet,
    "web-plan": web_plan.sheet,
}
"""The sheets of a drawing set, by file name without suffix, in the order of the set."""
FORMATS: Final = ("svg", "dxf", "pdf")
FIELDS: Final = tuple(name for name in Title.model_fields if name != "revisions")


def inputs_of(solution: "Solution") -> DrawingInputs:
    """What the sheets of a solution are drawn from; the title block from its spec."""
    given, name, identity = solution.spec.title, solution.spec.file_name(), design_id(solution)
    defaults = {"number": given.number or f"{name}-{identity}", "title": given.title or f"Micro-battery {name}"}
    title = given.model_copy(update=defaults)
    return DrawingInputs(
        solution.device, solution.loaded, solution.template, solution.web, solution.dbu_nm, title, identity
    )


def with_fields(inputs: DrawingInputs, fields: Mapping[str, str], where: str = "field") -> DrawingInputs:
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
    if problems:
        raise SpecError(problems)
    return replace(inputs, title=checked(Title, values, dict.fromkeys(values, where)))


def draw_sheets(inputs: DrawingInputs, names: tuple[str, ...] | None = None) -> dict[str, Scene]:
    """The scenes of the sheets, by file name without suffix, numbered in the order of the set."""
    order = list(SHEETS)
    chosen = order if names is None else [name for name in order if name in names]
    return {name: SHEETS[name](inputs, order.index(name) + 1, len(order)) for name in chosen}


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


def datasheet_files(inputs: DrawingInputs, name: str, typesetter: "Typesetter | None" = None) -> dict[str, bytes]:
    """The datasheet.

    Raises:
        DesignError: the part has no land pattern.
    """
    from layoutgen.draw.datasheet import datasheet_bytes

    return {f"drawings/{name}-datasheet.pdf": datasheet_bytes(inputs, typesetter)}
