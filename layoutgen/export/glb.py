"""GLB (binary glTF 2.0) of the stack: every film of every layer, in true proportions.

The films of one layer are one mesh that every layer shares, so the file hardly grows with the number of layers.
Metres and y upwards, as glTF wants it; the node ``layer N`` of each layer can be moved apart by a viewer.
"""

import json
import struct
from collections.abc import Sequence
from typing import Any, Final

from layoutgen.draw.inputs import DrawingInputs
from layoutgen.draw.solids import FilmBox, Prism, film_boxes, package_solids, profile_boxes

_JSON, _BIN = 0x4E4F534A, 0x004E4942
_QUARTER_TURN: Final = [-0.7071067811865476, 0.0, 0.0, 0.7071067811865476]
_FACES: Final = (
    # corner offsets of the six faces of a box, counter-clockwise from outside, and their normals
    (((0, 0, 0), (0, 1, 0), (1, 1, 0), (1, 0, 0)), (0, 0, -1)),
    (((0, 0, 1), (1, 0, 1), (1, 1, 1), (0, 1, 1)), (0, 0, 1)),
    (((0, 0, 0), (1, 0, 0), (1, 0, 1), (0, 0, 1)), (0, -1, 0)),
    (((0, 1, 0), (0, 1, 1), (1, 1, 1), (1, 1, 0)), (0, 1, 0)),
    (((0, 0, 0), (0, 0, 1), (0, 1, 1), (0, 1, 0)), (-1, 0, 0)),
    (((1, 0, 0), (1, 1, 0), (1, 1, 1), (1, 0, 1)), (1, 0, 0)),
)


def glb_bytes(inputs: DrawingInputs) -> bytes:
    """The stack with its terminals as GLB; equal designs give equal bytes."""
    boxes = film_boxes(inputs)
    build = _Build()
    films = list(dict.fromkeys(box.film for box in boxes))
    layer_mesh = build.mesh("layer", [[box for box in boxes if box.film == film] for film in films])
    pitch = inputs.design.pitch_um
    nodes: list[dict[str, Any]] = [
        {"name": f"layer {n + 1}", "mesh": layer_mesh, "translation": [0.0, 0.0, round(n * pitch, 6)]}
        for n in range(inputs.design.layers)
    ]
    for solid in package_solids(inputs):
        if solid.net:
            pieces = [_box_of(solid, part) for part in profile_boxes(solid.profile)]
            nodes.append({"name": solid.name, "mesh": build.mesh(solid.name, [pieces])})
    outline = inputs.template.package(*inputs.cell_um)
    middle = [-float(outline.x0 + outline.x1) / 2, -float(outline.y0 + outline.y1) / 2, 0.0]
    content = {"name": "content", "children": list(range(len(nodes))), "translation": middle}
    root = {"name": "stack", "children": [len(nodes)], "rotation": _QUARTER_TURN, "scale": [1e-6, 1e-6, 1e-6]}
    return build.file([*nodes, content, root])


def _box_of(solid: Prism, part: tuple[float, float, float, float]) -> FilmBox:
    x0, z0, x1, z1 = part
    return FilmBox(solid.name, solid.layer, solid.colour, (x0, solid.y0, z0), (x1, solid.y1, z1))


class _Build:
    """Collects buffers, meshes and materials of one file."""

    def __init__(self) -> None:
        self._data = bytearray()
        self._views: list[dict[str, Any]] = []
        self._accessors: list[dict[str, Any]] = []
        self._materials: list[dict[str, Any]] = []
        self._meshes: list[dict[str, Any]] = []

    def mesh(self, name: str, groups: Sequence[Sequence[FilmBox]]) -> int:
        """One mesh with a primitive for each group of boxes; the boxes of a group share a colour."""
        primitives = [self._primitive(group) for group in groups]
        self._meshes.append({"name": name, "primitives": primitives})
        return len(self._meshes) - 1

    def file(self, nodes: list[dict[str, Any]]) -> bytes:
        content = {
            "asset": {"version": "2.0", "generator": "layoutgen"},
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

    def _primitive(self, group: Sequence[FilmBox]) -> dict[str, Any]:
        points: list[tuple[float, ...]] = []
        normals: list[tuple[float, ...]] = []
        indices: list[int] = []
        for box in group:
            for corners, normal in _FACES:
                base = len(points)
                points += [
                    tuple((box.low, box.high)[side][axis] for axis, side in enumerate(corner)) for corner in corners
                ]
                normals += [normal] * 4
                indices += [base, base + 1, base + 2, base, base + 2, base + 3]
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
            "material": self._material(group[0].film, group[0].colour),
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

    def _material(self, name: str, colour: str) -> int:
        # glTF colours are linear; the PDK's are sRGB
        linear = []
        for i in (1, 3, 5):
            share = int(colour[i : i + 2], 16) / 255
            linear.append(round(share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4, 6))
        self._materials.append(
            {
                "name": name,
                "pbrMetallicRoughness": {
                    "baseColorFactor": [*linear, 1.0],
                    "metallicFactor": 0.0,
                    "roughnessFactor": 0.8,
                },
            }
        )
        return len(self._materials) - 1
