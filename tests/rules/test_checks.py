"""A check is stated in one place: what a rule of it must state, what measures it, how the deck writes it."""

import re
import typing

import pytest

from layoutgen.errors import PdkError
from layoutgen.export import deck_lines
from layoutgen.pdk.checks import CHECKS, CheckName
from layoutgen.pdk.load import check_pdk
from layoutgen.resources import data_folder
from layoutgen.rules.engine import measure_of
from tests.kits import kit


def test_every_check_that_a_rule_may_name_is_stated_and_no_other():
    assert CHECKS.keys() == {*typing.get_args(CheckName)}


@pytest.mark.parametrize("name", CHECKS)
def test_what_a_check_names_is_there(name):
    assert callable(measure_of(name))
    assert not CHECKS[name].deck or callable(getattr(deck_lines, CHECKS[name].deck))


def test_no_function_of_the_deck_is_left_without_a_check():
    public = {
        name for name, item in vars(deck_lines).items() if getattr(item, "__module__", "") == deck_lines.__name__
    }
    own = {name for name in public if not name.startswith("_") and not isinstance(vars(deck_lines)[name], type)}
    assert {check.deck for check in CHECKS.values() if check.deck} == own - {"measured", "reached", "number"}


def test_the_guide_lists_every_check_with_what_it_needs():
    guide = (data_folder("pdk").parent / "docs" / "pdk-guide.md").read_text()
    rows = re.findall(r"^\| (`[a-z`, ]+) \|[^|]+\|([^|]*)\|$", guide, re.MULTILINE)
    needs = {name: text for names, text in rows for name in re.findall(r"`([a-z]+)`", names)}
    for name, check in CHECKS.items():
        stated = {key for key in ("of", "against", "limit") if getattr(check, key)}
        told = set(re.findall(r"`(of|against|limit)`", needs[name]))
        if "for `" not in needs[name]:
            assert told == stated, name
        elif f"for `{name}`" in needs[name]:
            assert stated == {"limit"}, name


@pytest.mark.parametrize("name", CHECKS)
def test_a_rule_without_what_its_check_needs_is_refused_with_its_file(name):
    shipped = kit("anodeless-ss")
    rule_id = next(key for key, rule in shipped.pdk.rules.items() if rule.check == name)
    for key in ("of", "against", "limit"):
        if not getattr(CHECKS[name], key):
            continue
        stated = {name: item for name, item in shipped.content["rules"][rule_id].items() if name != key}
        content = shipped.content | {"rules": shipped.content["rules"] | {rule_id: stated}}
        with pytest.raises(PdkError) as caught:
            check_pdk(content, shipped.files, template=shipped.template)
        told = f"{shipped.files[f'rules.{rule_id}']}: rules.{rule_id}: a rule of check '{name}' needs "
        assert told in str(caught.value)
