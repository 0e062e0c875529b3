"""An independent check of packed outlines: exact distances of lines and arcs, nothing shared with the packer.

An outline is a list of (x0, y0, x1, y1, bulge), a lattice anything with x, y (lower left corner of the box of its
first turned outline), columns, rows, pitch_x, pitch_y and turn. Distances are worked out with complex numbers from
ends and bulges; the only tolerance is that of rounding an arc's ends to a unit.
"""

import cmath
import itertools
import math
from collections import defaultdict

TOLERANCE = 1.5
"""Units: ends of arcs are integers, so radii are off by less than one."""


class Piece:
    """A line or an arc in complex numbers."""

    def __init__(self, x0, y0, x1, y1, bulge=0.0):
        self.a, self.b, self.bulge = complex(x0, y0), complex(x1, y1), bulge
        if bulge:
            chord = self.b - self.a
            self.c = (self.a + self.b) / 2 + 1j * chord * (1 - bulge * bulge) / (4 * bulge)
            self.r = abs(self.a - self.c)
            self.sweep = 4 * math.atan(bulge)

    def moved(self, by):
        other = Piece.__new__(Piece)
        other.a, other.b, other.bulge = self.a + by, self.b + by, self.bulge
        if self.bulge:
            other.c, other.r, other.sweep = self.c + by, self.r, self.sweep
        return other

    def faces(self, p):
        """Whether the ray from the centre through p meets the arc."""
        if p == self.c:
            return True
        turn = cmath.phase((p - self.c) / (self.a - self.c))
        if self.sweep < 0:
            turn = -turn
        return turn % (2 * math.pi) <= abs(self.sweep)

    def away(self, p):
        """Distance from a point."""
        if not self.bulge:
            d = self.b - self.a
            part = ((p - self.a) * d.conjugate()).real / abs(d) ** 2
            return abs(p - self.a - d * min(1.0, max(0.0, part)))
        ends = min(abs(p - self.a), abs(p - self.b))
        return min(ends, abs(abs(p - self.c) - self.r)) if self.faces(p) else ends

    def middle(self):
        return self.point(0.5)

    def point(self, part):
        if not self.bulge:
            return self.a + (self.b - self.a) * part
        return self.c + (self.a - self.c) * cmath.exp(1j * self.sweep * part)

    def place(self, p):
        """Part of the piece before a point on it."""
        if not self.bulge:
            d = self.b - self.a
            return ((p - self.a) * d.conjugate()).real / abs(d) ** 2
        turn = cmath.phase((p - self.c) / (self.a - self.c)) * (1 if self.sweep > 0 else -1) % (2 * math.pi)
        return min(turn / abs(self.sweep), 1.0) if turn <= abs(self.sweep) + 1e-6 else 0.0

    def box(self):
        points = [self.a, self.b]
        if self.bulge:
            points += [self.c + self.r * 1j**k for k in range(4) if self.faces(self.c + self.r * 1j**k)]
        xs, ys = [p.real for p in points], [p.imag for p in points]
        return min(xs), min(ys), max(xs), max(ys)


def meeting(p, q):
    """Points that the carriers of two pieces share, of those that lie on both."""
    found = []
    if not p.bulge and not q.bulge:
        d, e = p.b - p.a, q.b - q.a
        cross = (d.conjugate() * e).imag
        if abs(cross) > 1e-9 * abs(d) * abs(e):
            found = [p.a + d * (((q.a - p.a).conjugate() * e).imag / cross)]
    elif p.bulge and q.bulge:
        d = q.c - p.c
        if 0 < abs(d) <= p.r + q.r and abs(d) >= abs(p.r - q.r):
            along = (abs(d) ** 2 + p.r**2 - q.r**2) / (2 * abs(d))
            up = math.sqrt(max(0.0, p.r**2 - along**2))
            found = [p.c + d / abs(d) * complex(along, s * up) for s in (-1, 1)]
    else:
        line, arc = (q, p) if p.bulge else (p, q)
        d = (line.b - line.a) / abs(line.b - line.a)
        rel = (arc.c - line.a) * d.conjugate()
        if abs(rel.imag) <= arc.r:
            half = math.sqrt(arc.r**2 - rel.imag**2)
            found = [line.a + d * (rel.real + s * half) for s in (-1, 1)]
    return [z for z in found if p.away(z) < 1e-3 and q.away(z) < 1e-3]


def apart(p, q):
    """Exact distance of two pieces, 0 where they meet."""
    if meeting(p, q):
        return 0.0
    best = min(p.away(q.a), p.away(q.b), q.away(p.a), q.away(p.b))
    for arc, other in ((p, q), (q, p)):
        if arc.bulge and not other.bulge:
            d = other.b - other.a
            part = ((arc.c - other.a) * d.conjugate()).real / abs(d) ** 2
            foot = other.a + d * part
            if 0 <= part <= 1 and arc.faces(foot):
                best = min(best, abs(abs(foot - arc.c) - arc.r))
    if p.bulge and q.bulge and p.c != q.c:
        u = (q.c - p.c) / abs(q.c - p.c)
        for s in (1, -1):
            for t in (1, -1):
                a, b = p.c + s * p.r * u, q.c + t * q.r * u
                if p.faces(a) and q.faces(b):
                    best = min(best, abs(a - b))
    return best


class Shape:
    """An outline at one turn, its box at the origin."""

    def __init__(self, edges, turn=0):
        spin = 1j ** (turn // 90)
        pieces = [Piece(*edge) for edge in edges]
        self.pieces = []
        for piece in pieces:
            a, b = piece.a * spin, piece.b * spin
            self.pieces.append(Piece(a.real, a.imag, b.real, b.imag, piece.bulge))
        boxes = [piece.box() for piece in self.pieces]
        low = complex(min(box[0] for box in boxes), min(box[1] for box in boxes))
        # the box's corner is an integer, as far as rounding goes
        low = complex(round(low.real), round(low.imag))
        self.pieces = [piece.moved(-low) for piece in self.pieces]
        boxes = [piece.box() for piece in self.pieces]
        self.box = (
            min(box[0] for box in boxes), min(box[1] for box in boxes),
            max(box[2] for box in boxes), max(box[3] for box in boxes),
        )  # fmt: skip

    def moved(self, by):
        other = Shape.__new__(Shape)
        other.pieces = [piece.moved(by) for piece in self.pieces]
        x0, y0, x1, y1 = self.box
        other.box = (x0 + by.real, y0 + by.imag, x1 + by.real, y1 + by.imag)
        return other

    def holds(self, p):
        """Whether a point is inside: crossings of a ray with the chords, and of every arc closed by its chord."""
        odd = False
        for piece in self.pieces:
            a, b = piece.a - p, piece.b - p
            if (a.imag > 0) != (b.imag > 0):
                odd ^= a.real + (b.real - a.real) * a.imag / (a.imag - b.imag) > 0
            if piece.bulge and abs(p - piece.c) < piece.r:
                left = ((piece.b - piece.a).conjugate() * (p - piece.a)).imag > 0
                odd ^= left == (piece.sweep < 0)
        return odd


def distance(a, b):
    """Exact distance of two paths."""
    return min(apart(p, q) for p in a.pieces for q in b.pieces)


def overlap(a, b):
    """Whether the insides of two outlines meet by more than rounding: part of one path runs inside the other."""
    for first, second in ((a, b), (b, a)):
        for piece in first.pieces:
            cuts = {0.0, 1.0}
            for other in second.pieces:
                cuts |= {min(1.0, max(0.0, piece.place(z))) for z in meeting(piece, other)}
            order = sorted(cuts)
            for start, end in itertools.pairwise(order):
                for part in (0.5, 0.21):
                    z = piece.point(start + (end - start) * part)
                    if min(other.away(z) for other in second.pieces) > TOLERANCE and second.holds(z):
                        return True
    # all of one path on the other: the same outline twice
    middles = [piece.middle() for piece in a.pieces]
    return all(min(other.away(z) for other in b.pieces) <= TOLERANCE for z in middles) and _same_side(a, b)


def _same_side(a, b):
    """Outlines that share all middles are one and the same if their boxes are."""
    return all(abs(u - v) <= 2 * TOLERANCE for u, v in zip(a.box, b.box, strict=True))


def cells_of(lattices):
    """(turn, x, y) of every cell."""
    return [
        (lattice.turn, lattice.x + c * lattice.pitch_x, lattice.y + r * lattice.pitch_y)
        for lattice in lattices
        for c in range(lattice.columns)
        for r in range(lattice.rows)
    ]


class Checker:
    """Remembers the verdict for every difference of places, so that arrays cost little."""

    def __init__(self, edges, kerf):
        self.edges, self.kerf = edges, kerf
        self.shapes = {turn: Shape(edges, turn) for turn in (0, 90, 180, 270)}
        self.known = {}

    def clear(self, first, second):
        """Whether two cells (turn, x, y) keep a kerf between them."""
        key = first[0], second[0], second[1] - first[1], second[2] - first[2]
        if key not in self.known:
            a, b = self.shapes[key[0]], self.shapes[key[1]].moved(complex(key[2], key[3]))
            gap = distance(a, b)
            fine = gap >= self.kerf - TOLERANCE
            # far apart paths may still hold one another, but not outlines of one size
            self.known[key] = fine and (gap > TOLERANCE or not overlap(a, b))
        return self.known[key]

    def first_fault(self, cells, size, zones=()):
        """What is wrong with cells in a field of a size, None if nothing."""
        for turn, x, y in cells:
            x0, y0, x1, y1 = self.shapes[turn].box
            if x + x0 < -TOLERANCE or y + y0 < -TOLERANCE:
                return f"cell at ({x}, {y}) is outside the field"
            if x + x1 > size[0] + TOLERANCE or y + y1 > size[1] + TOLERANCE:
                return f"cell at ({x}, {y}) is outside the field"
        for first, second in near_pairs(cells, self.shapes, self.kerf):
            if not self.clear(first, second):
                return f"cells at {first} and {second} are too near"
        for zone in zones:
            if any(self._in_zone(cell, zone) for cell in cells):
                return "cell in a zone"
        return None

    def _in_zone(self, cell, corners):
        here = self.shapes[cell[0]].moved(complex(cell[1], cell[2]))
        xs, ys = [x for x, _ in corners], [y for _, y in corners]
        k, box = self.kerf, here.box
        if box[0] > max(xs) + k or box[2] < min(xs) - k or box[1] > max(ys) + k or box[3] < min(ys) - k:
            return False
        zone = Shape.__new__(Shape)
        zone.pieces = [Piece(*a, *b) for a, b in zip(corners, [*corners[1:], corners[0]], strict=True)]
        zone.box = min(xs), min(ys), max(xs), max(ys)
        gap = distance(here, zone)
        if gap < self.kerf - TOLERANCE:
            return True
        inside = zone.holds(here.pieces[0].middle()) or here.holds(zone.pieces[0].a)
        return overlap(here, zone) if gap <= TOLERANCE else inside


def near_pairs(cells, shapes, kerf):
    """Pairs of cells whose boxes come nearer than a kerf, by a grid."""
    step = max(max(s.box[2] - s.box[0], s.box[3] - s.box[1]) for s in shapes.values()) + kerf
    grid = defaultdict(list)
    for index, (_, x, y) in enumerate(cells):
        grid[x // step, y // step].append(index)
    for index, (turn, x, y) in enumerate(cells):
        box = shapes[turn].box
        for i in (-1, 0, 1):
            for j in (-1, 0, 1):
                for other in grid.get((x // step + i, y // step + j), ()):
                    if other <= index:
                        continue
                    u, v = cells[other][1] - x, cells[other][2] - y
                    them = shapes[cells[other][0]].box
                    if (
                        u + them[0] < box[2] + kerf
                        and box[0] < u + them[2] + kerf
                        and v + them[1] < box[3] + kerf
                        and box[1] < v + them[3] + kerf
                    ):
                        yield cells[index], cells[other]


def edges_of(outline):
    return [(e.x0, e.y0, e.x1, e.y1, e.bulge) for e in outline.edges]


def check_packing(outline, packing, kerf, size, zones=()):
    """Cells inside the field, a kerf apart and outside zones; count and proof as stated."""
    cells = cells_of(packing.lattices)
    assert len(cells) == packing.count, "count is not that of the lattices"
    assert packing.count <= packing.upper_bound, "more cells than the bound allows"
    assert bool(packing.proof) == (packing.count == packing.upper_bound), "a proof without its bound"
    assert all(lattice.columns > 0 and lattice.rows > 0 for lattice in packing.lattices), "a lattice without cells"
    fault = Checker(edges_of(outline), kerf).first_fault(cells, size, zones)
    assert fault is None, fault
