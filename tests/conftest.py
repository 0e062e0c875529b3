"""Shared fixtures: loading is done once, values are frozen."""

import pytest

from layoutgen.pdk import LoadedPdk, load_pdk
from layoutgen.template import BoundTemplate


@pytest.fixture(scope="session")
def steel() -> LoadedPdk:
    return load_pdk("anodeless-ss")


@pytest.fixture(scope="session")
def steel_template(steel: LoadedPdk) -> BoundTemplate:
    return steel.template.bind(steel.pdk)
