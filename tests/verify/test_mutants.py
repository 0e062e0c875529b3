"""Nothing that was changed passes, and nothing crashes, whoever makes every checksum again."""

import hashlib
import json
import random
from dataclasses import replace
from functools import cache

import pytest

from layoutgen import flow
from layoutgen.document import to_document, to_text
from layoutgen.document.integrity import digests_of
from layoutgen.errors import LayoutgenError, PackageError
from layoutgen.files.archive import SUMS, with_sums
from layoutgen.flow import layout_of, package_files
from layoutgen.outputs import ARCHIVES, Made
from layoutgen.receivers.order import ORDER_CSV, order_digest, shop_order_csv
from layoutgen.receivers.shop import load_shop
from layoutgen.report.refresh import review_state_of
from layoutgen.rules.engine import check_solution
from layoutgen.solver.solve import solve
from layoutgen.spec import build_spec
from layoutgen.verify.against import made_again
from layoutgen.verify.archive import verify_shop
from layoutgen.verify.folder import verify_files
from tests.rules.webs import SMALL_WEB
from tests.verify.mutate import json_mutant, listed_again, mutant

REVIEW = """schema = "layoutgen.review/1"
design = "{design}"

[[decision]]
id = "SMT-2"
verdict = "accepted"
by = "A. Engineer"
date = "2026-11-23"
"""


@cache
def solution():
    return solve(build_spec({"capacity": 2, "footprint": (8.0, 10.0), "set": dict(SMALL_WEB)}, {}))


@cache
def design_bytes():
    rules = check_solution(solution(), layout_of(solution()))
    return to_text(to_document(solution(), rules.to_json())).encode()


@cache
def review_bytes():
    return REVIEW.format(design=hashlib.sha256(design_bytes()).hexdigest()).encode()


@cache
def package():
    files = package_files(solution(), review=review_bytes())
    assert files["design.json"] == design_bytes()
    return files


@pytest.fixture
def quick(monkeypatch):
    """What a design gives, made once for all mutants that leave its question alone."""
    kept = {}

    def remembered(asked, **given):
        key = (to_text(to_document(asked)), *sorted(given.items()))
        if key not in kept:
            kept[key] = package_files(asked, **given)
        return dict(kept[key])

    monkeypatch.setattr(flow, "package_files", remembered)
    monkeypatch.setattr("layoutgen.document.kit.require_of_shipped", lambda _: None)
    monkeypatch.setattr("layoutgen.verify.folder.asked_again", lambda asked: solution())


def refused(check, *given):
    """The message of a check that must refuse; nothing but its own error comes out."""
    with pytest.raises(LayoutgenError) as caught:
        check(*given)
    assert str(caught.value)
    return str(caught.value)


def test_the_package_with_a_review_verifies():
    said = verify_files(package())
    count = len(package())
    assert said.checked[0] == f"{count - 1} files against MANIFEST.json"
    assert said.checked[2] == f"{count - 2} files, made again, are the same to the byte"
    assert said.notes == ()


@pytest.mark.slow
def test_files_of_a_package_changed_and_listed_again(quick):
    dice, names = random.Random(11), [name for name in package() if name not in {"MANIFEST.json", "design.json"}]
    for number in range(len(names)):
        name = names[number % len(names)]
        changed = mutant(name, package()[name], dice)
        if changed != package()[name]:
            # the page carries the checksum of the review: which of the two was changed cannot be told
            said = refused(verify_files, listed_again(package() | {name: changed}))
            named = ("report.html", name) if name == "review.toml" else (name.split("/")[-1],)
            assert any(item in said for item in named), name


def test_what_was_added_and_listed(quick):
    for name in (
        "masks/dxf/CUT_REV2.dxf",
        "notes.txt",
        "masks/gds",
        "a/b/c/d",
        "previous.json",
        "MANIFEST.json.bak",
    ):
        files = listed_again(package() | {name: b"x"})
        assert f"{name}: is nothing that the design gives" in refused(verify_files, files)
    files = listed_again({name: content for name, content in package().items() if name != "masks/order.csv"})
    assert "masks/order.csv: is missing" in refused(verify_files, files)


@pytest.mark.slow
def test_the_manifest_changed(quick):
    """Only versions of libraries may be others, where they make the same bytes; that is said."""
    dice, manifest = random.Random(12), json.loads(package()["MANIFEST.json"])
    for _ in range(40):
        changed = json_mutant(manifest, dice)
        text = (json.dumps(changed, indent=2, ensure_ascii=False) + "\n").encode(errors="surrogatepass")
        if text == package()["MANIFEST.json"]:
            continue
        try:
            said = verify_files(package() | {"MANIFEST.json": text})
        except LayoutgenError:
            continue
        assert {**changed, "libraries": manifest["libraries"]} == manifest
        assert "made with other libraries" in said.notes[0]


@pytest.mark.slow
def test_a_design_changed_and_signed_again():
    """Its own digests made again too: the question is asked again, and tells."""
    dice, document = random.Random(13), json.loads(design_bytes())
    for _ in range(25):
        changed = json_mutant(document, dice)
        if dice.random() < 0.7:
            try:
                changed["digests"] = digests_of(changed)
            except ValueError:  # what is no JSON
                continue
        text = (json.dumps(changed, indent=2, ensure_ascii=False) + "\n").encode(errors="surrogatepass")
        if changed != document:
            refused(verify_files, listed_again(package() | {"design.json": text}))


def test_other_libraries_are_named_as_the_reason():
    manifest = json.loads(package()["MANIFEST.json"])
    manifest["libraries"]["ezdxf"] = "1.4.1"
    name = "masks/dxf/CUT.dxf"
    files = listed_again(package() | {name: package()[name] + b"\n"})
    manifest["files"] = json.loads(files["MANIFEST.json"])["files"]
    files["MANIFEST.json"] = (json.dumps(manifest, indent=2, ensure_ascii=False) + "\n").encode()
    said = refused(verify_files, files)
    assert f"{name}: is not what the design gives here: made with other libraries (ezdxf 1.4.1, here " in said
    name = "masks/order.csv"
    files = listed_again(package() | {name: package()[name] + b"\n"})
    manifest["files"] = json.loads(files["MANIFEST.json"])["files"]
    files["MANIFEST.json"] = (json.dumps(manifest, indent=2, ensure_ascii=False) + "\n").encode()
    assert f"{name}: line " in refused(verify_files, files)


@pytest.fixture(scope="module")
def design_folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("part")
    (folder / "design.json").write_bytes(design_bytes())
    return folder


@cache
def archive(receiver, folder):
    made = Made(solution(), shop=load_shop("laser"), repeats=3)
    made.review = review_state_of(folder)
    made.rules = check_solution(solution(), made.layout)
    return with_sums({name: b"".join(pieces) for name, pieces in ARCHIVES[receiver].make(made).items()})


@pytest.mark.slow
@pytest.mark.parametrize("receiver", list(ARCHIVES))
def test_archives_changed_and_summed_again(receiver, design_folder, monkeypatch):
    files = archive(receiver, design_folder)
    assert "same to the byte" in made_again(files, design_folder)
    made = {name: [content] for name, content in without_sums(files).items()}
    monkeypatch.setitem(ARCHIVES, receiver, replace(ARCHIVES[receiver], make=lambda _: made))
    dice, names = random.Random(14), [name for name in files if name != SUMS]
    for number in range(16):
        name = names[number % len(names)]
        changed = {**files, name: mutant(name, files[name], dice)}
        if changed[name] == files[name]:
            continue
        if name == "order.json":
            changed = ordered_again(changed)
        changed = with_sums({key: content for key, content in changed.items() if key != SUMS})
        assert name in refused(made_again, changed, design_folder)
        try:  # without the design it may pass, and must not crash
            verify_shop(changed, "archive")
        except PackageError as error:
            assert str(error)
    for name in ("extra.txt", "masks/extra.gds"):
        assert name in refused(made_again, with_sums({**without_sums(files), name: b"x"}), design_folder)


def ordered_again(files):
    """The digest of an order and the table made of it, where it still is one."""
    try:
        order = json.loads(files["order.json"])
        order["order_sha256"] = order_digest(order)
        return {**files, "order.json": json.dumps(order).encode(), ORDER_CSV: shop_order_csv(order)}
    except (ValueError, LookupError, TypeError, AttributeError):
        return files


def without_sums(files):
    return {name: content for name, content in files.items() if name != SUMS}
