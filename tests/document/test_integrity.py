"""A design.json that was edited is refused, whatever was edited, and the message names the place."""

import copy
import random

import pytest

from layoutgen.document import from_document, to_document
from layoutgen.document.integrity import digests_of
from layoutgen.errors import DocumentError
from layoutgen.solver.solve import solve
from layoutgen.spec import build_spec
from tests.rules.webs import SMALL_WEB
from tests.tile import watch


def made(**options):
    spec = {"capacity": 2, "footprint": (8.0, 10.0), "set": dict(SMALL_WEB)}
    return to_document(solve(build_spec(spec | options, {})))


@pytest.fixture(scope="module")
def document():
    return made()


def leaves(part, path=()):
    """Key paths of all values, empty lists and empty tables included."""
    items = part.items() if isinstance(part, dict) else enumerate(part) if isinstance(part, list) else ()
    found = [leaf for key, item in items for leaf in leaves(item, (*path, key))]
    return found or [path]


def holds_a_list(document, path):
    for key in path:
        document = document[key]
    return isinstance(document, list)


def edited(document, path):
    copied = copy.deepcopy(document)
    node = copied
    for key in path[:-1]:
        node = node[key]
    old = node[path[-1]]
    if isinstance(old, bool):
        new = not old
    elif isinstance(old, int):
        new = old + 1
    elif isinstance(old, float):
        new = old * 1.01 + 0.01
    else:
        new = f"{old} edited"
    node[path[-1]] = new
    return copied


def refusal(document):
    with pytest.raises(DocumentError) as caught, watch.paused():
        from_document(document)
    return str(caught.value)


def samples(document):
    chance = random.Random(8)
    for key, part in document.items():
        below = leaves(part, (key,))
        yield from chance.sample(below, min(3, len(below)))


def test_as_made(document):
    assert to_document(from_document(document)) == document


def test_where_foils_were_compared():
    """Loaded as made; and asked again as verify does, with the process that holds the chosen foil alone."""
    document = made(foil=(10.0, 15.0))
    solution = from_document(document)
    assert to_document(solution) == document
    assert to_document(solve(solution.spec, solution.loaded)) == document


def test_any_edited_value_is_refused(document):
    for path in samples(document):
        assert refusal(edited(document, path)), path


def test_a_part_removed_or_added_is_refused(document):
    for key in document:
        assert "design.json" in refusal({name: part for name, part in document.items() if name != key}), key
    assert "design.json: more" in refusal({**document, "more": 1})


@pytest.mark.parametrize(
    "path",
    [
        ("device", "mass_g"),
        ("web", "utilization"),
        ("yield", "stack"),
        ("objective",),
        ("limits", "all", 0, "used"),
        ("limits", "binding"),
        ("steps", "one_sided_z"),
        ("neighbours", 1, "rated_percent"),
        ("alternatives", 0, "why_not"),
        ("search", "designs_tiled"),
        ("rules", "run"),
        ("tool", "version"),
    ],
)
def test_the_message_names_the_place(document, path):
    said = refusal(edited(document, path))
    assert f"design.json: {path[0]}" in said
    assert "does not follow" in said


@pytest.mark.parametrize("key", ["device", "web", "yield", "flags", "steps", "objective", "limits"])
def test_digests_made_again_do_not_help_where_no_search_is_needed(document, key):
    figures = [path for path in leaves(document, ()) if path[0] == key and not holds_a_list(document, path)]
    changed = edited(document, figures[-1])
    changed["digests"] = digests_of(changed)
    assert f"design.json: {key}" in refusal(changed)
