"""Archives of shops verify as made, and never once anything in them was damaged, edited, added or repacked."""

import hashlib
import io
import json
import random
import zipfile

import pytest
from click.testing import CliRunner

from layoutgen.cli import cli
from layoutgen.errors import PackageError
from layoutgen.files.archive import SUMS, read_archive, with_sums, zip_bytes
from layoutgen.receivers.order import order_digest, order_json_bytes
from layoutgen.receivers.shop import load_shop
from layoutgen.receivers.shop_files import shop_files
from layoutgen.verify.archive import verify_shop
from tests.rules.webs import web


@pytest.fixture(scope="module", params=["photomask", "laser", "film"])
def files(request):
    sample = web()
    return with_sums(shop_files(sample.layout, sample.pdk, load_shop(request.param), "layoutgen,0.0.0"))


def refused(content):
    with pytest.raises(PackageError) as caught:
        verify_shop(read_archive(content, "order.zip"), "order.zip")
    assert all(problem.what for problem in caught.value.problems)
    return str(caught.value)


def test_as_made_by_archive_and_by_folder(files, tmp_path):
    (tmp_path / "order.zip").write_bytes(zip_bytes(files, "order"))
    for name, content in files.items():
        (tmp_path / "order").mkdir(exist_ok=True)
        (tmp_path / "order" / name).write_bytes(content)
    for path in ("order.zip", "order"):
        done = CliRunner().invoke(cli, ["verify", str(tmp_path / path)])
        assert done.exit_code == 0, done.exception
        assert "verified" in done.output


def test_damaged_archives(files):
    content, dice = zip_bytes(files, "order"), random.Random(3)
    for _ in range(40):
        flipped = bytearray(content)
        flipped[dice.randrange(len(content))] ^= 1 << dice.randrange(8)
        refused(bytes(flipped))
    for cut in (0, 1, 30, len(content) // 2, len(content) - 1):
        refused(content[:cut])
    for grown in (content + b"\0", b"\0" + content, content * 2):
        refused(grown)


def test_files_missing_added_or_swapped(files):
    names = sorted(files)
    for name, other in zip(names, names[1:] + names[:1], strict=True):
        refused(zip_bytes({key: value for key, value in files.items() if key != name}, "order"))
        refused(zip_bytes({**files, name: files[other], other: files[name]}, "order"))
        refused(zip_bytes({**files, name: files[name] + b" "}, "order"))
    assert "is not in SHA256SUMS" in refused(zip_bytes({**files, "extra.gds": b""}, "order"))


def test_masks_or_order_edited_and_summed_again(files):
    order = json.loads(files["order.json"])
    first = order["masks"][0]["file"]
    for key, value in (("polygons", 1), ("area_mm2", 1.0), ("bounding_box_mm", [0, 0, 1, 1]), ("files", [])):
        edited = json.loads(files["order.json"])
        edited["masks"][0]["file"][key] = value
        refused(zip_bytes(with_sums(summed(files) | {"order.json": json.dumps(edited).encode()}), "order"))
    one, two = first["files"][0]["name"], order["masks"][1]["file"]["files"][0]["name"]
    swapped = summed(files) | {one: files[two], two: files[one]}
    assert "order" in refused(zip_bytes(with_sums(swapped), "order"))


def test_what_was_changed_and_summed_again_is_found_in_what_it_contradicts(files):
    """Files added and listed, numbers of the order, one format of a mask; everything with new checksums."""
    kept, order = summed(files), json.loads(files["order.json"])

    def again(**changed):
        return refused(zip_bytes(with_sums(kept | changed), "order"))

    assert "is not listed in order.json" in again(**{"extra.gds": b"x"})
    for name in kept:
        if name != "order.json":  # without it the archive is one without an order
            less = {key: value for key, value in kept.items() if key != name}
            assert name in refused(zip_bytes(with_sums(less), "order"))
    edits = [
        lambda content: content["masks"][0].update(polygon_tone="dark"),
        lambda content: content["masks"][0].update(bias_um=1),
        lambda content: content["masks"][0]["cd_sites"][0].update(nominal_um=41),
        lambda content: content["shop"].update(grid_nm=1),
        lambda content: content["also"].append({"name": "extra.gds", "sha256": "0"}),
    ]
    for edit in edits:
        content = json.loads(files["order.json"])
        edit(content)
        assert "order_sha256" in again(**{"order.json": order_json_bytes(content)})
    content = json.loads(files["order.json"])
    content["masks"][0]["bias_um"] = 1
    content["order_sha256"] = order_digest(content)
    assert "does not say what order.json says" in again(**{"order.json": order_json_bytes(content)})
    for kind, change in (
        (".dxf", lambda text: text.replace(b"L40", b"L41")),
        (".dxf", lambda text: text.replace(b"\n  8\nL40", b"\n 8x\nL40")),
        (".dxf", lambda text: text.replace(b"\n 10\n", b"\n 10\nx")),
        (".gbr", lambda text: b"G37*".join(text.rsplit(b"G36*", 1))),
        (".oas", lambda content: content[:-1]),
        (".gds", lambda content: content[: len(content) // 2]),
    ):
        name = next((name for name in kept if name.endswith(kind) and "ABLATE_ANODE" in name), None)
        if name is None:
            continue
        wrong, content = change(kept[name]), json.loads(files["order.json"])
        assert wrong != kept[name]
        for entry in (entry for mask in content["masks"] for entry in mask["file"]["files"]):
            if entry["name"] == name:
                entry["sha256"] = hashlib.sha256(wrong).hexdigest()
        content["order_sha256"] = order_digest(content)
        assert name in again(**{name: wrong, "order.json": order_json_bytes(content)})
    for entry in order["also"]:
        assert entry["name"] in again(**{entry["name"]: kept[entry["name"]] + b"\n"})


def summed(files):
    return {name: content for name, content in files.items() if name != SUMS}


@pytest.mark.parametrize("name", ["../order/x", "order/../x", "/order/x", "order\\x", "c:/x", "order//x", "x"])
def test_names_that_leave_the_folder(name):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr(name, b"x")
        archive.writestr("order/SHA256SUMS", b"")
    refused(stream.getvalue())


def test_bombs_and_packed_again(files):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("order/bomb", bytes(50_000_000))
    assert "compressed" in refused(stream.getvalue())
    verify_shop(files, "folder")


def test_what_a_board_designer_receives(tmp_path):
    design, archive = tmp_path / "design", tmp_path / "board.zip"
    for arguments in (
        ["design", "--mah", "2", "--footprint", "8x10", "--out", str(design)],
        ["export", str(design), "--for", "board", "--out", str(archive)],
    ):
        done = CliRunner().invoke(cli, arguments)
        assert done.exit_code == 0, done.exception
    done = CliRunner().invoke(cli, ["verify", str(archive)])
    assert done.exit_code == 0, done.exception
    assert "checked by checksum only" in done.output
    content = archive.read_bytes()
    with zipfile.ZipFile(archive) as opened:
        folder = opened.namelist()[0].split("/")[0]
        files = {name.split("/", 1)[1]: opened.read(name) for name in opened.namelist()}
    assert zip_bytes(files, folder) == content
    for name in files:
        refused(zip_bytes({key: value for key, value in files.items() if key != name}, folder))
        refused(zip_bytes({**files, name: files[name] + b" "}, folder))
    against = ["verify", str(archive), "--against", str(design)]
    done = CliRunner().invoke(cli, against)
    assert done.exit_code == 0, done.exception
    assert "are the same to the byte" in done.output
    for name, old, new in (
        ("land-pattern.json", b'"z_mm": ', b'"z_mm": 1'),
        (f"{folder}.pretty/{folder}.kicad_mod", b"(size ", b"(size 1"),
    ):
        edited = {key: value for key, value in files.items() if key != SUMS}
        edited[name] = edited[name].replace(old, new, 1)
        archive.write_bytes(zip_bytes(with_sums(edited), folder))
        assert CliRunner().invoke(cli, ["verify", str(archive)]).exit_code == 0
        done = CliRunner().invoke(cli, against)
        assert isinstance(done.exception, PackageError)
        assert [problem.where.partition(":")[0] for problem in done.exception.problems] == [name]
