"""Wrong input of every kind: exit code 2, one clear message, no traceback, nothing left behind."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from layoutgen.cli import main
from layoutgen.pdk.copy import copy_pdk

QUESTION = ["--mah", "20", "--footprint", "8x10"]


@dataclass
class Done:
    returncode: int
    stdout: str
    stderr: str


@pytest.fixture
def run(capsys, monkeypatch):
    """The command line in this process: the same entry point, without the cost of starting Python each time."""

    def call(*arguments, cwd):
        monkeypatch.chdir(cwd)
        capsys.readouterr()
        with pytest.raises(SystemExit) as caught:
            main(list(arguments))
        out, err = capsys.readouterr()
        return Done(caught.value.code, out, err)

    return call


def changed(*arguments):
    """The default question with some options replaced or added."""
    given = dict(zip(QUESTION[::2], QUESTION[1::2], strict=True)) | dict(
        zip(arguments[::2], arguments[1::2], strict=True)
    )
    return ["design", *(word for pair in given.items() for word in pair)]


CASES = {
    "text for a number": (changed("--mah", "twenty"), ["--mah", "twenty"]),
    "empty text": (changed("--mah", ""), ["--mah"]),
    "decimal comma": (changed("--mah", "1,5"), ["--mah", "1.5"]),
    "wrong unit": (changed("--mah", "20 mm"), ["--mah", "length", "mAh"]),
    "unknown unit": (changed("--mah", "20 foo"), ["--mah", "foo", "mAh"]),
    "negative": (changed("--mah", "-3"), ["--mah", "-3"]),
    "zero": (changed("--mah", "0"), ["--mah", "above zero"]),
    "not a number": (changed("--mah", "nan"), ["--mah", "nan"]),
    "infinite": (changed("--mah", "inf"), ["--mah", "inf"]),
    "huge": (changed("--mah", "1e300"), ["--mah", "too large"]),
    "large": (changed("--mah", "1e7"), ["--mah", "100000 mAh"]),
    "tiny": (changed("--mah", "1e-9"), ["--mah", "out of range"]),
    "one side only": (changed("--footprint", "8"), ["--footprint", "8x10"]),
    "three sides": (changed("--footprint", "8x10x2"), ["--footprint"]),
    "negative side": (changed("--footprint", "8x-10"), ["--footprint", "-10"]),
    "zero side": (changed("--footprint", "0x10"), ["--footprint", "above zero"]),
    "side of capacity": (changed("--footprint", "8mAhx10"), ["--footprint"]),
    "huge side": (changed("--footprint", "8x100000"), ["--footprint", "1000 mm"]),
    "both sides free": (changed("--footprint", "?x?"), ["--footprint"]),
    "free side without height": (changed("--footprint", "8x?"), ["--footprint", "--height"]),
    "height text": (changed("--height", "low"), ["--height", "low"]),
    "height unit": (changed("--height", "2 mAh"), ["--height", "length"]),
    "height too small to mean": (changed("--height", "1nm"), ["--height", "out of range"]),
    "aspect with footprint": (changed("--aspect", "2"), ["aspect"]),
    "aspect below one": (["design", "--mah", "20", "--height", "2", "--aspect", "0.1"], ["--aspect", "1"]),
    "aspect text": (["design", "--mah", "20", "--height", "2", "--aspect", "wide"], ["--aspect", "wide"]),
    "confidence above one": (changed("--confidence", "2"), ["--confidence"]),
    "confidence nan": (changed("--confidence", "nan"), ["--confidence"]),
    "confidence text": (changed("--confidence", "high"), ["--confidence", "high"]),
    "negative cycles": (changed("--cycles", "-5"), ["--cycles"]),
    "more cycles than the model": (
        [*changed("--cycles", "600"), "--set", "cell.cycles_max=500"],
        ["--cycles", "500"],
    ),
    "unknown objective": (changed("--objective", "web2"), ["--objective", "did you mean 'web'?"]),
    "capacity objective without height": (changed("--objective", "capacity"), ["--objective", "--height"]),
    "objective without capacity": (
        ["design", "--footprint", "8x10", "--height", "2", "--objective", "web"],
        ["--objective", "--mah"],
    ),
    "unknown effort": (changed("--effort", "heroic"), ["--effort", "extreme"]),
    "foil not offered": (changed("--foil", "12"), ["--foil", "10, 15, 20"]),
    "foil asked for and set": (
        [*changed("--foil", "15"), "--set", "stack.substrate.thickness=20"],
        ["--foil: stack.substrate.thickness is set to 20 as well"],
    ),
    "foil text": (changed("--foil", "thin"), ["--foil", "'thin' is not a length\n  allowed"]),
    "foil any and one more": (changed("--foil", "any,10"), ["--foil: 'any' is not a length"]),
    "no foil between commas": (changed("--foil", "10,,20"), ["--foil: '' is not a length"]),
    "cathode not offered": (changed("--cathode", "3"), ["--cathode: 3 um", "4, 5, 6", "stack.cathode.thickness=3"]),
    "foil negative": (changed("--foil", "-10"), ["--foil"]),
    "cathode huge": (changed("--cathode", "1e9"), ["--cathode"]),
    "name with a slash": (changed("--name", "a/b"), ["--name", "letters, digits"]),
    "long name": (changed("--name", "x" * 60), ["--name"]),
    "nothing asked": (["design"], ["--mah", "--footprint", "--height"]),
    "one thing asked": (["design", "--mah", "20"], ["only the capacity"]),
    "unknown option": ([*changed(), "--footprnt", "1"], ["--footprnt", "--footprint"]),
    "unknown command": (["desing"], ["desing", "design"]),
    "stray argument": ([*changed(), "20"], ["20"]),
    "option without value": (["design", "--mah"], ["--mah"]),
    "pdk without a name": (changed("--pdk", ""), ["no process design kit ''"]),
    "pdk of a name that no folder can have": (changed("--pdk", "x" * 5000), ["--pdk", "no process design kit"]),
    "spec of a name that no file can have": (["design", "--spec", "a\0b"], ["cannot be read"]),
    "output of a name that no folder can have": (changed("--out", "a\0b"), ["--out", "cannot be written"]),
    "output of a name that is too long": (changed("--out", "x" * 300), ["--out", "too long"]),
    "unknown pdk": (changed("--pdk", "anodless-ss"), ["--pdk", "anodeless-ss"]),
    "set without value": (changed("--set", "web.kerf"), ["--set", "PATH=VALUE"]),
    "set unknown key": (changed("--set", "web.kref=40"), ["web.kref", "kerf"]),
    "set a table": (changed("--set", "stack.cathode=3"), ["stack.cathode.thickness"]),
    "set near an absent key": (changed("--set", "web.repeat_lenght=250"), ["repeat_lenght", "'repeat_length'"]),
    "set inside an absent table": (changed("--set", "stack.anode.thickness=1"), ["no stack.anode", "state"]),
    "set inside a single value": (changed("--set", "web.regime.kind=1"), ["web.regime is a single value"]),
    "set an absent key to text": (changed("--set", "web.repeat_length=wide"), ["wide", "mm"]),
    "set a repeat without its regime": (changed("--set", "web.repeat_length=250"), ["regime", "fixed"]),
    "leave out what is needed": (changed("--set", "web.kerf=none"), ["web.kerf", "not a number"]),
    "set text for a number": (changed("--set", "web.kerf=wide"), ["web.kerf", "wide"]),
    "set out of range": (changed("--set", "web.kerf=-1"), ["web.kerf", "out of range"]),
    "set nan": (changed("--set", "web.kerf=nan"), ["web.kerf", "nan"]),
    "set wrong unit": (changed("--set", "web.kerf=40 mAh"), ["web.kerf", "length"]),
    "set slits in words": (changed("--set", "web.slits=150 mm"), ["web.slits", "number of equal strips"]),
    "set a web of edges": (changed("--set", "web.width=0.001 mm"), ["web", "leave nothing", "wider web"]),
    "set unknown choice": (changed("--set", "yield.model=gauss"), ["yield.model", "poisson"]),
    "set not a truth value": (
        changed("--set", "web.rotation_allowed=maybe"),
        ["rotation_allowed", "true or false"],
    ),
    "set unknown spec field": (changed("--set", "spec.capcity=3"), ["capcity", "capacity"]),
    "spec file missing": (["design", "--spec", "nowhere.toml"], ["nowhere.toml", "no such file"]),
    "spec is a folder": (["design", "--spec", "."], ["cannot be read"]),
    "pdk path without toml": (changed("--pdk", "./empty"), ["empty", ".toml"]),
}


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "empty").mkdir()
    return tmp_path


def left_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def assert_refused(done, words, code=2):
    assert done.returncode == code, done.stderr
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    assert "pattern" not in done.stderr
    assert done.stderr.count("error:") == 1
    for word in words:
        assert word in done.stderr


@pytest.mark.parametrize("case", CASES)
def test_one_message_exit_two_and_nothing_written(case, folder, run):
    arguments, words = CASES[case]
    before = left_in(folder)
    assert_refused(run(*arguments, cwd=folder), words)
    assert left_in(folder) == before


SPEC_FILES = {
    "not toml": ("capacity = ", ["ring.toml", "TOML"]),
    "not text": (b"\xff\xfe\x00", ["ring.toml"]),
    "unknown key": ('capcity = "20 mAh"\nfootprint = "8x10"', ["ring.toml", "capcity", "capacity"]),
    "wrong type": ("capacity = [1]\nfootprint = '8x10'", ["ring.toml: capacity"]),
    "true for a number": ("capacity = true\nfootprint = '8x10'", ["ring.toml: capacity"]),
    "nested too deep": ("a = " + "[" * 9000, ["ring.toml: is not TOML", "nested too deep"]),
    "a number of thousands of digits": (f"capacity = {'9' * 5000}", ["ring.toml: is not TOML"]),
    "a key twice": ("capacity = 1\ncapacity = 2", ["ring.toml: is not TOML", "overwrite"]),
    "future schema": ("schema = 'layoutgen.spec/9'\ncapacity = 20\nfootprint = '8x10'", ["layoutgen.spec/1"]),
    "unknown weight": ("capacity = 20\nfootprint = '8x10'\n[weights]\nbeauty = 1", ["ring.toml", "weights"]),
    "weights and objective": (
        "capacity = 20\nfootprint = '8x10'\nobjective = 'web'\n[weights]\nweb = 1",
        ["weights: objective and weights are both given"],
    ),
    "all weights zero": ("capacity = 20\nfootprint = '8x10'\n[weights]\nweb = 0", ["above zero"]),
    "unknown title field": ("capacity = 20\nfootprint = '8x10'\n[title]\nownr = 'x'", ["title.ownr", "owner"]),
}


@pytest.mark.parametrize("case", SPEC_FILES)
def test_spec_files_with_errors(case, folder, run):
    text, words = SPEC_FILES[case]
    (folder / "ring.toml").write_bytes(text if isinstance(text, bytes) else text.encode())
    before = left_in(folder)
    assert_refused(run("design", "--spec", "ring.toml", cwd=folder), words)
    assert left_in(folder) == before


def test_all_errors_of_a_spec_file_at_once(folder, run):
    (folder / "ring.toml").write_text("capcity = 20\nfootprint = '8'\nheight = '2 mAh'\nconfidence = 7\n")
    done = run("design", "--spec", "ring.toml", cwd=folder)
    assert_refused(done, ["capcity", "footprint", "height", "confidence"])


def my_pdk(folder: Path, file: str, old: str, new: str) -> None:
    """The steel kit in full, with one text of a file replaced."""
    copy_pdk("anodeless-ss", folder / "fab", flat=True)
    path = folder / "fab" / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


PDK_EDITS = {
    "number without source": ("process.toml", ', source = "illustrative assumption"', "", ["source", "missing"]),
    "empty source": ("process.toml", 'source = "illustrative assumption"', 'source = ""', ["source"]),
    "unknown kind": ("process.toml", 'kind = "paper"', 'kind = "rumour"', ["rumour", "paper"]),
    "unknown key": ("process.toml", "terminal_resistance", "terminal_resistence", ["terminal_resistence"]),
    "negative thickness": ("process.toml", "value = 0.03", "value = -0.03", ["stack.barrier.thickness"]),
    "wrong unit": ("process.toml", 'value = 0.03, unit = "um"', 'value = 0.03, unit = "V"', ["voltage"]),
    "text for a number": ("process.toml", "value = 0.03", 'value = "thin"', ["stack.barrier.thickness"]),
    "broken toml": ("web.toml", "[laser]", "[laser", ["web.toml"]),
    "unknown layer in a mask": ("masks.toml", "CATHODE - ANODE_CC", "CATHODE - ANODE_C", ["ANODE_C", "ANODE_CC"]),
    "mask expression that runs code": ("masks.toml", "CATHODE - ANODE_CC", "__import__('os')", ["expression"]),
    "layer number": ("layers.toml", "number = 1\n", "number = 300\n", ["layers.SUBSTRATE.number"]),
    "layer twice": ("layers.toml", "number = 1\n", "number = 2\n", ["share number"]),
    "template length missing": ("web.toml", "pull_back", "pullback", ["device.pull_back"]),
    "unknown template": ("pdk.toml", '"device"', '"end-termnal"', ["end-termnal", "end-terminal"]),
}


@pytest.mark.parametrize("case", PDK_EDITS)
def test_broken_pdks(case, folder, run):
    file, old, new, words = PDK_EDITS[case]
    my_pdk(folder, file, old, new)
    before = left_in(folder)
    assert_refused(run(*changed("--pdk", "./fab"), cwd=folder), words)
    assert_refused(run("pdk", "check", "./fab", cwd=folder), words)
    assert left_in(folder) == before


def test_output_that_exists_is_kept_without_force(folder, run):
    target = folder / "out"
    target.mkdir()
    (target / "thesis.txt").write_text("mine")
    done = run(*changed("--out", "out"), "--force", cwd=folder)
    assert_refused(done, ["layoutgen did not make"])
    assert (target / "thesis.txt").read_text() == "mine"
    (folder / "file").write_text("mine")
    assert_refused(run(*changed("--out", "file"), cwd=folder), ["file"])
    assert_refused(run(*changed("--out", "file/below"), cwd=folder), ["file"])
    assert left_in(folder) == ["empty", "file", "out"]


def test_output_inside_a_folder_that_was_made_is_refused(folder, run):
    """It would no longer be what its manifest lists, and not verify."""
    made = folder / "made"
    made.mkdir()
    (made / "MANIFEST.json").write_text("{}")
    for place in ("made/new", "made/masks/deep/new", "./made/../made/new"):
        assert_refused(run(*changed("--out", place), cwd=folder), ["--out", "lies inside made", "MANIFEST.json"])
    assert left_in(made) == ["MANIFEST.json"]


def test_output_below_a_link_to_itself_is_refused_at_once(folder, run):
    (folder / "loop").symlink_to("loop")
    assert_refused(run(*changed("--out", "loop/new"), cwd=folder), ["--out", "symbolic links"])


def test_output_of_an_earlier_run_needs_force(folder, run):
    assert run(*changed("--out", "deep/out"), "-q", cwd=folder).returncode == 0
    before = (folder / "deep" / "out" / "design.json").read_bytes()
    assert_refused(run(*changed("--out", "deep/out", "--mah", "10"), cwd=folder), ["--force"])
    assert (folder / "deep" / "out" / "design.json").read_bytes() == before
    assert run(*changed("--out", "deep/out", "--mah", "10"), "--force", "-q", cwd=folder).returncode == 0
    assert (folder / "deep" / "out" / "design.json").read_bytes() != before
    assert left_in(folder / "deep") == ["out"]


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="needs a file system that refuses every writer")
def test_folder_that_cannot_be_written(folder, run):
    done = run(*changed("--out", "/proc/layoutgen"), cwd=folder)
    assert_refused(done, ["--out", "cannot be written"])


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere; /proc covers that case")
def test_folder_without_permission(folder, run):
    (folder / "empty").chmod(0o500)
    assert_refused(run(*changed("--out", "empty/out"), cwd=folder), ["cannot be written"])


def test_a_reader_that_goes_away_is_no_error(folder):
    """As in `layoutgen pdk show anodeless-ss | head -1`: exit code 1 would say that a design is wrong."""
    command = [sys.executable, "-m", "layoutgen", "pdk", "show", "anodeless-ss"]
    with subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 0


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
@pytest.mark.parametrize("command", [["pdk", "show", "anodeless-ss"], ["version"], ["--help"]])
def test_an_output_on_a_full_disk(folder, command):
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "layoutgen", *command],
            cwd=folder, stdout=full, stderr=subprocess.PIPE, text=True, check=False,
        )  # fmt: skip
    assert done.returncode == 2
    assert done.stderr == "error: the output cannot be written: no space left on device\n"


@pytest.mark.skipif(os.name != "posix", reason="needs a shell")
def test_no_standard_output_or_error_at_all(folder):
    for streams in (">&-", "2>&-", ">&- 2>&-"):
        command = f'"{sys.executable}" -m layoutgen pdk list {streams}'
        done = subprocess.run(command, shell=True, cwd=folder, capture_output=True, text=True, check=False)
        assert (done.returncode, done.stderr) == (0, ""), streams
    wrong = f'"{sys.executable}" -m layoutgen solve --mah x --footprint 8x10 >&- 2>&-'
    assert subprocess.run(wrong, shell=True, cwd=folder, check=False).returncode == 2


def test_a_real_process_says_the_same(folder, run):
    arguments = changed("--mah", "twenty")
    real = subprocess.run(
        [sys.executable, "-m", "layoutgen", *arguments], cwd=folder, capture_output=True, text=True, check=False
    )
    assert_refused(real, ["--mah", "twenty"])
    assert real.stderr == run(*arguments, cwd=folder).stderr
