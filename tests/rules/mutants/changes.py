"""Places, and the changes of a layout that several makers of mutants need."""

from dataclasses import replace

import numpy as np
import shapely

from layoutgen.geometry.regions import canonical
from layoutgen.pdk.limits import limit_of
from layoutgen.pdk.values import numbers
from tests.rules.webs import context, edited, square, web

FAR = 20_000_000
"""Away from the device, in dbu."""
MARGIN = (300_000, 500_000)
"""A spot on the web's unusable edge, free of streets and cells."""
BESIDE = -30_000_000
"""x of a spot beside the web."""


def limit_dbu(sample, rule):
    return round(limit_of(rule, numbers(sample.pdk)) * 1000 / sample.dbu_nm)


def moved(region, x, y):
    return shapely.transform(region, lambda points: np.add(points, (x, y)))


def outside(layers):
    return {layer: square(FAR + 3_000_000 * n, FAR, 1_000_000) for n, layer in enumerate(layers, 1)}


def wider(layout, name, layer, sides):
    """The first polygon of a layer in a cell with edges moved outwards by dbu: (x0, y0, x1, y1)."""

    def change(cell):
        done, polygons = False, []
        for polygon in cell.polygons:
            if polygon.layer == layer and not done:
                done = True
                xs, ys = [p[0] for p in polygon.points], [p[1] for p in polygon.points]
                box = min(xs), min(ys), max(xs), max(ys)
                points = tuple(
                    (
                        x - sides[0] if x == box[0] else x + sides[2] if x == box[2] else x,
                        y - sides[1] if y == box[1] else y + sides[3] if y == box[3] else y,
                    )
                    for x, y in polygon.points
                )
                kept = canonical(points)
                polygons += [replace(polygon, points=kept)] if kept else []
            else:
                polygons.append(polygon)
        return replace(cell, polygons=tuple(polygons))

    return edited(layout, name, change)


def drawn(sample):
    """The regions of the device as drawn."""
    window = context(sample).windows.device
    return {element.layer: window.region(element.layer) for element in sample.template.template.elements}


def bounds(region):
    return [round(value) for value in region.bounds]


def good_webs():
    names = ("two fields", "long cells", "free", "wide kerf", "one orientation", "nanosecond")
    return [(name, context(web(name))) for name in names]


def street_cells(sample):
    return [cell.name for cell in sample.layout.cells if cell.name.startswith(("BAR", "SEGMENT"))]
