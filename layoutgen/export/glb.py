"""GLB (binary glTF 2.0) of the part: every film of every layer in true proportions, in a body that is seen through.

The films of one layer are one mesh that every layer shares, so the file hardly grows with the number of layers.
Metres and y upwards, as glTF wants it, + on the left; the node ``layer N`` of each layer can be moved apart by a
viewer, and the node ``BODY`` be hidden.
"""

import json
import struct
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from layoutgen.draw.inputs import DrawingInputs
from layoutgen.draw.solids import FilmBox, Prism, film_boxes, model_solids, profile_boxes

_JSON, _BIN = 0x4E4F534A, 0x004E4942
_QUARTER_TURN: Final = [-0.7071067811865476, 0.0, 0.0, 0.7071067811865476]
_BODY_ALPHA: Final = 0.3
Corner: TypeAlias = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class _Face:
    """A flat rectangle: corners counter-clockwise from outside, and the normal."""

    corners: tuple[Corner, Corner, Corner, Corner]
    normal: Corner


@dataclass(frozen=True, slots=True)
class _Group:
    """Faces of one material."""

    name: str
    colour: str
    faces: tuple[_Face, ...]
    alpha: float = 1.0


def glb_bytes(inputs: DrawingInputs) -> bytes:
    """The stack with its terminals as GLB; equal designs give equal bytes."""
    boxes = film_boxes(inputs)
    build = _Build()
    films = list(dict.fromkeys(box.film for box in boxes))
    layer_mesh = build.mesh("layer", [_film([box for box in boxes if box.film == film]) for film in films])
    pitch = inputs.design.pitch_um
    nodes: list[dict[str, Any]] = [
        {"name": f"layer {n + 1}", "mesh": layer_mesh, "translation": [0.0, 0.0, round(n * pitch, 6)]}
        for n in range(inputs.design.layers)
    ]
    for solid in model_solids(inputs):
        alpha = 1.0 if solid.net else _BODY_ALPHA
        group = _Group(solid.name, solid.colour, tuple(_prism_faces(solid)), alpha)
        nodes.append({"name": solid.name, "mesh": build.mesh(solid.name, [group])})
    outline = inputs.template.package(*inputs.cell_um)
    middle = [-float(outline.x0 + outline.x1) / 2, -float(outline.y0 + outline.y1) / 2, 0.0]
    content = {"name": "content", "children": list(range(len(nodes))), "translation": middle}
    root = {"name": "stack", "children": [len(nodes)], "rotation": _QUARTER_TURN, "scale": [1e-6, 1e-6, 1e-6]}
    return build.file([*nodes, content, root], inputs.identity)


def _film(boxes: Sequence[FilmBox]) -> _Group:
    """The boxes of a film; those of one height are one body without walls inside."""
    heights = dict.fromkeys((box.low[2], box.high[2]) for box in boxes)
    faces: list[_Face] = []
    for z0, z1 in heights:
        plan = [(*box.low[:2], *box.high[:2]) for box in boxes if (box.low[2], box.high[2]) == (z0, z1)]
        faces += _extruded(plan, z0, z1, lambda a, b, c: (a, b, c))
    return _Group(boxes[0].film, boxes[0].colour, tuple(faces))


def _prism_faces(solid: Prism) -> Iterator[_Face]:
    """The sides, and the ends in pieces; nothing inside, and every corner a corner of all faces that meet there."""
    # x, z, y is a left-handed order: the other way along y makes it right
    boxes = profile_boxes(solid.profile)
    yield from _extruded(boxes, -solid.y1, -solid.y0, lambda a, b, c: (a, -c, b))


def _extruded(
    boxes: Sequence[tuple[float, float, float, float]],
    low: float,
    high: float,
    place: Callable[[float, float, float], Corner],
) -> Iterator[_Face]:
    """Boxes (a0, b0, a1, b1) that touch, raised from low to high: the outside of their union on one grid.

    Args:
        boxes: do not overlap.
        low, high: along the third axis.
        place: from (a, b, c) to (x, y, z) without mirroring.
    """
    across = sorted({value for box in boxes for value in box[::2]})
    along = sorted({value for box in boxes for value in box[1::2]})
    cells = {
        (i, k)
        for i, a in enumerate(across[:-1])
        for k, b in enumerate(along[:-1])
        if any(box[0] <= a < box[2] and box[1] <= b < box[3] for box in boxes)
    }

    def face(corners: Sequence[Corner], normal: Corner) -> _Face:
        first, second, third, fourth = (place(*corner) for corner in corners)
        return _Face((first, second, third, fourth), place(*normal))

    for i, k in sorted(cells):
        (a0, a1), (b0, b1) = across[i : i + 2], along[k : k + 2]
        yield face(((a0, b0, low), (a0, b1, low), (a1, b1, low), (a1, b0, low)), (0.0, 0.0, -1.0))
        yield face(((a0, b0, high), (a1, b0, high), (a1, b1, high), (a0, b1, high)), (0.0, 0.0, 1.0))
        sides = (
            ((i, k - 1), (a0, b0), (a1, b0), (0.0, -1.0, 0.0)),
            ((i + 1, k), (a1, b0), (a1, b1), (1.0, 0.0, 0.0)),
            ((i, k + 1), (a1, b1), (a0, b1), (0.0, 1.0, 0.0)),
            ((i - 1, k), (a0, b1), (a0, b0), (-1.0, 0.0, 0.0)),
        )
        for beyond, (ax, ay), (bx, by), normal in sides:
            if beyond not in cells:
                yield face(((ax, ay, low), (bx, by, low), (bx, by, high), (ax, ay, high)), normal)


class _Build:
    """Collects buffers, meshes and materials of one file."""

    def __init__(self) -> None:
        self._data = bytearray()
        self._views: list[dict[str, Any]] = []
        self._accessors: list[dict[str, Any]] = []
        self._materials: list[dict[str, Any]] = []
        self._meshes: list[dict[str, Any]] = []

    def mesh(self, name: str, groups: Sequence[_Group]) -> int:
        """One mesh with a primitive for each group of faces."""
        primitives = [self._primitive(group) for group in groups]
        self._meshes.append({"name": name, "primitives": primitives})
        return len(self._meshes) - 1

    def file(self, nodes: list[dict[str, Any]], identity: str) -> bytes:
        extras = {"extras": {"design": identity}} if identity else {}
        content = {
            "asset": {"version": "2.0", "generator": "layoutgen", **extras},
            "scene": 0,
            "scenes": [{"nodes": [len(nodes) - 1]}],
            "nodes": nodes,
            "meshes": self._meshes,
            "materials": self._materials,
            "accessors": self._accessors,
            "bufferViews": self._views,
            "buffers": [{"byteLength": len(self._data)}],
        }
        text = json.dumps(content, separators=(",", ":"), ensure_ascii=True).encode()
        text += b" " * (-len(text) % 4)
        data = bytes(self._data) + b"\0" * (-len(self._data) % 4)
        chunks = struct.pack("<II", len(text), _JSON) + text + struct.pack("<II", len(data), _BIN) + data
        return struct.pack("<4sII", b"glTF", 2, 12 + len(chunks)) + chunks

    def _primitive(self, group: _Group) -> dict[str, Any]:
        points = [corner for face in group.faces for corner in face.corners]
        normals = [face.normal for face in group.faces for _ in face.corners]
        starts = range(0, len(points), 4)
        indices = [start + step for start in starts for step in (0, 1, 2, 0, 2, 3)]
        bounds = {
            "min": [struct.unpack("<f", struct.pack("<f", min(p[i] for p in points)))[0] for i in range(3)],
            "max": [struct.unpack("<f", struct.pack("<f", max(p[i] for p in points)))[0] for i in range(3)],
        }
        position = self._accessor([v for p in points for v in p], "f", "VEC3", len(points), 34962) | bounds
        self._accessors[-1] = position
        attributes = {"POSITION": len(self._accessors) - 1}
        self._accessor([float(v) for n in normals for v in n], "f", "VEC3", len(normals), 34962)
        attributes["NORMAL"] = len(self._accessors) - 1
        self._accessor(indices, "I", "SCALAR", len(indices), 34963)
        return {
            "attributes": attributes,
            "indices": len(self._accessors) - 1,
            "material": self._material(group),
        }

    def _accessor(self, values: Sequence[float], code: str, kind: str, count: int, target: int) -> dict[str, Any]:
        packed = struct.pack(f"<{len(values)}{code}", *values)
        self._views.append(
            {"buffer": 0, "byteOffset": len(self._data), "byteLength": len(packed), "target": target}
        )
        self._data += packed
        accessor = {
            "bufferView": len(self._views) - 1,
            "componentType": 5126 if code == "f" else 5125,
            "count": count,
            "type": kind,
        }
        self._accessors.append(accessor)
        return accessor

    def _material(self, group: _Group) -> int:
        # glTF colours are linear; the PDK's are sRGB
        linear = []
        for i in (1, 3, 5):
            share = int(group.colour[i : i + 2], 16) / 255
            linear.append(round(share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4, 6))
        self._materials.append(
            {
                "name": group.name,
                "pbrMetallicRoughness": {
                    "baseColorFactor": [*linear, group.alpha],
                    "metallicFactor": 0.0,
                    "roughnessFactor": 0.8,
                },
                **({"alphaMode": "BLEND"} if group.alpha < 1 else {}),
            }
        )
        return len(self._materials) - 1
