"""The cell map as SEMI E142.1 XML: layouts of blocks, and a bin map to be filled in by the tester.

No public schema was found; element names follow public examples of E142-1 V1005. Each block of equal cells is a
layout of its own below the repeat, and the repeat is a layout below the web. Bins are decimal, three digits each,
a blank between; every map names the first device, which is that at its origin. How the cells of a block lie is in
the product of its layout, as no element of a layout states a turn. Tried with XML parsers and ``layoutgen test
read`` only.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from layoutgen.export.xml_text import escape, quoteattr
from layoutgen.layout.dbu import to_mm_text
from layoutgen.web.addresses import addressed

if TYPE_CHECKING:
    from layoutgen.web.plan import Block, WebPlan

NAMESPACE = "urn:semi-org:xsd.E142-1.V1005.SubstrateMap"
NOT_TESTED = 0
NO_DEVICE = 255
"""The null bin: where a map has no device. Devices never have it, so no count holds it."""
TURNED, UPRIGHT = "R90", "R0"
"""Ends of the product of a layout: how its cells lie, in degrees counter-clockwise."""


def e142_bytes(plan: "WebPlan", name: str, dbu_nm: int) -> bytes:
    """The map of one repeat; as :func:`e142_lines`."""
    return "\n".join([*e142_lines(plan, name, dbu_nm, 1), ""]).encode()


def e142_lines(plan: "WebPlan", name: str, dbu_nm: int, repeats: int) -> Iterator[str]:
    """The map of a web of so many repeats along y, line by line.

    LowerLeft is the lower-left corner of a layout's first device from the lower-left corner of the layout above it.
    Rows of bins go up, bins in a row to the right, through all repeats: the rows of a block in the first repeat,
    those in the second, and so on. Every cell starts as 000, not tested.

    Args:
        plan: the repeat.
        name: of the design; becomes the substrate's id.
        dbu_nm: the unit of the plan.
        repeats: how many repeats the web has.
    """
    yield from ('<?xml version="1.0" encoding="UTF-8"?>', f'<MapData xmlns="{NAMESPACE}">', "  <Layouts>")
    yield from web_layouts(plan, dbu_nm, repeats, name)
    yield from ("  </Layouts>", "  <Substrates>")
    yield from (f'    <Substrate SubstrateType="Panel" SubstrateId={quoteattr(name)}/>', "  </Substrates>")
    yield "  <SubstrateMaps>"
    for address, block in addressed(plan):
        yield from _map(str(address), block, name, repeats)
    yield from ("  </SubstrateMaps>", "</MapData>")


def web_layouts(plan: "WebPlan", dbu_nm: int, repeats: int, name: str) -> Iterator[str]:
    """The layouts of a web: web, repeat, and each block below it, whose product is the named cell as it lies."""
    repeat = plan.frame.width, plan.repeat_length
    blocks = [str(address) for address, _ in addressed(plan)]
    yield from _layout("Web", (1, repeats), (0, 0), repeat, repeat, dbu_nm, ["Repeat"])
    yield from _layout("Repeat", (1, 1), (0, 0), repeat, repeat, dbu_nm, blocks)
    for address, block in addressed(plan):
        w, h = block.lying(plan.cell)
        step = w + plan.frame.kerf, h + plan.frame.kerf
        product = f"{name} {TURNED if block.rotated else UPRIGHT}"
        count, corner = (block.columns, block.rows), (block.x, block.y)
        yield from _layout(str(address), count, corner, (w, h), step, dbu_nm, [], product)


def map_opening(block: str, name: str) -> Iterator[str]:
    """The beginning of the map of a block's layout: where rows begin, the first device, and the kind of bins."""
    yield (
        f'    <SubstrateMap SubstrateType="Panel" SubstrateId={quoteattr(name)} '
        f'LayoutSpecifier="Web/Repeat/{block}" SubstrateSide="TopSide" Orientation="0" '
        'OriginLocation="LowerLeft" AxisDirection="UpRight">'
    )
    yield '      <Overlay MapName="Bins" MapVersion="1">'
    yield "        <ReferenceDevices>"
    yield '          <ReferenceDevice Name="FirstDevice">'
    yield '            <Coordinates X="0" Y="0"/>'
    yield "          </ReferenceDevice>"
    yield "        </ReferenceDevices>"
    yield f'        <BinCodeMap BinType="Decimal" NullBin="{NO_DEVICE:03}" MapType="2DArray">'


def _layout(
    identity: str,
    count: tuple[int, int],
    corner: tuple[int, int],
    size: tuple[int, int],
    step: tuple[int, int],
    dbu_nm: int,
    children: list[str],
    product: str = "",
) -> Iterator[str]:
    def pair(element: str, values: tuple[int, int]) -> str:
        x, y = (to_mm_text(value, dbu_nm) for value in values)
        return f'      <{element} X="{x}" Y="{y}"/>'

    top = ' TopLevel="true"' if identity == "Web" else ""
    yield f'    <Layout LayoutId="{identity}" DefaultUnits="mm"{top}>'
    yield f'      <Dimension X="{count[0]}" Y="{count[1]}"/>'
    yield pair("LowerLeft", corner)
    yield pair("DeviceSize", size)
    yield pair("StepSize", step)
    if product:
        yield f"      <ProductId>{escape(product)}</ProductId>"
    if children:
        yield "      <ChildLayouts>"
        yield from (f'        <ChildLayout LayoutId="{child}"/>' for child in children)
        yield "      </ChildLayouts>"
    yield "    </Layout>"


def _map(identity: str, block: "Block", name: str, repeats: int) -> Iterator[str]:
    yield from map_opening(identity, name)
    yield "          <BinDefinitions>"
    yield (
        f'            <BinDefinition BinCode="{NOT_TESTED:03}" BinCount="{block.count * repeats}" '
        'BinQuality="Unknown" BinDescription="not tested"/>'
    )
    yield "          </BinDefinitions>"
    row = " ".join([f"{NOT_TESTED:03}"] * block.columns)
    yield from (f"          <BinCode>{row}</BinCode>" for _ in range(block.rows * repeats))
    yield "        </BinCodeMap>"
    yield "      </Overlay>"
    yield "    </SubstrateMap>"
