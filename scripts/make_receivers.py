"""Make docs/receivers.md: archives of six designs, opened by each receiver's own tools and compared in numbers.

Then every question of ``receivers_ask.py`` is asked of every archive.

Needs the tools of the tests (klayout, gerbonara, ezdxf, cadquery-ocp-novtk) and, for footprints, KiCad's ``pcbnew``
for the system's Python. Takes a few minutes; the page says which versions it was made with.
"""

import io
import json
import math
import subprocess
import tempfile
import xml.etree.ElementTree as ET
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import ezdxf
import gerbonara
import klayout.db as kdb
from receivers_ask import asked_rows

from layoutgen.cli.options import spec_from_options
from layoutgen.export.e142 import NAMESPACE
from layoutgen.outputs import ARCHIVES, Made
from layoutgen.receivers.shop import load_shop
from layoutgen.rules.engine import check_solution
from layoutgen.solver.solve import solve
from layoutgen.spec import build_spec

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "receivers.md"
ASKED = {
    "20 mAh, 8 x 10": {"capacity": 20, "footprint": "8x10"},
    "1 mAh, 5 x 5": {"capacity": 1, "footprint": "5x5"},
    "100 mAh, 20 x 30": {"capacity": 100, "footprint": "20x30"},
    "pads on the bottom": {"spec_file": "bottom-pads"},
    "alumina": {"spec_file": "alumina"},
    "zones, slit, coupon": {"spec_file": "zones", "set": ("web.slits=2",)},
}
Files = dict[str, bytes]
SLACK_MM2 = 2e-6
START, END = "<!-- made by scripts/make_receivers.py -->", "<!-- end -->"
HEADER = """| receiver | tool | version | compared | opened | numbers agree |
|---|---|---|---|---|---|"""

ASKED_START, ASKED_END = "<!-- asked by scripts/receivers_ask.py -->", "<!-- end of what was asked -->"
ASKED_HEADER = """| receiver | asks | answered in | for |
|---|---|---|---|"""


def designs() -> dict[str, Made]:
    """Name -> the design with what its archives are made of."""
    found = {}
    for name, asked in ASKED.items():
        if "spec_file" in asked:
            spec = spec_from_options({**asked, "spec_file": str(ROOT / "examples" / f"{asked['spec_file']}.toml")})
        else:
            spec = build_spec(asked, {})
        made = Made(solve(spec, compare=False), repeats=2)
        made.rules = check_solution(made.solution, made.layout)
        found[name] = made
    return found


def archive(made: Made, receiver: str, shop: str | None = None) -> Files:
    made.shop = load_shop(shop) if shop else None
    return {name: b"".join(content) for name, content in ARCHIVES[receiver].make(made).items()}


def area(points: list[tuple[float, float]]) -> float:
    pairs = zip(points, [*points[1:], points[0]], strict=True)
    return abs(math.fsum(a * d - c * b for (a, b), (c, d) in pairs)) / 2


def figures_agree(files: Files, suffix: str, read: Callable[[bytes, dict], tuple[int, float]]) -> tuple[int, bool]:
    """How many mask files were opened, and whether counts and areas are those of the order."""
    opened, same = 0, True
    for mask in json.loads(files["order.json"])["masks"]:
        for entry in mask["file"]["files"]:
            if entry["name"].endswith(suffix):
                count, square = read(files[entry["name"]], mask)
                opened += 1
                same &= count == mask["file"]["polygons"] and abs(square - mask["file"]["area_mm2"]) < SLACK_MM2
    return opened, same


def klayout_reads(suffix: str) -> Callable[[bytes, dict], tuple[int, float]]:
    def read(content: bytes, mask: dict) -> tuple[int, float]:
        with tempfile.NamedTemporaryFile(suffix=suffix) as file:
            file.write(content)
            file.flush()
            layout = kdb.Layout()
            layout.read(file.name)
        number, datatype = map(int, mask["layer"].split("/"))
        shapes = layout.top_cell().begin_shapes_rec(layout.find_layer(number, datatype))
        region = kdb.Region(shapes).flatten()
        return region.count(), region.area() * layout.dbu**2 * 1e-6

    return read


def ezdxf_reads(content: bytes, _: dict) -> tuple[int, float]:
    lines = ezdxf.read(io.StringIO(content.decode())).modelspace().query("LWPOLYLINE POLYLINE")
    outlines = [
        [tuple(point)[:2] for point in (line.get_points() if line.dxftype() == "LWPOLYLINE" else line.points())]
        for line in lines
    ]
    return len(outlines), math.fsum(area(points) for points in outlines)


def gerbonara_reads(content: bytes, mask: dict) -> tuple[int, float]:
    objects = gerbonara.GerberFile.from_string(content.decode()).objects
    drawn = objects[1:] if mask["polygon_tone"] == "clear" else objects
    clear = {item.polarity_dark for item in drawn}
    if clear != {mask["polygon_tone"] == "dark"}:
        return -1, 0.0
    return len(drawn), math.fsum(area(list(item.outline)) for item in drawn)


def occt_reads(made: Made, files: Files) -> tuple[int, bool]:
    """The model: four valid solids, as large as the drawing."""
    from OCP.Bnd import Bnd_Box
    from OCP.BRepBndLib import BRepBndLib
    from OCP.BRepCheck import BRepCheck_Analyzer
    from OCP.STEPControl import STEPControl_Reader

    (content,) = [files[name] for name in files if name.endswith(".step")]
    with tempfile.NamedTemporaryFile(suffix=".step") as file:
        file.write(content)
        file.flush()
        reader = STEPControl_Reader()
        reader.ReadFile(file.name)
        reader.TransferRoots()
    shape, box, device = reader.OneShape(), Bnd_Box(), made.solution.device
    BRepBndLib.AddOptimal_s(shape, box, False, False)  # noqa: FBT003
    low, high = box.CornerMin(), box.CornerMax()
    sides = high.X() - low.X(), high.Y() - low.Y(), high.Z() - low.Z()
    wanted = device.package_length_um, device.package_width_um, device.package_height_um
    same = all(abs(a - b / 1000) < 1e-5 for a, b in zip(sides, wanted, strict=True))
    return 1, same and BRepCheck_Analyzer(shape).IsValid()


def kicad_reads(files: Files) -> tuple[int, bool]:
    """Every footprint by KiCad's reader: pads where the lands are."""
    lands = json.loads(files["land-pattern.json"])["land_pattern"]["levels"]
    wanted = sorted(
        sorted((round(p["x_mm"], 4), round(p["length_mm"], 4)) for p in level["pads"]) for level in lands
    )
    with tempfile.TemporaryDirectory() as folder:
        library = Path(folder) / "part.pretty"
        library.mkdir()
        for name, content in files.items():
            if name.endswith(".kicad_mod"):
                (library / Path(name).name).write_bytes(content)
        script = (
            "import json,sys,pathlib,pcbnew\nfound=[]\n"
            "for path in pathlib.Path(sys.argv[1]).glob('*.kicad_mod'):\n"
            "  part=pcbnew.FootprintLoad(sys.argv[1],path.stem)\n"
            "  mm=pcbnew.ToMM\n"
            "  found.append(sorted((round(mm(p.GetPosition().x),4),round(mm(p.GetSize().x),4)) for p in part.Pads()"
            " if p.GetNumber()))\n"
            "print(json.dumps([pcbnew.Version(),sorted(found)]))\n"
        )
        done = subprocess.run(
            ["/usr/bin/python3", "-c", script, str(library)], capture_output=True, text=True, check=True
        )
    KICAD["version"], found = json.loads(done.stdout.splitlines()[-1])
    pads = [[tuple(pad) for pad in part] for part in found]
    return len(pads), [[pad[0] for pad in part] for part in pads] == [[pad[0] for pad in part] for part in wanted]


KICAD = {"version": ""}


def maps_read(made: Made, files: Files) -> tuple[int, bool]:
    """Cell maps by an XML reader and a CSV reader: as many cells as the plan, the web with its repeats."""
    cells, opened, same = made.solution.web.cells_per_repeat, 0, True
    for name, repeats in (("cell-map", 1), ("web-cell-map", made.repeats)):
        tree = ET.fromstring(files[f"{name}.xml"])
        bins = sum(len(row.text.split()) for row in tree.iter(f"{{{NAMESPACE}}}BinCode"))
        rows = files[f"{name}.csv"].decode().count("\n") - 1
        opened += 2
        same &= bins == rows == cells * repeats
    return opened, same


def archives_of(made: Made) -> dict[str, Files]:
    """Every archive of a design, by shop or receiver."""
    shops = {shop: archive(made, "shop", shop) for shop in ("photomask", "laser", "film")}
    return shops | {receiver: archive(made, receiver) for receiver in ("board", "test")}


def table(every: dict[str, Made], archives: dict[str, dict[str, Files]]) -> list[tuple[str, ...]]:
    """Receiver, tool, version, what, files opened, numbers that agree."""
    found: dict[tuple[str, str, str, str], list[tuple[int, bool]]] = {}

    def note(receiver: str, tool: str, release: str, what: str, result: tuple[int, bool]) -> None:
        found.setdefault((receiver, tool, release, what), []).append(result)

    for name, made in every.items():
        photomask, laser, film, board, test = archives[name].values()
        figures = "polygons and area of every mask"
        for suffix, kind in ((".oas", "OASIS"), (".gds", "GDSII")):
            result = figures_agree(photomask, suffix, klayout_reads(suffix))
            note("mask shop", f"KLayout, {kind}", version("klayout"), figures, result)
        for suffix in ("R12", "R2010"):
            result = figures_agree(laser, f"_{suffix}.dxf", ezdxf_reads)
            note("laser shop", f"ezdxf, DXF {suffix}", version("ezdxf"), figures, result)
        note("film shop", "gerbonara, Gerber", version("gerbonara"), f"{figures}, polarity",
             figures_agree(film, ".gbr", gerbonara_reads))  # fmt: skip
        occt = version("cadquery-ocp-novtk")
        note(
            "board designer", "OpenCASCADE, STEP", occt, "validity, length, width, height", occt_reads(made, board)
        )
        pads = kicad_reads(board)
        note("board designer", "KiCad (pcbnew)", KICAD["version"], "middles of the pads of every footprint", pads)
        note(
            "test house",
            "XML and CSV readers",
            "Python's own",
            "cells of a repeat and of a web",
            maps_read(made, test),
        )
    return [
        (*key, f"{sum(n for n, _ in results)} files", "yes" if all(same for _, same in results) else "NO")
        for key, results in found.items()
    ]


def between(content: str, rows: list[tuple[str, ...]], marks: tuple[str, str], header: str) -> str:
    """A page with the table between two marks made again; what stands around it is written by hand."""
    start, end = marks
    made = "\n".join(f"| {' | '.join(row)} |" for row in rows)
    head, _, rest = content.partition(start)
    return f"{head}{start}\n{header}\n{made}\n{end}{rest.partition(end)[2]}"


def page(text: str) -> str:
    """The page with its two tables made again."""
    every = designs()
    archives = {name: archives_of(made) for name, made in every.items()}
    text = between(text, table(every, archives), (START, END), HEADER)
    return between(text, asked_rows(archives), (ASKED_START, ASKED_END), ASKED_HEADER)


if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
