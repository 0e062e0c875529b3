"""KiCad's own library reader takes the footprints; rules of its library convention (KLC), by number.

The reader is ``pcbnew`` of Debian's KiCad 6; it needs the system's Python. Where it is missing, tests are skipped,
in CI they fail.
"""

import json
import shutil
import subprocess
from pathlib import Path

import pytest
from kiutils.footprint import Footprint
from kiutils.symbol import SymbolLib

from layoutgen.export.models import model_files
from layoutgen.smt.land_pattern import Level, land_pattern
from layoutgen.smt.part import solder_part
from tests.browser import missing
from tests.draw.designs import TEN, inputs

SYSTEM_PYTHON = "/usr/bin/python3"
READER = str(Path(__file__).parent / "kicad_read.py")
DESIGNS = ["20 mAh in 8 x 10", "smallest", "long and thin", "on mica"]


@pytest.fixture(scope="module")
def read(tmp_path_factory):
    """Design -> footprint name -> what KiCad reads, all designs in one run of the reader."""
    probe = [SYSTEM_PYTHON, "-c", "import pcbnew"]
    try:
        there = subprocess.run(probe, capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        there = False
    if not there:
        missing("KiCad's pcbnew is not there: apt-get install --no-install-recommends kicad")
    folder = tmp_path_factory.mktemp("kicad") / "all.pretty"
    folder.mkdir()
    for number, name in enumerate(DESIGNS):
        for path, content in model_files(inputs(**TEN[name]), f"part{number}").items():
            if path.endswith(".kicad_mod"):
                (folder / path.rsplit("/", 1)[1]).write_bytes(content)
    done = subprocess.run([SYSTEM_PYTHON, READER, str(folder)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.parametrize("name", DESIGNS)
@pytest.mark.parametrize("level", list(Level))
def test_kicad_reads_the_lands_of_the_model(read, name, level):
    drawn = inputs(**TEN[name])
    pattern = land_pattern(solder_part(drawn.design, drawn.template), level)
    suffix = "" if level is Level.B else f"_{level}"
    found = read[f"part{DESIGNS.index(name)}{suffix}"]
    pads = {pad["number"]: pad for pad in found["pads"] if pad["number"]}
    assert set(pads) == {"1", "2"}
    for number, sign in (("1", -1), ("2", 1)):
        assert pads[number]["at"] == pytest.approx([sign * pattern.pad_offset, 0.0], abs=1e-6)
        assert pads[number]["size"] == pytest.approx([pattern.pad_length, pattern.x], abs=1e-6)
        assert {"F.Cu", "F.Mask"} <= set(pads[number]["layers"])


def test_footprints_keep_the_library_convention(read):
    for name, found in read.items():
        widths = {}
        for layer, width, *_ in found["lines"]:
            widths.setdefault(layer, set()).add(width)
        assert widths["F.Silkscreen"] == {0.12}, f"{name}: KLC F5.1, line width of the silk screen"
        assert widths["F.Fab"] == {0.1}, f"{name}: KLC F5.2, line width of the fabrication layer"
        assert widths["F.Courtyard"] == {0.05}, f"{name}: KLC F5.3, line width of the courtyard"
        for layer, _, *ends in found["lines"]:
            if layer == "F.Courtyard":
                for value in ends:
                    assert round(value * 100) == pytest.approx(value * 100, abs=1e-4), (
                        f"{name}: KLC F5.3, 0.01 grid"
                    )
        assert ["F.Silkscreen", "REF**"] in found["texts"], f"{name}: KLC F5.1, reference on the silk screen"
        assert ["F.Fab", "${REFERENCE}"] in found["texts"], f"{name}: KLC F5.2, reference on the fabrication layer"
        assert found["smd"], f"{name}: KLC F6.1, attribute of surface mounting"
        assert len(found["models"]) == 1, f"{name}: KLC F9.3, one 3D model"
        pads = [pad for pad in found["pads"] if pad["number"]]
        middle = sum(pad["at"][0] for pad in pads)
        assert middle == pytest.approx(0, abs=1e-6), f"{name}: KLC F6.2, origin in the middle"
        for layer, width, x0, y0, x1, y1 in found["lines"]:
            if layer != "F.Silkscreen":
                continue
            for pad in pads:
                (x, y), (length, high) = pad["at"], pad["size"]
                # the box around a line clears the copper on one axis at least
                gap_x = max(min(x0, x1) - (x + length / 2), (x - length / 2) - max(x0, x1))
                gap_y = max(min(y0, y1) - (y + high / 2), (y - high / 2) - max(y0, y1))
                assert max(gap_x, gap_y) - width / 2 >= 0.2 - 1e-6, (
                    f"{name}: KLC F5.1, silk screen 0.2 mm from copper"
                )


def test_later_versions_read_symbol_and_footprints(tmp_path):
    """KiCad from version 7 on has a program for it: both are read, drawn and brought to its own format."""
    program = shutil.which("kicad-cli")
    if program is None:
        pytest.skip("there is no kicad-cli: it comes with KiCad 7")
    folder = tmp_path / "part.pretty"
    folder.mkdir()
    symbol = tmp_path / "part.kicad_sym"
    for path, content in model_files(inputs(), "part").items():
        if path.endswith(".kicad_mod"):
            (folder / path.rsplit("/", 1)[1]).write_bytes(content)
    symbol.write_bytes(model_files(inputs(), "part")["cad/part.kicad_sym"])
    drawn = str(tmp_path / "drawn")
    for arguments in (
        ["fp", "export", "svg", str(folder), "-o", drawn],
        ["sym", "export", "svg", str(symbol), "-o", drawn],
        ["fp", "upgrade", str(folder), "--force"],
        ["sym", "upgrade", str(symbol), "--force"],
    ):
        done = subprocess.run([program, *arguments], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
    assert len(list(Path(drawn).glob("*.svg"))) == 4
    (upgraded,) = SymbolLib.from_file(str(symbol)).symbols
    assert sorted(pin.number for unit in upgraded.units for pin in unit.pins) == ["1", "2"]
    for file in folder.iterdir():
        assert [pad.number for pad in Footprint.from_file(str(file)).pads if pad.number] == ["1", "2"]
