"""The cell map as SEMI E142.1 XML: layouts of blocks, and a bin map to be filled in by the tester.

No public schema was found; element names follow public examples of E142-1 V1005. Each block of equal cells is a
layout of its own below the repeat, and the repeat is a layout below the web. Tried with an XML parser only.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from layoutgen.export.xml_text import quoteattr
from layoutgen.layout.dbu import to_mm_text
from layoutgen.web.addresses import addressed

if TYPE_CHECKING:
    from layoutgen.web.plan import Block, WebPlan

NAMESPACE = "urn:semi-org:xsd.E142-1.V1005.SubstrateMap"
NOT_TESTED = 0
NO_DEVICE = 255


def e142_bytes(plan: "WebPlan", name: str, dbu_nm: int) -> bytes:
    """The map of one repeat; as :func:`e142_lines`."""
    return "\n".join([*e142_lines(plan, name, dbu_nm, 1), ""]).encode()


def e142_lines(plan: "WebPlan", name: str, dbu_nm: int, repeats: int) -> Iterator[str]:
    """The map of a web of so many repeats along y, line by line.

    LowerLeft is the lower-left corner of a layout's first device from the lower-left corner of the layout above it.
    Rows of bins go up, bins in a row to the right, through all repeats: the rows of a block in the first repeat,
    those in the second, and so on. Every cell starts as 0, not tested.

    Args:
        plan: the repeat.
        name: of the design; becomes the substrate's id.
        dbu_nm: the unit of the plan.
        repeats: how many repeats the web has.
    """
    yield from ('<?xml version="1.0" encoding="UTF-8"?>', f'<MapData xmlns="{NAMESPACE}">', "  <Layouts>")
    yield from web_layouts(plan, dbu_nm, repeats)
    yield from ("  </Layouts>", "  <Substrates>")
    yield from (f'    <Substrate SubstrateType="Panel" SubstrateId={quoteattr(name)}/>', "  </Substrates>")
    yield "  <SubstrateMaps>"
    for address, block in addressed(plan):
        yield from _map(str(address), block, name, repeats)
    yield from ("  </SubstrateMaps>", "</MapData>")


def web_layouts(plan: "WebPlan", dbu_nm: int, repeats: int) -> Iterator[str]:
    """The layouts of a web: web, repeat, and each block below it."""
    repeat = plan.frame.width, plan.repeat_length
    yield from _layout("Web", (1, repeats), (0, 0), repeat, repeat, dbu_nm, ["Repeat"])
    yield from _layout("Repeat", (1, 1), (0, 0), repeat, repeat, dbu_nm, [str(name) for name, _ in addressed(plan)])
    for address, block in addressed(plan):
        w, h = block.lying(plan.cell)
        step = w + plan.frame.kerf, h + plan.frame.kerf
        yield from _layout(str(address), (block.columns, block.rows), (block.x, block.y), (w, h), step, dbu_nm, [])


def _layout(
    identity: str,
    count: tuple[int, int],
    corner: tuple[int, int],
    size: tuple[int, int],
    step: tuple[int, int],
    dbu_nm: int,
    children: list[str],
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
    if children:
        yield "      <ChildLayouts>"
        yield from (f'        <ChildLayout LayoutId="{child}"/>' for child in children)
        yield "      </ChildLayouts>"
    yield "    </Layout>"


def _map(identity: str, block: "Block", name: str, repeats: int) -> Iterator[str]:
    yield (
        f'    <SubstrateMap SubstrateType="Panel" SubstrateId={quoteattr(name)} '
        f'LayoutSpecifier="Web/Repeat/{identity}" SubstrateSide="TopSide" Orientation="0" '
        'OriginLocation="LowerLeft" AxisDirection="UpRight">'
    )
    yield '      <Overlay MapName="Bins" MapVersion="1">'
    yield f'        <BinCodeMap BinType="Decimal" NullBin="{NO_DEVICE}">'
    yield "          <BinDefinitions>"
    yield (
        f'            <BinDefinition BinCode="{NOT_TESTED}" BinCount="{block.count * repeats}" '
        'BinQuality="Unknown" BinDescription="not tested"/>'
    )
    yield "          </BinDefinitions>"
    row = " ".join([str(NOT_TESTED)] * block.columns)
    yield from (f"          <BinCode>{row}</BinCode>" for _ in range(block.rows * repeats))
    yield "        </BinCodeMap>"
    yield "      </Overlay>"
    yield "    </SubstrateMap>"
