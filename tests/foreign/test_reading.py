"""What comes in is what KLayout reads, and what is no layout is refused in one message."""

import bz2
import gzip
import lzma
import os
import zipfile

import pytest

from layoutgen.errors import DocumentError
from layoutgen.foreign.reading import read_layout, read_layout_bytes
from tests.foreign.layouts import saved
from tests.foreign.oracle import differing


@pytest.mark.parametrize("seed", range(12))
def test_every_shape_lies_where_klayout_sees_it(seed, tmp_path):
    assert {path.name: differing(path) for path in saved(seed, tmp_path)} == {
        path.name: {} for path in sorted(tmp_path.iterdir(), key=lambda path: path.name)
    }


def test_bytes_are_read_as_the_file_is(tmp_path):
    for path in saved(3, tmp_path):
        layout, again = read_layout(path), read_layout_bytes(path.read_bytes(), "x")
        assert (layout.tops, layout.dbu_m, layout.layers) == (again.tops, again.dbu_m, again.layers)
        assert layout.dbu_m == pytest.approx(1e-9)


@pytest.mark.parametrize("what", ["nothing", "folder", "pipe", "empty", "text"])
def test_what_is_no_layout_is_refused(what, tmp_path):
    path = tmp_path / "x.gds"
    match what:
        case "folder":
            path.mkdir()
        case "pipe":
            os.mkfifo(path)
        case "empty":
            path.touch()
        case "text":
            path.write_text("no layout at all")
    said = {
        "nothing": "is not a file", "folder": "but a folder", "pipe": "but a pipe", "empty": "is empty",
        "text": "neither GDSII nor OASIS",
    }  # fmt: skip
    with pytest.raises(DocumentError, match=said[what]):
        read_layout(path)


@pytest.mark.parametrize(
    ("pack", "kind"), [(gzip.compress, "gzip"), (bz2.compress, "bzip2"), (lzma.compress, "xz")]
)
def test_what_is_packed_says_so(pack, kind, tmp_path):
    path = tmp_path / "x.gds"
    path.write_bytes(pack(b"any"))
    with pytest.raises(DocumentError, match=f"is packed with {kind}"):
        read_layout(path)


def test_an_archive_says_so(tmp_path):
    path = tmp_path / "x.gds"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.gds", b"any")
    with pytest.raises(DocumentError, match="is packed with zip"):
        read_layout(path)
