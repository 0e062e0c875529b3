"""The main road, station by station: spec, solution, layout, files."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from layoutgen import __version__
from layoutgen.document import from_document, read_document, to_document, to_text
from layoutgen.files.folder import MANIFEST, manifest_text
from layoutgen.layout.model import Layout
from layoutgen.libraries import libraries
from layoutgen.outputs import drawing_files, layout_of, mask_files
from layoutgen.reading import MOST_MADE, read_plain
from layoutgen.receivers.revision import PREVIOUS
from layoutgen.rules.engine import check_solution, require_clean
from layoutgen.solver.solution import Solution

Progress = Callable[[str], None]


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
