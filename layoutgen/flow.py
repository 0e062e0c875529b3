"""The main road, station by station: spec, solution, layout, files."""

import hashlib
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from layoutgen import __version__
from layoutgen.document import document_of, from_document, read_document, to_document, to_text
from layoutgen.errors import OutputError, Problem
from layoutgen.files.folder import MANIFEST, manifest_text
from layoutgen.layout.build import build_layout
from layoutgen.layout.model import Layout
from layoutgen.libraries import libraries
from layoutgen.reading import MOST_MADE, read_plain
from layoutgen.receivers.revision import PREVIOUS, Earlier, Issue, with_issue
from layoutgen.rules.engine import check_solution, require_clean, subject_of
from layoutgen.solver.solution import Solution

Progress = Callable[[str], None]


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
    )


def package_files(
    solution: Solution,
    *,
    progress: Progress | None = None,
    review: bytes | None = None,
    previous: bytes | None = None,
) -> dict[str, bytes]:
    """Every file of the output folder: relative path -> content; the manifest included.

    Args:
        solution: what was decided.
        progress: called with a line of text before each longer step.
        review: a ``review.toml`` that is kept from an earlier folder of this name.
        previous: the design.json of the revision before, which the order says the change since.

    Raises:
        RuleError: the layout breaks a design rule, or a rule could not be checked.
        PreflightError: a file format cannot carry the layout.
        DocumentError: the review is wrong, or the design before cannot be used.
    """
    tell = progress or (lambda _: None)
    tell("drawing the layout")
    layout = layout_of(solution)
    tell("checking design rules")
    rules = check_solution(solution, layout)
    require_clean(rules)
    document = to_document(solution, rules.to_json())
    files = {"design.json": to_text(document).encode()}
    tell("writing masks")
    files |= mask_files(solution, layout, previous)
    tell("writing drawings and models")
    files |= drawing_files(solution)
    tell("writing the review page")
    files |= report_files(solution, document, layout, files, review)
    files[MANIFEST] = manifest_text(files, about(document, "design")).encode()
    return files


def issue_of(solution: Solution, previous: bytes | None, where: str = "--previous") -> Issue:
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


def read_previous(path: Path) -> bytes:
    """The text of an earlier design.json, by its path or that of the folder around it.

    Raises:
        DocumentError: it cannot be used.
    """
    from_document(read_document(path))
    return read_plain(path / "design.json" if path.is_dir() else path, MOST_MADE)


def stored_previous(design: Path) -> bytes | None:
    """The earlier design.json that a design folder holds, if it was made with one."""
    file = design / PREVIOUS
    return read_plain(file, MOST_MADE) if design.is_dir() and file.is_file() else None


def kept_review(folder: Path) -> bytes | None:
    """The review.toml of a folder that is to be made again, if it has one.

    Raises:
        OutputError: it cannot be read.
    """
    file = folder / "review.toml"
    try:
        return read_plain(file) if os.path.lexists(file) else None
    except OSError as error:
        reason = (error.strerror or type(error).__name__).lower()
        raise OutputError(Problem(f"cannot be read: {reason}", str(file), remedy="move it away first")) from error


def _earlier(content: bytes, where: str) -> Earlier:
    """An earlier design, drawn again from the text of its design.json."""
    solution = from_document(document_of(content, where))
    digest = hashlib.sha256(content).hexdigest()
    masks = tuple(solution.loaded.pdk.masks)
    return Earlier(solution.spec.file_name(), solution.spec.title.issue, digest, layout_of(solution), masks)


def report_files(
    solution: Solution,
    document: dict[str, Any],
    layout: Layout,
    files: dict[str, bytes],
    review: bytes | None = None,
) -> dict[str, bytes]:
    """``report.html`` over the other files of the folder, and the ``review.toml`` that it shows."""
    from layoutgen.report.checklist import FILE, read_review
    from layoutgen.report.page import outputs_of, page_bytes

    text = (review or b"").decode(errors="replace")
    decisions = read_review(text, solution.loaded.pdk.review) if text.strip() else None
    given = {FILE: review} if review else {}
    page = page_bytes(solution, document, layout, files, outputs_of(files | given), decisions)
    return {"report.html": page} | given


def mask_files(solution: Solution, layout: Layout, previous: bytes | None = None) -> dict[str, bytes]:
    """The folders ``masks/`` and ``test/``."""
    from layoutgen.export.cell_map import cell_map_csv
    from layoutgen.export.drc_deck import drc_deck
    from layoutgen.export.dxf import mask_dxfs
    from layoutgen.export.e142 import e142_bytes
    from layoutgen.export.gds import gds_bytes
    from layoutgen.export.lyp import lyp_text
    from layoutgen.export.oasis import oasis_bytes
    from layoutgen.export.svg_mask import layer_svg
    from layoutgen.receivers.order import order_csv_bytes, order_document, order_json_bytes

    pdk, device = solution.loaded.pdk, solution.device
    name = solution.spec.file_name()
    order = with_issue(order_document(layout, pdk), issue_of(solution, previous, PREVIOUS), layout, pdk)
    files = {
        f"masks/{name}.gds": gds_bytes(layout, pdk),
        f"masks/{name}.oas": oasis_bytes(layout, pdk),
        f"masks/{name}.lyp": lyp_text(pdk).encode(),
        f"masks/{name}.drc": drc_deck(subject_of(solution, layout), name).encode(),
        "masks/order.json": order_json_bytes(order),
        "masks/order.csv": order_csv_bytes(order),
    }
    if previous is not None:
        files[PREVIOUS] = previous
    for mask in pdk.masks:
        title = f"{name} {mask}: {pdk.masks[mask].title}"
        files[f"masks/svg/{mask}.svg"] = layer_svg(layout, mask, title, pdk.layers[mask].colour)
    flat, _ = mask_dxfs(layout, pdk)
    files |= {f"masks/dxf/{mask}.dxf": content for mask, content in flat.items()}
    cell_um = device.cell_length_um, device.cell_width_um
    files["test/cell-map.csv"] = cell_map_csv(solution.web, solution.template, cell_um, solution.dbu_nm)
    files["test/cell-map.xml"] = e142_bytes(solution.web, name, solution.dbu_nm)
    return files


def drawing_files(solution: Solution) -> dict[str, bytes]:
    """The folders ``drawings/`` and ``cad/``."""
    from layoutgen.draw import files as sheets
    from layoutgen.draw.pdf import Typesetter
    from layoutgen.export.models import model_files

    inputs, name = sheets.inputs_of(solution), solution.spec.file_name()
    with Typesetter() as typesetter:
        drawings = sheets.drawing_files(inputs, ("svg", "dxf", "pdf"), typesetter=typesetter)
        datasheet = sheets.datasheet_files(inputs, name, typesetter)
    return drawings | datasheet | model_files(inputs, name)


def about(document: dict[str, Any], kind: str) -> dict[str, Any]:
    """The head of the manifest: who made it, name, process, a digest of what was asked, and the libraries."""
    asked = {"spec": document["spec"], "pdk": document["pdk"]["sha256"], "template": document["template"]}
    text = json.dumps(asked, sort_keys=True, separators=(",", ":"))
    return {
        "kind": kind,
        "tool": {"name": "layoutgen", "version": __version__},
        "name": document["name"],
        "pdk": {key: document["pdk"][key] for key in ("name", "version", "sha256")},
        "input_sha256": hashlib.sha256(text.encode()).hexdigest(),
        "libraries": libraries(),
    }
