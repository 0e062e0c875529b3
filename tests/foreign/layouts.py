"""Random layouts with every kind of shape, array and placement, saved by KLayout and by gdstk."""

import random

import gdstk
import klayout.db as kdb


def random_layout(seed):
    """Up to five cells that place each other; coordinates are even, so that halves of widths are whole."""
    maker = random.Random(seed)
    layout = kdb.Layout()
    layout.dbu = 0.001
    count = maker.randint(1, 5)
    cells = [layout.create_cell(f"C{number}") for number in range(count)]
    for cell in cells:
        for _ in range(maker.randint(1, 8)):
            shapes = cell.shapes(layout.layer(maker.randint(1, 4), maker.randint(0, 2)))
            _repeat(maker, shapes, _shape(maker))
    for number, cell in enumerate(cells[:-1]):
        for _ in range(maker.randint(1, 3)):
            cell.insert(_placement(maker, cells[maker.randint(number + 1, count - 1)].cell_index()))
    return layout


def _at(maker):
    return maker.randint(-5000, 5000) * 2


def _shape(maker):
    x, y, kind = _at(maker), _at(maker), maker.randrange(6)
    if kind == 0:
        return kdb.Box(x, y, _at(maker), _at(maker))
    if kind == 1:
        width, height, slope = 2 * maker.randint(50, 400), 2 * maker.randint(50, 400), 2 * maker.randint(0, 20)
        right = maker.choice((0, slope, height if height < width // 2 else 0))
        corners = [(maker.choice((0, slope)), 0), (maker.choice((0, slope)), height)]
        corners += [(width - right, height), (width - maker.choice((0, slope)), 0)]
    elif kind == 2:
        width = 2 * maker.randint(10, 300)
        corners = [(0, 0), (maker.choice((0, width)), width), (width * maker.choice((1, 2)), 0)]
    elif kind == 3:
        return _path(maker, x, y)
    elif kind == 4:
        corners = [(0, 0), (0, 600), (200, 600), (200, 300), (400, 300), (400, 0)]
    else:
        return kdb.Box(0, 0, 2 * maker.randint(10, 100), 2 * maker.randint(10, 100)).moved(x, y)
    return kdb.Polygon([kdb.Point(x + dx, y + dy) for dx, dy in corners])


def _path(maker, x, y):
    points = [kdb.Point(x, y)]
    for number in range(maker.randint(1, 4)):
        step = maker.choice((-1, 1)) * 2 * maker.randint(200, 500)
        x, y = (x + step, y) if number % 2 else (x, y + step)
        points.append(kdb.Point(x, y))
    width = 2 * maker.randint(5, 50)
    begin = maker.choice((0, width // 2, 20, -4))
    return kdb.Path(points, width, begin, maker.choice((begin, 0, width // 2)))


def _repeat(maker, shapes, shape):
    match maker.randrange(5):
        case 0:
            columns, rows = maker.randint(2, 6), maker.randint(1, 4)
            places = [(i * 1200, j * 1300) for i in range(columns) for j in range(rows)]
        case 1:
            places = [(_at(maker), _at(maker)) for _ in range(maker.randint(2, 7))]
        case 2:
            places = [(_at(maker), 0) for _ in range(maker.randint(2, 7))]
        case 3:
            places = [(i * 300, i * 400) for i in range(maker.randint(2, 7))]
        case _:
            places = [(0, 0)]
    for dx, dy in places:
        shapes.insert(shape.moved(dx, dy))


def _placement(maker, cell):
    turn, mirrored, x, y = maker.randint(0, 3), maker.random() < 0.5, _at(maker), _at(maker)
    counts = maker.randint(1, 4), maker.randint(1, 4)
    match maker.randrange(4):
        case 0:
            return kdb.CellInstArray(cell, kdb.Trans(turn, mirrored, x, y))
        case 1:
            steps = kdb.Vector(20000, 0), kdb.Vector(0, 30000)
        case 2:
            steps = kdb.Vector(2000, 500), kdb.Vector(-400, 3000)
        case _:
            return kdb.CellInstArray(cell, kdb.ICplxTrans(2.0, 90.0 * turn, mirrored, x, y))
    return kdb.CellInstArray(cell, kdb.Trans(turn, mirrored, x, y), *steps, *counts)


def saved(seed, folder):
    """The random layout of a seed as four files: GDSII and OASIS, of two writers, with settings that differ."""
    maker = random.Random(seed)
    layout = random_layout(seed)
    gds, oas = folder / f"{seed}-klayout.gds", folder / f"{seed}-klayout.oas"
    options = kdb.SaveLayoutOptions()
    options.format = "GDS2"
    options.gds2_multi_xy_records = maker.random() < 0.5
    layout.write(str(gds), options)
    options = kdb.SaveLayoutOptions()
    options.format = "OASIS"
    options.oasis_compression_level = maker.choice((0, 1, 2, 10))
    options.oasis_write_cblocks = maker.random() < 0.5
    options.oasis_strict_mode = maker.random() < 0.5
    options.oasis_write_std_properties = maker.random() < 0.5
    options.oasis_permissive = True
    layout.write(str(oas), options)
    library = gdstk.read_gds(str(gds))
    again = folder / f"{seed}-gdstk.gds", folder / f"{seed}-gdstk.oas"
    library.write_gds(str(again[0]))
    library.write_oas(
        str(again[1]),
        compression_level=maker.choice((0, 6)),
        detect_rectangles=maker.random() < 0.7,
        detect_trapezoids=maker.random() < 0.7,
        validation=maker.choice((None, "crc32", "checksum32")),
    )
    return gds, oas, *again
