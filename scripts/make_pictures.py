"""Make the pictures of the pages as the tool writes them: the README's example, and the gallery of examples/."""

import sys
from pathlib import Path

from layoutgen.cli.options import spec_from_options
from layoutgen.draw.cavity import cavity_svg
from layoutgen.draw.files import drawing_files, inputs_of
from layoutgen.flow import package_files
from layoutgen.geometry.shapes import outline_from
from layoutgen.layout.structure import structure_cell
from layoutgen.outputs import layout_of
from layoutgen.solver.cavity import fill_cavity
from layoutgen.solver.solution import Solution
from layoutgen.solver.solve import solve
from layoutgen.spec import build_spec
from layoutgen.units import plain

ROOT = Path(__file__).resolve().parent.parent
EXAMPLE = {"capacity": 20, "footprint": "8x10"}
PICTURES = {
    "cross-section.svg": "drawings/cross-section.svg",
    "package-outline.svg": "drawings/package-outline.svg",
    "land-pattern.svg": "drawings/land-pattern.svg",
    "web-map.svg": "drawings/web-map.svg",
    "mask-ablate-stack.svg": "masks/svg/ABLATE_STACK.svg",
}
COUPON_LAYERS = ("SUBSTRATE", "CATHODE", "ANODE_CC", "STREET", "PROBE", "LABEL")
GALLERY = ("hearable", "sensor-card", "implant", "bottom-pads", "thick-foil", "tracker", "alumina", "mica")
SHEETS = {"cross-section": "Stack cross-section", "package-outline": "Package outline", "web-map": "Web map"}


def pictures() -> dict[str, bytes]:
    """Picture name -> content, for the README and the pages."""
    files = package_files(solve(build_spec(EXAMPLE, {})))
    zones = solve(spec_from_options({"spec_file": str(ROOT / "examples" / "zones.toml")}), compare=False)
    case, _ = outline_from(str(ROOT / "examples" / "case.svg"))
    part = fill_cavity(build_spec({"height": 1.5, "footprint": "30x30"}, {}), case, 0.2)
    web_map = drawing_files(inputs_of(zones), ("svg",), ("web-map",))
    return {
        **{name: files[path] for name, path in PICTURES.items()},
        "zones-web-map.svg": web_map["drawings/web-map.svg"],
        "coupon.svg": coupon(zones),
        "cavity.svg": cavity_svg(part, "Part in case.svg"),
    }


def coupon(solution: Solution) -> bytes:
    """The process-control coupon as it lies in the layout, in the colours of its layers."""
    layout, layers = layout_of(solution), solution.loaded.pdk.layers
    cell = next(cell for cell in layout.cells if cell.name == structure_cell("coupon"))
    size = solution.web.structures[0].structure
    per_um = 1000 / layout.dbu_nm
    width, height = size.width / per_um, size.length / per_um
    shapes = []
    for name in sorted({polygon.layer for polygon in cell.polygons} & set(COUPON_LAYERS), key=COUPON_LAYERS.index):
        outlines = (polygon.points for polygon in cell.polygons if polygon.layer == name)
        path = "".join(
            "M" + "L".join(f"{x / per_um:g} {y / per_um:g}" for x, y in points) + "Z" for points in outlines
        )
        shapes.append(
            f'<path d="{path}" fill="{layers[name].colour}" fill-opacity="0.7"><title>{name}</title></path>'
        )
    keys = [
        f'<g transform="translate({150 + k * 1480} {height + 420})"><rect width="180" height="180" '
        f'fill="{layers[name].colour}" fill-opacity="0.7"/><text x="240" y="165">{name}</text></g>'
        for k, name in enumerate(COUPON_LAYERS)
    ]
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height + 800:g}" font-size="200" '
            'font-family="sans-serif">',
            f'<rect width="{width:g}" height="{height + 800:g}" fill="#fff"/>',
            f'<g transform="translate(0 {height:g}) scale(1 -1)">',
            *shapes,
            "</g>",
            *keys,
            "</svg>",
            "",
        ]
    ).encode()


def gallery() -> dict[str, bytes]:
    """Path below docs/ -> content, of the gallery page and its pictures."""
    found: dict[str, bytes] = {}
    parts = [
        "<!-- Made by scripts/make_pictures.py; do not edit. -->\n",
        "# Gallery\n",
        "Eight designs over the range of the technology, from the spec files in `examples/`; all rules pass "
        "in each. The kits are illustrative, not foundry data.\n",
    ]
    solutions = {}
    for name in GALLERY:
        solutions[name] = solve(spec_from_options({"spec_file": str(ROOT / "examples" / f"{name}.toml")}))
    parts += [
        "| | process | package, mm | layers | rated, mAh | Wh/L | good devices per m2 |",
        "|---|---|---|--:|--:|--:|--:|",
    ]
    parts += [_row(name, solution) for name, solution in solutions.items()]
    parts.append("")
    for name, solution in solutions.items():
        spec = (ROOT / "examples" / f"{name}.toml").read_text(encoding="utf-8")
        files = package_files(solution)
        parts += [f"## {name}\n", spec.splitlines()[0].removeprefix("# ") + "\n"]
        parts.append(f"```sh\nlayoutgen design --spec examples/{name}.toml\n```\n")
        for sheet, title in SHEETS.items():
            picture = f"gallery/{name}-{sheet}.svg"
            found[picture] = files[f"drawings/{sheet}.svg"]
            parts.append(f"![{title} of {name}]({picture})")
        parts.append("")
    return {"gallery.md": "\n".join(parts).encode(), **found}


def _row(name: str, solution: Solution) -> str:
    device = solution.device
    sides = (device.package_length_um, device.package_width_um, device.package_height_um)
    cells = (
        f"[{name}](#{name})",
        solution.loaded.pdk.name,
        " x ".join(f"{side / 1000:.2f}" for side in sides),
        str(device.layers),
        plain(device.rated_mah, 4),
        f"{device.package_wh_per_l:.0f}",
        plain(solution.good_devices_per_m2, 3),
    )
    return "| " + " | ".join(cells) + " |"


def main() -> None:
    found = {f"pictures/{name}": content for name, content in pictures().items()} | gallery()
    for name, content in found.items():
        path = ROOT / "docs" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        print(f"docs/{name}")


if __name__ == "__main__":
    sys.exit(main())
