"""GLB files, read by trimesh and taken apart by hand: structure, true positions, hardly larger for more layers."""

import io
import json
import struct

import numpy as np
import pytest
import trimesh

from layoutgen.draw.solids import model_solids
from layoutgen.export.glb import glb_bytes
from tests.draw.designs import TEN, inputs


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


def test_views_keep_the_rules_of_the_format():
    """What glTF 2.0 asks of a binary buffer: aligned, inside, used once, indices of vertices that are there."""
    content, buffer = parse(glb_bytes(inputs(layers=2)))
    views = content["bufferViews"]
    ends = [view["byteOffset"] + view["byteLength"] for view in views]
    assert [view["byteOffset"] for view in views[1:]] == ends[:-1]
    assert ends[-1] == content["buffers"][0]["byteLength"] <= len(buffer) < ends[-1] + 4
    assert sorted(accessor["bufferView"] for accessor in content["accessors"]) == list(range(len(views)))
    for mesh in content["meshes"]:
        for primitive in mesh["primitives"]:
            vertices = {content["accessors"][index]["count"] for index in primitive["attributes"].values()}
            indices = array(content, buffer, primitive["indices"])
            assert vertices == {indices.max() + 1}
            assert views[content["accessors"][primitive["indices"]]["bufferView"]]["target"] == 34963
    assert {index for node in content["nodes"] for index in node.get("children", ())} == set(
        range(len(content["nodes"]) - 1)
    )


@pytest.mark.parametrize("name", ["20 mAh in 8 x 10", "smallest", "pads on the bottom"])
def test_an_independent_reader_sees_the_part(name):
    """Metres, y upwards, + on the left, every face outwards, the body seen through, a mark on top beside +."""
    drawn = inputs(**TEN[name])
    scene = trimesh.load(io.BytesIO(glb_bytes(drawn)), file_type="glb")
    design = drawn.design
    length, width, height = (
        value * 1e-6 for value in (design.package_length_um, design.package_width_um, design.package_height_um)
    )
    found = {}
    for solid in model_solids(drawn):
        way, geometry = scene.graph[solid.name]
        mesh = scene.geometry[geometry].copy().apply_transform(way)
        assert mesh.volume == pytest.approx(solid.volume_um3 * 1e-18, rel=1e-4)
        straight = (mesh.face_normals[:, None] * mesh.vertex_normals[mesh.faces]).sum(axis=2)
        assert straight.min() > 0.999, "normals and the turn of the corners agree"
        found[solid.name] = mesh
    for name, geometry in scene.geometry.items():
        joined = geometry.copy()
        joined.merge_vertices(merge_norm=True, merge_tex=True)
        assert joined.is_watertight, name
    body, plus, minus, mark = (found[key] for key in ("BODY", "TERMINAL_POS", "TERMINAL_NEG", "POLARITY_MARK"))
    whole = scene.bounds
    assert whole[:, 0] == pytest.approx([-length / 2, length / 2], rel=1e-5)
    assert whole[:, 2] == pytest.approx([-width / 2, width / 2], rel=1e-5)
    assert whole[0, 1] == pytest.approx(0, abs=1e-12)
    assert whole[1, 1] == pytest.approx(height, rel=1e-5), "nothing stands above the part"
    assert plus.centroid[0] < mark.centroid[0] < 0 < minus.centroid[0]
    assert body.bounds[1, 1] - 6e-6 <= mark.bounds[0, 1] <= body.bounds[1, 1] * (1 + 1e-5)
    assert body.visual.material.alphaMode == "BLEND"
    assert plus.visual.material.alphaMode in {None, "OPAQUE"}


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
