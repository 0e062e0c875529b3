"""What is the user's stays: --force replaces what the same command made and nothing else; outputs are whole."""

import json
import os
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from layoutgen.errors import OutputError
from layoutgen.files.folder import (
    add_files,
    check_file_target,
    check_target,
    manifest_text,
    write_file,
    write_folder,
    write_package,
)
from layoutgen.files.partial import STAMP, beside, remove_strays
from layoutgen.files.place import absolute
from layoutgen.files.together import replace_together


def made(kind="design", **files):
    content = {"design.json": b"{}", "masks/a.gds": b"a", **files}
    return content | {"MANIFEST.json": manifest_text(content, {"kind": kind}).encode()}


def tree(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() if path.is_file() else None
        for path in folder.rglob("*")
    }


def refused(target, files, says):
    before = tree(target.parent)
    for attempt in (
        lambda: write_package(target, files, force=True),
        lambda: check_target(target, force=True, kind=json.loads(files["MANIFEST.json"])["kind"]),
    ):
        with pytest.raises(OutputError) as caught:
            attempt()
        assert says in str(caught.value)
        assert tree(target.parent) == before


def test_a_folder_of_the_same_kind_is_replaced_whole(tmp_path):
    write_package(tmp_path / "out", made(old=b"1"))
    with pytest.raises(OutputError, match="exists already"):
        write_package(tmp_path / "out", made())
    write_package(tmp_path / "out", made(new=b"2"), force=True)
    assert tree(tmp_path / "out") == made(new=b"2") | {"masks": None}
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


@pytest.mark.parametrize(
    "manifest",
    [b"", b"{}", b"[]", b'{"schema": "npm"}', b'{"files": ["src/main.c"]}', b"[" * 100_000, b"\xff", b'"text"'],
)
def test_a_foreign_folder_with_a_manifest_is_kept(tmp_path, manifest):
    target = tmp_path / "out"
    (target / "src").mkdir(parents=True)
    (target / "src" / "main.c").write_text("int main;")
    (target / "MANIFEST.json").write_bytes(manifest)
    refused(target, made(), "src/main.c")


def test_a_foreign_folder_with_a_manifest_of_ours_is_kept(tmp_path):
    target = tmp_path / "out"
    (target / "src").mkdir(parents=True)
    (target / "src" / "main.c").write_text("int main;")
    (target / "MANIFEST.json").write_bytes(made()["MANIFEST.json"])
    refused(target, made(), "src/main.c")
    listing = manifest_text({"src/main.c": b"another"}, {"kind": "design"})
    (target / "MANIFEST.json").write_text(listing)
    refused(target, made(), "changed since: src/main.c")


@pytest.mark.parametrize("name", ["notes.txt", "masks/mine.gds", ".hidden", "review.toml", "mine/deep/down.txt"])
def test_own_files_are_named_and_kept(tmp_path, name):
    target = tmp_path / "out"
    write_package(target, made())
    (target / name).parent.mkdir(parents=True, exist_ok=True)
    (target / name).write_text("mine")
    refused(target, made(), name)


def test_own_folders_links_and_changed_files_are_named_and_kept(tmp_path):
    target = tmp_path / "out"
    write_package(target, made())
    (target / "mine").mkdir()
    refused(target, made(), "mine/")
    (target / "mine").rmdir()
    (target / "masks" / "link").symlink_to(tmp_path)
    refused(target, made(), "masks/link")
    (target / "masks" / "link").unlink()
    (target / "masks" / "a.gds").write_text("edited")
    refused(target, made(), "changed since: masks/a.gds")
    (target / "masks" / "a.gds").unlink()
    write_package(target, made(), force=True)
    assert tree(target) == made() | {"masks": None}


def test_many_own_files_are_counted(tmp_path):
    target = tmp_path / "out"
    write_package(target, made())
    for number in range(9):
        (target / f"note-{number}").write_text("mine")
    refused(target, made(), "note-4 and 4 more")


@pytest.mark.parametrize("kind", ["draw", "explore"])
def test_one_kind_of_folder_is_not_replaced_by_another(tmp_path, kind):
    write_package(tmp_path / "out", made())
    refused(tmp_path / "out", made(kind), "that layoutgen design made")
    other = {"table.json": b"[]"} if kind == "explore" else {"drawings/a.svg": b""}
    old = other | {"MANIFEST.json": manifest_text(other, {}).encode()}  # as 0.1 wrote it
    write_package(tmp_path / "old", old)
    refused(tmp_path / "old", made(), f"that layoutgen {kind} made")


def test_a_review_is_taken_over_or_kept(tmp_path):
    target = tmp_path / "out"
    write_package(target, made(**{"review.toml": b"1"}))
    refused(target, made(), "review.toml")
    write_package(target, made(new=b"", **{"review.toml": b"1"}), force=True)
    (target / "review.toml").write_text("2")
    refused(target, made(**{"review.toml": b"1"}), "review.toml")


def test_what_comes_in_between_is_kept(tmp_path, monkeypatch):
    from layoutgen.files import folder

    target = tmp_path / "out"
    write_package(target, made())
    before = folder.put_in_place

    def late(new, place, check):
        (target / "late.txt").write_text("mine")
        before(new, place, check)

    monkeypatch.setattr(folder, "put_in_place", late)
    with pytest.raises(OutputError, match=r"late\.txt"):
        write_package(target, made(new=b"2"), force=True)
    assert tree(target) == made() | {"masks": None, "late.txt": b"mine"}
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_the_place_itself(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("mine")
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    for name in ("file", "link", "file/below"):
        with pytest.raises(OutputError, match="is not a folder"):
            write_package(tmp_path / name, made(), force=True)
    write_package(tmp_path / "link" / "out", made())
    assert (tmp_path / "real" / "out" / "design.json").exists()
    monkeypatch.chdir(tmp_path / "real" / "out")
    with pytest.raises(OutputError, match="the folder that you are in"):
        write_package(absolute(tmp_path / "real" / "out"), made(), force=True)
    with pytest.raises(OutputError, match="the folder that you are in"):
        check_target(absolute(tmp_path / "real" / "out"), force=True, kind="design")


def test_many_at_once_into_one_place(tmp_path):
    """Every run is whole or refused, and the folder is one of theirs."""

    def run(number):
        try:
            write_package(tmp_path / "out", made(which=str(number).encode() * 1000), force=number % 2 == 0)
        except OutputError as error:
            return str(error)
        return ""

    with ThreadPoolExecutor(8) as pool:
        said = list(pool.map(run, range(24)))
    assert any(not text for text in said)
    which = (tmp_path / "out" / "which").read_bytes()
    assert tree(tmp_path / "out") == made(which=which) | {"masks": None}
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_umask_holds_for_folders_and_files(tmp_path):
    before = os.umask(0o027)
    try:
        write_package(tmp_path / "out", made())
        write_file(tmp_path / "page.html", b"")
    finally:
        os.umask(before)
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.rglob("*")}
    files = dict.fromkeys(("a.gds", "design.json", "MANIFEST.json", "page.html"), 0o640)
    assert modes == {"out": 0o750, "masks": 0o750} | files
    (tmp_path / "page.html").chmod(0o600)
    write_file(tmp_path / "page.html", b"", force=True)
    assert stat.S_IMODE((tmp_path / "page.html").stat().st_mode) == 0o600


def test_a_link_to_a_file_stays_one(tmp_path):
    (tmp_path / "real").write_text("old")
    (tmp_path / "link").symlink_to("real")
    write_file(tmp_path / "link", b"new", force=True)
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").read_bytes() == b"new"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs pipes")
def test_a_pipe_or_a_device_is_no_place_for_a_file(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for target in (tmp_path / "pipe", tmp_path / "null"):
        if target.name == "null":
            target.symlink_to("/dev/null")
        with pytest.raises(OutputError, match="not a file"):
            check_file_target(target, force=True)


KILLED = """
import os, sys
from pathlib import Path
from layoutgen.files.partial import beside
with beside(Path(sys.argv[1])) as folder:
    (folder / "new").mkdir()
    (folder / "new" / "half").write_text("x")
    print(folder.name, flush=True)
    {}
"""


def child(target, then):
    return subprocess.Popen(
        [sys.executable, "-c", KILLED.format(then), str(target)],
        stdout=subprocess.PIPE,
        stdin=subprocess.PIPE,
        text=True,
    )


def test_strays_of_killed_runs_are_removed_and_nothing_else(tmp_path):
    target = tmp_path / "out"
    (tmp_path / ".out.abcdefgh.partial").mkdir()
    (tmp_path / ".out.abcdefgh.partial" / "mine").write_text("x")
    (tmp_path / ".out.stamped_.partial").mkdir()
    (tmp_path / ".out.stamped_.partial" / STAMP).write_text("not what layoutgen writes there")
    (tmp_path / ".out.file1234.partial").write_text("mine")
    (tmp_path / ".out.link1234.partial").symlink_to(tmp_path / ".out.abcdefgh.partial")
    (tmp_path / "other.partial").mkdir()
    own = tree(tmp_path)
    with child(target, "os._exit(9)") as dead:
        stray = dead.communicate(timeout=60)[0].strip()
    assert (tmp_path / stray).is_dir()
    with child(target, "sys.stdin.read()") as running:
        busy = running.stdout.readline().strip()
        assert not (tmp_path / stray).exists()
        write_package(target, made())
        assert (tmp_path / busy / "new" / "half").exists()
        running.communicate("", timeout=60)
    (target / "masks" / "a.gds").unlink()
    write_package(target, made(), force=True)
    found = {name: content for name, content in tree(tmp_path).items() if not name.startswith("out")}
    assert found == own


def test_an_old_folder_that_was_moved_aside_comes_back(tmp_path):
    """Where folders cannot change places in one step, a killed run may leave the old one aside."""
    target = tmp_path / "out"
    with child(target, "os.rename(folder / 'new', folder / 'old'); os._exit(9)") as dead:
        dead.communicate(timeout=60)
    remove_strays(target)
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
    assert (target / "half").exists()


def test_without_a_step_for_two_folders(tmp_path, monkeypatch):
    from layoutgen.files import place

    monkeypatch.setattr(place, "_exchange", lambda one, other: False)
    test_a_folder_of_the_same_kind_is_replaced_whole(tmp_path)


def test_files_are_replaced_together_or_not_at_all(tmp_path, monkeypatch):
    folder = tmp_path / "out"
    write_package(folder, made())
    before = tree(folder)
    replace, calls = os.replace, []

    def fails(source, target, **named):
        calls.append(target)
        if len(calls) == 3:
            raise OSError(28, "No space left on device")
        return replace(source, target, **named)

    monkeypatch.setattr("layoutgen.files.together.Path.replace", lambda source, target: fails(source, target))
    with pytest.raises(OutputError, match="no space left"):
        replace_together(folder, {"design.json": b"1", "new": b"2", "MANIFEST.json": b"3"})
    monkeypatch.undo()
    assert tree(folder) == before
    replace_together(folder, {"design.json": b"1", "new": b"2", "MANIFEST.json": b"3"})
    assert tree(folder) == before | {"design.json": b"1", "new": b"2", "MANIFEST.json": b"3"}
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


CUT = """
import os, sys
from pathlib import Path
from layoutgen.files import together
real, calls = Path.replace, []
def cut(source, target):
    calls.append(target)
    if len(calls) == int(sys.argv[2]):
        os._exit(9)
    return real(source, target)
Path.replace = cut
together.replace_together(Path(sys.argv[1]), {"design.json": b"1", "new": b"2", "MANIFEST.json": b"3"})
"""


@pytest.mark.parametrize("step", [1, 2, 3, 4])
def test_what_was_cut_between_two_steps_is_finished(tmp_path, step):
    from layoutgen.files.together import finish_together

    folder = tmp_path / "out"
    write_package(folder, made())
    before = tree(folder)
    subprocess.run([sys.executable, "-c", CUT, str(folder), str(step)], check=False, timeout=60)
    finish_together(folder)
    after = before | {"design.json": b"1", "new": b"2", "MANIFEST.json": b"3"}
    assert tree(folder) == (before if step <= 2 else after)
    with beside(folder):
        pass
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_files_are_added_to_a_folder_and_its_manifest(tmp_path):
    folder = tmp_path / "web"

    def fill(text):
        def fills(place):
            (place / "bins.json").write_text(text)
            (place / "kit").mkdir()
            (place / "kit" / f"{text}.toml").write_text(text)

        return fills

    write_folder(folder, lambda place: (place / "web.parquet").write_text("0"), kind="test")
    for text in ("one", "two"):
        add_files(folder, fill(text))
        assert set(tree(folder)) == {"MANIFEST.json", "web.parquet", "bins.json", "kit", f"kit/{text}.toml"}
        listed = {item["path"] for item in json.loads((folder / "MANIFEST.json").read_text())["files"]}
        assert listed == {"web.parquet", "bins.json", f"kit/{text}.toml"}
    (folder / "kit" / "mine.toml").write_text("mine")
    before = tree(folder)
    with pytest.raises(OutputError, match=r"kit/mine\.toml"):
        add_files(folder, fill("three"))
    assert tree(folder) == before
    assert [path.name for path in tmp_path.iterdir()] == ["web"]
    (folder / "kit" / "mine.toml").unlink()
    write_folder(folder, fill("four"), kind="test", force=True)
    assert set(tree(folder)) == {"MANIFEST.json", "bins.json", "kit", "kit/four.toml"}
