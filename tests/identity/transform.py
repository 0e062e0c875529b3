"""What may happen to a layout file on its way: made with KLayout, which shares nothing with the comparison.

Every function takes KLayout's layout of a design and a source of numbers, changes the layout, and returns what the
answer has to say: (kind of difference, numbers that it names); those in HARMLESS change nothing that is covered.
"""

import math

import klayout.db as kdb

HARMLESS = {"flattened", "merged", "cut"}
SCALES = (0.5, 0.9, 0.997, 1.0005, 1.1, 2, 3.7)
UNITS = (25.4, 1 / 25.4, 1000, 0.001, 10, 0.1)
WEB_LAYERS = range(1, 7)


def read(path):
    layout = kdb.Layout()
    layout.read(str(path))
    return layout


def flat(layout):
    """Everything in one cell; lines stay lines."""
    top = layout.top_cell()
    layout.flatten(top.cell_index(), -1, True)
    return top


def layers_of(layout):
    top = layout.top_cell()
    return {
        (info.layer, info.datatype): layout.layer(info)
        for info in layout.layer_infos()
        if not top.begin_shapes_rec(layout.layer(info)).at_end()
    }


def everything(layout, by):
    """Move the whole layout by a kdb.DCplxTrans, flat, rounded to the grid."""
    top = flat(layout)
    trans = kdb.ICplxTrans(by.mag, by.angle, by.is_mirror(), 0, 0)
    for index in layout.layer_indexes():
        shapes = top.shapes(index)
        moved = [shape.polygon.transformed(trans) for shape in shapes.each() if not is_line(shape)]
        lines = [shape.path.transformed(trans) for shape in shapes.each() if is_line(shape)]
        shapes.clear()
        for item in (*moved, *lines):
            shapes.insert(item)


def is_line(shape):
    return shape.is_path() and shape.path_width == 0


def unit(layout, rng):
    factor = rng.choice(UNITS)
    layout.dbu *= factor
    return "unit", {"factor": factor}


def scale(layout, rng):
    factor = rng.choice(SCALES)
    everything(layout, kdb.DCplxTrans(factor, 0, False, 0, 0))
    return "scale", {"factor": factor}


def mirror(layout, rng):
    axis, angle = rng.choice((("y", 0), ("x", 180), ("diagonal", 90), ("antidiagonal", 270)))
    everything(layout, kdb.DCplxTrans(1, angle, True, 0, 0))
    return "mirrored", {"axis": axis}


def turn(layout, rng):
    angle = rng.choice((90, 180, -90, 0.1, -0.25, 1.5, 30))
    everything(layout, kdb.DCplxTrans(1, angle, False, 0, 0))
    return "turned", {"angle_deg": angle}


def tone(layout, rng):
    candidates = [(key, index) for key, index in sorted(layers_of(layout).items()) if region(layout, index).area()]
    key, index = rng.choice(candidates)
    top = layout.top_cell()
    covered = region(layout, index)
    # inside its own box a rectangle would leave nothing
    margin = rng.choice((5_000, 1_000_000) if covered.area() == covered.bbox().area() else (0, 5_000, 1_000_000))
    around = kdb.Region(covered.bbox().enlarged(margin, margin))
    replace(layout, top, index, around - covered)
    return "tone", {"layer": key}


def bias(layout, rng):
    candidates = [(key, index) for key, index in sorted(layers_of(layout).items()) if region(layout, index).area()]
    key, index = rng.choice(candidates)
    x = rng.choice((-5000, -2000, -500, -1, 1, 300, 1000, 2000))
    y = rng.choice((x, x, x, 2 * x))
    covered = region(layout, index)
    replace(layout, layout.top_cell(), index, covered.sized(x, y, 2))
    return "bias", {"layer": key, "bias_um": [x * layout.dbu, y * layout.dbu]}


def region(layout, index):
    """The merged region of a layer."""
    return kdb.Region(layout.top_cell().begin_shapes_rec(index)).merged()


def replace(layout, top, index, covered):
    """A layer's shapes by a region, in the top cell; lines stay."""
    lines = []
    iterator = top.begin_shapes_rec(index)
    while not iterator.at_end():
        if is_line(iterator.shape()):
            lines.append(iterator.shape().path.transformed(iterator.trans()))
        iterator.next()
    for cell in layout.each_cell():
        cell.shapes(index).clear()
    top.shapes(index).insert(covered)
    for line in lines:
        top.shapes(index).insert(line)


def flattened(layout, rng):
    flat(layout)
    if rng.random() < 0.5:
        layout.rename_cell(layout.top_cell().cell_index(), "TOP")
    return "flattened", {}


def merged(layout, rng):
    top = layout.top_cell()
    chosen = [index for _, index in sorted(layers_of(layout).items()) if rng.random() < 0.7]
    for index in chosen:
        replace(layout, top, index, region(layout, index))
    return "merged", {}


def cut(layout, rng):
    """Every polygon of some layers split at a place of its own."""
    for cell in layout.each_cell():
        for index in layout.layer_indexes():
            shapes = cell.shapes(index)
            for shape in list(shapes.each()):
                if is_line(shape) or rng.random() < 0.3:
                    continue
                polygon = shape.polygon
                box = polygon.bbox()
                if box.width() < 2 and box.height() < 2:
                    continue
                if box.width() > box.height():
                    at = rng.randrange(box.left + 1, box.right)
                    halves = kdb.Box(box.left, box.bottom, at, box.top), kdb.Box(at, box.bottom, box.right, box.top)
                else:
                    at = rng.randrange(box.bottom + 1, box.top)
                    halves = kdb.Box(box.left, box.bottom, box.right, at), kdb.Box(box.left, at, box.right, box.top)
                pieces = [kdb.Region(polygon) & kdb.Region(half) for half in halves]
                shape.delete()
                for piece in pieces:
                    shapes.insert(piece)
    return "cut", {}


def cells_in(layout, name="CELL"):
    """Every instance of a cell in a flat list of (parent, instance), arrays dissolved."""
    index = layout.cell(name).cell_index()
    found = []
    for parent in layout.each_cell():
        for instance in list(parent.each_inst()):
            if instance.cell_index != index:
                continue
            singles = [instance]
            if instance.is_regular_array():
                array = instance.cell_inst
                singles = []
                for a in range(array.na):
                    for b in range(array.nb):
                        trans = kdb.Trans(array.trans)
                        trans.disp = array.trans.disp + array.a * a + array.b * b
                        singles.append(parent.insert(kdb.CellInstArray(index, trans)))
                instance.delete()
            found += [(parent, single) for single in singles]
    return found


def middle(layout, parent, instance):
    """The middle of an instance in the top cell, in dbu."""
    box = instance.bbox(layout.layer(1, 0))
    return origin_of(layout, parent) * box.center()


def origin_of(layout, parent):
    """Where a field lies in the top cell."""
    trans = kdb.Trans()
    cell = parent
    while cell.cell_index() != layout.top_cell().cell_index():
        up = next(iter(cell.each_parent_inst()))
        trans = up.child_inst().trans * trans
        cell = layout.cell(up.parent_cell_index())
    return trans


def missing(layout, rng):
    cells = cells_in(layout)
    count = rng.choice((1, 1, 2, 5, 20, len(cells) // 3))
    places = []
    for parent, instance in rng.sample(cells, min(count, len(cells) - 1)):
        point = middle(layout, parent, instance)
        places.append((point.x, point.y))
        instance.delete()
    return "missing-cells", {"middles": places}


def moved(layout, rng):
    cells = cells_in(layout)
    dx, dy = rng.choice(((1, 0), (-250, 500), (5000, 0), (0, -39_000), (3_000_000, 1_000_000)))
    places = []
    for parent, instance in rng.sample(cells, rng.choice((1, 1, 3))):
        point = middle(layout, parent, instance)
        places.append((point.x, point.y))
        instance.transform(kdb.Trans(dx, dy))
    return "moved-cells", {"middles": places, "by_mm": [dx * layout.dbu / 1000, dy * layout.dbu / 1000]}


KINDS = {
    "unit": unit,
    "scale": scale,
    "mirror": mirror,
    "turn": turn,
    "tone": tone,
    "bias": bias,
    "flattened": flattened,
    "merged": merged,
    "cut": cut,
    "missing cells": missing,
    "moved cells": moved,
}
"""Name -> change. "other revision", the twelfth, is another design."""


def write(layout, path):
    """GDSII or OASIS by suffix."""
    options = kdb.SaveLayoutOptions()
    options.set_format_from_filename(str(path))
    options.gds2_multi_xy_records = False
    options.gds2_max_vertex_count = 8000
    layout.write(str(path), options)
    assert not math.isnan(layout.dbu)
