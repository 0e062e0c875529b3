"""STEP (AP214) of extruded profiles: named, coloured solids in mm, without a CAD kernel.

Each solid is a closed shell: two plane caps and one face a side, a plane or, on an arc, a true cylinder. Each is a
product of its own below the part, since readers keep names of products and drop those of solids: an assembly by
NEXT_ASSEMBLY_USAGE_OCCURRENCE (ISO 10303-44), every product where it stands. The origin lies in the middle of the
package on the board, x along the terminal axis from + to -, z upwards. The time stamp is fixed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from layoutgen.draw.solids import Arc, Prism

_HEADER: Final = """ISO-10303-21;
HEADER;
FILE_DESCRIPTION(('{description}'),'2;1');
FILE_NAME('{name}.step','1970-01-01T00:00:00',(''),(''),'layoutgen','layoutgen','');
FILE_SCHEMA(('AUTOMOTIVE_DESIGN {{ 1 0 10303 214 1 1 1 1 }}'));
ENDSEC;
DATA;
"""
_ACCURACY_MM: Final = "1.E-06"

Vector = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class _Face:
    """A plane polygon by the numbers of its corners, counter-clockwise seen from outside."""

    corners: tuple[int, ...]
    normal: Vector
    reference: Vector
    cylinder: "_Circle | None" = None
    """Given where the face is curved: a cylinder along y."""


@dataclass(frozen=True, slots=True)
class _Circle:
    """A circle about an axis along y; ``forward`` where the profile runs counter-clockwise around its centre."""

    x: float
    z: float
    radius: float
    forward: bool


@dataclass(frozen=True, slots=True)
class _Shell:
    """What the faces of one solid share: corners, their numbers in the file, edges, and which edges are arcs."""

    corners: Sequence[Vector]
    vertices: Sequence[int]
    arcs: dict[tuple[int, int], _Circle]
    """By corners in the order of the profile."""
    edges: dict[tuple[int, int], int]


def step_bytes(solids: Sequence[Prism], name: str, description: str) -> bytes:
    """Solids as a STEP file of one part, an assembly of a product a solid; equal solids give equal bytes."""
    extents = [solid.extent() for solid in solids]
    centre_x = (min(e[0] for e in extents) + max(e[3] for e in extents)) / 2
    centre_y = (min(e[1] for e in extents) + max(e[4] for e in extents)) / 2
    writer = _Writer()
    axis = writer.placement((0.0, 0.0, 0.0), (0.0, 0.0, 1.0), (1.0, 0.0, 0.0))
    context = writer.context()
    breps = [_solid(writer, solid, (centre_x, centre_y)) for solid in solids]
    whole = writer.add(f"SHAPE_REPRESENTATION('{_text(name)}',(#{axis}),#{context})")
    application = _application(writer)
    part = _product(writer, application, _text(name), _text(description), whole)
    for number, (brep, solid) in enumerate(zip(breps, solids, strict=True), 1):
        called = _text(solid.name)
        shape = writer.add(f"ADVANCED_BREP_SHAPE_REPRESENTATION('{called}',(#{axis},#{brep}),#{context})")
        definition = _product(writer, application, called, "", shape)
        _used(writer, called, number, (part, whole), (definition, shape), axis)
    styles = [_style(writer, brep, solid.colour) for brep, solid in zip(breps, solids, strict=True)]
    listed = ",".join(f"#{number}" for number in styles)
    writer.add(f"MECHANICAL_DESIGN_GEOMETRIC_PRESENTATION_REPRESENTATION('',({listed}),#{context})")
    head = _HEADER.format(name=_text(name), description=_text(description))
    return (head + "\n".join(writer.lines) + "\nENDSEC;\nEND-ISO-10303-21;\n").encode("ascii")


class _Writer:
    """Numbers the entities in the order in which they are added, and shares equal points and directions."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self._known: dict[str, int] = {}

    def add(self, entity: str) -> int:
        self.lines.append(f"#{len(self.lines) + 1}={entity};")
        return len(self.lines)

    def once(self, entity: str) -> int:
        if entity not in self._known:
            self._known[entity] = self.add(entity)
        return self._known[entity]

    def point(self, at: Vector) -> int:
        return self.once(f"CARTESIAN_POINT('',({_numbers(at)}))")

    def direction(self, along: Vector) -> int:
        return self.once(f"DIRECTION('',({_numbers(along)}))")

    def placement(self, at: Vector, axis: Vector, reference: Vector) -> int:
        return self.add(
            f"AXIS2_PLACEMENT_3D('',#{self.point(at)},#{self.direction(axis)},#{self.direction(reference)})"
        )

    def context(self) -> int:
        length = self.add("(LENGTH_UNIT()NAMED_UNIT(*)SI_UNIT(.MILLI.,.METRE.))")
        angle = self.add("(NAMED_UNIT(*)PLANE_ANGLE_UNIT()SI_UNIT($,.RADIAN.))")
        solid = self.add("(NAMED_UNIT(*)SI_UNIT($,.STERADIAN.)SOLID_ANGLE_UNIT())")
        accuracy = self.add(
            f"UNCERTAINTY_MEASURE_WITH_UNIT(LENGTH_MEASURE({_ACCURACY_MM}),#{length},'distance_accuracy_value','')"
        )
        return self.add(
            "(GEOMETRIC_REPRESENTATION_CONTEXT(3)"
            f"GLOBAL_UNCERTAINTY_ASSIGNED_CONTEXT((#{accuracy}))"
            f"GLOBAL_UNIT_ASSIGNED_CONTEXT((#{length},#{angle},#{solid}))"
            "REPRESENTATION_CONTEXT('',''))"
        )


def _solid(writer: _Writer, solid: Prism, centre: tuple[float, float]) -> int:
    ring = [((x - centre[0]) / 1000, z / 1000) for x, z in solid.profile]
    y0, y1 = (solid.y0 - centre[1]) / 1000, (solid.y1 - centre[1]) / 1000
    count = len(ring)
    circles = [_circle(arc, centre) for arc in solid.arcs]
    arcs: dict[tuple[int, int], _Circle] = {}
    corners: list[Vector] = [(x, y0, z) for x, z in ring] + [(x, y1, z) for x, z in ring]
    # the profile runs counter-clockwise in x, z; seen from -y that is counter-clockwise as well
    faces = [
        _Face(tuple(range(count)), (0.0, -1.0, 0.0), (1.0, 0.0, 0.0)),
        _Face(tuple(range(2 * count - 1, count - 1, -1)), (0.0, 1.0, 0.0), (1.0, 0.0, 0.0)),
    ]
    for i in range(count):
        j = (i + 1) % count
        dx, dz = ring[j][0] - ring[i][0], ring[j][1] - ring[i][1]
        length = (dx * dx + dz * dz) ** 0.5
        normal = (dz / length, 0.0, -dx / length)
        circle = circles[i]
        if circle is not None:
            arcs |= {(i, j): circle, (i + count, j + count): circle}
        faces.append(_Face((i, i + count, j + count, j), normal, (0.0, 1.0, 0.0), circle))
    vertices = [writer.add(f"VERTEX_POINT('',#{writer.point(corner)})") for corner in corners]
    shell = _Shell(corners, vertices, arcs, {})
    written = [_face(writer, face, shell) for face in faces]
    listed = ",".join(f"#{number}" for number in written)
    closed = writer.add(f"CLOSED_SHELL('',({listed}))")
    return writer.add(f"MANIFOLD_SOLID_BREP('{_text(solid.name)}',#{closed})")


def _circle(arc: Arc | None, centre: tuple[float, float]) -> _Circle | None:
    if arc is None:
        return None
    x, z = arc.centre
    return _Circle((x - centre[0]) / 1000, z / 1000, arc.radius / 1000, forward=arc.bulge > 0)


def _face(writer: _Writer, face: _Face, shell: _Shell) -> int:
    oriented = []
    for a, b in zip(face.corners, (*face.corners[1:], face.corners[0]), strict=True):
        key = (min(a, b), max(a, b))
        if key not in shell.edges:
            shell.edges[key] = _edge(writer, shell, key)
        oriented.append(writer.add(f"ORIENTED_EDGE('',*,*,#{shell.edges[key]},{'.T.' if a < b else '.F.'})"))
    listed = ",".join(f"#{number}" for number in oriented)
    loop = writer.add(f"EDGE_LOOP('',({listed}))")
    bound = writer.add(f"FACE_OUTER_BOUND('',#{loop},.T.)")
    first = shell.corners[face.corners[0]]
    if face.cylinder is None:
        plane = writer.add(f"PLANE('',#{writer.placement(first, face.normal, face.reference)})")
        return writer.add(f"ADVANCED_FACE('',(#{bound}),#{plane},.T.)")
    # a cylinder's own normal points away from its axis, which is outwards where the profile turns left
    place = writer.placement((face.cylinder.x, first[1], face.cylinder.z), (0.0, -1.0, 0.0), (1.0, 0.0, 0.0))
    surface = writer.add(f"CYLINDRICAL_SURFACE('',#{place},{_real(face.cylinder.radius)})")
    return writer.add(f"ADVANCED_FACE('',(#{bound}),#{surface},{'.T.' if face.cylinder.forward else '.F.'})")


def _edge(writer: _Writer, shell: _Shell, key: tuple[int, int]) -> int:
    start, end = (shell.corners[index] for index in key)
    circle = shell.arcs.get(key) or shell.arcs.get(key[::-1])
    ends = f"#{shell.vertices[key[0]]},#{shell.vertices[key[1]]}"
    if circle is None:
        step = [b - a for a, b in zip(start, end, strict=True)]
        length = sum(part * part for part in step) ** 0.5
        along = (step[0] / length, step[1] / length, step[2] / length)
        vector = writer.add(f"VECTOR('',#{writer.direction(along)},1.)")
        line = writer.add(f"LINE('',#{writer.point(start)},#{vector})")
        return writer.add(f"EDGE_CURVE('',{ends},#{line},.T.)")
    # about -y angles grow from x to z, as the profile has them
    place = writer.placement((circle.x, start[1], circle.z), (0.0, -1.0, 0.0), (1.0, 0.0, 0.0))
    curve = writer.add(f"CIRCLE('',#{place},{_real(circle.radius)})")
    forward = circle.forward == (key in shell.arcs)
    return writer.add(f"EDGE_CURVE('',{ends},#{curve},{'.T.' if forward else '.F.'})")


def _application(writer: _Writer) -> int:
    application = writer.add("APPLICATION_CONTEXT('core data for automotive mechanical design processes')")
    writer.add(f"APPLICATION_PROTOCOL_DEFINITION('international standard','automotive_design',2000,#{application})")
    return application


def _used(
    writer: _Writer, name: str, number: int, above: tuple[int, int], below: tuple[int, int], axis: int
) -> None:
    """One product as a part of another, where it stands; each by its definition and its representation."""
    usage = writer.add(f"NEXT_ASSEMBLY_USAGE_OCCURRENCE('{number}','{name}','',#{above[0]},#{below[0]},$)")
    form = writer.add(f"PRODUCT_DEFINITION_SHAPE('','',#{usage})")
    moved = writer.add(f"ITEM_DEFINED_TRANSFORMATION('','',#{axis},#{axis})")
    relation = writer.add(
        f"(REPRESENTATION_RELATIONSHIP('','',#{below[1]},#{above[1]})"
        f"REPRESENTATION_RELATIONSHIP_WITH_TRANSFORMATION(#{moved})SHAPE_REPRESENTATION_RELATIONSHIP())"
    )
    writer.add(f"CONTEXT_DEPENDENT_SHAPE_REPRESENTATION(#{relation},#{form})")


def _product(writer: _Writer, application: int, name: str, description: str, shape: int) -> int:
    """A product with its shape; the number of its definition."""
    product_context = writer.add(f"PRODUCT_CONTEXT('',#{application},'mechanical')")
    product = writer.add(f"PRODUCT('{name}','{name}','{description}',(#{product_context}))")
    writer.add(f"PRODUCT_RELATED_PRODUCT_CATEGORY('part',$,(#{product}))")
    formation = writer.add(f"PRODUCT_DEFINITION_FORMATION('','',#{product})")
    context = writer.add(f"PRODUCT_DEFINITION_CONTEXT('part definition',#{application},'design')")
    definition = writer.add(f"PRODUCT_DEFINITION('design','',#{formation},#{context})")
    form = writer.add(f"PRODUCT_DEFINITION_SHAPE('','',#{definition})")
    writer.add(f"SHAPE_DEFINITION_REPRESENTATION(#{form},#{shape})")
    return definition


def _style(writer: _Writer, brep: int, colour: str) -> int:
    red, green, blue = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    shade = writer.once(f"COLOUR_RGB('',{_numbers((red, green, blue))})")
    fill = writer.once(f"FILL_AREA_STYLE_COLOUR('',#{shade})")
    area = writer.once(f"FILL_AREA_STYLE('',(#{fill}))")
    surface = writer.once(f"SURFACE_STYLE_FILL_AREA(#{area})")
    side = writer.once(f"SURFACE_SIDE_STYLE('',(#{surface}))")
    usage = writer.once(f"SURFACE_STYLE_USAGE(.BOTH.,#{side})")
    style = writer.once(f"PRESENTATION_STYLE_ASSIGNMENT((#{usage}))")
    return writer.add(f"STYLED_ITEM('color',(#{style}),#{brep})")


def _numbers(values: Sequence[float]) -> str:
    return ",".join(_real(value) for value in values)


def _real(value: float) -> str:
    """A STEP real: always with a point, no negative zero."""
    text = f"{value:.9f}".rstrip("0")
    return "0." if text == "-0." else text


def _text(text: str) -> str:
    """A STEP string: ASCII; apostrophes doubled, other characters as \\X2\\ codes (ISO 10303-21)."""
    found = []
    for character in text:
        if character in "'\\":
            found.append(character * 2)
        elif " " <= character <= "~":
            found.append(character)
        elif ord(character) <= 0xFFFF:
            found.append(f"\\X2\\{ord(character):04X}\\X0\\")
        else:
            found.append(f"\\X4\\{ord(character):08X}\\X0\\")
    return "".join(found)
