"""What was received against what its design gives when it is made again: bytes, before anything is parsed."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from itertools import zip_longest
from typing import TYPE_CHECKING

from layoutgen.document.integrity import first_difference
from layoutgen.errors import Problem
from layoutgen.libraries import reason
from layoutgen.verify.files import FOREIGN, json_of

if TYPE_CHECKING:
    from layoutgen.solver.solution import Solution

AGAIN = "ask for this file again"
_TEXTS = (
    ".csv",
    ".svg",
    ".dxf",
    ".html",
    ".xml",
    ".txt",
    ".lyp",
    ".drc",
    ".gbr",
    ".kicad_mod",
    ".kicad_sym",
    ".step",
)


def asked_again(solution: "Solution") -> "Solution":
    """The answer that the question of a design gets now, explained where that one was."""
    from layoutgen.solver.explain import explain
    from layoutgen.solver.solve import solve

    again = solve(solution.spec, solution.loaded)
    if solution.explanation is not None:
        again = replace(again, explanation=explain(again))
    return again


def differences(
    files: Mapping[str, bytes],
    wanted: Mapping[str, bytes],
    different: Mapping[str, str],
    passed_over: Collection[str] = (),
) -> list[Problem]:
    """Files that are missing, too many, or not the bytes that the design gives.

    Args:
        files: what was received, by name.
        wanted: what the design gives.
        different: libraries that the files were made with and are others here, as ``others`` gives them.
        passed_over: names that are not compared.
    """
    problems = []
    for path in sorted((wanted.keys() | files.keys()) - set(passed_over)):
        if path not in files:
            problems.append(Problem("is missing", path, remedy="ask for the package again"))
        elif path not in wanted:
            problems.append(Problem("is nothing that the design gives", path, remedy=FOREIGN))
        elif wanted[path] != files[path]:
            problems.append(_differs(path, files[path], wanted[path], reason(path, different)))
    return problems


def _differs(path: str, found: bytes, wanted: bytes, why: str) -> Problem:
    if why:
        remedy = "verify it with these versions installed, or ask for the package again"
        return Problem(f"is not what the design gives here: {why}", path, remedy=remedy)
    place = where_differs(path, found, wanted)
    return Problem("is not what the design gives", f"{path}: {place}" if place else path, remedy=AGAIN)


def where_differs(path: str, found: bytes, wanted: bytes) -> str:
    """The first place at which a text differs: a key path, or a line; empty for what is no text."""
    if path.endswith(".json"):
        return first_difference(json_of(wanted), json_of(found)) or "its text"
    if not path.endswith(_TEXTS):
        return ""
    lines = zip_longest(found.splitlines(), wanted.splitlines())
    return f"line {next((number for number, (one, other) in enumerate(lines, 1) if one != other), 1)}"
