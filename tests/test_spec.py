"""A spec from Python refuses what the command line refuses, with the tool's own error and the field's name."""

import importlib
import pickle

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layoutgen import Spec
from layoutgen.errors import InputError, LayoutgenError, SpecError
from layoutgen.record import Record
from layoutgen.spec import Zone
from layoutgen.titleblock import Revision, Title

BOTH = {"capacity": "20 mAh", "footprint": "8x10"}


@pytest.mark.parametrize(
    ("values", "path", "words"),
    [
        ({}, "", "nothing is asked for"),
        ({"capacity": 20}, "", "two of capacity, footprint and height, or all three"),
        ({"height": 2, "foil": 10}, "", "only the height is given"),
        ({"capacity": 20, "footprint": "8x?"}, "footprint", "try: height=2"),
        ({"footprint": (None, 8), "height": 2}, "footprint", "try: capacity=20"),
        ({"footprint": "8x10", "height": 2, "objective": "web"}, "objective", "add capacity"),
        ({"footprint": "8x10", "height": 2, "weights": {"web": 1}}, "objective", "weights needs a capacity"),
        (BOTH | {"objective": "capacity"}, "objective", "add height, or leave out objective=capacity"),
        (BOTH | {"capcity": 20}, "capcity", "did you mean 'capacity'"),
        (BOTH | {"objective": "hieght"}, "objective", "did you mean 'height'?"),
        (BOTH | {"height": "2 kg"}, "height", "kg"),
        (BOTH | {"foil": [10, 5000]}, "foil", "0.1 to 1000 um"),
        (BOTH | {"zones": [{"name": "x", "reason": "a clamp", "outline": "1,2"}]}, "zones.0.outline", "outline"),
        (BOTH | {"name": "a\x00b"}, "name", "which no file can carry"),
        (BOTH | {"aspect": 2}, "aspect", "leave one of the two out"),
    ],
)
def test_what_is_refused(values, path, words):
    for make in (lambda: Spec(**values), lambda: Spec.model_validate(values)):
        with pytest.raises(SpecError) as error:
            make()
        assert words in str(error.value)
        assert [problem.path for problem in error.value.problems] == [path]
        assert str(pickle.loads(pickle.dumps(error.value))) == str(error.value)


def test_all_that_is_wrong_is_told_at_once():
    with pytest.raises(SpecError) as error:
        Spec(capacity="20 kg", footprint="8", foil="thin", pdk=3)
    assert {problem.path for problem in error.value.problems} == {"capacity", "footprint", "foil", "pdk"}


ANYTHING = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8), st.lists(st.floats(), max_size=3),
    st.sampled_from(["20 mAh", "8x10", "8x?", "1.5 mm", "any", "web"]),
    st.dictionaries(st.text(max_size=3), st.floats()),
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(st.sampled_from([*Spec.model_fields, "capcity", ""]), ANYTHING, max_size=6))
def test_no_other_error_leaves(values):
    try:
        spec = Spec(**BOTH | values)
    except LayoutgenError as error:
        assert isinstance(error, SpecError)
        assert error.problems
    else:
        assert Spec.model_validate(spec.model_dump(by_alias=True)) == spec


OUTLINE = "'X,Y,AxB' (lower left corner and size) or at least three corners 'X,Y X,Y X,Y', in mm"
ZONE = {"name": "clamp", "reason": "a clamp", "outline": "0,0,10x5"}
REVISION = {"rev": "A", "date": "2026-01-31", "description": "first issue"}


@pytest.mark.parametrize(
    ("record", "values", "problem"),
    [
        (Zone, ZONE | {"outline": "1,2"}, ("outline", "'1,2' is not an outline", OUTLINE, "")),
        (Zone, ZONE | {"field": 0}, ("field", "0 is out of range", "at least 1", "")),
        (Zone, ZONE | {"reason": "x"}, ("reason", "'x' is too short", "at least 3 characters", "")),
        (
            Zone,
            ZONE | {"reason": "a\x00bc"},
            ("reason", "'a\\x00bc' holds '\\x00', which no file can carry", "", ""),
        ),
        (Zone, {"name": "clamp", "reason": "a clamp"}, ("outline", "'outline' is missing", "", "")),
        (Title, {"ownr": "x"}, ("ownr", "unknown key 'ownr'", "", "did you mean 'owner'?")),
        (
            Title,
            {"revision": "B", "revisions": [REVISION]},
            ("revision", "revision is 'B', but the last of revisions is 'A'", "", "leave revision out"),
        ),
        (
            Revision,
            REVISION | {"date": "31.1.2026"},
            ("date", "'31.1.2026' is not a date", "a day such as 2026-01-31", ""),
        ),
    ],
)
def test_parts_of_a_question_built_alone_are_refused_like_it(record, values, problem):
    for make in (lambda: record(**values), lambda: record.model_validate(values)):
        with pytest.raises(SpecError) as error:
            make()
        (found,) = error.value.problems
        assert (found.path, found.what, found.allowed, found.remedy) == problem


MODULES = (
    "pdk.schema",
    "pdk.webtest",
    "template",
    "template.structure",
    "receivers.shop",
    "report.checklist",
    "rules.waivers",
)
"""Where records are defined."""


def every_record(base=Record):
    for record in base.__subclasses__():
        yield record
        yield from every_record(record)


def test_no_record_is_refused_with_the_error_of_a_library():
    """Whatever is built, from a kit's number to a waiver, says what kind of input is wrong and where."""
    for module in MODULES:
        importlib.import_module(f"layoutgen.{module}")
    records = list(every_record())
    assert len(records) > 50
    for record in records:
        with pytest.raises(InputError) as error:
            record(**{"no such key": 1})
        assert "no such key" in {problem.path for problem in error.value.problems}
        assert type(error.value) is record.refused


@pytest.mark.parametrize(
    ("asked", "spelled"),
    [
        ("15mA:10ms:1s", "15mA:10ms:1s"),
        ("15000uA : 0.01s : 1000ms", "15mA:10ms:1s"),
        ("15.12345678mA:12.3456789ms:1.000123456s", "15.12345678mA:12.3456789ms:1.000123456s"),
        ("3mA:125s:7300s", "3mA:125s:7300s"),
        ("3mA:2min:1h", "3mA:120s:3600s"),
    ],
)
def test_a_pulse_is_what_was_asked_to_the_last_digit(asked, spelled):
    assert Spec(capacity=5, footprint="8x10", pulse=asked).pulse == spelled


@pytest.mark.parametrize("asked", ["1e9mA:10ms:1s", "15mA:10ms:2e8s", "1e-9mA:10ms:1s"])
def test_a_pulse_out_of_range_is_refused(asked):
    with pytest.raises(SpecError, match="out of range"):
        Spec(capacity=5, footprint="8x10", pulse=asked)
