"""KLayout as an independent reader."""

import ast
from itertools import pairwise

import klayout.db as kdb


def read(content: bytes, suffix: str, folder) -> kdb.Layout:
    path = folder / f"layout.{suffix}"
    path.write_bytes(content)
    layout = kdb.Layout()
    layout.read(str(path))
    return layout


def region(layout: kdb.Layout, pdk, name: str) -> kdb.Region:
    layer = pdk.layers[name]
    index = layout.find_layer(layer.number, layer.datatype)
    return kdb.Region() if index is None else kdb.Region(layout.top_cell().begin_shapes_rec(index)).flatten()


def edges(layout: kdb.Layout, pdk, name: str) -> list[kdb.Edge]:
    """The straight pieces of every path of a layer."""
    layer = pdk.layers[name]
    found = []
    shapes = layout.top_cell().begin_shapes_rec(layout.find_layer(layer.number, layer.datatype))
    while not shapes.at_end():
        shape = shapes.shape()
        if shape.is_path():
            points = list(shape.path.transformed(shapes.trans()).each_point())
            found += [kdb.Edge(a, b) for a, b in pairwise(points)]
        shapes.next()
    return found


def evaluated(layout: kdb.Layout, pdk, expression: str) -> kdb.Region:
    """A mask expression by KLayout's booleans on flattened drawn layers."""

    def walk(node):
        match node:
            case ast.Name(id=name):
                return region(layout, pdk, name).merged()
            case ast.BinOp(left=left, op=ast.Add(), right=right):
                return (walk(left) + walk(right)).merged()
            case ast.BinOp(left=left, op=ast.Sub(), right=right):
                return walk(left) - walk(right)
            case ast.BinOp(left=left, op=ast.BitAnd(), right=right):
                return walk(left) & walk(right)
        raise AssertionError(node)

    return walk(ast.parse(expression, mode="eval").body).merged()


def count_instances(layout: kdb.Layout, name: str) -> int:
    """How often a cell occurs below the top."""
    counts = {layout.top_cell().cell_index(): 1}
    for index in layout.each_cell_top_down():
        for instance in layout.cell(index).each_inst():
            counts[instance.cell_index] = (
                counts.get(instance.cell_index, 0) + counts.get(index, 0) * instance.size()
            )
    cell = layout.cell(name)
    return 0 if cell is None else counts.get(cell.cell_index(), 0)
