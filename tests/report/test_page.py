"""The page: every figure equals design.json, nothing reaches outside, every link has a target."""

import json
import re
from html.parser import HTMLParser
from xml.etree import ElementTree as ET

import pytest

from layoutgen.files.folder import manifest_text
from layoutgen.report.charts import fit_svg
from layoutgen.report.numbers import formatted
from layoutgen.report.trace import lookup, trace_of
from layoutgen.svg import embedded
from tests.report.designs import QUESTIONS, made

VOID = {"meta", "input", "br", "link", "img", "line", "hr"}


class Page(HTMLParser):
    """What the tests ask of a page: figures, ids, links, table cells, landmarks."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.figures, self.ids, self.links, self.tags, self.cells = [], [], [], [], []
        self.open = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        self.tags.append((tag, given))
        if "id" in given:
            self.ids.append(given["id"])
        if given.get("href"):
            self.links.append(given["href"])
        if tag not in VOID:
            self.open.append({"tag": tag, "given": given, "text": "", "figures": 0})

    def handle_startendtag(self, tag, attrs):
        given = dict(attrs)
        self.tags.append((tag, given))
        if "id" in given:
            self.ids.append(given["id"])

    def handle_data(self, data):
        for item in self.open:
            item["text"] += data

    def handle_endtag(self, tag):
        while self.open:
            item = self.open.pop()
            if "data-path" in item["given"]:
                self.figures.append((item["given"], item["text"]))
                for outer in self.open:
                    outer["figures"] += 1
            if item["tag"] in {"td", "dd"}:
                self.cells.append(item)
            if item["tag"] == tag:
                return


@pytest.fixture(params=QUESTIONS)
def page(request):
    return made(request.param), Page(made(request.param).html)


def wrong_figures(parsed, document):
    """Figures whose text or exact value is not that of design.json."""
    return [
        given["data-path"]
        for given, text in parsed.figures
        if json.loads(given["data-value"]) != lookup(document, given["data-path"])
        or text != formatted(lookup(document, given["data-path"]), given["data-format"])
    ]


def test_every_figure_equals_design_json(page):
    found, parsed = page
    assert len(parsed.figures) > 300
    assert wrong_figures(parsed, found.document) == []
    for given, text in parsed.figures:
        value = lookup(found.document, given["data-path"])
        # percent, and seconds in minutes
        times = {"p": 100, "m": 1 / 60}.get(given["data-format"][0], 1)
        assert float(text) == pytest.approx(value * times, rel=0.06, abs=0.06)


def test_a_number_changed_on_the_page_is_found():
    """The test above is worth something: one digit changed anywhere, in the text or in the value, shows."""
    found = made("steel")
    places = list(re.finditer(r'data-value="([^"]*)" data-format="[^"]*">([^<]*)<', found.html))
    assert len(places) > 300
    for number, match in enumerate(places[::29]):
        start, end = match.span(1 + number % 2)
        text = found.html[start:end]
        digit = next(at for at, character in enumerate(text) if character.isdigit())
        other = str((int(text[digit]) + 1) % 10)
        changed = found.html[: start + digit] + other + found.html[start + digit + 1 :]
        assert len(wrong_figures(Page(changed), found.document)) == 1, match.group(0)


def test_neighbours_are_drawn_and_listed():
    found = made("steel")
    rows = found.document["neighbours"]
    assert {row["varies"] for row in rows} == {"", "layers", "footprint", "foil"}
    parsed = Page(found.html)
    for number, row in enumerate(rows):
        assert f"neighbour-{number}" in parsed.ids
        assert (parsed.links.count(f"#neighbour-{number}") >= 2) == (row["varies"] != "foil")


def test_a_cell_with_a_number_holds_a_figure(page):
    """No number in a table comes from anywhere but design.json (sizes of files are checked on their own)."""
    _, parsed = page
    for cell in parsed.cells:
        numeric = "num" in (cell["given"].get("class") or "").split()
        if numeric and re.search(r"\d", cell["text"]) and "data-file" not in cell["given"]:
            assert cell["figures"], cell["text"]


def test_the_answer_stands_at_the_top():
    found = made("steel")
    top = found.html[: found.html.index('id="device"')]
    for path in ("device.layers", "device.package_mm.height", "device.capacity_mah.rated", "naive.gain_percent"):
        assert f'data-path="{path}"' in top
    assert "fits" in top
    assert "rated capacity" in top
    for flag in found.document["flags"]:
        assert flag["message"] in top
    assert found.document["pdk"]["disclaimer"] in top


def test_the_bound_named_is_that_of_the_objective():
    """Two lengths fixed, the most capacity is sought: how far that can be from the best says nothing of the web."""
    for name, objective, words in (("steel", "web", "web area"), ("alumina", "capacity", "capacity")):
        assert made(name).document["objective"] == objective
        assert re.findall("from the bound on ([a-z ]+), ", made(name).html) == [words]


@pytest.mark.parametrize(
    ("package", "terminal", "asked", "inside"),
    [
        ((9.99, 8.0, 1.78), 0.5, [8, 10], True),
        ((2.77, 1.63, 53.83), 0.4, [30, 40], False),
        ((20.0, 0.6, 0.5), 0.5, None, False),
        ((5.0, 4.0, 1.0), 0.1, None, False),
    ],
)
def test_polarity_signs_lie_on_their_terminals_or_beside_the_part(package, terminal, asked, inside):
    sides = dict(zip(("length", "width", "height"), package, strict=True))
    device = {"package_mm": sides, "terminal_mm": {"length": terminal}}
    picture = ET.fromstring(fit_svg({"device": device, "spec": {"footprint": asked}}))
    part, *_ = (rect for rect in picture.iter("rect") if rect.get("class") == "body")
    left = float(part.get("x"))
    right, wrap = left + float(part.get("width")), terminal * float(part.get("width")) / package[0]
    plus, minus = (float(text.get("x")) for text in picture.iter("text"))
    if inside:
        assert left < plus - 4 < plus + 4 < left + wrap
        assert right - wrap < minus - 4 < minus + 4 < right
    else:
        assert 0 < plus - 4 < plus + 4 < left
        assert right < minus - 4 < minus + 4 < float(picture.get("viewBox").split()[2])


def test_nothing_is_fetched(page):
    found, parsed = page
    for tag, given in parsed.tags:
        assert not given.get("src"), (tag, given)
        assert tag not in {"link", "iframe", "object", "embed"}
    assert "default-src 'none'" in found.html
    outside = [link for link in parsed.links if not link.startswith("#")]
    assert not outside
    assert not re.search(r"@import|url\(\s*['\"]?http", found.html)


def test_ids_are_unique_and_links_have_targets(page):
    _, parsed = page
    assert len(parsed.ids) == len(set(parsed.ids))
    assert {link[1:] for link in parsed.links if link.startswith("#")} <= set(parsed.ids)


def test_every_drawing_is_embedded():
    found = made("steel")
    for path in found.files:
        if path.startswith("drawings/") and path.endswith(".svg"):
            assert f"drawings/{path.split('/')[1]}" in found.html


def test_checksums_are_those_of_the_files():
    found = made("steel")
    listed = {item["path"]: item for item in json.loads(manifest_text(found.files, {}))["files"]}
    outputs = found.html[found.html.index('id="outputs"') : found.html.index('id="trace"')]
    rows = re.findall(r"<code>([^<]+)</code></th><td[^>]*>(\d+)</td><td class=\"hash\">([0-9a-f]{64})", outputs)
    assert {path: (int(size), digest) for path, size, digest in rows} == {
        path: (item["bytes"], item["sha256"]) for path, item in listed.items()
    }


def test_assumed_values_are_marked_wherever_they_stand():
    found = made("steel")
    pdk = found.document["pdk"]["content"]
    pattern = r'<a class="fig( assumed)?"[^>]*data-path="pdk\.content\.([^"]+)\.value"'
    seen = re.findall(pattern, found.html)
    assert len(seen) > 100
    for mark, path in seen:
        assert bool(mark) == (lookup(pdk, path)["kind"] == "assumed"), path
    trace = trace_of(found.solution, found.document)
    resting = re.findall(r'class="fig( rests)?"[^>]*href="#t-([^"]+)"', found.html)
    assert len(resting) > 50
    for mark, path in resting:
        assert bool(mark) == bool(trace.figures[path].assumed), path


def test_findings_and_text_from_files_are_escaped():
    found = made("steel", findings=True)
    assert "line &lt;b&gt;too&lt;/b&gt; narrow" in found.html
    assert "<b>too</b>" not in found.html
    assert 'data-path="rules.findings[0].measured"' in found.html


def test_same_input_same_page():
    first = made("steel")
    from tests.report.designs import make

    assert make(first.solution).html == first.html


def test_ids_of_two_drawings_do_not_collide():
    body = '<defs><g id="a"/></defs><use xlink:href="#a"/><rect fill="url(#a)"/>'
    svg = f'<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg" width="5mm">{body}</svg>'
    one, two = embedded(svg, "one-", "1"), embedded(svg, "two-", "2")
    for part in ('id="one-a"', 'href="#one-a"', "url(#one-a)"):
        assert part in one
    assert 'id="two-a"' in two
    assert "width=" not in one.split(">")[0]


def test_sensitivities_are_shown_where_they_were_computed():
    from dataclasses import replace

    from layoutgen.solver.explanation import AssumedRange, Explanation, Outcome, Price, Sensitivity
    from tests.report.designs import make

    solution = made("steel").solution
    explained = Explanation(
        (Price("height", 0.1, "mm", 2.5, "good devices per m2", "more"),),
        (Sensitivity("web.kerf", "assumed", 0.0, 0.0, -0.147, 0.0),),
        (AssumedRange("web.kerf", "um", Outcome(20.0, 51, 1.84, 230.0), Outcome(100.0, None, None, None)),
         AssumedRange("web.edge", "um", Outcome(5.0, 51, 1.84, 215.0), Outcome(15.0, 50, 1.8, 190.0))),
    )  # fmt: skip
    found = make(replace(solution, explanation=explained))
    parsed = Page(found.html)
    paths = {given["data-path"] for given, _ in parsed.figures}
    assert {"explanation.prices[0].gain_percent", "explanation.sensitivities[0].good_devices_per_m2"} <= paths
    assert "explanation.ranges[1].high.good_devices_per_m2" in paths
    assert "explanation.ranges[0].high.layers" not in paths
    for given, text in parsed.figures:
        assert text == formatted(lookup(found.document, given["data-path"]), given["data-format"])
    assert "--explain" in made("steel").html
    assert "--explain" not in found.html
