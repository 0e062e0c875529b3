"""Every number that nobody measured says how far it may be off, and every number where it comes from."""

import re

import pytest

from layoutgen.pdk.load import load_pdk, shipped_pdks
from layoutgen.pdk.quantity import Kind
from layoutgen.pdk.values import quantities
from layoutgen.resources import data_folder
from layoutgen.solver.width import settled_by

KITS = [*shipped_pdks(), *(f"what-if/{path.name}" for path in sorted((data_folder("pdk") / "what-if").iterdir()))]
NAMED = re.compile(
    r"(19|20)\d\d|doi|\.(com|org)|handbook|PyBaMM|J-STD|AIAG|X-ray|theoretical|polyimide|LiPON|melts|transus"
)


@pytest.mark.parametrize("name", KITS)
def test_no_assumed_or_derived_number_is_without_a_range(name):
    found = [
        path
        for path, item in quantities(load_pdk(name).pdk)
        if item.kind in {Kind.ASSUMED, Kind.DERIVED} and (item.low is None or item.high is None)
    ]
    assert found == []


@pytest.mark.parametrize("name", KITS)
def test_no_source_is_without_a_name(name):
    """A paper, a standard, a maker, a handbook and what it is for."""
    stated = [
        item.source
        for _, item in quantities(load_pdk(name).pdk)
        if item.kind in {Kind.PAPER, Kind.PUBLISHED} and not NAMED.search(item.source)
    ]
    assert stated == []


def test_every_number_of_the_device_has_a_test_that_would_settle_it():
    for path, item in quantities(load_pdk().pdk):
        if item.kind in {Kind.ASSUMED, Kind.DERIVED} and path.split(".")[0] in {
            "stack",
            "cell",
            "yield",
            "electrical",
        }:
            assert settled_by(path), path
