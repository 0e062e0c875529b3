"""No dead data: every value of a shipped process shows in an answer or a file, or its change is refused."""

import json
import pickle
from dataclasses import replace

import pytest

from layoutgen.errors import LayoutgenError, PreflightError
from layoutgen.export.lyp import lyp_text
from layoutgen.expressions import names_in, parse_expression
from layoutgen.layout.build import build_layout
from layoutgen.layout.dbu import web_frame
from layoutgen.layout.structure import draw_structure
from layoutgen.mechanics.bending import bend_stack
from layoutgen.pdk.limits import FIGURES, limit_of
from layoutgen.pdk.load import shipped_pdks
from layoutgen.pdk.values import leaves, numbers, quantities, with_value
from layoutgen.receivers.order import order_document
from layoutgen.rules.pages import rule_page
from layoutgen.sizing.device import size_device
from layoutgen.sizing.duty import Asked
from layoutgen.sizing.load import Load
from layoutgen.sizing.steps import steps_of
from layoutgen.solver.question import resolve
from layoutgen.spec import build_spec
from layoutgen.tile.webplan.repeat import plan_web
from tests.kits import kit
from tests.layout.designs import make
from tests.rules.webs import SMALL_WEB

CELLS = (((3000.0, 2500.0), 40), ((10000.0, 8000.0), 400))
"""A small stack and a large one: length and width in um, layers."""
ASKED = build_spec({"capacity": 20, "footprint": "8x10", "cycles": 140}, {})
RICH = (("web.slits", "2"),)
"""Settings without which a value cannot matter: slit_width is of a web that is slit."""
COLD = Asked(Load.pulsed(5, 5e-6, 1, 1), charge_s=1800.0, temperature_c=0.0)
"""A load, a charge and a temperature: values of the electrical tables show in what a device does with them."""
DRAWN = ("marks.", "masks.", "structures.", "test.")
"""What only a layout shows, and the next test looks at; and the test of the web, which is no part of a design."""
COUNTS = {"assembly.lots", "assembly.trays"}
"""What is a whole number."""

MEASURED_BY = {"of", "against", "check", "figure", "limit"}
"""What a rule is measured by, which people are told in words and numbers."""


def answers(loaded, pdk):
    """What a process says of two stacks, of the web, the rules and a question, the quickest first."""
    template = loaded.template.bind(pdk)
    for cell_um, layers in CELLS:
        device = size_device(pdk, template, cell_um, layers, 0.99, 140.0, COLD if pdk.electrical.response else None)
        yield repr((device, steps_of(pdk, device)))
    for layers, length_mm, charged in ((1, 10.0, True), (3, 0.1, False), (3, 10.0, False)):
        yield repr(bend_stack(pdk, layers, length_mm, 10.0, charged=charged))
    yield repr((web_frame(pdk, 1), template.street_um()))
    values = numbers(pdk)
    own = [rule for rule in pdk.rules.values() if not set(names_in(parse_expression(rule.limit))) & set(FIGURES)]
    yield repr([limit_of(rule, values) for rule in own])
    yield repr(pdk.published)  # what the page reads a design beside
    question = resolve(ASKED, replace(loaded, pdk=pdk))
    space = question.space(question.variants[0])
    yield repr((question.limits, space.length.cell_um.tobytes(), space.width.cell_um.tobytes()))


@pytest.mark.parametrize("name", shipped_pdks())
def test_every_quantity_changes_an_answer(name):
    """A little more or a little less; four times or a quarter where it is a threshold."""
    loaded = kit(name, RICH)
    before = list(answers(loaded, loaded.pdk))

    def shows(path, value):
        try:
            found = answers(loaded, with_value(loaded.pdk, path, value))
            return any(old != new for old, new in zip(before, found, strict=True))
        except LayoutgenError:
            return True

    looked_at = [item for item in quantities(loaded.pdk) if not item[0].startswith(DRAWN)]
    dead = [
        path
        for path, quantity in looked_at
        if not any(shows(path, (quantity.value or 1000.0) * factor) for factor in (1.1, 0.9, 4.0, 0.25))
    ]
    assert len(looked_at) > 60
    assert not dead


def test_what_only_a_layout_shows():
    loaded = kit("anodeless-ss", (*SMALL_WEB, ("web.structures", "coupon")))
    plan = plan_web(web_frame(loaded.pdk, 1), (3_000_000, 2_500_000))

    def layout(pdk):
        marked = replace(loaded, pdk=pdk, structures={})
        return pickle.dumps(build_layout(marked, loaded.template.bind(pdk), (3000.0, 2500.0), plan, "x", dbu_nm=1))

    def coupon(pdk):
        try:
            return pickle.dumps(draw_structure(pdk, loaded.structures["coupon"].bind(pdk, "coupon"), 40_000, 1))
        except PreflightError:  # smaller than what is drawn in it
            return b""

    for start, drawn, size in (("marks.", layout, 4), ("structures.", coupon, 3), ("masks.MASK_TAB.", layout, 1)):
        paths = [(path, item.value) for path, item in quantities(loaded.pdk) if path.startswith(start)]
        before = drawn(loaded.pdk)
        assert len(paths) == size
        for path, value in paths:
            assert drawn(with_value(loaded.pdk, path, value * 0.5 if value else 4.0)) != before, path


def test_every_override_takes_the_place_of_the_value():
    """All at once: what is recorded is what the process then holds."""
    loaded = kit()
    asked = {path: item.value * (2 if path in COUNTS else 1.0001) for path, item in quantities(loaded.pdk)}
    pairs = [(path, f"{asked[path]!r} {item.unit}") for path, item in quantities(loaded.pdk) if item.value]
    changed = kit("anodeless-ss", pairs)
    now = dict(quantities(changed.pdk))
    assert [item.path for item in changed.overrides] == [path for path, _ in pairs]
    for path, value in asked.items():
        assert now[path].value == pytest.approx(value, rel=1e-12)


def test_every_word_about_layers_masks_and_rules_is_told():
    """Names, numbers, colours and texts: in the order, the layer properties, or what a rule says of itself."""
    pdk, layout = make().pdk, make().layout
    order = json.dumps(order_document(layout, pdk), ensure_ascii=False)
    told = lyp_text(pdk) + order + "".join(rule_page(pdk, name) for name in pdk.rules)
    words = [item for item in leaves(pdk) if item[0].startswith(("layers.", "masks.", "rules."))]
    silent = {path.split(".")[-1] for path, value, _, _ in words if isinstance(value, str) and value not in told}
    assert silent <= MEASURED_BY
