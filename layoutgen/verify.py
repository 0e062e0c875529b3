"""Is a received package whole, and is it what its design gives?

Looked at, in this order: the manifest and every checksum; files that are missing or too many; that design.json
follows from itself; that the mask files, read by gdstk, hold exactly the layout that the design gives; that the
order's counts, areas and boxes are those of the mask file; and, where the same version of the tool made the
package, that design.json is the answer that its question gets when it is asked again, and that every other file is
byte for byte what the design gives. Files are read only after their checksums have held: readers of binary formats
are not made for damaged input.
"""

import hashlib
import json
import math
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from layoutgen import __version__
from layoutgen.document import SCHEMA, from_document, to_document, to_text
from layoutgen.document.follows import first_difference
from layoutgen.errors import DocumentError, LayoutgenError, PackageError, Problem
from layoutgen.export.issue import PREVIOUS
from layoutgen.export.package import MANIFEST, MANIFEST_SCHEMA, manifest_text
from layoutgen.units import counted

if TYPE_CHECKING:
    from layoutgen.layout.model import Layout
    from layoutgen.solver.solution import Solution

DESIGN, REVIEW = "design.json", "review.toml"
_MOST = 12
_FOREIGN = "remove it: it does not belong to the package"


@dataclass(frozen=True, slots=True)
class Verified:
    """What was looked at, for people; ``notes`` say what could not be."""

    checked: tuple[str, ...]
    notes: tuple[str, ...]


def verify(path: Path, against: Path | None = None) -> Verified:
    """Check what was received: a design folder, or a shop's archive or folder.

    Args:
        path: what was received.
        against: the design that an archive or its folder is of; what is made of it must be the same bytes.

    Raises:
        DocumentError: it is none of these, or the design cannot be used.
        PackageError: it is damaged or altered; holds every problem found.
    """
    from layoutgen.export.archive import SUMS, read_archive
    from layoutgen.verify_shop import made_again, verify_shop

    files: Mapping[str, bytes] | None = None
    try:
        if path.is_dir() and (path / SUMS).is_file() and not (path / DESIGN).exists():
            files = _contents(path)
        elif path.is_file() and (path.suffix.lower() == ".zip" or path.read_bytes()[:2] == b"PK"):
            files = read_archive(path.read_bytes(), path.name)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise DocumentError(Problem(f"cannot be read: {str(reason).lower()}", str(path))) from error
    if files is None:
        if against is not None:
            allowed = "an archive, or its folder, for a shop or a board designer"
            raise DocumentError(Problem("is for what layoutgen export made", "--against", allowed))
        return verify_package(path)
    checked, notes = verify_shop(files, path.name)
    if against is not None:
        return Verified((*checked, made_again(files, against)), ())
    return Verified(checked, notes)


def verify_package(folder: Path) -> Verified:
    """Check a folder that ``layoutgen design`` made.

    Raises:
        DocumentError: it is not such a folder.
        PackageError: it is damaged or altered; holds every problem found.
    """
    files = _read(folder)
    problems = _against_manifest(files)
    if problems:
        raise PackageError(_shortened(problems))
    try:
        problems, checked, notes = _against_design(files, _solution(files))
    except PackageError:
        raise
    except LayoutgenError as error:
        raise PackageError(error.problems) from error
    if problems:
        raise PackageError(_shortened(problems))
    about = (f"{counted(len(files) - 1, 'file')} against {MANIFEST}", f"{DESIGN} follows from itself")
    return Verified((*about, *checked), tuple(notes))


def _read(folder: Path) -> dict[str, bytes]:
    where = str(folder)
    allowed = "a folder that layoutgen design made"
    try:
        if not folder.is_dir():
            raise DocumentError(Problem("is not a folder", where, allowed))
        files = _contents(folder)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise DocumentError(Problem(f"cannot be read: {str(reason).lower()}", where, allowed)) from error
    if MANIFEST not in files and DESIGN not in files:
        raise DocumentError(Problem(f"holds neither {MANIFEST} nor {DESIGN}", where, allowed))
    return files


def _contents(folder: Path) -> dict[str, bytes]:
    names = {path.relative_to(folder).as_posix(): path for path in sorted(folder.rglob("*"))}
    odd = [
        name
        for name, path in names.items()
        if path.is_symlink() or not (path.is_file() or path.is_dir())  # a pipe would never end
    ]
    if odd:
        problems = [Problem("is neither a file nor a folder of its own", name, remedy=_FOREIGN) for name in odd]
        raise PackageError(_shortened(problems))
    return {name: path.read_bytes() for name, path in names.items() if not path.is_dir()}


def _against_manifest(files: Mapping[str, bytes]) -> list[Problem]:
    if MANIFEST not in files:
        return [Problem("is missing", MANIFEST, remedy="ask for the package again")]
    manifest = _json(files[MANIFEST])
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
        Problem("is not in the manifest", name, remedy=_FOREIGN)
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

    document = _json(files.get(DESIGN, b""))
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
    document = _json(files.get(DESIGN, b""))
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
        problems += _mask_file(files, f"masks/{name}.{suffix}", solution, layout)
        checked.append(f"masks/{name}.{suffix} holds the layout that the design gives")
    problems += _order(files, f"masks/{name}.gds", solution)
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
    from layoutgen.solver.explain import explain
    from layoutgen.solver.solve import solve

    again = solve(solution.spec, solution.loaded)
    if solution.explanation is not None:
        again = replace(again, explanation=explain(again))
    document = to_document(again, rules)
    if to_text(document).encode() == files[DESIGN]:
        return []
    path = first_difference(document, _json(files[DESIGN])) or "its text"
    what = "is not what the question and the process give"
    return [Problem(what, f"{DESIGN}: {path}", remedy="it was edited: ask for the package again")]


def _mask_file(files: Mapping[str, bytes], path: str, solution: "Solution", layout: "Layout") -> list[Problem]:
    """A mask file against the layout that the design gives: every shape and every placement."""
    import gdstk

    from layoutgen.export.library import compare
    from layoutgen.rules.from_file import read_library

    if path not in files:
        return [Problem("is missing", path, remedy="ask for the package again")]
    pdk = solution.loaded.pdk
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / Path(path).name
        file.write_bytes(files[path])
        try:
            if path.endswith(".oas") and not gdstk.oas_validate(str(file))[0]:
                return [Problem("its checksum (CRC32) does not match", path, remedy="ask for this file again")]
            compare(read_library(file), layout, pdk, path)
        except LayoutgenError as error:
            return [Problem(item.what, item.where.replace(folder, "").lstrip("/")) for item in error.problems]
        except (RuntimeError, ValueError, TypeError, AttributeError, OSError, KeyError, IndexError) as error:
            return [Problem(f"cannot be read: {error}".replace(folder, ""), path, remedy="ask for this file again")]
    return []


def _order(files: Mapping[str, bytes], masks: str, solution: "Solution") -> list[Problem]:
    """Counts, areas and boxes of the order against the mask file as gdstk reads it."""
    from layoutgen.layout.measure import LayerTotals, totals_by_layer
    from layoutgen.rules.from_file import layout_from, read_library

    where = "masks/order.json"
    order = _json(files.get(where, b""))
    if not isinstance(order, dict) or masks not in files:
        return [Problem("is missing or damaged", where)] if not isinstance(order, dict) else []
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "masks.gds"
        file.write_bytes(files[masks])
        try:
            read = layout_from(read_library(file), solution.loaded.pdk, solution.dbu_nm, masks)
        except (LayoutgenError, RuntimeError, ValueError):
            return []  # said already where the file is compared
    totals = totals_by_layer(read)
    mm = solution.dbu_nm * 1e-6
    problems = []
    for mask in order.get("masks", ()):
        name = str(mask.get("name"))
        found = totals.get(name, LayerTotals(0, 0, 0, None))
        stated = mask.get("polygons"), mask.get("area_mm2"), mask.get("bounding_box_mm")
        box = [value * mm for value in found.bbox] if found.bbox else None
        if stated[0] != found.polygons:
            what = f"states {counted(stated[0], 'polygon')}, the mask file has {found.polygons}"
            problems.append(Problem(what, f"{where}: {name}"))
        if not _near(stated[1], found.area_dbu2 * mm**2, 2e-9):
            what = f"states {stated[1]} mm2, the mask file has {found.area_dbu2 * mm**2:.9f}"
            problems.append(Problem(what, f"{where}: {name}"))
        if (box is None) != (stated[2] is None) or any(
            not _near(a, b, 1e-9) for a, b in zip(stated[2] or (), box or (), strict=False)
        ):
            problems.append(Problem(f"states the box {stated[2]}, the mask file has {box}", f"{where}: {name}"))
    if {str(mask.get("name")) for mask in order.get("masks", ())} != set(solution.loaded.pdk.masks):
        problems.append(Problem("does not list the masks of the process", where))
    return problems


def _made_by(files: Mapping[str, bytes]) -> str:
    document = _json(files[DESIGN])
    tool = document.get("tool") if isinstance(document, dict) else None
    return str(tool.get("version")) if isinstance(tool, dict) else "unknown"


def _near(stated: object, value: float, slack: float) -> bool:
    return isinstance(stated, int | float) and math.isclose(stated, value, rel_tol=1e-9, abs_tol=slack)


def _json(content: bytes) -> Any:
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        return None


def _shortened(problems: list[Problem]) -> list[Problem]:
    unique = list(dict.fromkeys(problems))
    if len(unique) <= _MOST:
        return unique
    return [*unique[:_MOST], Problem(f"and {counted(len(unique) - _MOST, 'more problem')}")]
