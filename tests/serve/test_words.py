"""The page words problems for itself: its fields by name, and values that would do as data."""

import pytest

pytest.importorskip("starlette", reason="the extra 'serve' is not installed")

from layoutgen.serve.engine import answer

BOTH = {"capacity": "20", "footprint": "8x10"}


@pytest.mark.parametrize(
    ("question", "path", "words"),
    [
        ({"capacity": "20"}, "", ["two of capacity, footprint and height", "capacity 20 footprint 8x10"]),
        ({"capacity": "20", "footprint": "8x?"}, "footprint", ["together with capacity and height", "height 2"]),
        (BOTH | {"foil": "13"}, "foil", ["foil 15, or stack.substrate.thickness = 13 to go"]),
        (BOTH | {"set": "web.kerb = 3"}, "set.web.kerb", ["web.kerb = 3", "did you mean 'kerf'?"]),
        (BOTH | {"height": "1.5"}, "", ["capacity 16; height 1.82; footprint 8.87x11.09"]),
    ],
)
def test_no_option_is_named(question, path, words):
    found = answer(question)
    assert found["problems"][0]["path"] == path
    said = " | ".join(found["problems"][0].values())
    assert all(word in said for word in words), said
    assert "--" not in said
    assert "layoutgen " not in said


def test_the_nearest_values_are_data():
    assert answer(BOTH | {"height": "1.5"})["limits"]["nearest"] == {
        "capacity_mah": 16.0,
        "height_mm": 1.82,
        "footprint_mm": [8.87, 11.09],
    }
