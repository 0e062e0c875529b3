"""KLayout's Region engine evaluates a PDK's rules on a GDSII file: flat, and without this tool's geometry.

Only the rules' own text is shared (what is compared with what); limits are computed here from the PDK's document.
"""

import ast
import re
from itertools import pairwise

import klayout.db as kdb

_TO_UM = {"um": 1.0, "mm": 1000.0, "nm": 0.001}
_E = kdb.Metrics.Euclidian


class Oracle:
    """One file. ``period`` is the repeat in dbu."""

    def __init__(self, path, pdk, template, period):
        self.layout = kdb.Layout()
        self.layout.read(str(path))
        self.pdk, self.template, self.period = pdk, template, period
        self.um = self.layout.dbu
        self.cache = {}
        self.values = pdk.model_dump(by_alias=True)

    # ---- numbers

    def limit(self, rule):
        def value(match):
            path = match.group(0).split(".")
            item = self.values
            for part in path:
                item = item[part]
            return repr(item["value"] * _TO_UM.get(item["unit"], 1.0))

        return eval(re.sub(r"[a-z_]+(\.[a-z_]+)+", value, rule.limit))

    def dbu(self, rule):
        return round(self.limit(rule) / self.um - 0.499999)

    # ---- regions

    def raw(self, name, view):
        """Shapes of a layer as they stand in the file, not merged."""
        layer = self.pdk.layers[name]
        index = self.layout.find_layer(layer.number, layer.datatype)
        found = kdb.Region()
        if index is None:
            return found
        if view == "device":
            for cell in ("CELL", "STACK"):
                if self.layout.cell(cell) is not None:
                    found += kdb.Region(self.layout.cell(cell).begin_shapes_rec(index))
            return found
        root = self.layout.cell("REPEAT")
        found = kdb.Region(root.begin_shapes_rec(index))
        for shift in (-self.period, self.period):
            found += found_moved(kdb.Region(root.begin_shapes_rec(index)), shift)
        return found

    def region(self, text, view):
        key = text, view
        if key not in self.cache:
            self.cache[key] = self._evaluate(ast.parse(text, mode="eval").body, view)
        return self.cache[key].dup()

    def _evaluate(self, node, view):
        match node:
            case ast.Name(id=name):
                return self.raw(name, view).merged()
            case ast.BinOp(left=left, op=ast.Add(), right=right):
                return (self._evaluate(left, view) + self._evaluate(right, view)).merged()
            case ast.BinOp(left=left, op=ast.Sub(), right=right):
                return self._evaluate(left, view) - self._evaluate(right, view)
            case ast.BinOp(left=left, op=ast.BitAnd(), right=right):
                return self._evaluate(left, view) & self._evaluate(right, view)
        raise AssertionError(node)

    def middle(self, region):
        """The part in the file's own repeat."""
        box = region.bbox()
        return region & kdb.Region(kdb.Box(box.left - 1, 0, box.right + 1, self.period))

    def none_in_middle(self, pairs, view):
        """No marker, or only such as lie at the open ends of the three repeats."""
        if view == "device" or not self.period:
            return pairs.is_empty()
        boxes = [pair.bbox() for pair in pairs.each()]
        return not any(box.bottom <= self.period and box.top >= 0 for box in boxes)

    # ---- verdicts

    def holds(self, rule):
        """Whether a rule holds; None for what KLayout has no geometry for."""
        if rule.regimes and self.pdk.web.regime not in rule.regimes:
            return None
        check = getattr(self, f"_{rule.check}", None)
        if check is None:
            return None
        view = "device" if rule.view == "device" else "web"
        return check(rule, view)

    def _width(self, rule, view):
        region = self.region(rule.of, view)
        region.min_coherence = True
        return self.none_in_middle(region.width_check(self.dbu(rule), False, _E, None, None, None, False), view)

    def _space(self, rule, view):
        region = self.region(rule.of, view)
        region.min_coherence = True
        limit = self.dbu(rule)
        if limit <= 0:
            return True
        return self.none_in_middle(region.space_check(limit, False, _E, None, None, None, False), view)

    def _separation(self, rule, view):
        a, b = self.region(rule.of, view), self.region(rule.against, view)
        limit = self.dbu(rule)
        if not (a & b).is_empty():
            return False
        return limit <= 0 or a.separation_check(b, limit, False, _E, None, None, None, False).is_empty()

    def _enclosure(self, rule, view):
        a, b = self.region(rule.of, view), self.region(rule.against, view)
        limit = self.dbu(rule)
        if not (a - b).is_empty():
            return False
        return limit <= 0 or a.enclosed_check(b, limit, False, _E, None, None, None, False).is_empty()

    def _extension(self, rule, view):
        a, b = self.region(rule.of, view).bbox(), self.region(rule.against, view).bbox()
        reach = {"x0": b.left - a.left, "x1": a.right - b.right, "y0": b.bottom - a.bottom, "y1": a.top - b.top}
        return all(reach[side] >= self.dbu(rule) for side in rule.sides)

    def _size(self, rule, view):
        for polygon in self.raw(rule.of, view).each():
            box = polygon.bbox()
            for side in rule.sides:
                size = box.width() if side[0] == "x" else box.height()
                if size * self.um > self.limit(rule) + 1e-6:
                    return False
        return True

    def _area(self, rule, view):
        return all(
            p.area() * self.um**2 >= self.limit(rule) * (1 - 1e-12) for p in self.region(rule.of, view).each()
        )

    def _equal(self, rule, view):
        return (self.region(rule.of, view) ^ self.region(rule.against, view)).is_empty()

    def _empty(self, rule, view):
        return self.region(rule.of, view).is_empty()

    def _single(self, rule, view):
        return self.raw(rule.of, view).merged(False, 2).is_empty()

    def _density(self, rule, view):
        share = self.region(rule.of, view).area() / self.region(rule.against, view).area()
        return share >= self.limit(rule) * (1 - 1e-12)

    def _count(self, rule, view):
        of, against = (self.flat(name).count() for name in (rule.of, rule.against))
        limit = self.limit(rule)
        return {
            "at least": of >= limit * against,
            "at most": of <= limit * against,
            "equal": of == limit * against,
        }[rule.relation]

    def flat(self, name):
        layer = self.pdk.layers[name]
        index = self.layout.find_layer(layer.number, layer.datatype)
        found = kdb.Region() if index is None else kdb.Region(self.layout.top_cell().begin_shapes_rec(index))
        found.merged_semantics = False
        return found

    def patterned(self):
        return [name for name in self.pdk.layers if name != "FORBIDDEN"]

    def _grid(self, rule, view):
        step = round(self.limit(rule) / self.um)
        return step < 2 or all(self.flat(name).grid_check(step, step).is_empty() for name in self.patterned())

    def _angle(self, rule, view):
        return all(self.flat(name).non_rectilinear().is_empty() for name in self.patterned())

    def _street(self, rule, view):
        cells = self.region(rule.against, view)
        ring = cells.sized(self.dbu(rule)).merged() - cells
        return self.middle(ring ^ self.region(rule.of, view)).is_empty()

    def _centre(self, rule, view):
        layer = self.pdk.layers[rule.of]
        shapes = self.layout.cell("REPEAT").begin_shapes_rec(self.layout.find_layer(layer.number, layer.datatype))
        half = round(self.limit(rule) / self.um / 2)
        lines = []
        while not shapes.at_end():
            if shapes.shape().is_path():
                points = list(shapes.shape().path.transformed(shapes.trans()).each_point())
                lines += [kdb.Edge(a, b) for a, b in pairwise(points)]
            shapes.next()
        if sum(line.length() for line in lines) != kdb.Edges(lines).merged().length():
            return False
        wide = kdb.Region([kdb.Path([line.p1, line.p2], 2 * half, half, half).polygon() for line in lines])
        wide = (wide + found_moved(wide, self.period) + found_moved(wide, -self.period)).merged()
        return self.middle(wide ^ self.region(rule.against, view)).is_empty()

    def _mask(self, rule, view):
        stage = "stack" if rule.view == "device" else "web"
        for name, mask in self.pdk.masks.items():
            # what is drawn of marks alone is judged wherever it lies, beyond the repeat too
            of_marks = set(re.findall(r"\w+", mask.expression)) <= {"FIDUCIAL", "LABEL"}
            if of_marks:
                if rule.view == "cells":
                    wanted = self._everywhere(mask.expression).sized(round(mask.bias.value / self.um)).merged()
                    if not (wanted ^ self._everywhere(name)).is_empty():
                        return False
            elif rule.view != "cells" and self.pdk.layers[name].stage == stage:
                wanted = self.region(mask.expression, view).sized(round(mask.bias.value / self.um)).merged()
                differs = wanted ^ self.region(name, view)
                if not (self.middle(differs) if stage == "web" else differs).is_empty():
                    return False
        return True

    def _everywhere(self, text):
        """The union of layers under the top cell."""
        found = kdb.Region()
        for name in re.findall(r"\w+", text):
            layer = self.pdk.layers[name]
            index = self.layout.find_layer(layer.number, layer.datatype)
            if index is not None:
                found += kdb.Region(self.layout.top_cell().begin_shapes_rec(index))
        return found.merged()

    def _stray(self, rule, view):
        for element in self.template.template.elements:
            layer = self.pdk.layers[element.layer]
            index = self.layout.find_layer(layer.number, layer.datatype)
            home = "CELL" if element.stage == "web" else "STACK"
            for cell in self.layout.each_cell() if index is not None else ():
                if cell.name != home and cell.shapes(index).size():
                    return False
        return True

    # ---- connectivity, written anew: a net list by KLayout's regions

    def _nets(self):
        films, insulators = [], set()
        for place in self.template.template.films:
            if place.layer not in films:
                films.append(place.layer)
            if place.film in ("electrolyte", "film_lower", "film_upper"):
                insulators.add(place.layer)
        poles = {e.layer: e.net for e in self.template.template.elements}
        pole, net = "", {}
        for layer in films:
            if layer not in insulators:
                pole = poles[layer] or pole
                net[layer] = pole
        package = [e.layer for e in self.template.template.elements if e.stage == "package" and e.net]
        return films, net, {layer: poles[layer] for layer in package}

    def _short(self, rule, view):
        return self._closest(1)

    def _insulation(self, rule, view):
        return self._closest(self.dbu(rule))

    def _closest(self, limit):
        """Whether opposite conductors are at least so far apart; a limit of 1 finds those that touch."""
        films, net, package = self._nets()
        wraps = {self.template.template.terminals.positive, self.template.template.terminals.negative}
        tall = films + films
        for i, low in enumerate(films):
            for j in range(i + 1, i + len(films)):
                high = tall[j]
                if low not in net or high not in net or {net[low], net[high]} != {"+", "-"}:
                    continue
                for a, b in ((low, high), (high, low)):
                    bare = self.region(b, "device")
                    for film in tall[i + 1 : j]:
                        bare -= self.region(film, "device")
                    if limit == 1:
                        if not (bare & self.region(a, "device")).is_empty():
                            return False
                    elif not self._apart(self.region(a, "device"), bare, limit):
                        return False
        terminals = {**package}
        pairs = [(t, f) for t in terminals if t not in wraps for f in net]
        names = list(terminals)
        pairs += [(a, b) for n, a in enumerate(names) for b in names[n + 1 :]]
        for a, b in pairs:
            if {(net | package)[a], (net | package)[b]} == {"+", "-"} and not self._apart(
                self.region(a, "device"), self.region(b, "device"), limit
            ):
                return False
        return True

    @staticmethod
    def _apart(a, b, limit):
        if not (a & b).is_empty() or not a.interacting(b).is_empty():
            return False
        return a.separation_check(b, limit, False, _E, None, None, None, False).is_empty()

    def _open(self, rule, view):
        films, net, package = self._nets()
        wraps = (self.template.template.terminals.positive, self.template.template.terminals.negative)
        everything = net | package
        pieces = {}
        for layer in everything:
            region = self.raw(layer, "device").merged(True, 0)
            pieces[layer] = [kdb.Region(polygon) for polygon in region.each()]
            if not pieces[layer]:
                return False
        reached = {(layer, n) for layer in wraps for n in range(len(pieces[layer]))}
        waiting = list(reached)
        while waiting:
            layer, n = waiting.pop()
            if layer in films and not {e.layer: e.net for e in self.template.template.elements}[layer]:
                continue  # a film without a pole of its own carries no current on
            for other in everything:
                if everything[other] != everything[layer]:
                    continue
                for m in range(len(pieces[other])):
                    if (other, m) not in reached and self._joined(
                        films, net, package, wraps, (layer, pieces[layer][n]), (other, pieces[other][m])
                    ):
                        reached.add((other, m))
                        waiting.append((other, m))
        return all((layer, n) in reached for layer in everything for n in range(len(pieces[layer])))

    def _joined(self, films, net, package, wraps, first, second):
        (a, region_a), (b, region_b) = first, second
        if a == b:
            return False
        if a in films and b in films:
            low, high = sorted((films.index(a), films.index(b)))
            contact = region_a & region_b
            for film in films[low + 1 : high]:
                contact -= self.region(film, "device")
            return not contact.is_empty()
        if (a in wraps and b in films) or (b in wraps and a in films):
            return False
        return not region_a.interacting(region_b).is_empty()


def found_moved(region, shift):
    return region.moved(0, shift)
