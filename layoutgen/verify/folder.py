"""A folder that ``layoutgen design`` made: its manifest, and what its design gives."""

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from layoutgen import __version__
from layoutgen.document import SCHEMA, from_document, to_document, to_text
from layoutgen.document.follows import first_difference
from layoutgen.errors import DocumentError, LayoutgenError, PackageError, Problem
from layoutgen.files.folder import MANIFEST, MANIFEST_SCHEMA, manifest_text
from layoutgen.receivers.revision import PREVIOUS
from layoutgen.units import counted
from layoutgen.verify.files import DESIGN, FOREIGN, REVIEW, Verified, contents, json_of, shortened
from layoutgen.verify.masks import against_layout, order_against_masks

if TYPE_CHECKING:
    from layoutgen.solver.solution import Solution


def verify_package(folder: Path) -> Verified:
    """Check a folder that ``layoutgen design`` made.

    Raises:
        DocumentError: it is not such a folder.
        PackageError: it is damaged or altered; holds every problem found.
    """
    files = _read(folder)
    problems = _against_manifest(files)
    if problems:
        raise PackageError(shortened(problems))
    try:
        problems, checked, notes = _against_design(files, _solution(files))
    except PackageError:
        raise
    except LayoutgenError as error:
        raise PackageError(error.problems) from error
    if problems:
        raise PackageError(shortened(problems))
    about = (f"{counted(len(files) - 1, 'file')} against {MANIFEST}", f"{DESIGN} follows from itself")
    return Verified((*about, *checked), tuple(notes))


def _read(folder: Path) -> dict[str, bytes]:
    where = str(folder)
    allowed = "a folder that layoutgen design made"
    try:
        if not folder.is_dir():
            raise DocumentError(Problem("is not a folder", where, allowed))
        files = contents(folder)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise DocumentError(Problem(f"cannot be read: {str(reason).lower()}", where, allowed)) from error
    if MANIFEST not in files and DESIGN not in files:
        raise DocumentError(Problem(f"holds neither {MANIFEST} nor {DESIGN}", where, allowed))
    return files


def _against_manifest(files: Mapping[str, bytes]) -> list[Problem]:
    if MANIFEST not in files:
        return [Problem("is missing", MANIFEST, remedy="ask for the package again")]
    manifest = json_of(files[MANIFEST])
    if not isinstance(manifest, dict) or manifest.get("schema") != MANIFEST_SCHEMA:
        return [Problem("is damaged", MANIFEST, f"JSON of schema {MANIFEST_SCHEMA}", "ask for the package again")]
    entries = manifest.get("files")
    listed = {str(item.get("path")): item for item in entries or () if isinstance(item, dict)}
    problems = []
    for name, item in listed.items():
        if name not in files:
            problems.append(Problem("is missing", name, remedy="ask for the package again"))
        elif hashlib.sha256(files[name]).hexdigest() != item.get("sha256"):
            what = f"is not the file that was sent: {_sizes(files[name], item)}"
            problems.append(Problem(what, name, f"SHA-256 {item.get('sha256')}", "ask for this file again"))
        elif len(files[name]) != item.get("bytes"):
            problems.append(Problem(f"has {_sizes(files[name], item)}", name))
    problems += [
        Problem("is not in the manifest", name, remedy=FOREIGN)
        for name in files
        if name not in listed and name not in {MANIFEST, REVIEW}
    ]
    if not problems:
        problems += _manifest_itself(files, manifest)
    return problems


def _sizes(content: bytes, item: Mapping[str, Any]) -> str:
    return f"{counted(len(content), 'byte')}, listed are {item.get('bytes')}"


def _manifest_itself(files: Mapping[str, bytes], manifest: Mapping[str, Any]) -> list[Problem]:
    """The manifest must be the very text that these files give."""
    from layoutgen.flow import about

    document = json_of(files.get(DESIGN, b""))
    if not isinstance(document, dict):
        return []
    listed = {str(item.get("path")) for item in manifest["files"]}
    kept = {name: content for name, content in files.items() if name in listed}
    try:
        head = about(document) | {"tool": document["tool"]}
        wanted = manifest_text(kept, head).encode()
    except (KeyError, TypeError, AttributeError):
        return []
    if wanted == files[MANIFEST]:
        return []
    return [Problem("does not belong to these files, or was altered", MANIFEST, remedy="ask for the package again")]


def _solution(files: Mapping[str, bytes]) -> "Solution":
    document = json_of(files.get(DESIGN, b""))
    if not isinstance(document, dict) or document.get("schema") != SCHEMA:
        raise PackageError(Problem("is missing or damaged", DESIGN, f"JSON of schema {SCHEMA}"))
    return from_document(document)


def _against_design(files: Mapping[str, bytes], solution: "Solution") -> tuple[list[Problem], list[str], list[str]]:
    """Problems, what was checked, and what could not be."""
    from layoutgen.flow import layout_of, package_files
    from layoutgen.rules.engine import check_solution

    layout = layout_of(solution)
    name = solution.spec.file_name()
    problems: list[Problem] = []
    checked = []
    for suffix in ("gds", "oas"):
        problems += against_layout(files, f"masks/{name}.{suffix}", solution, layout)
        checked.append(f"masks/{name}.{suffix} holds the layout that the design gives")
    problems += order_against_masks(files, f"masks/{name}.gds", solution)
    checked.append("the order states the polygons, areas and boxes of the mask file")
    version = _made_by(files)
    if version != __version__:
        note = (
            f"made by layoutgen {version}, this is {__version__}: drawings, tables and what the search found were"
            " checked by checksum only"
        )
        return problems, checked, [note]
    rules = check_solution(solution, layout)
    problems += _searched_again(files, solution, rules.to_json())
    wanted = package_files(solution, review=files.get(REVIEW), previous=files.get(PREVIOUS))
    binary = {f"masks/{name}.gds", f"masks/{name}.oas", DESIGN, MANIFEST, REVIEW}
    for path in sorted(wanted.keys() | files.keys()):
        if path in binary:
            continue
        if path not in files:
            problems.append(Problem("is missing", path, remedy="ask for the package again"))
        elif path in wanted and wanted[path] != files[path]:
            problems.append(Problem("is not what the design gives", path, remedy="ask for this file again"))
    checked.append(
        f"{len(wanted) - len(binary & wanted.keys())} drawings, tables and models are what the design gives"
    )
    return problems, checked, []


def _searched_again(files: Mapping[str, bytes], solution: "Solution", rules: Mapping[str, Any]) -> list[Problem]:
    """design.json against the answer that its question gets when it is asked again."""
    from layoutgen.document.kit import require_of_shipped
    from layoutgen.solver.explain import explain
    from layoutgen.solver.solve import solve

    try:
        require_of_shipped(solution.loaded)
    except DocumentError as error:
        return list(error.problems)

    again = solve(solution.spec, solution.loaded)
    if solution.explanation is not None:
        again = replace(again, explanation=explain(again))
    document = to_document(again, rules)
    if to_text(document).encode() == files[DESIGN]:
        return []
    path = first_difference(document, json_of(files[DESIGN])) or "its text"
    what = "is not what the question and the process give"
    return [Problem(what, f"{DESIGN}: {path}", remedy="it was edited: ask for the package again")]


def _made_by(files: Mapping[str, bytes]) -> str:
    document = json_of(files[DESIGN])
    tool = document.get("tool") if isinstance(document, dict) else None
    return str(tool.get("version")) if isinstance(tool, dict) else "unknown"
