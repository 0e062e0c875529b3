"""Making the page again for a design that is on disk, with the decisions of its review.toml."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from layoutgen.document import from_document, read_document
from layoutgen.errors import DocumentError, OutputError, Problem
from layoutgen.files.folder import MANIFEST, check_file_target, write_file
from layoutgen.flow import drawing_files, layout_of
from layoutgen.report.checklist import FILE as REVIEW_FILE
from layoutgen.report.checklist import Item, checklist, read_review_beside, review_skeleton, sha256_of
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
    manifest: dict[str, Any] | None


def open_design(path: Path) -> Opened:
    """Read a design.json, or a design folder.

    Raises:
        DocumentError: it cannot be used.
    """
    document = read_document(path)
    file = path / "design.json" if path.is_dir() else path
    manifest = file.parent / MANIFEST
    content = None
    if manifest.is_file():
        try:
            content = json.loads(manifest.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise DocumentError(Problem(f"cannot be read: {error}", MANIFEST)) from error
    return Opened(file.parent, from_document(document), document, sha256_of(file.read_bytes()), content)


def remade_page(opened: Opened) -> bytes:
    """report.html for a design on disk. Drawings and layout are made again; checksums come from the manifest.

    Raises:
        DocumentError: the review is wrong.
    """
    solution = opened.solution
    review = read_review_beside(opened.folder, solution.loaded.pdk.review)
    return page_bytes(
        solution, opened.document, layout_of(solution), drawing_files(solution), _outputs(opened), review
    )


def take_decisions(opened: Opened, files: Sequence[Path]) -> None:
    """Put the decisions of signers' files into review.toml, beside those that are there and still count.

    Raises:
        DocumentError: a file cannot be used, or two decide one criterion differently; nothing is written.
        OutputError: review.toml cannot be written.
    """
    criteria = opened.solution.loaded.pdk.review
    sent = [read_sent(file, criteria) for file in files]
    there = read_review_beside(opened.folder, criteria)
    if there is not None and there.design == opened.design_sha256:
        sent.insert(0, Sent(REVIEW_FILE, there))
    content = review_text(together(sent, opened.design_sha256)).encode()
    try:
        _replace(opened.folder / REVIEW_FILE, content)
    except OSError as error:
        raise OutputError(Problem(f"cannot be written: {error.strerror}", REVIEW_FILE)) from error


def items_of(opened: Opened) -> tuple[Item, ...]:
    """The review checklist of a design on disk."""
    criteria = opened.solution.loaded.pdk.review
    return checklist(criteria, opened.document, read_review_beside(opened.folder, criteria), opened.design_sha256)


def skeleton_of(opened: Opened) -> str:
    """A review.toml to fill in, for the criteria that are not settled yet."""
    criteria = opened.solution.loaded.pdk.review
    return review_skeleton(criteria, items_of(opened), opened.design_sha256)


def manifest_with(manifest: Mapping[str, Any], changed: Mapping[str, bytes]) -> str:
    """The manifest with the size and checksum of changed files."""
    listed = {item["path"]: item for item in manifest["files"]}
    listed |= {
        path: {"path": path, "bytes": len(content), "sha256": sha256_of(content)}
        for path, content in changed.items()
    }
    content = {**manifest, "files": [listed[path] for path in sorted(listed)]}
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


def _outputs(opened: Opened) -> tuple[Output, ...]:
    if opened.manifest is None:
        size = len((opened.folder / "design.json").read_bytes()) if (opened.folder / "design.json").is_file() else 0
        return (Output("design.json", size, opened.design_sha256),)
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
    return tuple(item for item in listed if item.path not in {FILE, REVIEW_FILE})


def page_target(opened: Opened, out: Path | None) -> Path:
    """Where the page goes: beside design.json, or where it is asked for.

    Raises:
        OutputError: it cannot be written there.
    """
    own = opened.folder / FILE
    if out is None or out.absolute() == own.absolute():
        return own
    check_file_target(out, force=True, suffix=".html")
    return out


def write_page(opened: Opened, page: bytes, target: Path) -> None:
    """Write the page; where it goes into a design folder, the manifest takes it and the review in.

    Raises:
        OutputError: it cannot be written.
    """
    if target != opened.folder / FILE:
        write_file(target, page, force=True)
        return
    try:
        _replace(target, page)
        if opened.manifest is not None:
            changed = {FILE: page}
            review = opened.folder / REVIEW_FILE
            if review.is_file():
                changed[REVIEW_FILE] = review.read_bytes()
            _replace(opened.folder / MANIFEST, manifest_with(opened.manifest, changed).encode())
    except OSError as error:
        reason = (error.strerror or type(error).__name__).lower()
        raise OutputError(Problem(f"cannot be written: {reason}", f"--out {target}")) from error


def _replace(target: Path, content: bytes) -> None:
    """Whole or not at all: written beside its place and renamed into it."""
    beside = target.with_name(f".{target.name}.partial")
    try:
        beside.write_bytes(content)
        beside.replace(target)
    finally:
        beside.unlink(missing_ok=True)
