"""Reading what came back: each format to the same table, and everything that is not taken is named."""

import io
import json
import re
import struct
import subprocess
import sys

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from layoutgen.cli import main
from layoutgen.lot.circuit import impedance
from layoutgen.lot.gauge import repeatability
from tests.lot.test_validity import CELL, FREQUENCY, STEP
from tests.lot.webs import cells, design_file, synthetic

REPEATS = 6


def run(capsys, *arguments):
    with pytest.raises(SystemExit) as caught:
        main([*arguments])
    out, err = capsys.readouterr()
    return caught.value.code, out, err


@pytest.fixture(scope="module")
def lot(tmp_path_factory):
    """A synthetic web, binned, and its readings as CSV with units of their own."""
    folder = tmp_path_factory.mktemp("lot")
    web = synthetic(folder, repeats=REPEATS)
    with pytest.raises(SystemExit):
        main(["bin", str(web), "-q"])
    design_file(folder)
    (folder / "readings.csv").write_text(csv_of(web))
    return folder


def rows_of(web):
    table = pq.read_table(web / "web.parquet")
    names = [f"W{r}-{cells().names[c]}" for r in range(1, REPEATS + 1) for c in range(cells().cells)]
    return names, {name: table[name].to_pylist() for name in table.column_names}


def csv_of(web):
    names, rows = rows_of(web)
    out = io.StringIO()
    out.write("id,OCV [mV],ASR/Ohm*cm²,capacity/uAh,contact (mohm)\n")
    for at, name in enumerate(names):
        if rows["passes"][at]:
            ocv, asr, capacity = rows["ocv_100uv"][at], rows["asr_mohm_cm2"][at], rows["capacity_nah"][at]
            text = ["" if v is None else f"{v / d:.10g}" for v, d in ((ocv, 10), (asr, 1000), (capacity, 1000))]
            out.write(f"{name},{','.join(text)},{rows['contact_mohm'][at]}\n")
    return out.getvalue()


def read(lot, capsys, *files, out, more=()):
    code, text, err = run(
        capsys,
        "test",
        "read",
        *map(str, files),
        "--design",
        str(lot / "design.json"),
        "--out",
        str(out),
        "-q",
        *more,
    )
    return code, text, err


def same(one, other, *names):
    a, b = pq.read_table(one / "web.parquet"), pq.read_table(other / "web.parquet")
    return [name for name in names if not a[name].equals(b[name])]


VALUES = ("repeat", "cell", "ocv_100uv", "asr_mohm_cm2", "capacity_nah")


def test_csv_gives_the_table_again(lot, tmp_path, capsys):
    code, out, _ = read(lot, capsys, lot / "readings.csv", out=tmp_path / "web")
    assert code == 0
    assert same(lot / "web", tmp_path / "web", *VALUES, "contact_mohm") == []
    found = json.loads((tmp_path / "web/import.json").read_text())
    assert found["missing"] == cells().cells
    assert len(found["missing_repeats"]) == 1
    assert "no reading" in out


def test_rows_in_any_order_and_other_ways_to_name_a_cell(lot, tmp_path, capsys):
    names, rows = rows_of(lot / "web")
    order = np.random.default_rng(1).permutation(len(names))
    repeat, cell = np.divmod(order, cells().cells)
    there = np.array([rows["ocv_100uv"][at] is not None for at in order])
    volts = [rows["ocv_100uv"][at] / 1e4 for at in order[there]]
    web = cells()
    apart = pa.table(
        {
            "repeat": repeat[there] + 1, "field": web.field[cell[there]], "block": web.block[cell[there]],
            "column": web.column[cell[there]], "row": web.row[cell[there]], "ocv/V": volts,
        }
    )  # fmt: skip
    pq.write_table(apart, tmp_path / "apart.parquet")
    points = pa.table(
        {
            "x_mm": web.x_um[cell[there]] / 1000 + 1.5,
            "y_mm": web.y_um[cell[there]] / 1000 + repeat[there] * web.length_um / 1000 - 2.0,
            "ocv/V": volts,
        }
    )
    pq.write_table(points, tmp_path / "points.parquet")
    for name in ("apart", "points"):
        code, _, err = read(lot, capsys, tmp_path / f"{name}.parquet", out=tmp_path / name)
        assert code == 0, err
        assert same(lot / "web", tmp_path / name, "repeat", "cell", "ocv_100uv") == []


def test_stdf_e142_and_our_own_table_are_read_back(lot, tmp_path, capsys):
    assert read(lot, capsys, lot / "web/bins.stdf", out=tmp_path / "stdf")[0] == 0
    assert same(lot / "web", tmp_path / "stdf", *VALUES) == []
    assert read(lot, capsys, lot / "web/bin-map.xml", out=tmp_path / "e142")[0] == 0
    codes = pq.read_table(lot / "web/bins.parquet")["bin"].to_numpy().astype(int)
    taken = pq.read_table(tmp_path / "e142/web.parquet")["tester_bin"].to_numpy()
    assert np.array_equal(np.where(codes == 0, 65535, codes), taken)
    assert read(lot, capsys, lot / "web/web.parquet", out=tmp_path / "own")[0] == 0
    assert same(lot / "web", tmp_path / "own", *VALUES, "contact_mohm") == []
    for name in ("stdf", "e142", "own"):
        assert json.loads((tmp_path / name / "import.json").read_text())["synthetic"] is True


def big_endian(content):
    """The same records with every number the other way round, by hand, of those that tell something here."""
    out, at = b"", 0
    while at < len(content):
        (length,) = struct.unpack_from("<H", content, at)
        kind, body = content[at + 2 : at + 4], content[at + 4 : at + 4 + length]
        at += 4 + length
        if kind == b"\0\x0a":
            body = bytes([1, 4])
        elif kind == b"\x0f\x0a":
            body = struct.pack(">IBBBBf", *struct.unpack_from("<IBBBBf", body)) + body[12:]
        elif kind == b"\x05\x14":
            body = struct.pack(">BBBHHHhhI", *struct.unpack_from("<BBBHHHhhI", body)) + body[17:]
        out += struct.pack(">H", len(body)) + kind + body
    return out


def test_stdf_of_a_tester_with_the_other_order_of_bytes(lot, tmp_path, capsys):
    (tmp_path / "big.stdf").write_bytes(big_endian((lot / "web/bins.stdf").read_bytes()))
    assert read(lot, capsys, tmp_path / "big.stdf", out=tmp_path / "web")[0] == 0
    assert same(lot / "web", tmp_path / "web", *VALUES) == []


ORIGINS = {
    "LowerLeft": ("UpRight", False, False), "LowerRight": ("UpLeft", True, False),
    "UpperLeft": ("DownRight", False, True), "UpperRight": ("DownLeft", True, True),
}  # fmt: skip
WRITE = {
    "Decimal": lambda row: " ".join(f"{code:03}" for code in row),
    "HexaDecimal": lambda row: "".join(f"{code:02X}" for code in row),
    "Integer2": lambda row: "".join(f"{code:04X}" for code in row),
    "Ascii": lambda row: "".join(chr(code) for code in row),
}


def e142(codes, kind, origin, space="urn:semi-org:xsd.E142-1.V1005.SubstrateMap", orientation="0", axis=None):
    """A map of all blocks, as another program would write it; codes are (repeats, cells)."""
    web, maps = cells(), []
    axes, left, down = ORIGINS[origin]
    null = {"Decimal": "255", "HexaDecimal": "FF", "Integer2": "00FF", "Ascii": "\xff"}[kind]
    for field, block in sorted(set(zip(web.field.tolist(), web.block.tolist(), strict=True))):
        inside = (web.field == field) & (web.block == block)
        grid = codes[:, inside].reshape(-1, int(web.column[inside].max()))
        grid = grid[::-1] if down else grid
        grid = grid[:, ::-1] if left else grid
        rows = "".join(f"<BinCode>{WRITE[kind](row)}</BinCode>" for row in grid.tolist())
        maps.append(
            f'<SubstrateMap LayoutSpecifier="Web/Repeat/F{field}-B{block}" OriginLocation="{origin}" '
            f'AxisDirection="{axis or axes}" Orientation="{orientation}"><Overlay><BinCodeMap BinType="{kind}" '
            f'NullBin="{null}">{rows}</BinCodeMap></Overlay></SubstrateMap>'
        )
    return f'<MapData xmlns="{space}"><SubstrateMaps>{"".join(maps)}</SubstrateMaps></MapData>'


@pytest.mark.parametrize("kind", WRITE)
@pytest.mark.parametrize("origin", ORIGINS)
def test_every_kind_and_origin_of_e142_gives_the_same_table(kind, origin, lot, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("layoutgen.lot.reading.e142_file._CHUNK", 1000)
    monkeypatch.setattr("layoutgen.lot.reading.e142_file._PIECE", 90)
    codes = np.random.default_rng(2).integers(65, 90, (3, cells().cells))
    space = "urn:somebody" if kind == "Decimal" else "urn:semi-org:xsd.E142-1.V0105.SubstrateMap"
    (tmp_path / "map.xml").write_text(e142(codes, kind, origin, space))
    assert read(lot, capsys, tmp_path / "map.xml", out=tmp_path / "web")[0] == 0
    taken = pq.read_table(tmp_path / "web/web.parquet")["tester_bin"].to_numpy()
    assert np.array_equal(taken, codes.ravel())


def device_data(volts, origin, form):
    """Readings of all blocks as a DeviceDataMap; volts are (repeats, cells)."""
    web, maps, layouts = cells(), [], [f'<Layout LayoutId="Web"><Dimension X="1" Y="{len(volts)}"/></Layout>']
    layouts.append('<Layout LayoutId="Repeat"><Dimension X="1" Y="1"/></Layout>')
    axes, left, down = ORIGINS[origin]
    for field, block in sorted(set(zip(web.field.tolist(), web.block.tolist(), strict=True))):
        inside = (web.field == field) & (web.block == block)
        columns, rows = int(web.column[inside].max()), int(web.row[inside].max())
        layouts.append(f'<Layout LayoutId="F{field}-B{block}"><Dimension X="{columns}" Y="{rows}"/></Layout>')
        grid = volts[:, inside].reshape(-1, columns)
        grid = grid[::-1] if down else grid
        grid = grid[:, ::-1] if left else grid
        if form == "rows":
            data = "".join(f"<Row>{' '.join(f'{v:.4f}' for v in row)}</Row>" for row in grid.tolist())
        else:
            write = {
                "named": '<DeviceData X="{x}" Y="{y}"><Data Name="OCV" Units="mV">{mv:.1f}</Data></DeviceData>',
                "tags": '<Device X="{x}" Y="{y}"><OCV Unit="mV" Value="{mv:.1f}"/></Device>',
                "headings": '<Device X="{x}" Y="{y}" ocv_mV="{mv:.1f}" colour="red"/>',
            }[form]
            data = "".join(
                write.format(x=x, y=y, mv=1000 * v)
                for y, row in enumerate(grid.tolist())
                for x, v in enumerate(row)
            )
        maps.append(
            f'<SubstrateMap LayoutSpecifier="Web/Repeat/F{field}-B{block}" OriginLocation="{origin}" '
            f'AxisDirection="{axes}"><Overlay MapName="OCV"><DeviceDataMap Units="V">{data}</DeviceDataMap>'
            "</Overlay></SubstrateMap>"
        )
    return f"<MapData><Layouts>{''.join(layouts)}</Layouts><SubstrateMaps>{''.join(maps)}</SubstrateMaps></MapData>"


@pytest.mark.parametrize("form", ["rows", "named", "tags", "headings"])
@pytest.mark.parametrize("origin", ["LowerLeft", "UpperRight"])
def test_device_data_of_e142_gives_the_table(form, origin, lot, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("layoutgen.lot.reading.e142_file._CHUNK", 1000)
    monkeypatch.setattr("layoutgen.lot.reading.device_data._PIECE", 90)
    volts = np.round(3.8 + 0.1 * np.random.default_rng(3).random((2, cells().cells)), 4)
    (tmp_path / "data.xml").write_text(device_data(volts, origin, form))
    code, out, err = read(lot, capsys, tmp_path / "data.xml", out=tmp_path / "web")
    assert code == 0, err
    taken = pq.read_table(tmp_path / "web/web.parquet")["ocv_100uv"].to_numpy()
    assert np.array_equal(taken, np.rint(volts * 1e4).astype(int).ravel())
    assert ("'colour' says nothing" in out) == (form == "headings")


def test_bins_of_single_devices_are_placed_or_refused(lot, tmp_path, capsys):
    def write(x, y, first, dimension):
        layouts = "".join(
            f'<Layout LayoutId="{name}"><Dimension X="17" Y="{n}"/></Layout>'
            for name, n in (("Web", 2), ("Repeat", 1), ("F1-B1", 15))
        )
        (tmp_path / "one.xml").write_text(
            f"<MapData>{f'<Layouts>{layouts}</Layouts>' if dimension else ''}<SubstrateMaps>"
            '<SubstrateMap LayoutSpecifier="Web/Repeat/F1-B1" OriginLocation="UpperLeft"><Overlay>'
            f'<ReferenceDevices><ReferenceDevice Name="FirstDevice"><Coordinates X="{first}" Y="{first}"/>'
            '</ReferenceDevice></ReferenceDevices><BinCodeMap BinType="Integer2">'
            f'<BinCode X="{x}" Y="{y}">0014</BinCode></BinCodeMap></Overlay></SubstrateMap></SubstrateMaps>'
            "</MapData>"
        )
        return read(lot, capsys, tmp_path / "one.xml", out=tmp_path / f"web{x}{y}{first}")

    for first in (0, 1):
        assert write(first, first, first, dimension=True)[0] == 0
        taken = pq.read_table(tmp_path / f"web{first}{first}{first}/web.parquet")["tester_bin"].to_numpy()
        (place,) = np.flatnonzero(taken != 65535)
        assert f"W{place // cells().cells + 1}-{cells().names[place % cells().cells]}" == "W2-F1-B1-C01-R15"
    assert "y from 0 to 29" in write(0, 30, 0, dimension=True)[2]
    assert "counts rows from above" in write(0, 3, 0, dimension=False)[2]


KLARF = """FileVersion 1 2;
DiePitch {width} {length};
DefectRecordSpec 6 DEFECTID XREL YREL XINDEX YINDEX CLASSNUMBER ;
DefectList
{rows};
EndOfFile;
"""


def test_klarf_defects_lie_on_their_cells(lot, tmp_path, capsys):
    web = cells()
    points = [(1, web.x_um[7], web.y_um[7], 2), (2, web.x_um[300] + 900, web.y_um[300] - 900, 5), (3, 5.0, 5.0, 1)]
    rows = "\n".join(f" {n} {x:.1f} {y:.1f} 0 {repeat} 4" for n, x, y, repeat in points)
    text = KLARF.format(width=web.width_um, length=web.length_um, rows=rows)
    (tmp_path / "aoi.001").write_text(text)
    assert read(lot, capsys, lot / "readings.csv", tmp_path / "aoi.001", out=tmp_path / "web")[0] == 0
    status = pq.read_table(tmp_path / "web/web.parquet")["status"].to_numpy().reshape(REPEATS, -1)
    assert {(int(r) + 1, int(c)) for r, c in zip(*np.nonzero(status & 8), strict=True)} == {(2, 7), (5, 300)}
    assert pq.read_table(tmp_path / "web/defects.parquet")["cell"].to_pylist() == [-1, 7, 300]


def test_spectra_are_judged_and_their_resistance_taken(lot, tmp_path, capsys):
    rng = np.random.default_rng(4)
    count, lines = 120, ["cell,f/kHz,Re(Z)/Ohm,-Im(Z)/mOhm"]
    for number in range(count):
        z = impedance(CELL, FREQUENCY) / cells().area_cm2
        z = z * (1 + 0.002 * (rng.standard_normal(31) + 1j * rng.standard_normal(31)))
        z = z * STEP * STEP if number < 5 else z
        lines += [
            f"W2-{cells().names[number]},{f / 1000:.9g},{v.real:.8g},{-v.imag * 1000:.8g}"
            for f, v in zip(FREQUENCY, z, strict=True)
        ]
    (tmp_path / "eis.csv").write_text("\n".join(lines))
    code, _, err = read(lot, capsys, tmp_path / "eis.csv", out=tmp_path / "web")
    assert code == 0, err
    table = pq.read_table(tmp_path / "web/web.parquet")
    status, asr = table["status"].to_numpy().reshape(2, -1)[1], table["asr_mohm_cm2"].to_pylist()[cells().cells :]
    assert (status[:5] & 4).all()
    assert (status[5:count] & 4).mean() < 0.03
    assert asr[50] == pytest.approx(1000 * impedance(CELL, FREQUENCY)[-1].real, rel=0.01)
    assert pq.read_table(tmp_path / "web/spectra.parquet").num_rows == count


def test_retests_keep_the_last_valid_and_a_leak_comes_of_two_times(lot, tmp_path, capsys):
    a, b, c = (f"W1-{cells().names[n]}" for n in (0, 1, 2))
    lines = [
        "id,ocv/V,contact/ohm,time/h",
        f"{a},3.851,0.3,0",
        f"{a},3.850,0.3,2",
        f"{b},3.2,900,0",
        f"{b},3.85,0.2,1",
    ]
    lines += [f"{c},3.85,0.2,0", f"{c},3.1,700,1"]
    (tmp_path / "twice.csv").write_text("\n".join(lines))
    assert read(lot, capsys, tmp_path / "twice.csv", out=tmp_path / "web")[0] == 0
    rows = pq.read_table(tmp_path / "web/web.parquet").slice(0, 4).to_pylist()
    assert [row["passes"] for row in rows] == [2, 2, 2, 0]
    assert [row["ocv_100uv"] for row in rows] == [38500, 38500, 38500, None]
    assert [row["status"] for row in rows] == [0, 2, 2, 0]
    assert (rows[0]["ocv_before_100uv"], rows[0]["rest_s"]) == (38510, 7200)
    assert rows[1]["rest_s"] is None


def test_what_is_not_taken_is_named_with_its_place_and_strict_refuses_it(lot, tmp_path, capsys):
    name = cells().names
    lines = ["# shift: 2", "id,ocv/V", f"W1-{name[0]},3.85", f"W1-{name[1]},3850", "", f"W1-{name[2]},bad"]
    lines += [f"W1-{name[3]},nan", "W1-F9-B1-C01-R01,3.8", f"W1-{name[4]},3.85,7", f"W1-{name[5]},5.7"]
    lines += [f"W1-{n},3.85" for n in name[6:200]]
    (tmp_path / "odd.csv").write_text("\n".join(lines) + "\n")
    code, out, err = read(lot, capsys, tmp_path / "odd.csv", out=tmp_path / "web")
    assert (code, err) == (0, "")
    found = json.loads((tmp_path / "web/import.json").read_text())
    counts = {key: found[key] for key in ("unknown", "out_of_range", "unreadable", "broken_lines")}
    assert counts == {"unknown": 1, "out_of_range": 2, "unreadable": 1, "broken_lines": 1}
    assert "mixed units" in out
    assert f"odd.csv, line 4, W0001-{name[1]}: ocv 3850 V, range -0.1 .. 5.5" in out
    assert f"odd.csv, line 10, W0001-{name[5]}: ocv 5.7 V" in out
    assert "odd.csv, line 6: ocv 'bad'" in out
    assert "odd.csv, line 8: 'W1-F9-B1-C01-R01'" in out
    assert "odd.csv, line 9: 3 columns where the heading has 2" in out
    before = sorted((tmp_path / "web").iterdir())
    code, out, err = read(lot, capsys, tmp_path / "odd.csv", out=tmp_path / "strict", more=("--strict",))
    assert (code, out) == (2, "")
    assert all(word in err for word in ("unknown", "out of range", "unreadable", "broken lines"))
    assert not (tmp_path / "strict").exists()
    assert sorted((tmp_path / "web").iterdir()) == before


def test_a_design_with_cells_that_this_one_has_not_is_refused_or_left_out_as_asked(lot, tmp_path, capsys):
    """A fifth of the rows of a file without a digest lie in a column too many: another design."""
    wide = [f"W1-F1-B1-C{c:02d}-R{r:02d},3.85" for c in range(13, 23) for r in range(1, 16)]
    (tmp_path / "wide.csv").write_text("id,ocv/V\n" + "\n".join(wide) + "\n")
    for more in ((), ("--strict",)):
        code, out, err = read(lot, capsys, tmp_path / "wide.csv", out=tmp_path / "web", more=more)
        assert (code, out, (tmp_path / "web").exists()) == (2, "", False)
        assert "75 of 150 rows are of cells that this design has not" in err
        assert "line 77: 'W1-F1-B1-C18-R01'" in err
        assert "--unknown 50" in err
    code, out, _ = read(lot, capsys, tmp_path / "wide.csv", out=tmp_path / "web", more=("--unknown", "50"))
    assert code == 0
    assert "75  not of this design" in out
    assert read(lot, capsys, tmp_path / "wide.csv", out=tmp_path / "x", more=("--unknown", "x"))[0] == 2


WRONG_UNITS = {
    "capacity/mAh": ("capacity", 0.41, 1000, "capacity=uAh"),
    "capacity/nAh": ("capacity", 0.41, 1000, "capacity=uAh"),
    "R/kohm": ("asr", 350, 1, "asr=ohm"),
    "R/Mohm": ("asr", 350, 1, "asr=ohm"),
    "R/mohm": ("asr", 350, 1, "asr=ohm"),
    "ASR/mohm cm2": ("asr", 250, 1, "asr=ohm cm2"),
    "ASR/kohm cm2": ("asr", 250, 1, "asr=ohm cm2"),
    "contact/ohm": ("contact", 0.3, 1000, "contact=mohm"),
    "contact/mohm": ("contact", 0.3, 1, "contact=ohm"),
    "contact/kohm": ("contact", 0.3, 1, "contact=ohm"),
    "OCV/V": ("ocv", 3.85, 1000, "ocv=mV"),
    "OCV/mV": ("ocv", 3.85, 1, "ocv=V"),
    "OCV/uV": ("ocv", 3.85, 1, "ocv=V"),
    "T/K": ("temperature", 25, 1, "temperature=degC"),
}  # fmt: skip


@pytest.mark.parametrize("heading", WRONG_UNITS)
def test_a_unit_that_the_values_are_not_in_is_refused_and_may_be_said_beside_the_file(
    heading, lot, tmp_path, capsys
):
    reading, value, factor, said = WRONG_UNITS[heading]
    rng = np.random.default_rng(5)
    live = "" if reading == "ocv" else "ocv/V,"
    lines = [f"id,{live}{heading}"]
    for number, name in enumerate(cells().names[:300]):
        volts = "" if reading == "ocv" else f"{3.85 if number % 12 else 0.01},"
        lines.append(f"W1-{name},{volts}{value * factor * (1 + 0.05 * rng.standard_normal()):.6g}")
    (tmp_path / "wrong.csv").write_text("\n".join(lines) + "\n")
    code, out, err = read(lot, capsys, tmp_path / "wrong.csv", out=tmp_path / "web")
    assert (code, out) == (2, ""), err
    assert f"--unit {said}" in err
    assert "would be right" in err
    code, out, err = read(lot, capsys, tmp_path / "wrong.csv", out=tmp_path / "web", more=("--unit", said))
    assert code == 0, err
    assert "out of range" not in out


def test_shorts_and_a_few_odd_values_are_no_wrong_unit(lot, tmp_path, capsys):
    """A fifth of the cells shorted, with a thousandth of the resistance: nothing is refused or said of units."""
    lines = ["id,ocv/V,ASR/ohm cm2,capacity/mAh"]
    lines += [f"W1-{n},0.01,0.25,0" if k % 5 == 0 else f"W1-{n},3.85,250,0.4" for k, n in enumerate(cells().names)]
    (tmp_path / "shorts.csv").write_text("\n".join(lines) + "\n")
    code, out, err = read(lot, capsys, tmp_path / "shorts.csv", out=tmp_path / "web")
    assert code == 0, err
    assert "units" not in out


def sweeps(frequency, heading="id,f/Hz,Re(Z)/ohm,-Im(Z)/ohm", re=1.0, im=1.0, count=30):
    lines, z = [heading], impedance(CELL, FREQUENCY) / cells().area_cm2
    for name in cells().names[:count]:
        lines += [
            f"W1-{name},{f:.9g},{v.real * re:.8g},{-v.imag * im:.8g}"
            for f, v in zip(frequency, z * (1 + 1e-3 * len(lines) / 900), strict=True)
        ]
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize(
    ("scale", "heading", "re", "im", "said"),
    [
        (1, "id,f/kHz,Re(Z)/ohm,-Im(Z)/ohm", 1, 1, "frequencies from 1 kHz to 1 GHz, which a thousandth as large"),
        (1, "id,f/MHz,Re(Z)/ohm,-Im(Z)/ohm", 1, 1, "--unit frequency=Hz"),
        (1e-3, "id,f/Hz,Re(Z)/ohm,-Im(Z)/ohm", 1, 1, "--unit frequency=kHz"),
        (1, "id,f/Hz,Re(Z)/mohm,-Im(Z)/mohm", 1, 1, "--unit re=ohm"),
        (1, "id,f/Hz,Re(Z)/kohm,-Im(Z)/ohm", 1, 1, "real parts would be right a thousandth as large"),
        (1, "id,f/Hz,Re(Z)/ohm,-Im(Z)/mohm", 1, 1, "imaginary parts would be right a thousand times as large"),
        (1, "id,f/Hz,Re(Z)/ohm,-Im(Z)/ohm", -1, 1, "have a negative real part"),
    ],
)
def test_spectra_in_other_units_than_their_headings_are_refused(
    scale, heading, re, im, said, lot, tmp_path, capsys
):
    rules = tmp_path / "sweep.toml"
    rules.write_text('[test.sweep]\nlow = { value = 1, unit = "Hz", kind = "assumed", source = "this test" }\n')
    (tmp_path / "eis.csv").write_text(sweeps(FREQUENCY * scale, heading, re, im))
    more = ("--rules", str(rules))
    code, out, err = read(lot, capsys, tmp_path / "eis.csv", out=tmp_path / "web", more=more)
    assert (code, out, said in err) == (2, "", True), err
    (tmp_path / "right.csv").write_text(sweeps(FREQUENCY))
    code, out, err = read(lot, capsys, tmp_path / "right.csv", out=tmp_path / "web", more=more)
    assert (code, "sweep of the process" in out) == (0, False), err


def test_another_sweep_is_named_and_taken(lot, tmp_path, capsys):
    (tmp_path / "slow.csv").write_text(sweeps(FREQUENCY / 100))
    code, out, err = read(lot, capsys, tmp_path / "slow.csv", out=tmp_path / "web")
    assert code == 0, err
    assert "frequencies from 10 mHz to 10 kHz; the sweep of the process is 10 Hz to 1 MHz" in out


def test_readings_most_of_which_can_be_none_are_refused(lot, tmp_path, capsys):
    lines = ["id,ASR/ohm cm2"] + [f"W1-{n},{-250 - k % 9}" for k, n in enumerate(cells().names)]
    (tmp_path / "minus.csv").write_text("\n".join(lines) + "\n")
    code, out, err = read(lot, capsys, tmp_path / "minus.csv", out=tmp_path / "web")
    assert (code, out) == (2, "")
    assert f"{cells().cells} of {cells().cells} resistances are out of range, 0 .. 1e+06 ohm cm2" in err
    assert "--rules" in err


def test_a_web_shorter_than_its_readings_is_refused(lot, tmp_path, capsys):
    short = f"{2 * cells().length_um * 1e-6 + 0.001:.4f}"
    code, out, err = read(lot, capsys, lot / "readings.csv", out=tmp_path / "web", more=("--web-length", short))
    assert (code, out) == (2, "")
    assert "is 2 repeats, and there are readings or defects up to W0006" in err
    longer = re.search(r"--web-length ([\d.]+)", err.split("try:")[1])[1]
    assert read(lot, capsys, lot / "readings.csv", out=tmp_path / "web", more=("--web-length", longer))[0] == 0


def test_columns_that_say_nothing_are_named(lot, tmp_path, capsys):
    (tmp_path / "more.csv").write_text(f"id,ocv/V,leak/uA,lot,probe_x_mm\nW1-{cells().names[0]},3.85,0.1,7,3\n")
    code, out, _ = read(lot, capsys, tmp_path / "more.csv", out=tmp_path / "web")
    assert code == 0
    assert "'leak/uA', 'lot': no heading that says anything here, left out" in out


def test_defects_without_a_place_are_counted_or_refused(lot, tmp_path, capsys):
    web = cells()
    places = [(web.x_um[0], web.y_um[0], 1), ("nan", 5, 1), (9, 9, "inf"), (8, 8, 1), (7, 7, 2)]
    rows = "\n".join(f" {k} {x} {y} 0 {r} 4" for k, (x, y, r) in enumerate(places))
    (tmp_path / "some.001").write_text(KLARF.format(width=web.width_um, length=web.length_um, rows=rows))
    code, out, err = read(lot, capsys, lot / "readings.csv", tmp_path / "some.001", out=tmp_path / "web")
    assert code == 0, err
    assert "defect 2 of the list: XREL nan YREL 5 YINDEX 1" in out
    assert json.loads((tmp_path / "web/import.json").read_text())["defects"]["points"] == 3
    rows = " 1 nan nan 0 nan 4"
    (tmp_path / "none.001").write_text(KLARF.format(width=web.width_um, length=web.length_um, rows=rows))
    code, _, err = read(lot, capsys, lot / "readings.csv", tmp_path / "none.001", out=tmp_path / "none")
    assert (code, "none.001: 1 of 1 defects have no place" in err) == (2, True)


def test_places_that_are_never_read_are_named_and_a_sample_is_not(lot, tmp_path, capsys):
    """A web of a smaller design gives no unknown cell, but has none of the last column."""
    text = (lot / "readings.csv").read_text().splitlines(keepends=True)
    small = [text[0], *(line for line in text[1:] if "-F1-B1-C17-" not in line)]
    (tmp_path / "small.csv").write_text("".join(small))
    code, out, _ = read(lot, capsys, tmp_path / "small.csv", out=tmp_path / "small")
    assert code == 0
    assert "15 places of the repeat, F1-B1-C17-R01" in out
    (tmp_path / "sample.csv").write_text("".join([text[0], *text[1::7]]))
    code, out, _ = read(lot, capsys, tmp_path / "sample.csv", out=tmp_path / "sample")
    assert (code, "of the repeat" in out) == (0, False)
    code, out, _ = read(lot, capsys, lot / "readings.csv", out=tmp_path / "whole")
    assert (code, "of the repeat" in out) == (0, False)


def test_half_a_web_is_missing_to_its_end(lot, tmp_path, capsys):
    text = (lot / "readings.csv").read_text().splitlines()
    half = [text[0], *(line for line in text[1:] if line[1] in "123")]
    (tmp_path / "half.csv").write_text("\n".join(half))
    metres = f"{REPEATS * cells().length_um * 1e-6 + 0.001:.4f}"
    assert read(lot, capsys, tmp_path / "half.csv", out=tmp_path / "web", more=("--web-length", metres))[0] == 0
    found = json.loads((tmp_path / "web/import.json").read_text())
    assert found["repeats"] == REPEATS
    assert {4, 5, 6} <= set(found["missing_repeats"])
    code, out, _ = run(capsys, "bin", str(tmp_path / "web"), "-q")
    assert code == 1
    assert "were tested" in out


def damaged(lot, tmp_path):
    """File -> what the message says; each alone, with the example's design."""
    (tmp_path / "empty.csv").write_text("")
    (tmp_path / "words.csv").write_text("once upon a time\nthere was\n")
    (tmp_path / "no-unit.csv").write_text("id,ocv\nF1-B1-C01-R01,3.8\n")
    swapped = [f"W1-F{f}-B{b}-C{r}-R{c},3.85" for f, b, c, r in zip(
        cells().field, cells().block, cells().column, cells().row, strict=True) if c > 15]  # fmt: skip
    (tmp_path / "swapped.csv").write_text("id,ocv/V\n" + "\n".join(swapped))
    (tmp_path / "other.csv").write_text(f"# map_sha256: {'0' * 64}\nid,ocv/V\nF1-B1-C01-R01,3.8\n")
    (tmp_path / "cut.stdf").write_bytes((lot / "web/bins.stdf").read_bytes()[:-7])
    (tmp_path / "cut.parquet").write_bytes((lot / "web/web.parquet").read_bytes()[:-700])
    (tmp_path / "cut.xml").write_bytes((lot / "web/bin-map.xml").read_bytes()[:-300])
    (tmp_path / "old.stdf").write_bytes(b"\x02\0\0\x0a\x02\x03")
    (tmp_path / "binary.csv").write_bytes(bytes(range(256)) * 9)
    (tmp_path / "die.001").write_text(KLARF.format(width=1000, length=1000, rows=" 1 5 5 0 1 4"))
    (tmp_path / "cut.001").write_text("FileVersion 1 2;\nDiePitch 5 5;\n")
    codes = np.full((2, cells().cells), 65)
    (tmp_path / "turned.xml").write_text(e142(codes, "Ascii", "LowerLeft", orientation="90"))
    (tmp_path / "axes.xml").write_text(e142(codes, "Ascii", "LowerLeft", axis="DownRight"))
    (tmp_path / "entity.xml").write_text(f"<!--{'x' * 9000}--><!DOCTYPE MapData []><MapData/>")
    foreign = f"<!-- map_sha256 {'0' * 64} -->" + e142(codes, "Ascii", "LowerLeft")
    (tmp_path / "foreign.xml").write_text(foreign)
    (tmp_path / "nobins.xml").write_text(re.sub("<BinCode>.*?</BinCode>", "", e142(codes, "Ascii", "LowerLeft")))
    (tmp_path / "ragged.xml").write_text(e142(codes, "Ascii", "LowerLeft").replace("A</BinCode>", "</BinCode>", 1))
    (tmp_path / "texts.csv").write_text(
        "id,ocv/V\n" + "".join(f"W01-F1-B1-C01-R{c:02d},n.m.\n" for c in range(1, 9))
    )
    live = "".join(f"W01-F1-B1-C01-R{c:02d},3.85\n" for c in range(1, 9))
    (tmp_path / "volts.csv").write_text("id,ocv/mV\n" + live)
    sweep = "".join(f"W01-F1-B1-C01-R01,{10**k},{200 - 20 * k},{30 - k}\n" for k in range(1, 7))
    (tmp_path / "sign.csv").write_text("id,f/Hz,re/ohm,im/ohm\n" + sweep)
    (tmp_path / "endless.csv").write_text("id,ocv/V," * 9000)
    (tmp_path / "double.csv").write_text("id," + "ocv/V," * 60 + "\nW01-F1-B1-C01-R01,3.8\n")
    (tmp_path / "quoted.csv").write_text('id,ocv/V\n"' + "W01-F1-B1-C01-R01,3.8\n" * 900_000)
    (tmp_path / "noise.parquet").write_bytes(bytes(range(256)) * 9)
    inside = "<MapData><!-- {} --></MapData>", "<MapData>{}</MapData>"
    (tmp_path / "comment.xml").write_text(inside[0].format("x" * (18 << 20)))
    (tmp_path / "deep.xml").write_text(inside[1].format("<Note>" * 70 + "</Note>" * 70))
    return {
        "volts.csv": "a thousand times as large", "sign.csv": "are inductive",
        "texts.csv": "8 values of 8 rows are no numbers", "endless.csv": "within 64 KiB",
        "double.csv": "and 56 more hold ocv", "quoted.csv": "not closed", "noise.parquet": "not a Parquet file",
        "comment.xml": "more than 16 MiB", "deep.xml": "more than 64 deep",
        "nowhere.csv": "cannot be read", "empty.csv": "empty", "words.csv": "headings",
        "no-unit.csv": "--unit ocv=",

        "swapped.csv": "swapped", "other.csv": "cell map", "cut.stdf": "truncated", "cut.parquet": "truncated",
        "cut.xml": "truncated", "old.stdf": "version 3", "binary.csv": "no text", "die.001": "no repeats of",
        "cut.001": "truncated", "turned.xml": "90 degrees", "axes.xml": "lead out",
        "ragged.xml": "rows of 17", "entity.xml": "document type", "foreign.xml": "cell map",
        "nobins.xml": "0 bins",
    }  # fmt: skip


def test_damaged_and_foreign_files_have_one_message_each_and_nothing_is_lost(lot, tmp_path, capsys):
    said = damaged(lot, tmp_path)
    assert read(lot, capsys, lot / "readings.csv", out=tmp_path / "web")[0] == 0
    before = {path: path.read_bytes() for path in sorted((tmp_path / "web").iterdir())}
    listed = sorted(tmp_path.rglob("*"))
    for name, words in said.items():
        code, out, err = read(
            lot, capsys, lot / "readings.csv", tmp_path / name, out=tmp_path / "web", more=("--force",)
        )
        assert (name, code, out) == (name, 2, "")
        assert words in err, (name, err)
        assert name.split(".")[0] in err, (name, err)
        assert "Traceback" not in err
        assert len(err) < 1000
        assert "decimal comma" not in err
        assert {path: path.read_bytes() for path in sorted((tmp_path / "web").iterdir())} == before
    assert sorted(tmp_path.rglob("*")) == listed


def test_what_is_no_number_and_a_last_line_without_an_end_are_said_and_strict_refuses_them(lot, tmp_path, capsys):
    rows = [f"W01-F1-B1-C01-R{c:02d},{v}" for c, v in enumerate(("3.85", "NaN", "n/a", "", "3.84"), 1)]
    (tmp_path / "few.csv").write_text("id,ocv/V\n" + "\n".join(rows))
    code, out, err = read(lot, capsys, tmp_path / "few.csv", out=tmp_path / "few")
    assert code == 0, err
    assert "2 values are no numbers, and missing: few.csv, line 3: ocv 'NaN'; few.csv, line 4: ocv 'n/a'" in out
    assert "its last line has no end" in out
    code, _, err = read(lot, capsys, tmp_path / "few.csv", out=tmp_path / "strict", more=("--strict",))
    assert (code, "no number" in err, "no line end" in err) == (2, True, True)


def test_a_copy_of_the_readings_is_no_repetition(lot, tmp_path, capsys):
    again = tmp_path / "again.csv"
    again.write_bytes((lot / "readings.csv").read_bytes())
    assert read(lot, capsys, lot / "readings.csv", again, out=tmp_path / "twice")[0] == 0
    assert repeatability(tmp_path / "twice" / "passes.parquet") == (None, 0)


def test_the_first_table_of_a_process_finds_what_it_computes_with():
    """Other files load the same modules, so only a process of its own shows it."""
    code = "from layoutgen.lot.table import arrow; arrow().compute.cast; arrow().parquet.ParquetFile"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_bins_of_a_tester_alone_are_binned(lot, tmp_path, capsys):
    codes = np.full((2, cells().cells), 65)
    (tmp_path / "map.xml").write_text(e142(codes, "Ascii", "LowerLeft"))
    assert read(lot, capsys, tmp_path / "map.xml", out=tmp_path / "mapped")[0] == 0
    with pytest.raises(SystemExit) as ended:
        main(["bin", str(tmp_path / "mapped"), "-q"])
    assert ended.value.code in {0, 1}
    assert (tmp_path / "mapped" / "bins.stdf").stat().st_size > 1000
    capsys.readouterr()
    with pytest.raises(SystemExit) as ended:
        main(["yield", str(tmp_path / "mapped"), "-q"])
    assert (ended.value.code, "tells a defect" in capsys.readouterr().err) == (2, True)


def test_more_defects_than_memory_is_for_are_refused(lot, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("layoutgen.lot.reading.klarf_file._MOST_DEFECTS", 3)
    width, length = cells().width_um, cells().length_um
    rows = "\n".join(f" {k} 5 5 0 1 4" for k in range(5))
    (tmp_path / "many.001").write_text(KLARF.format(width=width, length=length, rows=rows))
    code, _, err = read(lot, capsys, lot / "readings.csv", tmp_path / "many.001", out=tmp_path / "web")
    assert (code, "many.001: lists more than" in err) == (2, True)


def test_readings_of_two_webs_of_one_design_are_doubted(tmp_path, capsys):
    """Dead cells of the one are alive in the other; of one web in two passes nothing is said."""
    files = []
    for seed in (7, 8):
        web = synthetic(tmp_path, name=f"web{seed}", seed=seed, repeats=12)
        out = tmp_path / f"files{seed}"
        with pytest.raises(SystemExit):
            main(["test", "deliver", str(web), "--out", str(out), "-q"])
        files.append(out / "readings.csv")
    design = str(design_file(tmp_path))
    for pair, doubted in ((files, True), ([files[0], files[0]], False)):
        asked = [
            "test",
            "read",
            *map(str, pair),
            "--design",
            design,
            "--out",
            str(tmp_path / "lot"),
            "--force",
            "-q",
        ]
        with pytest.raises(SystemExit):
            main(asked)
        assert ("came to life: are the files of one web?" in capsys.readouterr().out) == doubted
