"""The page and pictures of a web: they show what is true, as small whatever the length."""

import io
import json
import zlib
from xml.etree import ElementTree as ET

import numpy as np
import pyarrow.parquet as pq
import pytest

from layoutgen.cli import main
from layoutgen.lot.canvas import MISSING, colours, png_bytes
from layoutgen.lot.pictures import _between_boxes
from tests.lot.webs import cells, synthetic, truth_of


def run(capsys, *arguments):
    with pytest.raises(SystemExit) as caught:
        main([*arguments])
    out, err = capsys.readouterr()
    return caught.value.code, out, err


def matrix_of(path, column):
    return pq.read_table(path)[column].to_numpy().reshape(-1, cells().cells)


def pixels_of(png):
    """Width, height and pixels of an 8-bit RGB PNG without filters, by hand."""
    file, data = io.BytesIO(png[8:]), b""
    while True:
        length = int.from_bytes(file.read(4), "big")
        kind, body = file.read(4), file.read(length)
        file.read(4)
        if kind == b"IHDR":
            width, height = (int.from_bytes(body[at : at + 4], "big") for at in (0, 4))
        elif kind == b"IDAT":
            data += body
        elif kind == b"IEND":
            rows = np.frombuffer(zlib.decompress(data), dtype=np.uint8).reshape(height, -1)
            assert not rows[:, 0].any()
            return rows[:, 1:].reshape(height, width, 3)


def test_colours_grow_lighter_and_missing_is_grey():
    shades = colours(np.linspace(0, 1, 50), 0.0, 1.0).astype(int)
    light = shades @ [2126, 7152, 722]
    assert (np.diff(light) > 0).all()
    assert tuple(colours(np.array([np.nan]), 0.0, 1.0)[0]) == MISSING
    field = np.random.default_rng(1).integers(0, 256, (5, 7, 3)).astype(np.uint8)
    assert np.array_equal(pixels_of(png_bytes(field)), field)


def test_the_page_of_a_web(tmp_path, capsys):
    web = synthetic(tmp_path, repeats=12)
    code, _, err = run(capsys, "report", str(web))
    assert code == 2
    assert "layoutgen bin" in err
    run(capsys, "bin", str(web), "-q", "--no-stdf")
    run(capsys, "yield", str(web), "-q")
    code, _, err = run(capsys, "report", str(web))
    assert code == 0, err
    page = (web / "web.html").read_text()
    assert "Synthetic: this web was never measured" in page
    assert "http" not in page.replace("http://www.w3.org/2000/svg", "")
    assert "defect density" in page
    assert "<h2>Capacities by estimate</h2><p>Capacity, r at least" in page
    drawn = sorted(path.name for path in (web / "pictures").iterdir())
    assert {"web-yield.svg", "web-ocv.png", "repeat-capacity.svg", "lanes.png", "trend.svg", "pareto.png",
            "folded-coating-drum.svg", "one-bins.png", "one-ocv.svg"} <= set(drawn)  # fmt: skip
    for path in (web / "pictures").iterdir():
        if path.suffix == ".svg":
            words = "".join(ET.parse(path).getroot().itertext())
            assert "synthetic" in words, path.name
        else:
            assert path.read_bytes().startswith(b"\x89PNG")
    before = {path.name: path.read_bytes() for path in (web / "pictures").iterdir()}
    assert run(capsys, "report", str(web))[0] == 0
    assert {path.name: path.read_bytes() for path in (web / "pictures").iterdir()} == before
    assert (web / "web.html").read_text() == page
    # the splice is the worst place of this web, and another repeat can be asked for
    splice = next(item["place"] for item in truth_of(web)["signatures"] if item["kind"] == "splice")
    assert f"{splice.capitalize()}: bins" in page
    assert run(capsys, "report", str(web), "--repeat", "2")[0] == 0
    bins = matrix_of(web / "bins.parquet", "bin")[1]
    picture = (web / "pictures/one-bins.svg").read_text()
    assert f"20 shorted: {(bins == 20).sum()}" in picture
    for wrong in ("0", "13", "x"):
        code, _, err = run(capsys, "report", str(web), "--repeat", wrong)
        assert (code, "a whole number from 1 to 12" in err) == (2, True)


def test_the_band_of_spectra_holds_the_median_and_never_crosses_itself():
    """Spectra that turn back on themselves: each piece of the band is convex, and together they hold it all."""
    rng = np.random.default_rng(5)
    turn = np.linspace(0, 2 * np.pi, 25)
    middle = np.column_stack([120 + 100 * np.cos(turn), 30 * np.sin(2 * turn)])
    low, high = middle - rng.uniform(1, 30, middle.shape), middle + rng.uniform(1, 30, middle.shape)
    pieces = [np.array(piece) for piece in _between_boxes(low, high)]
    assert len(pieces) == len(turn) - 1

    def left_of(piece, points):
        step = np.roll(piece, -1, axis=0) - piece
        away = points[:, None] - piece[None]
        return step[None, :, 0] * away[:, :, 1] - step[None, :, 1] * away[:, :, 0] >= -1e-9

    for at, piece in enumerate(pieces):
        # convex: every corner lies left of every side
        assert left_of(piece, piece).all()
        way = middle[at] + np.linspace(0, 1, 9)[:, None] * (middle[at + 1] - middle[at])
        corners = [(x, y) for k in (at, at + 1) for x in (low[k, 0], high[k, 0]) for y in (low[k, 1], high[k, 1])]
        assert left_of(piece, np.vstack([way, corners])).all()
    flat = list(_between_boxes(middle[:3], middle[:3]))
    assert len(flat) == 2
    assert list(_between_boxes(low[:1], high[:1]))


@pytest.mark.parametrize(("file", "key"), [("bins.json", "capability"), ("yield.json", "signatures")])
def test_a_file_that_lost_a_key_is_named(tmp_path, capsys, file, key):
    web = synthetic(tmp_path, repeats=12)
    run(capsys, "bin", str(web), "-q", "--no-stdf")
    run(capsys, "yield", str(web), "-q")
    content = json.loads((web / file).read_text())
    del content[key]
    (web / file).write_text(json.dumps(content))
    code, _, err = run(capsys, "report", str(web))
    assert (code, file in err, f"it has no {key}" in err) == (2, True, True)
    assert not (web / "web.html").exists()
