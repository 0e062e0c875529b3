"""Archives are registered as the folder is: every file that a receiver gets, and no other."""

from dataclasses import replace
from fnmatch import fnmatchcase

import pytest

from layoutgen.outputs import ARCHIVES, Made, receiver_of
from layoutgen.receivers.shop import load_shop, shipped_shops
from layoutgen.receivers.test_house import FORMS
from layoutgen.rules.engine import check_solution
from layoutgen.solver.solve import solve
from layoutgen.spec import build_spec
from tests.rules.webs import SMALL_WEB


@pytest.fixture(scope="module")
def made():
    solution = solve(
        build_spec(
            {"capacity": 2, "footprint": (8.0, 10.0), "set": dict(SMALL_WEB) | {"web.structures": "coupon"}}, {}
        )
    )
    made = Made(solution, repeats=2)
    made.rules = check_solution(solution, made.layout)
    return made


def files_of(made, receiver):
    """Names of the files of every archive that a receiver may get."""
    if receiver == "test":
        return [set(ARCHIVES[receiver].make(replace(made, web_cells=form))) for form in FORMS]
    names = []
    for shop in map(load_shop, shipped_shops()) if receiver == "shop" else [None]:
        made.shop = shop
        names.append(set(ARCHIVES[receiver].make(made)))
    return names


@pytest.mark.parametrize("receiver", list(ARCHIVES))
def test_every_file_is_registered_and_every_entry_is_made(made, receiver):
    patterns = {path.replace("NAME", made.name) for path in ARCHIVES[receiver].files}
    every = files_of(made, receiver)
    assert [
        name for names in every for name in names if not any(fnmatchcase(name, path) for path in patterns)
    ] == []
    assert [
        path for path in patterns if not any(fnmatchcase(name, path) for names in every for name in names)
    ] == []
    assert [receiver_of(names) for names in every] == [receiver] * len(every)
