"""Questions from the page to answers for it. Runs in a worker process; knows nothing of HTTP."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from layoutgen.document import to_document
from layoutgen.document.refusal import refusal as refusal_document
from layoutgen.draw.web import web_shapes
from layoutgen.errors import Input, LayoutgenError, Problem, SpecError
from layoutgen.files.archive import zip_bytes
from layoutgen.flow import package_files
from layoutgen.pdk.load import LoadedPdk, load_pdk, shipped_pdks
from layoutgen.report.charts import fit_svg, web_svg
from layoutgen.report.section import section_svg
from layoutgen.solver.solution import Solution
from layoutgen.solver.solve import solve
from layoutgen.spec import build_spec


def answer(question: Mapping[str, str]) -> dict[str, Any]:
    """The answer to one question: ``ok`` and either figures and pictures, or problems and their kind."""
    try:
        solution = _solved(question, compare=False)
    except LayoutgenError as error:
        return refusal(error)
    document = to_document(solution)
    return {
        "ok": True,
        "name": document["name"],
        "disclaimer": document["pdk"]["disclaimer"],
        "device": {key: value for key, value in document["device"].items() if key != "stack"},
        "web": {key: value for key, value in document["web"].items() if key not in {"blocks", "fields"}},
        "yield": document["yield"],
        "naive": document["naive"],
        "search": document["search"],
        "binding": document["limits"]["binding"],
        "flags": document["flags"],
        "pictures": {
            "fit": fit_svg(document),
            "section": section_svg(solution),
            "web": web_svg(web_shapes(solution.web, solution.dbu_nm)),
        },
    }


def package(question: Mapping[str, str]) -> dict[str, Any]:
    """The design folder of one question as a zip: ``name`` and ``content``, or problems as for :func:`answer`."""
    try:
        solution = _solved(question, compare=True)
        files = package_files(solution)
    except LayoutgenError as error:
        return refusal(error)
    name = solution.spec.file_name()
    return {"ok": True, "name": name, "content": zip_bytes(files, name)}


def refusal(error: LayoutgenError) -> dict[str, Any]:
    """Problems as data; kind ``input`` where the question is wrong, ``design`` where nothing meets it."""
    kind = "design" if error.exit_code == 1 else "input"
    document = refusal_document(error, _word)
    return {"ok": False, "kind": kind, "problems": document["problems"], "limits": document["limits"]}


def _word(item: Input) -> str:
    """An input as the page shows it: its fields by name, a setting as it is typed there."""
    head, _, path = item.path.partition(".")
    if head == "set" and path:
        return f"{path} = {item.value}" if item.value else path
    return f"{item.path} {item.value}".rstrip()


def settings_of(text: str) -> dict[str, str]:
    """``path = value`` pairs, one a line or with semicolons between them.

    Raises:
        SpecError: a part is not a pair, or a path is set twice.
    """
    found: dict[str, str] = {}
    for part in filter(None, (part.strip() for part in text.replace("\n", ";").split(";"))):
        path, equals, value = (piece.strip() for piece in part.partition("="))
        if not (path and equals and value):
            allowed = "path = value, several with semicolons between them"
            raise SpecError(Problem(f"{part!r} is not a setting", "set", allowed, "stack.substrate.thickness = 15"))
        if path in found:
            raise SpecError(Problem(f"{path} is set twice", "set"))
        found[path] = value
    return found


def _solved(question: Mapping[str, str], *, compare: bool) -> Solution:
    values: dict[str, Any] = {key: text for key, text in question.items() if text}
    if "set" in values:
        values["set"] = settings_of(values["set"])
    if values.get("foil", "any") != "any":
        values["foil"] = [part.strip() for part in values["foil"].split(",")]
    spec = build_spec(values, {})
    return solve(spec, _loaded(spec.pdk, spec.overrides), compare=compare)


def _loaded(name: str, overrides: tuple[tuple[str, str], ...]) -> LoadedPdk:
    """A kit; one of one's own is read again for every question, as somebody may be at work on it."""
    return _kept(name, overrides) if name in shipped_pdks() else load_pdk(name, overrides)


@lru_cache(maxsize=64)
def _kept(name: str, overrides: tuple[tuple[str, str], ...]) -> LoadedPdk:
    return load_pdk(name, overrides)
