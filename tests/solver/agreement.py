"""Random questions over all kits, small parts and slits included: solve, explore, nearest values and rules agree.

``python -m tests.solver.agreement 2000 --seed 1`` asks so many and prints what came of them; ``--first 500`` begins
with the 500th. Solve and explore check the answer of a changed process: they come to the same answer,
so that one check of it does for both.
"""

import argparse
import random
from collections import Counter
from unittest import mock

from layoutgen.errors import DesignError, DoesNotFit, InputError
from layoutgen.explorer.points import evaluate
from layoutgen.flow import layout_of
from layoutgen.rules.engine import check_solution, require_clean
from layoutgen.solver.checked import may_break_rules, require_rules
from layoutgen.solver.solve import solve
from layoutgen.spec import build_spec
from tests.kits import kit

KITS = ("anodeless-ss", "bottom-terminal", "lithium-alumina", "lithium-mica")
FORMS = (
    "capacity footprint",
    "capacity height",
    "footprint height",
    "capacity footprint height",
    "capacity free height",
)
SLITS = ("2", "3", "4", "5", "6", "7", "100", "99.5", "33.333, 150.01", "66.6666666")
SETTINGS = (
    (0.15, "web.regime", ("free",)),
    (0.1, "web.width", ("250 mm", "333.335 mm", "120 mm")),
    (0.15, "web.structures", ("coupon",)),
    (0.08, "device.wall", ("30", "35", "55", "60", "80", "100")),
    (0.08, "web.rotation_allowed", ("false",)),
    (0.08, "web.kerf", ("20", "30", "50", "60", "100")),
    (0.08, "web.size_grid", ("1", "5", "20", "50", "100")),
    (0.05, "web.field_gap", ("0", "0.5 mm", "1.2 mm", "5 mm")),
    (0.05, "marks.probe", ("200", "800", "1500")),
    (0.05, "device.terminal_wrap", ("250", "800", "1500")),
)


def question(draw):
    """The values of a random spec; small parts are as frequent as others."""
    small = draw.random() < 0.5

    def side():
        low, high = draw.choice([(0.4, 3), (1, 6), (3, 20)]) if small else (3, 40)
        return round(draw.uniform(low, high), 2)

    form = draw.choice(FORMS).replace("free", "capacity free height")
    asked = {"pdk": draw.choice(KITS)}
    if "footprint" in form:
        asked["footprint"] = [side(), side()]
    if "free" in form:
        asked["footprint"] = [side(), None]
    if "height" in form:
        asked["height"] = round(draw.uniform(*draw.choice([(0.15, 0.6), (0.3, 3)])), 2)
    if "capacity" in form:
        asked["capacity"] = float(f"{10 ** (draw.uniform(-3.5, 0.5) if small else draw.uniform(-1, 2)):.3g}")
    if form == "capacity height" and draw.random() < 0.5:
        asked["aspect"] = round(draw.uniform(1, 6), 1)
    if "capacity" in asked and draw.random() < 0.25:
        asked["objective"] = draw.choice(["web", "height", "footprint", "energy-density"])
    if draw.random() < 0.2:
        asked["size_limits"] = "maximum"
    if draw.random() < 0.15:
        asked["foil"] = "any"
    return asked | {"set": settings(draw, asked["pdk"])}


def settings(draw, name):
    found = {key: draw.choice(values) for share, key, values in SETTINGS if draw.random() < share}
    if draw.random() < 0.4:
        found["web.slits"] = draw.choice(SLITS)
    web = kit(name).pdk.web
    if found.get("web.regime") == "free" and web.repeat_length is not None:
        found["web.repeat_length"] = "none"
    if not kit(name).pdk.structures:
        found.pop("web.structures", None)
    return found


def verdict(asked):
    """What came of a question: ``answered``, ``does not fit``, or an error's name; what disagrees is raised."""
    spec = build_spec(asked, {})
    (row,) = rows(asked)
    try:
        solution = solve(spec, compare=False)
    except DoesNotFit as error:
        assert not refused(row), "explore answers what solve does not"
        assert_nearest_fit(asked, error.nearest)
        return "does not fit"
    except (DesignError, InputError) as error:
        assert not refused(row), "explore answers what solve does not"
        return type(error).__name__
    assert refused(row), f"solve answers, explore does not: {row}"
    assert row["layers"] == solution.device.layers
    if not may_break_rules(spec, solution.loaded):  # else it was checked before it was given
        require_clean(check_solution(solution, layout_of(solution)))
    return "answered"


def once():
    """``require_rules`` that draws and checks the same answer of the same process once."""
    known = {}

    def kept(spec, loaded, template, device, plan, dbu_nm, waived):
        key = (
            loaded.sha256,
            loaded.overrides,
            spec.footprint,
            spec.height,
            spec.zones,
            repr(device),
            repr(plan),
            dbu_nm,
            waived,
        )
        if key not in known:
            known.clear()
            try:
                known[key] = require_rules(spec, loaded, template, device, plan, dbu_nm, waived)
            except DesignError as error:
                known[key] = error
        if known[key] is not None:
            raise known[key]

    return kept


def refused(row):
    return row is not None and row["fits"]


def rows(asked):
    try:
        return evaluate([asked])
    except InputError:
        return [None]


def assert_nearest_fit(asked, nearest):
    """Every value that is offered is an answer, drawn and checked."""
    for name, value in nearest.to_json().items():
        try:
            solution = solve(build_spec({**asked, name.rpartition("_")[0]: value}, {}), compare=False)
            require_clean(check_solution(solution, layout_of(solution)))
        except DesignError as error:
            raise AssertionError(f"{name} {value} is offered: {error}") from error


def main(count, seed, first):
    draw, found = random.Random(seed), Counter()
    for number in range(count):
        asked = question(draw)
        if number < first:
            continue
        try:
            with mock.patch("layoutgen.solver.solve.require_rules", once()):
                found[verdict(asked)] += 1
        except Exception as error:
            found["DISAGREES"] += 1
            print(
                f"{number}: {asked}\n    {type(error).__name__}: {' '.join(str(error).split())[:400]}", flush=True
            )
        if number % 50 == 49:
            print(f"{number + 1}: {dict(found)}", flush=True)
    print(dict(found))


if __name__ == "__main__":
    options = argparse.ArgumentParser()
    options.add_argument("count", type=int)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--first", type=int, default=0)
    given = options.parse_args()
    main(given.count, given.seed, given.first)
