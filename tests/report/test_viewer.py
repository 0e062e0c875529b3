"""The viewer draws what KLayout draws: same content, same window, same layer, pixel by pixel.

KLayout adds a frame of one pixel and rounds to whole ones, so edges may differ by two pixels and nothing by more.
"""

import base64

import pytest
from klayout import db, lay

from layoutgen.report.viewer import viewer_data
from tests.report.designs import made

WIDTH, HEIGHT = 720, 540

COMPARE = """async ([theirs, layer, box]) => {
  const name = viewer.layers.findIndex((item) => item.name === layer);
  viewer.layers.forEach((item, number) => { item.shown = number === name; });
  viewer.prepare();
  viewer.bare = true;
  viewer.setSolid(true);
  viewer.show(box.map((um) => um * 1000 / viewer.data.unit_nm), 0);
  viewer.draw();
  const mine = viewer.context.getImageData(0, 0, viewer.canvas.width, viewer.canvas.height);
  const image = new Image();
  image.src = theirs;
  await image.decode();
  const other = document.createElement("canvas");
  other.width = mine.width;
  other.height = mine.height;
  const g = other.getContext("2d");
  g.drawImage(image, 0, 0);
  const yours = g.getImageData(0, 0, mine.width, mine.height);
  const on = (data, i) => data[4 * i] + data[4 * i + 1] + data[4 * i + 2] < 3 * 250;
  const near = (data, x, y, wanted) => {
    for (let dy = -2; dy <= 2; dy++) for (let dx = -2; dx <= 2; dx++) {
      const px = x + dx, py = y + dy;
      if (px < 0 || py < 0 || px >= mine.width || py >= mine.height) return true;
      if (on(data, py * mine.width + px) === wanted) return true;
    }
    return false;
  };
  let wrong = 0, filled = 0;
  for (let y = 0; y < mine.height; y++) for (let x = 0; x < mine.width; x++) {
    const i = y * mine.width + x, a = on(mine.data, i), b = on(yours.data, i);
    filled += b;
    if (a !== b && !(near(yours.data, x, y, a) && near(mine.data, x, y, b))) wrong += 1;
  }
  return {wrong, filled, size: [mine.width, mine.height], image: [image.width, image.height]};
}"""


def klayout_picture(gds, layer, box_um):
    """One layer, filled, over a window, as PNG."""
    view = lay.LayoutView()
    for key, value in {"background-color": "#ffffff", "grid-visible": "false", "text-visible": "false",
                       "show-properties": "false", "min-inst-label-size": "100000"}.items():  # fmt: skip
        view.set_config(key, value)
    view.load_layout(str(gds), False)
    view.clear_layers()
    shown = lay.LayerPropertiesNode()
    shown.source_layer, shown.source_datatype = layer
    shown.dither_pattern = 0
    shown.fill_color = shown.frame_color = 0x000000
    shown.width = 1
    shown.transparent = False
    view.insert_layer(view.begin_layers(), shown)
    view.max_hier()
    view.zoom_box(db.DBox(*box_um))
    return view.get_pixels(WIDTH, HEIGHT).to_png_data()


def windows(found):
    """Windows in um with the shape of the picture: a cell, its corner, where four cells meet, the stack."""
    unit = viewer_data(found.layout, found.solution.loaded.pdk, found.solution.web)
    named = {view["name"]: [value * unit["unit_nm"] / 1000 for value in view["box"]] for view in unit["views"]}
    _, _, x1, y1 = named["one cell"]
    crossing = [x1 - 700, y1 - 700, x1 + 800, y1 + 800]
    for name, box in {**named, "crossing": crossing}.items():
        if name in {"one cell", "cell corner", "crossing", "stacked device"}:
            yield name, shaped(box)


def shaped(box):
    x0, y0, x1, y1 = box
    width = max(x1 - x0, (y1 - y0) * WIDTH / HEIGHT)
    height = width * HEIGHT / WIDTH
    return [(x0 + x1 - width) / 2, (y0 + y1 - height) / 2, (x0 + x1 + width) / 2, (y0 + y1 + height) / 2]


@pytest.mark.slow
@pytest.mark.parametrize("name", ["steel", "mica", "free"])
def test_draws_what_klayout_draws(tab, tmp_path, name):
    found = made(name)
    gds = tmp_path / "layout.gds"
    gds.write_bytes(next(content for path, content in found.files.items() if path.endswith(".gds")))
    opened = tab(name)
    opened.run(
        f"""() => {{ viewer.canvas.style.cssText = "width: {WIDTH}px; height: {HEIGHT}px; background: #fff";
                    viewer.canvas.parentElement.style.display = "block"; viewer.resize(); }}"""
    )
    pdk = found.solution.loaded.pdk
    compared = 0
    for view, box in windows(found):
        for layer in ("CATHODE", "STREET", "ABLATE_STACK", "ABLATE_ANODE", "CUT", "TAB", "FILM_LOWER", "PROBE"):
            numbers = pdk.layers[layer].number, pdk.layers[layer].datatype
            picture = "data:image/png;base64," + base64.b64encode(klayout_picture(gds, numbers, box)).decode()
            result = opened.run(COMPARE, [picture, layer, box])
            assert result["size"] == result["image"] == [WIDTH, HEIGHT]
            assert result["wrong"] <= 4, (view, layer, result)
            compared += result["filled"] > 500
    assert compared >= 12


@pytest.mark.parametrize("view", [0, 3])
def test_a_view_that_was_moved_is_the_view_drawn_there(tab, view):
    """Moving copies out of a sheet: at rest in its middle, and moved past its edge, no pixel differs by much."""
    opened = tab("steel")
    for steps in ([(37, -21)], [(150, 90)] * 4):
        differ = opened.run(
            """([view, steps]) => {
              viewer.bare = true;
              viewer.show(viewer.box(view));
              viewer.draw();
              for (const [x, y] of steps) { viewer.pan(x, y); viewer.draw(); }
              const size = [0, 0, viewer.canvas.width, viewer.canvas.height];
              const moved = viewer.context.getImageData(...size).data;
              viewer.draw();
              const drawn = viewer.context.getImageData(...size).data;
              let differ = 0, inked = 0;
              for (let i = 0; i < drawn.length; i += 4) {
                differ += [0, 1, 2].some((j) => Math.abs(moved[i + j] - drawn[i + j]) > 24);
                inked += drawn[i] + drawn[i + 1] + drawn[i + 2] < 720;
              }
              return [differ / (drawn.length / 4), inked > 100];
            }""",
            [view, steps],
        )
        assert differ[0] < 1e-3, steps
        assert differ[1]


def test_arrays_stay_arrays():
    """The text does not grow with the number of cells."""
    found = made("steel")
    data = viewer_data(found.layout, found.solution.loaded.pdk, found.solution.web)
    shapes = sum(len(shapes) for cell in data["cells"] for _, shapes in cell.get("shapes", []))
    assert shapes < 400
    cell = next(number for number, item in enumerate(data["cells"]) if item["name"] == "CELL")
    placed = [place for item in data["cells"] for place in item.get("places", []) if place[0] == cell]
    assert sum(place[4] * place[5] for place in placed) == found.document["web"]["cells_per_repeat"]


def test_children_come_before_parents_and_units_are_whole():
    found = made("steel")
    data = viewer_data(found.layout, found.solution.loaded.pdk, found.solution.web)
    for number, cell in enumerate(data["cells"]):
        for place in cell.get("places", []):
            assert place[0] < number
            assert all(isinstance(value, int) for value in place)
    assert data["unit_nm"] % found.layout.dbu_nm == 0
