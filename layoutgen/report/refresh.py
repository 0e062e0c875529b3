"""Making the page again for a design that is on disk, with the decisions of its review.toml."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from layoutgen.document import open_document, read_document
from layoutgen.errors import DocumentError, Input, Problem
from layoutgen.files.folder import MANIFEST, check_file_target, write_file
from layoutgen.files.together import finish_together, replace_together
from layoutgen.outputs import drawing_files, layout_of
from layoutgen.reading import MOST_MADE, read_plain
from layoutgen.report.checklist import FILE as REVIEW_FILE
from layoutgen.report.checklist import (
    Item,
    Review,
    checklist,
    kept_review,
    read_review,
    review_skeleton,
    review_state,
    sha256_of,
)
from layoutgen.report.page import FILE, Output, page_bytes
from layoutgen.report.signing import Sent, read_sent, review_text, together
from layoutgen.solver.solution import Solution


@dataclass(frozen=True, slots=True)
class Opened:
    """A design on disk: ``folder`` is where its design.json stands, ``manifest`` the folder's, if it has one."""

    folder: Path
    solution: Solution
    document: dict[str, Any]
    design_sha256: str
    design_bytes: int
    manifest: dict[str, Any] | None


def open_design(path: Path) -> Opened:
    """Read a design.json, or a design folder.

    Raises:
        DocumentError: it cannot be used.
    """
    finish_together(path if path.is_dir() else path.parent)
    document = read_document(path)
    file = path / "design.json" if path.is_dir() else path
    manifest = file.parent / MANIFEST
    content = None
    if manifest.is_file():
        try:
            content = json.loads(read_plain(manifest))
        except OSError as error:
            raise DocumentError(Problem(f"cannot be read: {(error.strerror or '').lower()}", MANIFEST)) from error
        except (ValueError, RecursionError) as error:
            raise DocumentError(Problem(f"cannot be read: {error}", MANIFEST)) from error
    text = read_plain(file, MOST_MADE)
    solution, document = open_document(document)
    return Opened(file.parent, solution, document, sha256_of(text), len(text), content)


def remade_page(opened: Opened, review: bytes | None) -> bytes:
    """report.html for a design on disk. Drawings and layout are made again; checksums come from the manifest.

    Args:
        opened: the design.
        review: the review.toml that it shows, None where there is none.

    Raises:
        DocumentError: the review is wrong.
    """
    solution = opened.solution
    return page_bytes(
        solution,
        opened.document,
        layout_of(solution),
        drawing_files(solution),
        _outputs(opened, review),
        _review_of(opened, review),
    )


def review_beside(opened: Opened) -> bytes | None:
    """The review.toml beside a design.json; None where there is none, or an empty one.

    Raises:
        OutputError: it cannot be read.
    """
    return kept_review(opened.folder) or None


def with_decisions(opened: Opened, files: Sequence[Path]) -> bytes:
    """A review.toml of the decisions of signers' files, and of those that are there and still count.

    Raises:
        DocumentError: a file cannot be used, or two decide one criterion differently.
    """
    criteria = opened.solution.loaded.pdk.review
    sent = [read_sent(file, criteria) for file in files]
    there = _review_of(opened, review_beside(opened))
    if there is not None and there.design == opened.design_sha256:
        sent.insert(0, Sent(REVIEW_FILE, there))
    return review_text(together(sent, opened.design_sha256)).encode()


def _review_of(opened: Opened, review: bytes | None) -> Review | None:
    # empty is what a shell leaves while it redirects a new checklist into this very file
    if review is None or not review.strip():
        return None
    try:
        text = review.decode()
    except UnicodeDecodeError as error:
        raise DocumentError(Problem("cannot be read: it is not UTF-8 text", REVIEW_FILE)) from error
    return read_review(text, opened.solution.loaded.pdk.review)


def items_of(opened: Opened, review: bytes | None) -> tuple[Item, ...]:
    """The review checklist of a design on disk, with the decisions of a review.toml."""
    criteria = opened.solution.loaded.pdk.review
    return checklist(criteria, opened.document, _review_of(opened, review), opened.design_sha256)


def review_state_of(design: Path) -> dict[str, Any]:
    """How far the review of a design on disk is, with the decisions of the review.toml beside it.

    Raises:
        DocumentError: design.json or the review is wrong.
    """
    opened = open_design(design)
    return review_state(items_of(opened, review_beside(opened)))


def skeleton_of(opened: Opened) -> str:
    """A review.toml to fill in, for the criteria that are not settled yet."""
    criteria = opened.solution.loaded.pdk.review
    return review_skeleton(criteria, items_of(opened, review_beside(opened)), opened.design_sha256)


def manifest_with(manifest: Mapping[str, Any], changed: Mapping[str, bytes]) -> str:
    """The manifest with the size and checksum of changed files."""
    listed = {item["path"]: item for item in manifest["files"]}
    listed |= {
        path: {"path": path, "bytes": len(content), "sha256": sha256_of(content)}
        for path, content in changed.items()
    }
    content = {**manifest, "files": [listed[path] for path in sorted(listed)]}
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


def _outputs(opened: Opened, review: bytes | None) -> tuple[Output, ...]:
    """Files that the page lists: what the manifest does, and the review that it shows."""
    shown = (Output(REVIEW_FILE, len(review), sha256_of(review)),) if review else ()
    if opened.manifest is None:
        return (Output("design.json", opened.design_bytes, opened.design_sha256), *shown)
    try:
        listed = [
            Output(str(item["path"]), int(item["bytes"]), str(item["sha256"])) for item in opened.manifest["files"]
        ]
    except (KeyError, TypeError, ValueError) as error:
        raise DocumentError(Problem(f"is damaged: {error}", MANIFEST)) from error
    stated = next((item.sha256 for item in listed if item.path == "design.json"), opened.design_sha256)
    if stated != opened.design_sha256:
        raise DocumentError(
            Problem(
                "design.json is not the one that MANIFEST.json lists",
                MANIFEST,
                remedy="make the folder again with layoutgen design, or give a design.json that stands alone",
            )
        )
    others = (item for item in listed if item.path not in {FILE, REVIEW_FILE})
    return tuple(sorted((*others, *shown), key=lambda item: item.path))


def page_target(opened: Opened, out: Path | None, *, force: bool = False) -> Path:
    """Where the page goes: beside design.json, or where it is asked for.

    Raises:
        OutputError: it cannot be written there.
    """
    own = opened.folder / FILE
    if out is None or out.absolute() == own.absolute():
        return own
    check_file_target(out, force=force, suffix=".html")
    return out


def write_page(
    opened: Opened, page: bytes, target: Path, review: bytes | None, *, decided: bool, force: bool = False
) -> None:
    """Write the page; where it goes into a design folder, the manifest takes it and the review in.

    Page, review and manifest of a folder are replaced together. Where decisions came in, those of the folder are,
    whatever other place the page is asked for in.

    Args:
        opened: the design.
        page: report.html.
        target: where it goes.
        review: the review.toml that it shows.
        decided: whether that is another one than stands in the folder.
        force: replace a page that stands at another place.

    Raises:
        OutputError: it cannot be written.
    """
    own = opened.folder / FILE
    if target == own or decided:
        changed = {REVIEW_FILE: review} if review and (decided or opened.manifest is not None) else {}
        if target == own or own.is_file():
            changed[FILE] = page
        files = dict(changed)
        if opened.manifest is not None:
            files[MANIFEST] = manifest_with(opened.manifest, changed).encode()
        if not decided:
            files.pop(REVIEW_FILE, None)  # it is there
        replace_together(
            opened.folder, files, where=Input("out", str(target)) if target == own else Input("decisions")
        )
    if target != own:
        write_file(target, page, force=force)
