"""Designs to compare with: kits, regimes, zones, a coupon, a slit; each made once."""

from dataclasses import dataclass, replace
from functools import cache

import pytest

from layoutgen.export.gds import gds_bytes
from layoutgen.foreign.reading import read_layout
from layoutgen.identity.judge import identify
from layoutgen.identity.sources import seen_in
from layoutgen.layout.structure import structure_size
from layoutgen.tile.model import Effort
from layoutgen.tile.webplan.around import plan_around
from layoutgen.tile.webplan.structures import place_structures
from layoutgen.web.plan import Structure, Zone
from tests.kits import kit
from tests.layout.designs import make, sample

NAMES = (
    "default",
    "one orientation",
    "pads on the bottom",
    "zones and a coupon",
    "small cell",
    "alumina",
    "mica, wide web",
    "continuous",
)

COUPON = (("web.structures", "coupon"),)


def zoned(frame, size):
    """A plan around a splice, a dent and a slit, with a coupon."""
    mm = 1_000_000
    plain = plan_around(frame, size, (), effort=Effort.QUICK)
    middle, width, length = frame.width // 2, frame.width, plain.repeat_length
    frame = replace(frame, slits=((middle - mm, middle + mm),))
    splice = Zone("splice", "joint", ((0, 60 * mm), (width, 60 * mm), (width, 66 * mm), (0, 66 * mm)))
    low, high = length - 20 * mm, length - 5 * mm
    dent = Zone("dent", "defect", ((20 * mm, low), (40 * mm, low), (40 * mm, high), (20 * mm, high)))
    around = plan_around(frame, size, (splice, dent), effort=Effort.QUICK)
    loaded = kit(overrides=COUPON)
    bound = {name: item.bind(loaded.pdk, name) for name, item in loaded.structures.items()}
    wanted = [Structure(name, *structure_size(item, 1)) for name, item in bound.items()]
    assert wanted
    return place_structures(around, wanted).plan


@dataclass(frozen=True)
class Known:
    """A design and its own GDSII file."""

    name: str
    sample: object
    gds: bytes

    def identity(self, path, biases=None):
        design = self.sample
        return identify(
            seen_in(read_layout(path), design.layout.top),
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
    design = make(plan=zoned, overrides=COUPON) if name == "zones and a coupon" else sample(name)
    return Known(name, design, gds_bytes(design.layout, design.pdk))


@pytest.fixture
def design():
    return known("default")
