"""Quantities as people type them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from layoutgen.errors import QuantityError
from layoutgen.units import convert, counted, parse, parse_footprint_mm, plain


@pytest.mark.parametrize(
    ("text", "unit", "value"),
    [
        ("20", "mAh", 20), ("20 mAh", "mAh", 20), ("20mAh", "mAh", 20), ("20 MAH", "mAh", 20),
        ("500uAh", "mAh", 0.5), ("0.02 Ah", "mAh", 20), ("1.5", "mm", 1.5), ("800um", "mm", 0.8),
        ("0.07mm", "um", 70), ("1e1 um", "um", 10), (" 10 µm ", "um", 10), (".5", "mm", 0.5), ("5.", "mm", 5),
        ("0.4in", "mm", 10.16), ("315 mil", "um", 8001), ("1 IN", "um", 25400),
    ],
)  # fmt: skip
def test_reads(text, unit, value):
    assert parse(text, unit) == value


@pytest.mark.parametrize(
    "text", ["", "x", "mAh", "1,5", "1 2", "--5", "-1", "0", "nan", "inf", "1e99", "20 mm", "20 volts"]
)
def test_refuses_with_what_is_allowed(text):
    with pytest.raises(QuantityError) as caught:
        parse(text, "mAh", "--mah")
    problem = caught.value.problems[0]
    assert problem.where == "--mah"
    assert "mAh" in problem.allowed


@pytest.mark.parametrize(
    ("text", "sides"),
    [
        ("8x10", (8, 10)), ("8 x 10", (8, 10)), ("8X10mm", (8, 10)), ("8mm x 1cm", (8, 10)), ("8×10", (8, 10)),
        ("800x1000um", (0.8, 1)), ("8x?", (8, None)), ("?x10", (None, 10)), ("8.25x10.5", (8.25, 10.5)),
        ("0.3x0.4in", (7.62, 10.16)), ("300milx1cm", (7.62, 10)),
    ],
)  # fmt: skip
def test_reads_footprints(text, sides):
    assert parse_footprint_mm(text) == sides


@pytest.mark.parametrize("text", ["8", "8x", "x8", "8x10x2", "axb", "?x?", "8x-1", "8x0", "8 10"])
def test_refuses_footprints(text):
    with pytest.raises(QuantityError):
        parse_footprint_mm(text)


@given(st.integers(1, 10**6))
def test_decimal_millimetres_are_exact_micrometres(micrometres):
    text = f"{micrometres // 1000}.{micrometres % 1000:03d} mm"
    assert parse(text, "um") == micrometres


@given(st.floats(1e-3, 1e6))
def test_conversion_goes_back(value):
    assert convert(convert(value, "mm", "um"), "um", "mm") == pytest.approx(value)


@pytest.mark.parametrize(("value", "text"), [(20.0, "20"), (1e-5, "0.00001"), (1234567.0, "1234570"), (-0.0, "0")])
def test_plain_numbers_have_no_exponent(value, text):
    assert plain(value) == text


@pytest.mark.parametrize(
    ("number", "words", "text"),
    [
        (0, ("layer",), "0 layers"), (1, ("layer",), "1 layer"), (49, ("layer",), "49 layers"),
        (1, ("criterion", "criteria"), "1 criterion"), (2, ("criterion", "criteria"), "2 criteria"),
    ],
)  # fmt: skip
def test_a_count_agrees_with_its_noun(number, words, text):
    assert counted(number, *words) == text
