"""Designs and pages that the tests share; each is solved once."""

from dataclasses import dataclass
from functools import cache
from typing import Any

from layoutgen.document import to_document, to_text
from layoutgen.layout.model import Layout
from layoutgen.outputs import drawing_files, layout_of, mask_files
from layoutgen.report.checklist import Review
from layoutgen.report.page import outputs_of, page_bytes
from layoutgen.solver.solution import Solution
from layoutgen.solver.solve import solve
from layoutgen.spec import build_spec

QUESTIONS: dict[str, dict[str, Any]] = {
    "steel": {"capacity": "20", "footprint": "8x10"},
    "mica": {"capacity": "5", "footprint": "12x10", "pdk": "lithium-mica", "confidence": 0.95},
    "alumina": {"footprint": "12x10", "height": "3", "pdk": "lithium-alumina"},
    "bottom": {"capacity": "10", "footprint": "8x10", "pdk": "bottom-terminal"},
    "free": {
        "capacity": "6",
        "height": "1.2",
        "cycles": 100,
        "set": {"web.regime": "free", "yield.model": "murphy"},
    },
}

FINDINGS = {
    "run": 2, "passed": 1, "failed": 1, "waived": 0, "not_run": 0,
    "states": [
        {"rule": "WID001", "state": "failed", "measured": 12.0, "required": 20.0},
        {"rule": "SPC001", "state": "passed", "measured": 40.0, "required": 40.0},
    ],
    "findings": [
        {"rule": "WID001", "severity": "error", "cell": "CELL", "layers": ["CATHODE"],
         "place_um": [1000.0, 2000.0, 1100.0, 2012.0], "measured": 12.0, "required": 20.0, "relation": "at least",
         "unit": "um", "message": "line <b>too</b> narrow", "waived_by": ""},
    ],
}  # fmt: skip


@dataclass(frozen=True)
class Made:
    solution: Solution
    document: dict[str, Any]
    layout: Layout
    files: dict[str, bytes]
    html: str


@cache
def solved(name: str) -> Solution:
    return solve(build_spec(QUESTIONS[name], {}))


@cache
def made(name: str, *, findings: bool = False) -> Made:
    return make(solved(name), FINDINGS if findings else None)


def make(solution: Solution, rules: dict | None = None, review: Review | None = None) -> Made:
    document = to_document(solution, rules)
    layout = layout_of(solution)
    files = {"design.json": to_text(document).encode()} | mask_files(solution, layout) | drawing_files(solution)
    html = page_bytes(solution, document, layout, files, outputs_of(files), review).decode()
    return Made(solution, document, layout, files, html)
