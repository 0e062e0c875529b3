"""A package verifies as made, and never once anything in it was damaged, swapped, added, removed or edited."""

import hashlib
import json
import os
import random
import shutil

import pytest
from click.testing import CliRunner

from layoutgen.cli import cli
from layoutgen.document import to_text
from layoutgen.document.integrity import digests_of
from layoutgen.errors import DocumentError, PackageError
from layoutgen.export.gds import gds_bytes
from layoutgen.export.oasis import oasis_bytes
from layoutgen.files.folder import write_package
from layoutgen.flow import package_files
from layoutgen.outputs import layout_of
from layoutgen.solver.solve import solve
from layoutgen.spec import build_spec
from layoutgen.verify import verify_package
from tests.rules.mutants.changes import wider
from tests.rules.webs import SMALL_WEB


@pytest.fixture(scope="module")
def solution():
    return solve(build_spec({"capacity": 2, "footprint": (8.0, 10.0), "set": dict(SMALL_WEB)}, {}))


@pytest.fixture(scope="module")
def original(solution, tmp_path_factory):
    target = tmp_path_factory.mktemp("out") / "design"
    write_package(target, package_files(solution))
    return target


@pytest.fixture
def package(original, tmp_path):
    return shutil.copytree(original, tmp_path / "received")


def signed_again(package):
    """The manifest brought in line with the files, as somebody who edits a package on purpose would."""
    path = package / "MANIFEST.json"
    manifest = json.loads(path.read_text())
    for item in manifest["files"]:
        content = (package / item["path"]).read_bytes()
        item |= {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    path.write_text(json.dumps(manifest, indent=2, ensure_ascii=False) + "\n")


def problems(package):
    with pytest.raises(PackageError) as caught:
        verify_package(package)
    return [str(problem) for problem in caught.value.problems]


def test_as_made(package):
    result = verify_package(package)
    count = sum(path.is_file() for path in package.rglob("*")) - 1
    assert result.checked[0] == f"{count} files against MANIFEST.json"
    assert result.checked[2] == f"{count} files, made again, are the same to the byte"
    assert not result.notes
    done = CliRunner().invoke(cli, ["verify", str(package)])
    assert done.exit_code == 0
    assert "verified" in done.output


def test_signing_again_changes_nothing_by_itself(package):
    signed_again(package)
    assert verify_package(package).checked


def test_every_file_missing_or_emptied(package):
    for path in sorted(item for item in package.rglob("*") if item.is_file()):
        name, content = path.relative_to(package).as_posix(), path.read_bytes()
        path.unlink()
        assert any(name in text for text in problems(package))
        path.write_bytes(b"")
        assert any(name in text for text in problems(package))
        path.write_bytes(content)
    verify_package(package)


def test_bit_flips_anywhere(package):
    dice = random.Random(5)
    files = sorted(item for item in package.rglob("*") if item.is_file())
    for number in range(300):
        path = files[number % len(files)]
        content = bytearray(path.read_bytes())
        content[dice.randrange(len(content))] ^= 1 << dice.randrange(8)
        kept = path.read_bytes()
        path.write_bytes(content)
        assert problems(package)
        path.write_bytes(kept)
    verify_package(package)


def test_cut_grown_and_swapped_files(package):
    files = sorted(item for item in package.rglob("*") if item.is_file())
    for path, other in zip(files, files[1:] + files[:1], strict=True):
        kept, others = path.read_bytes(), other.read_bytes()
        for content in (kept[:-1], kept + b"\n", kept * 2, others):
            path.write_bytes(content)
            assert problems(package)
        other.write_bytes(kept)
        path.write_bytes(others)
        assert problems(package)
        path.write_bytes(kept)
        other.write_bytes(others)
    verify_package(package)


def test_one_file_too_many(package):
    (package / "masks" / "extra.gds").write_bytes(b"x")
    assert problems(package) == [
        "masks/extra.gds: is not in the manifest\n  try: remove it: it does not belong to the package"
    ]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs links and pipes")
def test_what_is_no_file_of_the_package(package, tmp_path):
    """A link leads out of the package, and a pipe would be read for ever."""
    (tmp_path / "elsewhere").mkdir()
    (package / "masks" / "more").symlink_to(tmp_path / "elsewhere")
    os.mkfifo(package / "pipe")
    assert [text.partition(":")[0] for text in problems(package)] == ["masks/more", "pipe"]


def test_masks_that_were_edited_and_signed_again(package, solution):
    """One grid step, in one file or in both."""
    name, pdk = solution.spec.file_name(), solution.loaded.pdk
    layout = wider(layout_of(solution), "STACK", "MASK_TAB", (0, 0, 0, 1))
    gds, oas = package / f"masks/{name}.gds", package / f"masks/{name}.oas"
    gds.write_bytes(gds_bytes(layout, pdk))
    signed_again(package)
    assert [text.partition("\n")[0] for text in problems(package)] == [
        f"masks/{name}.gds: is not what the design gives"
    ]
    oas.write_bytes(oasis_bytes(layout, pdk))
    signed_again(package)
    assert any(f"{name}.oas" in text for text in problems(package))


def test_answers_of_the_search_that_were_forged(package):
    """Alternatives and digests both made to fit: only another search tells."""
    path = package / "design.json"
    document = json.loads(path.read_text())
    document["alternatives"][0]["why_not"] = "was not liked"
    document["digests"] = digests_of(document)
    path.write_text(to_text(document))
    signed_again(package)
    assert any("design.json: alternatives[0].why_not" in text for text in problems(package))


def test_a_broken_checksum_inside_the_oasis_file(package, solution):
    path = package / f"masks/{solution.spec.file_name()}.oas"
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    signed_again(package)
    assert any(".oas: is not what the design gives" in text for text in problems(package))


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("masks/order.json", '"polygons": ', '"polygons": 1'),
        ("masks/order.json", '"area_mm2": ', '"area_mm2": 1'),
        ("masks/order.csv", "clear", "dark"),
        ("masks/svg/CUT.svg", "M", "M1"),
        ("test/cell-map.csv", ",1,1,", ",1,2,"),
        ("drawings/package-outline.svg", "Package outline", "Package"),
        ("report.html", "<title>", "<title>x"),
        ("design.json", '"objective": "web"', '"objective": "height"'),
        ("design.json", '"capacity": 2', '"capacity": 3'),
        ("design.json", '"rated": ', '"rated": 1'),
        ("design.json", '"failed": 0', '"failed": 1'),
        ("design.json", '"corner_radius_mm": 0', '"corner_radius_mm": 1'),
        ("design.json", '"pull_back"', '"pull_bak"'),
        ("MANIFEST.json", "layoutgen.manifest/1", "layoutgen.manifest/2"),
        ("MANIFEST.json", '"input_sha256": "', '"input_sha256": "0'),
        ("MANIFEST.json", '"version": "0', '"version": "9'),
    ],
)
def test_texts_that_were_edited_and_signed_again(package, file, old, new):
    path = package / file
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))
    signed_again(package)
    assert problems(package)


def test_lands_that_differ_in_one_place(package, solution):
    """Each file states the lands; one that states others is named."""
    name = solution.spec.file_name()
    edits = {
        f"cad/{name}_A.kicad_mod": ("(size ", "(size 1"),
        f"cad/{name}.kicad_mod": ('(pad "1" smd roundrect\n    (at -', '(pad "1" smd roundrect\n    (at '),
        f"cad/{name}_C.kicad_mod": ("(solder_mask_margin 0.05)", "(solder_mask_margin 0.06)"),
        "drawings/land-pattern.svg": ('fill="#dca36b"', 'transform="scale(1.01)" fill="#dca36b"'),
    }
    for file, (old, new) in edits.items():
        text = (package / file).read_text()
        assert old in text, file
        (package / file).write_text(text.replace(old, new, 1))
    signed_again(package)
    assert [text.partition(":")[0] for text in problems(package)] == sorted(edits)


def test_what_is_not_a_package(tmp_path):
    (tmp_path / "empty").mkdir()
    (tmp_path / "file").write_text("x")
    for name in ("empty", "file", "missing"):
        done = CliRunner().invoke(cli, ["verify", str(tmp_path / name)])
        assert isinstance(done.exception, DocumentError)
        assert done.exception.exit_code == 2


def test_exit_codes(package):
    (package / "design.json").unlink()
    done = CliRunner().invoke(cli, ["verify", str(package)])
    assert isinstance(done.exception, PackageError)
    assert done.exception.exit_code == 1
    (package / "MANIFEST.json").write_text("[]")
    assert problems(package)
