"""Small webs to check rules on, and tools that edit a layout."""

from dataclasses import replace
from functools import cache

import shapely
from shapely.geometry import box

from layoutgen.geometry.regions import simple_polygons
from layoutgen.layout.model import LayoutCell, Polygon
from layoutgen.pdk.limits import FIGURES
from layoutgen.rules.context import Context
from tests.layout.designs import make

SMALL_WEB = (
    ("web.width", "36 mm"), ("web.edge", "4 mm"), ("web.field_width", "14 mm"), ("web.field_length", "9 mm"),
)  # fmt: skip
# name: overrides and cell; every check that draws on the web has several to draw on
WEBS = {
    "two fields": (SMALL_WEB, (3000, 2500)),
    "long cells": (SMALL_WEB, (4730, 2210)),
    "free": ((*SMALL_WEB, ("web.regime", "free")), (3100, 2600)),
    "wide kerf": ((*SMALL_WEB, ("web.kerf", "90 um")), (2800, 2300)),
    "biased": ((*SMALL_WEB, ("masks.CUT.bias", "-5 um"), ("masks.MASK_TAB.bias", "3 um")), (2900, 2700)),
    "one orientation": ((*SMALL_WEB, ("web.rotation_allowed", "false")), (3300, 2400)),
    "nanosecond": ((*SMALL_WEB, ("laser.heat_affected_zone", "30 um")), (3000, 2500)),
}
# the tiler leaves a strip of 10 um between blocks of some sizes: that is a warning, and a case of its own
NO_FIGURES = dict.fromkeys(FIGURES)


@cache
def web(name="two fields"):
    overrides, cell = WEBS[name]
    return make("anodeless-ss", overrides, cell)


def context(sample, layout=None):
    return Context(sample.pdk, sample.template, layout or sample.layout, sample.plan.repeat_length, NO_FIGURES)


def edited(layout, name, change):
    """A layout with one cell changed."""
    return replace(layout, cells=tuple(change(cell) if cell.name == name else cell for cell in layout.cells))


def with_region(layout, name, layer, region):
    """A layout in which a cell has a region as the shapes of a layer, in place of its own."""

    def change(cell: LayoutCell) -> LayoutCell:
        kept = tuple(polygon for polygon in cell.polygons if polygon.layer != layer)
        drawn = tuple(Polygon(layer, points) for points in simple_polygons(region))
        return replace(cell, polygons=kept + drawn)

    return edited(layout, name, change)


def added(layout, name, layer, *regions):
    """A layout in which a cell has more shapes."""

    def change(cell: LayoutCell) -> LayoutCell:
        more = tuple(Polygon(layer, points) for region in regions for points in simple_polygons(region))
        return replace(cell, polygons=cell.polygons + more)

    return edited(layout, name, change)


def home(sample, layer):
    """The cell that draws a layer of the device."""
    return "CELL" if sample.pdk.layers[layer].stage == "web" else "STACK"


def on_device(sample, regions):
    """The sample's layout with regions in place of layers of the device."""
    layout = sample.layout
    for layer, region in regions.items():
        layout = with_region(layout, home(sample, layer), layer, region)
    return layout


def square(x, y, size):
    return box(x, y, x + size, y + size)


def rect(x, y, w, h):
    return box(x, y, x + w, y + h)


def union(*regions):
    return shapely.union_all(list(regions))
