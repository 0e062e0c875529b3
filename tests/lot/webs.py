"""Designs and synthetic webs to test on: one design, made once, and small webs of it."""

import json
from functools import cache
from pathlib import Path

from layoutgen.document import from_document, to_document, to_text
from layoutgen.lot.kit import webtest_of
from layoutgen.lot.simulate import simulate
from layoutgen.lot.synthetic import Recipe
from layoutgen.lot.webmap import repeat_map
from layoutgen.solver.solve import solve
from layoutgen.spec import build_spec
from tests.rules.webs import SMALL_WEB


@cache
def document(small: bool = False) -> dict:
    """The example part, or a small one of few cells in blocks of both turns."""
    if small:
        return to_document(solve(build_spec({"capacity": 2, "footprint": (8.0, 10.0), "set": dict(SMALL_WEB)}, {})))
    return to_document(solve(build_spec({"capacity": 20, "footprint": (8.0, 10.0), "effort": "standard"}, {})))


@cache
def solution(small: bool = False):
    return from_document(document(small))


@cache
def cells(small: bool = False):
    return repeat_map(solution(small))


@cache
def webtest():
    return webtest_of(solution().loaded, None)


def design_file(folder: Path, *, small: bool = False) -> Path:
    path = folder / "design.json"
    path.write_text(to_text(document(small)))
    return path


def recipe(**changes) -> Recipe:
    made = {
        "seed": 7,
        "repeats": 40,
        "defect_density_cm2": 0.1,
        "cluster_parameter": 2.0,
        "block_um": 25_000.0,
        "correlation": 0.7,
        "circumference_um": 628_300.0,
    }
    return Recipe(**(made | changes))


def synthetic(folder: Path, **changes) -> Path:
    """A synthetic web in a folder."""
    small = changes.pop("small", False)
    target = folder / changes.pop("name", "web")
    simulate(
        document(small), solution(small), webtest(), recipe(**changes), target, force=False, advance=lambda _: None
    )
    return target


def truth_of(web: Path) -> dict:
    return json.loads((web / "truth.json").read_text())
