"""The page in a real browser: it opens from a file, asks for nothing, and every way of using it works."""

import csv
import io
import re

import pytest
from pypdf import PdfReader

from layoutgen.report.checklist import read_review, sha256_of
from tests.report.designs import made

pytestmark = pytest.mark.slow

VIEW = "() => ({x: viewer.x, y: viewer.y, scale: viewer.scale})"
ONE_CELL = "() => { viewer.show(viewer.box(viewer.data.views.findIndex((v) => v.name === 'one cell'))); }"
FRAME = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"


def test_opens_from_a_file_without_a_word_and_without_a_request(tab):
    opened = tab()
    assert opened.said == []
    assert [url for url in opened.asked if not url.startswith(("file:", "data:"))] == []
    assert len([url for url in opened.asked if url.startswith("file:")]) == 1


@pytest.mark.parametrize("width", [320, 390, 768, 1280, 1920])
def test_no_width_scrolls_sideways(tab, width):
    opened = tab(viewport={"width": width, "height": 800})
    assert opened.run("document.documentElement.scrollWidth") <= width


def test_keyboard(tab):
    opened = tab()
    opened.run("viewer.canvas.focus()")
    opened.page.keyboard.press("0")
    opened.until("() => viewer.window()[2] - viewer.window()[0] >= viewer.box(0)[2] - viewer.box(0)[0]")
    start = opened.run(VIEW)
    opened.page.keyboard.press("ArrowRight")
    opened.until("(start) => viewer.x > start.x && viewer.scale === start.scale", start)
    opened.page.keyboard.press("ArrowUp")
    opened.until("(start) => viewer.y > start.y", start)
    opened.page.keyboard.press("+")
    opened.until("(start) => Math.abs(viewer.scale / start.scale - 1.4) < 1e-6", start)
    opened.page.keyboard.press("0")
    opened.until("(start) => Math.abs(viewer.scale / start.scale - 1) < 1e-6", start)
    opened.page.keyboard.press("5")
    opened.until("(start) => viewer.scale > 2 * start.scale", start)


def test_it_opens_on_a_cell_and_the_small_picture_leads_elsewhere(tab):
    opened = tab()
    opened.until("() => !document.querySelector('.overview').hidden && document.querySelector('.overview img').src")
    start = opened.run(VIEW)
    device = made("steel").document["device"]["cell_mm"]
    window = [value * opened.run("viewer.data.unit_nm") / 1e6 for value in opened.run("viewer.window()")]
    assert max(device.values()) < window[2] - window[0] < 8 * max(device.values())
    opened.page.locator(".overview").click(position={"x": 100, "y": 40})
    opened.until("(start) => viewer.x > start.x && viewer.scale === start.scale", start)
    opened.run("() => { viewer.canvas.focus(); viewer.key('0'); viewer.draw(); }")
    opened.until("() => document.querySelector('.overview').hidden")


def test_the_tab_key_leaves_the_viewer(tab):
    opened = tab()
    opened.run("viewer.canvas.focus()")
    opened.page.keyboard.press("Tab")
    opened.until("() => document.activeElement !== viewer.canvas")


def test_a_decision_made_on_the_page_is_a_review(tab):
    opened = tab()
    form = opened.page.locator("#decide form")
    form.locator("input[name=by]").fill('A. "Bee", C:\\lab')
    form.locator("input[name=date]").fill("2026-01-31")
    block = form.locator("[data-id='SMT-1']")
    block.locator("select").select_option("waived")
    opened.page.wait_for_function("() => document.querySelector('[data-told]').textContent.includes('SMT-1')")
    block.locator("input").fill("own profile, 235 °C")
    form.locator("[data-id='SMT-2'] select").select_option("accepted")
    opened.until("() => document.querySelector('[data-told]').textContent === ''")
    made_here = made("steel")
    criteria = made_here.solution.loaded.pdk.review
    review = read_review(opened.page.locator("[data-toml]").text_content(), criteria)
    assert review.design == sha256_of(made_here.files["design.json"])
    assert [(one.id, one.verdict, one.by) for one in review.decision] == [
        ("SMT-1", "waived", 'A. "Bee", C:\\lab'), ("SMT-2", "accepted", 'A. "Bee", C:\\lab'),
    ]  # fmt: skip
    with opened.page.expect_download() as saved:
        opened.page.click("[data-save]")
    assert saved.value.suggested_filename == "review.toml"


def test_a_drawing_in_full_size_and_back(tab):
    opened = tab()
    opened.page.locator("[data-enlarge]").first.click()
    opened.until("() => document.querySelector('#sheet svg') !== null")
    opened.page.keyboard.press("Escape")
    opened.until("() => [...document.querySelectorAll('.drawing')].every((one) => one.querySelector('svg'))")


def test_measuring_by_mouse_snaps_to_the_edges_of_a_cell(tab):
    opened = tab()
    device = made("steel").document["device"]["cell_mm"]
    opened.run(ONE_CELL)
    opened.run("() => { for (const item of viewer.layers) item.shown = item.name === 'SUBSTRATE'; }")
    opened.run("viewer.prepare()")
    opened.page.click("[data-measure]")
    opened.run("viewer.canvas.scrollIntoView({block: 'center'})")
    corners = opened.run(
        """() => {
          const [x0, y0, x1, y1] = viewer.box(viewer.data.views.findIndex((v) => v.name === "one cell"));
          const box = viewer.canvas.getBoundingClientRect();
          return [viewer.toScreen(x0, y0), viewer.toScreen(x1, y1)].map(([x, y]) => [x + box.left, y + box.top]);
        }"""
    )
    opened.page.mouse.move(corners[0][0] + 3, corners[0][1] - 2)
    opened.page.mouse.down()
    opened.page.mouse.move(corners[1][0] - 4, corners[1][1] + 2, steps=4)
    opened.page.mouse.up()
    opened.until("() => viewer.ruler && viewer.pointers.size === 0")
    told = opened.run("viewer.measured()")
    for side in device.values():
        assert f"{side:.3f} mm" in told


def test_mouse_drag_and_wheel(tab):
    opened = tab()
    canvas = opened.page.locator("canvas")
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    start = opened.run(VIEW)
    scrolled = opened.run("window.scrollY")
    opened.page.mouse.move(box["x"] + 200, box["y"] + 200)
    opened.page.mouse.wheel(0, 40)
    # the browser scrolls in its own time, and animates it
    opened.page.wait_for_function("(before) => window.scrollY >= before + 40", arg=scrolled)
    assert opened.run(VIEW)["scale"] == start["scale"], "the page scrolls until the viewer is used"
    box = canvas.bounding_box()
    x, y = box["x"] + 200, box["y"] + 200
    opened.page.mouse.move(x, y)
    opened.page.mouse.down()
    opened.page.mouse.move(x + 60, y + 30)
    opened.page.mouse.up()
    opened.until("(start) => viewer.x !== start.x && viewer.pointers.size === 0", start)
    moved = opened.run(VIEW)
    assert (start["x"] - moved["x"]) * start["scale"] == pytest.approx(60, abs=1)
    under = opened.run("([x, y]) => viewer.toLayout(x, y)", [260, 230])
    opened.page.mouse.wheel(0, -300)
    opened.page.wait_for_function("(before) => viewer.scale > before", arg=moved["scale"])
    after = opened.run(VIEW)
    now = opened.run("([x, y]) => viewer.toLayout(x, y)", [260, 230])
    assert all(abs(a - b) * after["scale"] < 1.5 for a, b in zip(now, under, strict=True))


def test_touch_pans_and_pinches(tab):
    opened = tab(has_touch=True, viewport={"width": 800, "height": 900})
    opened.page.locator("canvas").scroll_into_view_if_needed()
    box = opened.page.locator("canvas").bounding_box()
    session = opened.context.new_cdp_session(opened.page)

    def touch(kind, *points):
        places = [{"x": box["x"] + x, "y": box["y"] + y, "id": n} for n, (x, y) in enumerate(points)]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": places})

    start = opened.run(VIEW)
    touch("touchStart", (200, 200))
    touch("touchMove", (240, 220))
    touch("touchEnd")
    opened.until("(start) => viewer.x !== start.x && viewer.pointers.size === 0", start)
    moved = opened.run(VIEW)
    assert (start["x"] - moved["x"]) * start["scale"] == pytest.approx(40, abs=1)
    touch("touchStart", (200, 200), (300, 200))
    touch("touchMove", (150, 200), (350, 200))
    touch("touchEnd")
    opened.until("(start) => Math.abs(viewer.scale / start.scale - 2) < 0.1", start)


def test_a_finding_jumps_to_its_place(tab):
    opened = tab(findings=True)
    opened.page.click("button[data-finding='0']")
    opened.until("() => viewer.mark !== null && document.activeElement === viewer.canvas")
    opened.run(FRAME)
    window = [value * opened.run("viewer.data.unit_nm") / 1e6 for value in opened.run("viewer.window()")]
    block = made("steel").document["web"]["blocks"][0]
    # rotated cells: x of the cell runs up the web, y to the left
    assert block["rotated"]
    x, y = block["x_mm"] + made("steel").document["device"]["cell_mm"]["width"] - 2.006, block["y_mm"] + 1.05
    assert window[0] < x < window[2]
    assert window[1] < y < window[3]
    assert window[2] - window[0] < 2.0
    assert opened.run("document.activeElement === viewer.canvas")
    assert opened.run("viewer.mark !== null")


def test_layers_go_on_and_off(tab):
    opened = tab()
    before = opened.pixels()
    opened.page.locator(".layers label", has_text="SUBSTRATE").locator("input").uncheck()
    without = opened.pixels()
    assert without != before
    opened.page.locator(".layers label", has_text="SUBSTRATE").locator("input").check()
    assert opened.pixels() == before


def test_status_says_where_and_what(tab):
    opened = tab()
    opened.run(ONE_CELL)
    opened.run("viewer.draw()")
    told = opened.page.locator("[data-status]").text_content()
    assert "CELL [1, 1]" in told
    assert "ANODE_CC" in told
    assert "STREET" not in told


def test_the_stack_lights_up_and_discharges(tab):
    opened = tab()
    row = opened.page.locator("#stack tr[data-film]", has_text="LiCoO2")
    row.hover()
    lit = opened.page.locator("#stack svg .lit")
    opened.until("() => document.querySelectorAll('#stack svg .lit').length === 2")
    row.focus()
    opened.until("() => document.querySelectorAll('#stack svg .lit').length === 2")
    assert lit.count() == 2
    lithium = opened.page.locator("#stack svg .lithium").first
    assert lithium.is_visible()
    opened.page.check("input[value=discharged]")
    lithium.wait_for(state="hidden")


def test_a_figure_opens_its_formula(tab):
    opened = tab()
    opened.page.locator("#device a[data-path='device.energy_mwh']").first.click()
    card = opened.page.locator("#card")
    card.wait_for()
    assert "C * V" in card.text_content()
    assert "mean_voltage" not in card.locator("h3").text_content()
    card.locator("a.fig").first.click()
    card.locator("h3", has_text="Nominal capacity").wait_for()
    opened.page.keyboard.press("Escape")
    card.wait_for(state="hidden")


def test_the_viewer_goes_to_the_cell_of_an_address(tab):
    """The middle of the frame is where the cell map has the cell, whichever block it is in."""
    opened, found = tab(), made("steel")
    cells = list(csv.DictReader(io.StringIO(found.files["test/cell-map.csv"].decode())))
    origin = opened.run("viewer.placeAt('0, 0').box.slice(0, 2)")
    assert origin == [0, 0]
    unit_mm = opened.run("viewer.data.unit_nm") / 1e6
    for cell in (*cells[:3], cells[len(cells) // 2], *cells[-3:]):
        box = opened.run("(text) => viewer.placeAt(text).box", cell["id"])
        middle = [(box[0] + box[2]) / 2 * unit_mm, (box[1] + box[3]) / 2 * unit_mm]
        assert middle == pytest.approx([float(cell["x_mm"]), float(cell["y_mm"])], abs=1e-6)
        assert opened.run("(text) => viewer.placeAt(text).box", f"W0012-{cell['id']}") == box
    field = opened.page.locator("[data-place]")
    field.fill("f1-b1-c1-r1")
    field.press("Enter")
    opened.page.wait_for_function("viewer.mark !== null")
    assert opened.run("viewer.mark") == opened.run("viewer.placeAt('F1-B1-C1-R1').box")
    for wrong, says in (
        ("F9-B1-C1-R1", "there is no block F9-B1"),
        ("F1-B1-C999-R1", "columns and"),
        ("left", "x, y in mm"),
    ):
        field.fill(wrong)
        field.press("Enter")
        opened.page.locator("[data-said]", has_text=says).wait_for()
        assert field.get_attribute("aria-invalid") == "true"


def test_the_viewer_fills_the_screen_and_comes_back(tab):
    opened = tab()
    button = opened.page.locator("[data-full]")
    button.click()
    opened.page.locator("[data-full]", has_text="Leave").wait_for()
    opened.page.wait_for_function(
        "viewer.canvas.clientHeight > innerHeight / 2 && viewer.width > innerWidth * 0.95"
    )
    assert opened.page.locator(".viewer .layers label").first.is_visible(), "the legend stays"
    button.click()
    opened.page.locator("[data-full]", has_text="Full screen").wait_for()


def test_numbers_behind_a_figure_have_six_digits(tab):
    opened = tab()
    texts = opened.run(
        "[...document.querySelectorAll('.trace td.num a.fig, .trace td.num .fig')].map((item) => item.textContent)"
    )
    assert len(texts) > 50
    long = [text for text in texts if len(re.sub(r"\D", "", text.split("e")[0]).lstrip("0")) > 6]
    assert [text for text in long if "." in text] == []


def test_one_gap_and_one_count_of_rules(tab):
    opened = tab(findings=True)
    shown = "main section:not(#trace, #outputs, #review) [data-path$=gap_percent]"
    assert set(
        opened.run("(shown) => [...document.querySelectorAll(shown)].map((item) => item.dataset.path)", shown)
    ) == {"search.gap_percent"}
    lead = opened.page.locator("#rules .lead").text_content()
    first, *rest = [int(number) for number in re.findall(r"\d+", lead)]
    tables = (
        "[...document.querySelectorAll('#rules table')].filter((item) => item.caption?.textContent !== 'Findings')"
    )
    assert first == sum(rest) == opened.run(f"{tables}.flatMap((item) => [...item.tBodies[0].rows]).length")


def test_reference_parts_are_folded_until_something_leads_there(tab):
    opened = tab()
    assert opened.run("document.querySelectorAll('details[open]').length") == 0
    assert opened.run("document.documentElement.scrollHeight") < 16000
    opened.page.get_by_role("link", name="Outputs").click()
    opened.page.locator("#outputs table").wait_for()
    opened.run("location.hash = 'q-stack.cathode.thickness'")
    row = opened.page.locator("#q-stack\\.cathode\\.thickness")
    row.wait_for()
    opened.page.wait_for_function(
        """(id) => {
          const at = document.getElementById(id).getBoundingClientRect();
          return at.top > 0 && at.top < innerHeight;
        }""",
        arg="q-stack.cathode.thickness",
    )
    assert not opened.page.locator("#trace table").first.is_visible()


def test_prints_without_clipping(tab, tmp_path):
    opened = tab()
    file = tmp_path / "report.pdf"
    opened.page.emulate_media(media="print")
    page_width = round((210 - 28) / 25.4 * 96)
    opened.page.set_viewport_size({"width": page_width, "height": 1000})
    beyond = opened.run(
        """(width) => [...document.querySelectorAll("main *")]
          .filter((item) => !item.closest("svg, dialog") && item.getClientRects().length)
          .filter((item) => item.getBoundingClientRect().right > width + 1
                            || (item.scrollWidth > item.clientWidth + 2
                                && getComputedStyle(item).overflowX !== "visible"))
          .map((item) => item.tagName + "." + item.className + " " + item.textContent.slice(0, 40))""",
        page_width,
    )
    assert beyond == []
    opened.page.pdf(path=str(file), prefer_css_page_size=True, print_background=True)
    pages = PdfReader(file).pages
    text = "".join(page.extract_text() for page in pages)
    # every drawing on a lying page of its own, and no heading alone at the foot of a page
    lying = [page for page in pages if page.mediabox.width > page.mediabox.height]
    assert len(lying) == sum(path.startswith("drawings/") and path.endswith(".svg") for path in made("steel").files)
    headings = set(opened.run("[...document.querySelectorAll('h2, h3')].map((item) => item.textContent.trim())"))
    for page in pages:
        lines = [line.strip() for line in page.extract_text().splitlines() if line.strip()]
        assert not lines or lines[-1] not in headings
    for part in ("Formulas", "Process", "review.toml", made("steel").document["pdk"]["sha256"][:20]):
        assert part in text


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious(tab, axe, scheme):
    opened = tab(findings=True, color_scheme=scheme)
    opened.run(axe)
    found = opened.run("() => axe.run(document, {resultTypes: ['violations']})")
    serious = [
        (item["id"], [node["html"][:120] for node in item["nodes"]][:3])
        for item in found["violations"]
        if item["impact"] in {"serious", "critical"}
    ]
    assert serious == []


def test_moves_less_where_asked(tab):
    opened = tab(reduced_motion="reduce")
    assert opened.run("getComputedStyle(document.documentElement).scrollBehavior") == "auto"
    assert opened.run("getComputedStyle(document.querySelector('.section rect')).transitionDuration") in {
        "0s",
        "0s, 0s",
    }


def test_without_scripts_everything_but_the_viewer_stands(browser, page_file):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(page_file("steel").as_uri())
    assert page.locator("#drawings svg").count() >= 4
    formula = page.locator("#t-device\\.energy_mwh")
    assert not formula.is_visible()
    page.locator("#trace summary").click()
    assert formula.is_visible()
    context.close()
