"""Shared fixtures: loading is done once, values are frozen."""

import pytest
from hypothesis import settings

from layoutgen.pdk.load import LoadedPdk, load_pdk
from layoutgen.template import BoundTemplate
from tests.tile import watch

# a busy machine is no failure: what is slow shows in benchmarks
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")
watch.start()


@pytest.fixture(scope="session")
def steel() -> LoadedPdk:
    return load_pdk("anodeless-ss")


@pytest.fixture(scope="session")
def steel_template(steel: LoadedPdk) -> BoundTemplate:
    return steel.template.bind(steel.pdk)


@pytest.fixture(scope="session")
def browser():
    """One browser for every test of a worker: playwright allows no second one beside it."""
    from tests.browser import launched

    with launched() as found:
        yield found


@pytest.fixture(scope="session")
def axe(request: pytest.FixtureRequest) -> str:
    """The text of axe-core."""
    from tests.browser import axe_source

    return axe_source(request.config.cache.mkdir("axe-core"))
