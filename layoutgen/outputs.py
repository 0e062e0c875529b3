"""Every output of a design once: its path in the folder or archive, what it is, and who makes it.

The folder, its manifest, the page, ``draw``, ``export`` and ``verify`` read these tables. What a function here
makes is whole: files come back by path and are written by others.
"""

import hashlib
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cached_property
from glob import escape
from typing import TYPE_CHECKING, Any, Final

from layoutgen import __version__
from layoutgen.document import document_of, from_document
from layoutgen.layout.build import build_layout
from layoutgen.layout.model import Layout
from layoutgen.receivers.revision import PREVIOUS, Earlier, Issue, with_issue
from layoutgen.solver.design_id import design_id
from layoutgen.solver.solution import Solution

if TYPE_CHECKING:
    from layoutgen.draw.inputs import DrawingInputs
    from layoutgen.draw.pdf import Typesetter
    from layoutgen.pdk.schema import Pdk
    from layoutgen.receivers.shop import ShopProfile
    from layoutgen.rules.findings import RuleReport

Files = dict[str, bytes]


@dataclass
class Made:
    """A design of which outputs are made, and what several of them share.

    Args:
        solution: the design.
        drawn: its layout, drawn where it is not given.
        previous: the text of the earlier design.json that orders compare with.
        typesetter: what sets the PDFs.
        titled: what sheets are drawn from, where it is not what the design itself says.
        shop: for whom an archive of masks is made.
        rules: what its order says of the design rules.
        repeats: of the web, for a test house or a laser shop; None where nobody said how many.
        review: how far the design review is, for an order.
        web_cells: how a test house gets the cells of the whole web, one of ``FORMS``.
    """

    solution: Solution
    drawn: Layout | None = None
    previous: bytes | None = None
    typesetter: "Typesetter | None" = None
    titled: "DrawingInputs | None" = None
    shop: "ShopProfile | None" = None
    rules: "RuleReport | None" = None
    repeats: int | None = None
    review: Mapping[str, Any] | None = None
    web_cells: str = "text"

    @cached_property
    def layout(self) -> Layout:
        return self.drawn or layout_of(self.solution)

    @property
    def name(self) -> str:
        return self.solution.spec.file_name()

    @property
    def pdk(self) -> "Pdk":
        return self.solution.loaded.pdk

    @cached_property
    def inputs(self) -> "DrawingInputs":
        from layoutgen.draw.files import inputs_of

        return self.titled or inputs_of(self.solution)

    @cached_property
    def order(self) -> dict[str, Any]:
        from layoutgen.receivers.order import order_document

        issue = issue_of(self.solution, self.previous, PREVIOUS)
        document = {**order_document(self.layout, self.pdk), "design_id": design_id(self.solution)}
        return dict(with_issue(document, issue, self.layout, self.pdk))


@dataclass(frozen=True, slots=True)
class Output:
    """One output: ``path`` with NAME for that of the design and * for what there may be several of, and what it is.

    ``make`` gives its files by path, none where the design has none.
    """

    path: str
    what: str
    make: Callable[[Made], Files]


def _masks(made: Made) -> Files:
    from layoutgen.export.svg_mask import layer_svg, stage_frames

    frames, layers = stage_frames(made.layout, made.pdk), made.pdk.layers
    return {
        f"masks/svg/{name}.svg": layer_svg(
            made.layout, name, f"{made.name} {name}: {mask.title}", layers[name].colour, frames[layers[name].stage]
        )
        for name, mask in made.pdk.masks.items()
    }


def _flat_masks(made: Made) -> Files:
    from layoutgen.export.dxf import mask_dxfs

    flat, _ = mask_dxfs(made.layout, made.pdk)
    return {f"masks/dxf/{mask}.dxf": content for mask, content in flat.items()}


def _gds(made: Made) -> Files:
    from layoutgen.export.gds import gds_bytes

    return {f"masks/{made.name}.gds": gds_bytes(made.layout, made.pdk)}


def _oasis(made: Made) -> Files:
    from layoutgen.export.oasis import oasis_bytes

    return {f"masks/{made.name}.oas": oasis_bytes(made.layout, made.pdk)}


def _layer_properties(made: Made) -> Files:
    from layoutgen.export.lyp import lyp_text

    return {f"masks/{made.name}.lyp": lyp_text(made.pdk).encode()}


def _deck(made: Made) -> Files:
    from layoutgen.export.drc_deck import drc_deck
    from layoutgen.rules.engine import context_of

    return {f"masks/{made.name}.drc": drc_deck(context_of(made.solution, made.layout), made.name).encode()}


def _order(made: Made) -> Files:
    from layoutgen.receivers.order import order_json_bytes

    return {"masks/order.json": order_json_bytes(made.order)}


def _order_table(made: Made) -> Files:
    from layoutgen.receivers.order import order_csv_bytes

    return {"masks/order.csv": order_csv_bytes(made.order)}


def _previous(made: Made) -> Files:
    return {} if made.previous is None else {PREVIOUS: made.previous}


def _cell_map(made: Made) -> Files:
    from layoutgen.export.cell_map import cell_map_csv

    solution, device = made.solution, made.solution.device
    cell_um = device.cell_length_um, device.cell_width_um
    return {"test/cell-map.csv": cell_map_csv(solution.web, solution.template, cell_um, solution.dbu_nm)}


def _substrate_map(made: Made) -> Files:
    from layoutgen.export.e142 import e142_bytes

    return {"test/cell-map.xml": e142_bytes(made.solution.web, made.name, made.solution.dbu_nm)}


def _sheets(made: Made) -> Files:
    from layoutgen.draw import files

    return files.drawing_files(made.inputs, files.FORMATS, typesetter=made.typesetter)


def _datasheet(made: Made) -> Files:
    from layoutgen.draw.files import datasheet_files

    return datasheet_files(made.inputs, made.name, made.typesetter)


def _bend(made: Made) -> Files:
    from layoutgen.draw.bend import asked_figures

    return asked_figures(made.solution, made.inputs)


def _curved(made: Made) -> Files:
    from layoutgen.draw.bent import bent_solids
    from layoutgen.draw.solids import model_solids
    from layoutgen.export.step import step_bytes

    spec, name = made.solution.spec, f"{made.name}-curved"
    if not spec.curved or spec.bend_radius is None:
        return {}
    solids = bent_solids(model_solids(made.inputs), spec.bend_radius * 1000, growing=False)
    return {f"cad/{name}.step": step_bytes(solids, name, "Battery, built curved")}


def _spice(made: Made) -> Files:
    from layoutgen.export.spice import spice_model

    model = spice_model(made.pdk, made.solution.device, made.name)
    return {} if model is None else {f"cad/{made.name}.lib": model}


def _models(made: Made) -> Files:
    from layoutgen.export.models import model_files

    return model_files(made.inputs, made.name)


MASKS: Final = (
    Output("masks/NAME.gds", "masks, hierarchical, all layers", _gds),
    Output("masks/NAME.oas", "the same in OASIS", _oasis),
    Output("masks/NAME.lyp", "layer colours for KLayout", _layer_properties),
    Output("masks/NAME.drc", "the design rules as a KLayout deck", _deck),
    Output("masks/order.json", "the mask order", _order),
    Output("masks/order.csv", "the mask order as a table", _order_table),
    Output(PREVIOUS, "the revision before, which the order compares with", _previous),
    Output("masks/svg/*.svg", "one mask as a picture", _masks),
    Output("masks/dxf/*.dxf", "one mask, flat", _flat_masks),
    Output("test/cell-map.csv", "where every cell of a repeat lies", _cell_map),
    Output("test/cell-map.xml", "the same as SEMI E142", _substrate_map),
)
DRAWINGS: Final = (
    Output("drawings/NAME-datasheet.pdf", "datasheet", _datasheet),
    Output(
        "drawings/bend*.svg", "the bend that is asked for: strain in the films, and the part from the side", _bend
    ),
    Output("cad/NAME-curved.step", "model of the part, built curved", _curved),
    Output("drawings/*", "dimensioned drawing", _sheets),
    Output("cad/NAME.lib", "electrical model for ngspice", _spice),
    Output("cad/*", "model, footprint or symbol for the board designer", _models),
)
Pieces = Mapping[str, Iterable[bytes]]


@dataclass(frozen=True, slots=True)
class Archive:
    """What one receiver gets: its files, NAME and * as in :class:`Output`, and who makes them together.

    ``mark`` is a file that the archives of the others do not hold. Checksums are added where the archive is packed.
    """

    mark: str
    files: Mapping[str, str]
    make: Callable[[Made], Pieces]


def _for_shop(made: Made) -> Pieces:
    from layoutgen.export.structures import STRUCTURES, structures_csv
    from layoutgen.receivers.shop_files import shop_files

    if made.shop is None:
        raise ValueError("an archive of masks is made for a shop")
    issue = issue_of(made.solution, made.previous, PREVIOUS)
    structures = structures_csv(made.solution) if made.shop.structures else b""
    along = {STRUCTURES: structures} if structures else {}
    tool = f"layoutgen,{__version__}"
    files = shop_files(made.layout, made.pdk, made.shop, tool, issue, made.rules, along, _facts(made))
    return {path: [content] for path, content in files.items()}


def _facts(made: Made) -> dict[str, Any]:
    """What an order states beside its masks."""
    from layoutgen.receivers.asked import depth, films_on_web, trust_warning, web_asked

    solution, pdk = made.solution, made.pdk
    films = films_on_web(solution.device, pdk)
    facts: dict[str, Any] = {"design_id": design_id(solution)}
    facts |= {"passes": {name: depth(name, films, solution.device, pdk) for name in pdk.masks}}
    if made.shop is not None and made.shop.line_layers:
        facts |= {"films": films, "web": web_asked(solution.web, solution.dbu_nm, made.repeats, pdk.web.form)}
    if made.review is not None:
        facts["review"] = dict(made.review)
    warning = trust_warning(pdk)
    return facts | ({"trust_warning": warning} if warning else {})


def _for_board(made: Made) -> Pieces:
    from layoutgen.receivers.board import board_files

    curved = next(iter(_curved(made).values()), None)
    files = board_files(made.inputs, made.name, curved)
    return {path: [content] for path, content in files.items()}


def _for_test(made: Made) -> Pieces:
    from layoutgen.receivers.test_house import test_house_files

    return test_house_files(made.solution, made.repeats or 1, made.layout.notes, made.web_cells)


ARCHIVES: Final = {
    "shop": Archive(
        "order.json",
        {
            "order.json": "the order: figures and checksum of every file",
            "order.csv": "the same as a table",
            "order.pdf": "the same on paper",
            "layers.csv": "names and numbers of the layers",
            "*_passes.csv": "lines of a laser, in order",
            "structures.csv": "process-control structures: places, pads, nominal values",
            "*.gds": "one mask as GDSII",
            "*.oas": "one mask as OASIS",
            "*.dxf": "one mask as DXF",
            "*.gbr": "one mask as Gerber",
            "*.svg": "one mask as a picture",
        },
        _for_shop,
    ),
    "board": Archive(
        "land-pattern.json",
        {
            "NAME.pretty/*.kicad_mod": "footprint for KiCad, one for each density",
            "NAME.pretty/NAME.step": "model",
            "NAME.kicad_sym": "symbol for KiCad",
            "NAME.lib": "electrical model for ngspice",
            "charge-profile.csv": "a whole charge: time, voltage, current",
            "land-pattern.json": "lands and stencil as numbers",
            "README.txt": "what the files are, and the order of reflow and formation",
            "drawings/NAME-datasheet.pdf": "datasheet",
            "drawings/*": "dimensioned drawing",
        },
        _for_board,
    ),
    "test": Archive(
        "web-repeats.csv",
        {
            "README.txt": "how the cells are counted",
            "cell-map.csv": "where every cell of a repeat lies",
            "cell-map.xml": "the same as SEMI E142",
            "zones.csv": "zones without cells, slits and unusable edges of a repeat",
            "structures.csv": "process-control structures: places, pads, nominal values",
            "web-repeats.csv": "where every repeat of the web begins",
            "web-cell-map.csv": "where every cell of the web lies",
            "web-cell-map.xml": "the same as SEMI E142",
            "web-cell-map.parquet": "where every cell of the web lies, as a table",
        },
        _for_test,
    ),
}
"""Archives by receiver."""
_OTHERS: Final = {
    "design.json": "everything decided; the input of every other command",
    "report.html": "this design review",
    "review.toml": "decisions of the design review",
}


def what_is(path: str, name: str) -> str:
    """What a file of the folder is, in words; empty for one that no output makes.

    Args:
        path: in the folder of a design.
        name: of the design.
    """
    if path in _OTHERS:
        return _OTHERS[path]
    found = (
        item.what for item in (*MASKS, *DRAWINGS) if fnmatchcase(path, item.path.replace("NAME", escape(name)))
    )
    return next(found, "")


def receiver_of(files: Collection[str]) -> str:
    """For whom an archive with these files is; empty where it is none."""
    return next((receiver for receiver, archive in ARCHIVES.items() if archive.mark in files), "")


def layout_of(solution: Solution) -> Layout:
    """Draw a solution: one repeat of the web, and one stacked device beside it."""
    device = solution.device
    return build_layout(
        solution.loaded,
        solution.template,
        (device.cell_length_um, device.cell_width_um),
        solution.web,
        solution.spec.file_name(),
        dbu_nm=solution.dbu_nm,
        identity=design_id(solution),
    )


def mask_files(solution: Solution, layout: Layout, previous: bytes | None = None) -> Files:
    """The folders ``masks/`` and ``test/``."""
    return _all(MASKS, Made(solution, layout, previous))


def drawing_files(solution: Solution) -> Files:
    """The folders ``drawings/`` and ``cad/``."""
    from layoutgen.draw.pdf import Typesetter

    with Typesetter() as typesetter:
        return _all(DRAWINGS, Made(solution, typesetter=typesetter))


def _all(outputs: tuple[Output, ...], made: Made) -> Files:
    files: Files = {}
    for output in outputs:
        files |= output.make(made)
    return files


def issue_of(solution: Solution, previous: bytes | None, where: str = "previous") -> Issue:
    """The issue of a design's order.

    Args:
        solution: the design; its title block, or the last of its revisions, says revision and date.
        previous: the earlier design.json; None for the first issue.
        where: what to name in a message.

    Raises:
        DocumentError: the earlier design cannot be used.
    """
    title = solution.spec.title
    return Issue(title.issue, title.issued, None if previous is None else _earlier(previous, where))


def _earlier(content: bytes, where: str) -> Earlier:
    """An earlier design, drawn again from the text of its design.json."""
    solution = from_document(document_of(content, where))
    digest = hashlib.sha256(content).hexdigest()
    masks = tuple(solution.loaded.pdk.masks)
    return Earlier(solution.spec.file_name(), solution.spec.title.issue, digest, layout_of(solution), masks)
