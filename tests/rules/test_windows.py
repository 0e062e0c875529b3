"""Windows that show the same are looked at once; what is found does not change by that."""

from dataclasses import replace

import pytest

from layoutgen.layout.model import Path
from layoutgen.pdk.load import load_pdk
from layoutgen.rules.engine import run_rule
from layoutgen.rules.windows import Window, picture_of
from tests.rules.mutants import mutants
from tests.rules.webs import WEBS, context, web

ON_THE_WEB = {name: rule for name, rule in load_pdk().pdk.rules.items() if rule.view == "web"}
WINDOW = (0, 0, 1000, 1000)
REACH = 40


def looked_at_everywhere(item):
    """The same context, each window looked at."""
    whole = replace(item)
    windows = whole.windows
    windows.__dict__["web"] = tuple(windows.at(box) for box in windows._boxes())
    return whole


def window(*polygons, lines=()):
    shapes = {}
    for layer, points in polygons:
        shapes.setdefault(layer, []).append(points)
    return Window("REPEAT", shapes, WINDOW, {"CUT_CENTER": list(lines)})


def box(x0, y0, x1, y1):
    return (x0, y0), (x1, y0), (x1, y1), (x0, y1)


@pytest.mark.parametrize("name", sorted(ON_THE_WEB))
def test_every_window_tells_no_more_than_those_that_differ(name):
    rule = ON_THE_WEB[name]
    beyond, inside = mutants(rule)
    for what, item in (*beyond, *inside):
        every = looked_at_everywhere(item)
        assert len(item.windows.web) <= len(every.windows.web)
        few, all_ = run_rule(item, rule), run_rule(every, rule)
        assert few.measured == all_.measured, what
        assert bool(few.violations) == bool(all_.violations), what
        assert set(few.violations) <= set(all_.violations), what


@pytest.mark.parametrize("name", sorted(WEBS))
def test_a_web_has_fewer_places_than_windows(name):
    windows = context(web(name)).windows
    assert len(windows.web) < len(list(windows._boxes()))


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        pytest.param(box(100, 100, 5000, 200), box(100, 100, 9000, 200), True, id="far beyond the window"),
        pytest.param(box(100, 100, 1041, 200), box(100, 100, 1099, 200), True, id="just beyond the reach"),
        pytest.param(box(100, 100, 1010, 200), box(100, 100, 1030, 200), False, id="within the reach"),
        pytest.param(box(1010, 100, 1100, 200), box(1030, 100, 1100, 200), False, id="outside, within the reach"),
        pytest.param(box(100, 100, 500, 200), box(100, 100, 501, 200), False, id="inside"),
        pytest.param(
            ((10, 10), (900, 10), (2000, 900)), ((10, 10), (900, 10), (3000, 1600)), False, id="slanted, beyond"
        ),
    ],
)
def test_places_look_the_same_where_rules_look(one, other, same):
    pictures = [picture_of(window(("CUT", points)), WINDOW, REACH) for points in (one, other)]
    assert (pictures[0] == pictures[1]) == same


def test_an_outline_that_runs_around_outside_counts_only_inside():
    """Two frames around fields of different lengths, seen at their common corner."""
    frames = [
        ((0, 0), (far, 0), (far, 60), (60, 60), (60, far - 60), (far, far - 60), (far, far), (0, far))
        for far in (4000, 7000)
    ]
    pictures = {picture_of(window(("STREET", points)), WINDOW, REACH) for points in frames}
    assert len(pictures) == 1


def test_lines_count_with_their_width_and_slanted_ones_as_they_are():
    def picture(width, *points):
        return picture_of(window(lines=[Path("CUT_CENTER", width, points)]), WINDOW, REACH)

    assert picture(10, (0, 500), (3000, 500)) == picture(10, (0, 500), (4000, 500))
    assert picture(10, (0, 500), (3000, 500)) != picture(20, (0, 500), (3000, 500))
    assert picture(10, (0, 0), (3000, 3000)) != picture(10, (0, 0), (3000, 1500))


def test_a_shape_that_is_there_twice_counts_twice():
    points = box(100, 100, 200, 200)
    assert picture_of(window(("CUT", points)), WINDOW, REACH) != picture_of(
        window(("CUT", points), ("CUT", points)), WINDOW, REACH
    )
