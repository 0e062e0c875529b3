"""What KLayout reads of a file, and what comes in here, as regions of each layer."""

import klayout.db as kdb

from layoutgen.foreign.flat import flat
from layoutgen.foreign.reading import read_layout


def read_here(path):
    layout = read_layout(path)
    found = {}
    for top in layout.tops:
        for chunk in flat(layout, top, path.name):
            region = found.setdefault(chunk.layer, kdb.Region())
            for start, stop in zip(chunk.starts[:-1], chunk.starts[1:], strict=True):
                points = [kdb.Point(x, y) for x, y in chunk.points[start:stop].tolist()]
                region.insert(kdb.Polygon(points, True))
    return found


def read_by_klayout(path):
    layout = kdb.Layout()
    layout.read(str(path))
    found = {}
    for info in layout.layer_infos():
        region = kdb.Region()
        for top in layout.top_cells():
            shapes = kdb.RecursiveShapeIterator(layout, top, layout.layer(info))
            shapes.shape_flags = kdb.Shapes.SBoxes | kdb.Shapes.SPolygons | kdb.Shapes.SPaths
            region += kdb.Region(shapes)
        if region.area():
            # a merged copy: the region would go with its layout
            found[info.layer, info.datatype] = region.merged()
    return found


def differing(path):
    """Layers in which the two readings differ, with the area."""
    here, there = read_here(path), read_by_klayout(path)
    areas = {
        layer: (here.get(layer, kdb.Region()) ^ there.get(layer, kdb.Region())).area()
        for layer in sorted({*here, *there})
    }
    return {layer: area for layer, area in areas.items() if area}
