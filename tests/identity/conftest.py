"""Designs to compare with: kits, regimes, zones, a coupon, a slit; each made once."""

from dataclasses import dataclass
from functools import cache

import pytest

from layoutgen.export.gds import gds_bytes
from layoutgen.foreign.reading import read_layout
from layoutgen.identity.judge import identify
from layoutgen.identity.sources import seen_in
from tests.layout.designs import sample


@dataclass(frozen=True)
class Known:
    """A design and its own GDSII file."""

    name: str
    sample: object
    gds: bytes

    def identity(self, path, biases=None):
        design = self.sample
        return identify(
            seen_in(read_layout(path)),
            design.layout,
            design.pdk,
            design.plan,
            file=path.name,
            design=self.name,
            biases_um=biases,
        )

    def written(self, path):
        path.write_bytes(self.gds)
        return path


@cache
def known(name):
    design = sample(name)
    return Known(name, design, gds_bytes(design.layout, design.pdk))


@pytest.fixture
def design():
    return known("default")
