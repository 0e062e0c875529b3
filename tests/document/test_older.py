"""A design.json that an older version made opens; where it cannot, the message says which version made it."""

import copy
import json

import pytest

from layoutgen.cli import main
from layoutgen.document import from_document, open_document, to_document, to_text
from layoutgen.document.integrity import digests_of
from layoutgen.errors import DocumentError
from layoutgen.pdk.load import check_pdk, load_pdk
from layoutgen.solver.solve import solve
from layoutgen.spec import build_spec
from tests.rules.webs import SMALL_WEB


@pytest.fixture(scope="module")
def document():
    """As of a kit that rates a stack the way 0.1 did, which had no table of the line."""
    shipped = load_pdk()
    source = "layoutgen 0.1 took the cells of a stack as drawn at random from one lot"
    numbers = {"order_correlation": 0, "lots": 1, "estimate_correlation": 0, "cycled": 0, "trays": 1}
    line = {
        name: {"value": value, "unit": "cells" if name == "cycled" else "1", "kind": "assumed", "source": source}
        for name, value in numbers.items()
    }
    content = {**shipped.content, "assembly": {"order": "shuffled", **line}}
    loaded = check_pdk(content, shipped.files, SMALL_WEB, template=shipped.template)
    spec = build_spec({"capacity": 2, "footprint": (8.0, 10.0), "set": dict(SMALL_WEB)}, {})
    return to_document(solve(spec, loaded))


def as_of(document, version, drop):
    """The document without keys that only a later version states, as that version would have written it."""
    older = copy.deepcopy(document)
    for path in drop:
        *parents, last = path
        nodes = [older]
        for key in parents:
            nodes = [part for node in nodes for part in (node[key] if isinstance(node[key], list) else [node[key]])]
        for node in nodes:
            node.pop(last, None)
    older["tool"]["version"] = version
    older["digests"] = digests_of(older)
    return older


WITHOUT = [
    ("orders",), *(("steps", name) for name in (
        "design_effect", "cells_of_a_lot", "lots_in_stack", "estimate_correlation", "within_classes", "stack_sigma",
    )),
    ("web", "blocks", "name"), ("web", "least_strip_mm"), ("web", "grid_mm"), ("web", "cell_mm"),
    ("web", "gained", "more_percent"), ("pdk", "content", "assembly"),
]  # fmt: skip


def test_one_of_0_1_opens(document):
    older = as_of(document, "0.1.0", WITHOUT)
    solution, whole = open_document(older)
    assert solution.web == from_document(document).web
    assert {**whole, "tool": document["tool"], "digests": document["digests"]} == document


def test_its_page_can_be_made_again(document, tmp_path, capsys):
    (tmp_path / "design.json").write_text(to_text(as_of(document, "0.1.0", WITHOUT)))
    with pytest.raises(SystemExit) as caught:
        main(["report", str(tmp_path)])
    assert (caught.value.code, (tmp_path / "report.html").is_file()) == (0, True), capsys.readouterr().err


def test_what_was_decided_otherwise_is_refused_with_the_version_that_made_it(document):
    older = as_of(document, "0.1.0", WITHOUT)
    older["yield"]["stack"] *= 0.99
    older["digests"] = digests_of(older)
    with pytest.raises(DocumentError) as caught:
        from_document(older)
    message = str(caught.value)
    assert "design.json: yield.stack" in message
    assert "layoutgen 0.1.0 made it" in message
    assert "make it again with layoutgen design" in message


def test_it_keeps_the_rating_that_it_was_made_with(document):
    """Web order would rate these stacks lower: the table of the line that it does not have is not that of today."""
    older = from_document(as_of(document, "0.1.0", WITHOUT))
    assert older.loaded.pdk.assembly.order == "shuffled"
    assert older.device.rated_mah == pytest.approx(document["device"]["capacity_mah"]["rated"])
    with pytest.raises(DocumentError, match="'assembly' is missing"):
        from_document(as_of(document, "0.2.0", WITHOUT))


def test_what_cannot_be_read_says_who_made_it(document):
    older = as_of(document, "0.0.9", [*WITHOUT, ("web", "dbu_nm")])
    with pytest.raises(DocumentError, match=r"layoutgen 0\.0\.9 made it"):
        from_document(older)


def test_a_key_that_somebody_took_out_is_missed(document):
    edited = json.loads(to_text(document))
    del edited["web"]["least_strip_mm"]
    with pytest.raises(DocumentError, match=r"design\.json: web"):
        from_document(edited)
