"""A kit that is handed in beside a spec: the answer never states what did not happen."""

import json

import pytest

from layoutgen import Spec, design, load_pdk, solve
from layoutgen.document import from_document, to_document
from layoutgen.document.integrity import digests_of
from layoutgen.document.kit import require_of_shipped
from layoutgen.errors import DocumentError, SpecError
from tests.rules.webs import SMALL_WEB

FOIL = "stack.substrate.thickness"
ASKED = {"capacity": "2 mAh", "footprint": "8x10"}


def pairs(settings):
    return [(path, str(value).lower()) for path, value in settings.items()]


@pytest.mark.parametrize(
    ("spec", "kit", "words"),
    [
        ({"set": {FOIL: 15}}, ("anodeless-ss", []), "15 um, but is 10 um"),
        ({"set": {FOIL: 15}}, ("anodeless-ss", [(FOIL, "25")]), "15 um, but is 25 um"),
        ({"set": {FOIL: 15, "web.kerf": 50}}, ("anodeless-ss", [(FOIL, "15")]), "web.kerf is set to 50 um"),
        ({"set": {"web.regime": "free"}}, ("anodeless-ss", []), "free, but is fields"),
        ({"pdk": "lithium-mica"}, ("anodeless-ss", []), "asks for 'lithium-mica'"),
        ({"pdk": "pdk/lithium-mica"}, ("anodeless-ss", []), "asks for 'pdk/lithium-mica'"),
    ],
)
def test_a_spec_that_its_kit_does_not_hold_is_refused(spec, kit, words, tmp_path):
    loaded = load_pdk(*kit)
    for call in (
        lambda: solve(Spec(**ASKED, **spec), loaded),
        lambda: design(Spec(**ASKED, **spec), loaded, out=tmp_path / "x"),
    ):
        with pytest.raises(SpecError, match=words):
            call()
    assert not (tmp_path / "x").exists()


@pytest.mark.parametrize(
    ("spec", "kit"),
    [
        ({}, ("lithium-mica", [])),
        ({"set": {FOIL: 10}}, ("anodeless-ss", [])),
        ({}, ("anodeless-ss", [(FOIL, "15")])),
        ({"set": {FOIL: "0.015 mm"}}, ("anodeless-ss", [(FOIL, "15 um"), ("web.kerf", "50")])),
        ({"set": {"web.rotation_allowed": False}}, ("anodeless-ss", [("web.rotation_allowed", "false")])),
        ({"pdk": "pdk/lithium-mica"}, ("lithium-mica", [])),
        ({"pdk": "lithium-mica", "set": {FOIL: 15}}, ("lithium-mica", [(FOIL, "15")])),
    ],
)
def test_a_kit_that_holds_what_is_asked_is_taken(spec, kit):
    loaded = load_pdk(*kit)
    solution = solve(Spec(**ASKED, **spec), loaded, compare=False)
    assert solution.loaded.overrides == loaded.overrides
    assert from_document(to_document(solution)).loaded.overrides == loaded.overrides


EDITS = {
    "another value asked for": lambda part: part["spec"]["set"].update({FOIL: 20}),
    "a value asked for that was never set": lambda part: part["spec"]["set"].update({"web.kerf": 50}),
    "no word of what was set": lambda part: part["spec"]["overrides"].clear(),
    "another value said to be set": lambda part: part["spec"]["overrides"][0].update(value="20 um"),
    "another value before": lambda part: part["spec"]["overrides"][0].update(was="12 um"),
    "another value in the kit": lambda part: part["pdk"]["content"]["web"]["kerf"].update(value=60),
}


@pytest.mark.parametrize("edit", EDITS)
@pytest.mark.parametrize("by_hand", [False, True], ids=["set in the spec", "set in the kit"])
def test_an_answer_that_does_not_follow_from_its_spec_is_found(edit, by_hand):
    """All digests are made again, as whoever edits on purpose would."""
    settings = dict(SMALL_WEB) | {FOIL: 15}
    spec = Spec(**ASKED, set={} if by_hand else settings)
    document = json.loads(json.dumps(to_document(solve(spec, load_pdk(overrides=pairs(settings)), compare=False))))
    document["spec"]["overrides"].sort(key=lambda row: row["path"] != FOIL)
    EDITS[edit](document)
    document["digests"] = digests_of(document)
    with pytest.raises(DocumentError):
        require_of_shipped(from_document(document).loaded)


def test_the_digest_of_a_kit_as_it_is_must_be_its_own():
    document = json.loads(json.dumps(to_document(solve(Spec(**ASKED), compare=False))))
    document["pdk"]["sha256"] = "0" * 64
    document["digests"] = digests_of(document)
    with pytest.raises(DocumentError, match="sha256"):
        from_document(document)
