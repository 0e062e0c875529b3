"""An answer of a changed process is refused by the rules that it breaks, however few of them are asked.

What all rules say of the whole web is the oracle: of each value of a kit made smaller and larger, on a cell that no
search chose, so that rules break which a search would keep from breaking.
"""

import pytest

from layoutgen.errors import LayoutgenError, RuleError
from layoutgen.pdk.load import LoadedPdk, ReadKit
from layoutgen.pdk.values import numbers
from layoutgen.rules.context import Context
from layoutgen.rules.engine import check_rules_on, require_clean
from layoutgen.rules.figures import all_figures
from layoutgen.sizing.device import size_device
from layoutgen.solver import checked
from layoutgen.solver.packing import Web
from layoutgen.solver.solve import solve
from layoutgen.spec import build_spec

CELL_UM = 7000.0, 9000.0
KITS = {name: ReadKit.of(name) for name in ("anodeless-ss", "bottom-terminal")}
TABLES = ("device", "laser", "stack", "package", "masks")


def said_of(loaded: LoadedPdk, *, of_all: bool, cell_um: tuple[float, float] = CELL_UM) -> str:
    """What an answer with this cell is refused with; nothing where it is given."""
    from layoutgen.layout.build import build_layout

    spec = build_spec({"capacity": "20", "footprint": "8x10", "pdk": loaded.pdk.name}, {})
    template = loaded.template.bind(loaded.pdk)
    device = size_device(loaded.pdk, template, cell_um, 10, 0.5)
    web = Web.of(loaded.pdk, loaded.structures)
    plan, dbu_nm = web.plan(cell_um), 1000 // web.um_dbu
    try:
        if not of_all:
            checked.require_rules(spec, loaded, template, device, plan, dbu_nm, ())
            return ""
        layout = build_layout(loaded, template, cell_um, plan, spec.file_name(), dbu_nm=dbu_nm)
        figures = all_figures(spec, loaded.pdk, device, template)
        require_clean(check_rules_on(Context(loaded.pdk, template, layout, plan.repeat_length, figures)))
    except LayoutgenError as error:
        return str(error)
    return ""


def changed(name: str, tables: tuple[str, ...], factors: tuple[float, ...]) -> list[tuple[str, str]]:
    """Values of a kit made smaller and larger, lengths on a grid of 5 um; those that the kit takes."""
    found = []
    for path, value in numbers(KITS[name].with_overrides().pdk).items():
        if path.split(".")[0] in tables and not path.endswith(("density", "modulus", "resistivity", "resistance")):
            for factor in factors:
                new = value * factor + (5 if factor > 1 else 0)
                text = f"{round(new / 5) * 5 if value >= 5 else new:g}"
                try:
                    KITS[name].with_overrides([(path, text)])
                except LayoutgenError:
                    continue
                found.append((path, text))
    return found


def require_alike(name: str, values: list[tuple[str, str]]) -> set[str]:
    """Compare what is said with what all rules say; the rules that any of the values broke."""
    broken: set[str] = set()
    for path, text in values:
        loaded = KITS[name].with_overrides([(path, text)])
        expected = said_of(loaded, of_all=True)
        assert said_of(loaded, of_all=False) == expected, (path, text)
        broken |= {rule for rule in loaded.pdk.rules if rule in expected}
    return broken


def test_values_that_break_a_rule_are_refused_alike():
    """A sample, of the device, of a film, of the laser and of the package; most of them break rules."""
    values = [
        ("device.wall", "20"),
        ("device.wall", "150"),
        ("device.end_gap", "5"),
        ("device.pull_back", "5"),
        ("device.overhang", "200"),
        ("laser.overlay", "60"),
        ("laser.min_feature", "400"),
        ("laser.overlay_between", "900"),
        ("package.lid_top", "5"),
    ]
    broken = require_alike("anodeless-ss", values)
    assert len(broken) >= 8


@pytest.mark.slow
@pytest.mark.parametrize("name", KITS)
def test_every_length_made_smaller_and_larger_is_judged_alike(name):
    broken = require_alike(name, changed(name, TABLES, (0.3, 3.0)))
    assert len(broken) >= 15


@pytest.mark.slow
def test_a_sweep_of_walls_is_judged_alike():
    walls = [("device.wall", str(wall)) for wall in range(102, 222, 2)]
    assert not require_alike("anodeless-ss", walls)


def test_a_rule_that_sees_no_change_is_not_asked(monkeypatch):
    """A wall is seen on the device alone: no web is drawn for it."""
    from layoutgen.layout import build

    def refused(*_, **__):
        raise AssertionError("the web was drawn")

    monkeypatch.setattr(build, "build_layout", refused)
    settings = {"capacity": "20", "footprint": "8x10", "set": {"device.wall": "150"}}
    assert solve(build_spec(settings, {}), compare=False).device.layers > 0


def test_a_kit_whose_every_cell_breaks_a_rule_is_refused():
    settings = {"capacity": "20", "footprint": "8x10", "set": {"device.wall": "20"}}
    with pytest.raises(RuleError):
        solve(build_spec(settings, {}), compare=False)
