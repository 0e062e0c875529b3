"""A folder that ``layoutgen design`` made: its manifest, and what its design gives."""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from layoutgen import __version__
from layoutgen.document import SCHEMA, document_of, from_document
from layoutgen.errors import DocumentError, LayoutgenError, PackageError, Problem
from layoutgen.files.folder import MANIFEST, MANIFEST_SCHEMA, kind_of, manifest_text
from layoutgen.libraries import others
from layoutgen.reading import read_plain as read_small
from layoutgen.receivers.revision import PREVIOUS
from layoutgen.units import counted
from layoutgen.verify.again import asked_again, differences
from layoutgen.verify.files import DESIGN, FOREIGN, REVIEW, Digest, Verified, contents, digests, json_of, shortened
from layoutgen.verify.mask_files import against_layout, order_against_masks

if TYPE_CHECKING:
    from layoutgen.solver.solution import Solution

_WHOLE = "ask for the package again"
DESIGN_KIND = "design"


def verify_package(folder: Path) -> Verified:
    """Check a folder that layoutgen made: one of ``design`` in full, others against their manifest.

    Raises:
        DocumentError: it is not such a folder.
        PackageError: it is damaged or altered; holds every problem found.
    """
    kind = kind_of(_manifest_in(folder))
    if kind and kind != DESIGN_KIND:
        return _as_listed(read_small(folder / MANIFEST), digests(folder))
    return verify_files(_read(folder))


def verify_files(files: Mapping[str, bytes]) -> Verified:
    """As :func:`verify_package`, for the files of such a folder by name, as out of an archive."""
    found = {name: Digest(len(content), hashlib.sha256(content).hexdigest()) for name, content in files.items()}
    if kind_of(json_of(files.get(MANIFEST, b""))) not in {"", DESIGN_KIND}:
        return _as_listed(files[MANIFEST], found)
    problems = _against_manifest(files.get(MANIFEST), found)
    if problems:
        raise PackageError(shortened(problems))
    try:
        problems, checked, notes = _against_design(files)
    except PackageError:
        raise
    except LayoutgenError as error:
        raise PackageError(error.problems) from error
    if problems:
        raise PackageError(shortened(problems))
    listed = len(json_of(files[MANIFEST])["files"])
    return Verified((f"{counted(listed, 'file')} against {MANIFEST}", *checked), tuple(notes))


def _read(folder: Path) -> dict[str, bytes]:
    where = str(folder)
    allowed = "a folder that layoutgen design made"
    try:
        if not folder.is_dir():
            raise DocumentError(Problem("is not a folder", where, allowed))
        # a folder of another kind, or the whole disk, is not read first
        if not any((folder / name).is_file() for name in (MANIFEST, DESIGN)):
            raise DocumentError(Problem(f"holds neither {MANIFEST} nor {DESIGN}", where, allowed))
        return contents(folder)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise DocumentError(Problem(f"cannot be read: {str(reason).lower()}", where, allowed)) from error


def _manifest_in(folder: Path) -> Any:
    """The manifest of a folder as JSON; None where there is none that can be read."""
    try:
        return json_of(read_small(folder / MANIFEST)) if folder.is_dir() else None
    except (OSError, ValueError):
        return None


def _as_listed(manifest: bytes, found: Mapping[str, Digest]) -> Verified:
    """A folder that is no design: nothing missing, added or changed, by its manifest."""
    problems = _against_manifest(manifest, found)
    if problems:
        raise PackageError(shortened(problems))
    note = f"what layoutgen {kind_of(json_of(manifest))} made is not made again here: checked by checksum only"
    return Verified((f"{counted(len(found) - 1, 'file')} against {MANIFEST}",), (note,))


def _against_manifest(content: bytes | None, files: Mapping[str, Digest]) -> list[Problem]:
    if content is None:
        return [Problem("is missing", MANIFEST, remedy=_WHOLE)]
    manifest = json_of(content)
    entries = manifest.get("files") if isinstance(manifest, dict) else None
    if not kind_of(manifest) or not isinstance(entries, list) or not all(map(_is_entry, entries)):
        return [Problem("is damaged", MANIFEST, f"JSON of schema {MANIFEST_SCHEMA}", _WHOLE)]
    listed = {item["path"]: item for item in entries}
    problems = []
    for name, item in listed.items():
        if name not in files:
            problems.append(Problem("is missing", name, remedy=_WHOLE))
        elif files[name].sha256 != item["sha256"]:
            what = f"is not the file that was sent: {_sizes(files[name], item)}"
            problems.append(Problem(what, name, f"SHA-256 {item['sha256']}", "ask for this file again"))
        elif files[name].bytes != item["bytes"]:
            problems.append(Problem(f"has {_sizes(files[name], item)}", name))
    problems += [
        Problem("is not in the manifest", name, remedy=FOREIGN)
        for name in files
        if name not in listed and name not in {MANIFEST, REVIEW}
    ]
    if not problems and [item["path"] for item in entries] != sorted(listed):
        problems.append(Problem("lists a file twice, or not in order", MANIFEST, remedy=_WHOLE))
    return problems


def _is_entry(item: object) -> bool:
    if not isinstance(item, dict):
        return False
    texts = isinstance(item.get("path"), str) and isinstance(item.get("sha256"), str)
    return texts and isinstance(item.get("bytes"), int)


def _sizes(found: Digest, item: Mapping[str, Any]) -> str:
    return f"{counted(found.bytes, 'byte')}, listed are {item['bytes']}"


def _against_design(files: Mapping[str, bytes]) -> tuple[list[Problem], list[str], list[str]]:
    """Problems, what was checked, and what could not be."""
    if DESIGN not in files:
        raise PackageError(Problem("is missing or damaged", DESIGN, f"JSON of schema {SCHEMA}"))
    document = document_of(files[DESIGN], DESIGN)
    solution = from_document(document)
    tool = document.get("tool")
    version = str(tool.get("version")) if isinstance(tool, dict) else "unknown"
    if version != __version__:
        return _by_another_version(files, solution, version)
    return _by_this_version(files, solution)


def _by_this_version(
    files: Mapping[str, bytes], solution: "Solution"
) -> tuple[list[Problem], list[str], list[str]]:
    """Everything is made again, and every byte is compared; nothing but design.json is parsed."""
    from layoutgen.document.kit import require_of_shipped
    from layoutgen.flow import package_files

    require_of_shipped(solution.loaded)
    wanted = package_files(asked_again(solution), review=files.get(REVIEW), previous=files.get(PREVIOUS))
    stated, head = json_of(files[MANIFEST]), json_of(wanted[MANIFEST])
    different = others(stated.get("libraries"))
    notes = []
    of_people = {name for name in (REVIEW, PREVIOUS) if name in files}
    problems = differences(files, wanted, different, {MANIFEST, *of_people})
    if different:
        head["libraries"] = stated["libraries"]
        notes.append(f"made with other libraries ({'; '.join(different.values())})")
    about = {key: value for key, value in head.items() if key not in {"schema", "files"}}
    listed = {item["path"]: files[item["path"]] for item in stated["files"]}
    if manifest_text(listed, about).encode() != files[MANIFEST]:
        problems.append(Problem("does not belong to these files, or was altered", MANIFEST, remedy=_WHOLE))
    same = sum(files.get(path) == wanted[path] for path in wanted.keys() - of_people - {MANIFEST})
    checked = [
        f"{DESIGN} is the answer that its question gets when it is asked again",
        f"{counted(same, 'file')}, made again, are the same to the byte",
    ]
    if REVIEW in files:
        checked.append(f"the page shows the decisions of {REVIEW}")
    return problems, checked, notes


def _by_another_version(
    files: Mapping[str, bytes], solution: "Solution", version: str
) -> tuple[list[Problem], list[str], list[str]]:
    """What another version wrote cannot be made again: mask files are read and compared with the layout."""
    from layoutgen.outputs import layout_of

    layout, name = layout_of(solution), solution.spec.file_name()
    problems: list[Problem] = []
    checked = [f"{DESIGN} follows from itself"]
    for suffix in ("gds", "oas"):
        problems += against_layout(files, f"masks/{name}.{suffix}", solution, layout)
        checked.append(f"masks/{name}.{suffix} holds the layout that the design gives")
    problems += order_against_masks(files, f"masks/{name}.gds", solution)
    checked.append("the order states the polygons, areas and boxes of the mask file")
    note = (
        f"made by layoutgen {version}, this is {__version__}: drawings, tables and what the search found were"
        " checked by checksum only, and whether a file was added and listed cannot be told"
    )
    return problems, checked, [note]
