"""Nothing to ask back: what an order states beside its masks, and what `export` warns of."""

import json
import zipfile

import pytest
from click.testing import CliRunner

from layoutgen.cli import cli
from layoutgen.document import to_document, to_text
from layoutgen.draw.files import drawing_files, inputs_of
from layoutgen.errors import InputError, PreflightError
from layoutgen.receivers.asked import asked_rows, depth, films_on_web, trust_warning
from layoutgen.receivers.shop import load_shop
from layoutgen.receivers.shop_files import shop_files
from layoutgen.receivers.test_house import repeats_in
from layoutgen.receivers.test_house import test_house_files as house_files
from layoutgen.report.checklist import sha256_of
from layoutgen.sizing.flags import flags_for
from layoutgen.solver.solve import solve
from layoutgen.spec import Spec, build_spec
from layoutgen.summary import summary
from tests.layout.designs import changed_pdk, sample
from tests.rules.webs import SMALL_WEB


@pytest.fixture(scope="module")
def design(tmp_path_factory):
    folder = tmp_path_factory.mktemp("asked")
    solution = solve(build_spec({"capacity": 2, "footprint": (8.0, 10.0), "set": dict(SMALL_WEB)}, {}))
    (folder / "design.json").write_text(to_text(to_document(solution)))
    return folder, solution


def exported(folder, *options):
    target = folder / "order.zip"
    done = CliRunner().invoke(cli, ["export", str(folder), *options, "--out", str(target), "--force"])
    assert done.exit_code == 0, done.exception
    with zipfile.ZipFile(target) as archive:
        names = [name.partition("/")[2] for name in archive.namelist()]
        (name,) = [name for name in archive.namelist() if name.endswith("/order.json")]
        return json.loads(archive.read(name)), names, done.output


def test_a_laser_shop_is_told_films_depths_and_how_much_web(design):
    folder, solution = design
    order, names, _ = exported(folder, "--shop", "laser", "--repeats", "12")
    films = {film["film"]: film["thickness_um"] for film in order["films"]}
    pdk = solution.loaded.pdk
    assert list(films) == ["substrate", "barrier", "cathode", "electrolyte", "anode_collector"]
    assert films["cathode"] == pdk.stack.cathode.thickness.value
    through = {mask["name"]: (mask["through"], mask["depth_um"]) for mask in order["masks"]}
    above = sum(thick for film, thick in films.items() if film != "substrate")
    assert through["ABLATE_ANODE"] == ("anode collector", pytest.approx(films["anode_collector"]))
    assert through["ABLATE_STACK"][1] == pytest.approx(above)
    assert through["CUT"] == ("substrate", pytest.approx(films["substrate"]))
    assert through["MARK"] == ("all films, into the substrate", pytest.approx(above))
    assert through["MASK_FILM_LOWER"][1] == pytest.approx(3.0)
    repeat_mm = solution.web.repeat_length * solution.dbu_nm * 1e-6
    assert order["web"]["repeats"] == 12
    assert order["web"]["length_m"] == pytest.approx(12 * repeat_mm / 1000)
    assert {layer["name"] for layer in order["layers"]} == {*through, "CUT_CENTER"}
    assert all(any(mask in name for mask in through) for name in names if name.endswith(".dxf") and "_M" in name)
    assert exported(folder, "--shop", "laser")[0]["web"]["repeats"] is None


@pytest.mark.parametrize(("pdk", "collector_um"), [("lithium-mica", 3.3), ("lithium-alumina", 3.3)])
def test_depths_leave_out_lithium_that_a_charge_will_plate(pdk, collector_um):
    solution = solve(Spec(capacity="1 mAh", footprint="12x12", pdk=pdk))
    films = films_on_web(solution.device, solution.loaded.pdk)
    assert [film["film"] for film in films][-2:] == ["anode", "anode_collector"]
    kit = solution.loaded.pdk
    deep = {name: depth(name, films, solution.device, kit)["depth_um"] for name in kit.masks}
    assert deep["ABLATE_ANODE"] == pytest.approx(collector_um)
    assert (
        deep["MARK"]
        == deep["ABLATE_STACK"]
        == pytest.approx(collector_um + 1.5 + kit.stack.cathode.thickness.value)
    )


def test_a_pass_through_both_films_and_foil_is_as_deep_as_all_of_them():
    solution = solve(Spec(capacity="20 mAh", footprint="8x10", pdk="one-step"))
    kit = solution.loaded.pdk
    films = films_on_web(solution.device, kit)
    assert depth("CUT", films, solution.device, kit)["depth_um"] == pytest.approx(21.53)


def test_a_mask_shop_gets_masks_and_no_passes_of_a_laser_and_is_told_what_of(design):
    order, names, _ = exported(design[0], "--shop", "photomask")
    assert {mask["tool"] for mask in order["masks"]} == {"shadow mask, deposition"}
    assert not [name for name in names if "ABLATE" in name or "CUT" in name]
    assert order["content"].startswith("one stacked device, where it stands in the coordinates of the whole layout")
    assert "fiducials" not in order
    assert {layer["name"] for layer in order["layers"]} == {mask["name"] for mask in order["masks"]}
    assert set(order["blank"]) == {"material", "size_mm", "thickness_mm", "quantity", "defects", "stepping"}
    assert order["blank"]["size_mm"] == "not stated"
    assert (order["blank"]["thickness_mm"], order["blank"]["quantity"]) == ("0.1", "1")


def test_the_order_says_how_far_the_review_is_and_export_warns(design):
    folder, solution = design
    review = folder / "review.toml"
    order, _, told = exported(folder, "--shop", "film")
    first = order["review"]
    assert first["criteria"] == len(solution.loaded.pdk.review)
    assert first["settled"] + len(first["open"]) == first["criteria"]
    assert first["open"]["PRC-1"] == "to sign"
    assert f"{first['settled']} of {first['criteria']} criteria settled" in told
    text = f'schema = "layoutgen.review/1"\ndesign = "{sha256_of((folder / "design.json").read_bytes())}"\n'
    text += '[[decision]]\nid = "PRC-1"\nverdict = "accepted"\nby = "A. Person"\ndate = "2026-11-30"\n'
    review.write_text(text)
    try:
        second = exported(folder, "--shop", "film")[0]["review"]
        assert second["settled"] == first["settled"] + 1
        assert "PRC-1" not in second["open"]
        done = CliRunner().invoke(cli, ["verify", str(folder / "order.zip"), "--against", str(folder)])
        assert (done.exit_code, "the same to the byte" in done.output) == (0, True)
    finally:
        review.unlink()


def test_a_process_of_plates_speaks_of_plates(tmp_path):
    solution = solve(Spec(capacity="1 mAh", footprint="12x12", pdk="lithium-alumina"))
    (tmp_path / "design.json").write_text(to_text(to_document(solution)))
    assert "cells per plate of 114.30 x 114.30 mm" in summary(solution)
    order, _, _ = exported(tmp_path, "--shop", "laser", "--repeats", "12")
    assert order["content"].startswith(
        "one plate, and one stacked device; the device stands to the right of the plate"
    )
    assert order["web"]["form"] == "plate"
    assert ["Plates", "114.3 x 114.3 mm, the repeat is one plate; 12 plates"] in asked_rows(order)
    for name in ("web-map", "web-plan"):
        (drawn,) = drawing_files(inputs_of(solution), ("svg",), (name,)).values()
        assert b"Plate " + name[4:].encode() in drawn
        assert b"machine direction" not in drawn
        assert b"repeat" not in drawn.lower()
        assert b">web " not in drawn
    plan, dbu_nm = solution.web, solution.dbu_nm
    readme = b"".join(house_files(solution, repeats_in(plan, dbu_nm, 1.0), (), "index")["README.txt"]).decode()
    assert "a repeat is one plate" in readme


def test_a_web_is_for_test_houses_and_laser_shops(design):
    for options in (["--shop", "film", "--repeats", "3"], ["--for", "board", "--web-length", "3"]):
        done = CliRunner().invoke(cli, ["export", str(design[0]), *options, "--out", str(design[0] / "x.zip")])
        assert isinstance(done.exception, InputError)
        assert "test houses and laser shops" in str(done.exception)


def test_a_process_without_masks_for_a_shop_is_refused():
    made = sample("default")
    shop = load_shop("photomask").model_copy(update={"tools": ("printing",)})
    with pytest.raises(PreflightError, match="has no mask for this shop"):
        shop_files(made.layout, made.pdk, shop, "layoutgen,0.0.0")


def test_a_kit_of_assumed_numbers_that_does_not_say_so_is_told():
    assert trust_warning(sample("default").pdk) == ""
    silent = changed_pdk(lambda content: content.update(disclaimer=""))
    assert "are assumed, and its disclaimer is empty" in trust_warning(silent.pdk)


@pytest.mark.parametrize(("rated", "flagged"), [(100.03, False), (100.6, True), (0.998, False), (0.99, True)])
def test_what_meets_the_end_of_the_range_is_inside_it(rated, flagged):
    found = flags_for(sample("default").pdk, size_mm=(30, 20, 4), volume_mm3=2400, rated_mah=rated)
    assert ("capacity-range" in {flag.code for flag in found}) == flagged


def test_every_pass_says_how_deep_it_goes():
    """The openings of a lid as well, which no film of the stack is drawn by."""
    solution = solve(build_spec({"capacity": 2, "footprint": "8x10", "pdk": "bottom-terminal"}, {}), compare=False)
    pdk = solution.loaded.pdk
    films = films_on_web(solution.device, pdk)
    found = {name: depth(name, films, solution.device, pdk)["depth_um"] for name in pdk.masks}
    assert all(found.values()), found
    assert found["MASK_LID"] == pdk.package.lid_bottom.value
