"""GLB files, taken apart by hand: structure, true positions, hardly larger for more layers."""

import json
import struct

import numpy as np
import pytest

from layoutgen.export.glb import glb_bytes
from tests.draw.designs import inputs


def parse(data):
    magic, version, length = struct.unpack_from("<4sII", data)
    assert (magic, version, length) == (b"glTF", 2, len(data))
    size, kind = struct.unpack_from("<II", data, 12)
    assert kind == 0x4E4F534A
    content = json.loads(data[20 : 20 + size])
    rest, kind = struct.unpack_from("<II", data, 20 + size)
    assert kind == 0x004E4942
    assert content["buffers"][0]["byteLength"] <= rest
    return content, data[28 + size : 28 + size + rest]


def array(content, buffer, index):
    accessor = content["accessors"][index]
    view = content["bufferViews"][accessor["bufferView"]]
    kind = np.dtype("<f4") if accessor["componentType"] == 5126 else np.dtype("<u4")
    assert view["byteOffset"] % 4 == 0
    width = {"VEC3": 3, "SCALAR": 1}[accessor["type"]]
    count = accessor["count"] * width
    return np.frombuffer(buffer, kind, count, view["byteOffset"]).reshape(-1, width)


def volume(content, buffer, primitive):
    """Signed volume of the triangles: positive only where every face looks outwards."""
    points = array(content, buffer, primitive["attributes"]["POSITION"]).astype(float)
    triangles = points[array(content, buffer, primitive["indices"]).reshape(-1, 3)]
    a, b, c = triangles[:, 0], triangles[:, 1], triangles[:, 2]
    return float((a * np.cross(b, c)).sum() / 6)


def test_films_have_their_true_volumes():
    drawn = inputs()
    content, buffer = parse(glb_bytes(drawn))
    mesh = next(m for m in content["meshes"] if m["name"] == "layer")
    boxes = drawn.rectangles()
    found = {content["materials"][p["material"]]["name"]: volume(content, buffer, p) for p in mesh["primitives"]}
    films = {film.film: film for film in drawn.design.stack if film.film in found}
    assert {"substrate", "cathode", "electrolyte", "anode_collector", "tab", "film_lower"} <= set(films)
    hole = boxes["FILM_OPEN"]
    hole_area = (hole.x1 - hole.x0) * (hole.y1 - hole.y0)
    for name, film in films.items():
        box = boxes[film.layer]
        area = (box.x1 - box.x0) * (box.y1 - box.y0)
        wanted = area * film.thickness_um
        if name == "film_lower":
            wanted -= hole_area * film.thickness_um
        if name == "tab":
            wanted += hole_area * films["film_lower"].thickness_um
        assert found[name] == pytest.approx(wanted, rel=1e-4), name


def test_accessors_state_their_bounds_and_normals_are_units():
    content, buffer = parse(glb_bytes(inputs(layers=2)))
    for mesh in content["meshes"]:
        for primitive in mesh["primitives"]:
            index = primitive["attributes"]["POSITION"]
            points = array(content, buffer, index)
            assert content["accessors"][index]["min"] == points.min(axis=0).tolist()
            assert content["accessors"][index]["max"] == points.max(axis=0).tolist()
            normals = array(content, buffer, primitive["attributes"]["NORMAL"])
            assert np.allclose(np.linalg.norm(normals, axis=1), 1)


def test_every_layer_is_there_and_one_pitch_apart():
    drawn = inputs()
    content, _ = parse(glb_bytes(drawn))
    layers = [node for node in content["nodes"] if node["name"].startswith("layer ")]
    assert len(layers) == drawn.design.layers
    heights = [node["translation"][2] for node in layers]
    assert np.diff(heights) == pytest.approx(drawn.design.pitch_um, abs=1e-3)
    root = content["nodes"][content["scenes"][0]["nodes"][0]]
    assert root["scale"] == [1e-6] * 3


def test_size_hardly_grows_with_layers_and_bytes_repeat():
    few, many = glb_bytes(inputs(layers=2)), glb_bytes(inputs(layers=100))
    assert len(many) < 2 * len(few)
    assert many == glb_bytes(inputs(layers=100))
