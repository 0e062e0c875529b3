"""The bin map of a whole web as SEMI E142: layouts as in the cell map, codes of three digits.

Written block by block in pieces: a block's rows run through all repeats.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from layoutgen.export.e142 import NAMESPACE, map_opening, web_layouts
from layoutgen.export.xml_text import quoteattr
from layoutgen.lot.webmap import RepeatMap
from layoutgen.web.addresses import addressed
from layoutgen.web.plan import WebPlan

_TEXTS: Final = np.array([list(f"{code:03} ".encode()) for code in range(256)], dtype=np.uint8)


@dataclass(frozen=True, slots=True)
class BinDefinition:
    """A bin of the map; quality is Pass, Fail or Unknown."""

    code: int
    quality: str
    title: str


def bin_map_lines(
    plan: WebPlan,
    cells: RepeatMap,
    dbu_nm: int,
    repeats: int,
    definitions: Sequence[BinDefinition],
    counts: Mapping[int, NDArray[np.int64]],
    pieces: Callable[[], Iterator[NDArray[np.uint8]]],
    *,
    synthetic: bool,
) -> Iterator[bytes]:
    """The file in pieces.

    Args:
        plan: the repeat.
        cells: the same as a map.
        dbu_nm: unit of the plan.
        repeats: how many repeats the web has.
        definitions: every bin.
        counts: code -> how often it was given at each position of a repeat.
        pieces: starts reading the codes from the first repeat, matrices (repeats, cells); called once a block.
        synthetic: whether the web was never made; it then stands in the substrate's id.
    """
    name = cells.name + (" (synthetic)" if synthetic else "")
    head = ['<?xml version="1.0" encoding="UTF-8"?>', f'<MapData xmlns="{NAMESPACE}">', "  <Layouts>"]
    head += [*web_layouts(plan, dbu_nm, repeats, cells.name), "  </Layouts>", "  <Substrates>"]
    head += [f'    <Substrate SubstrateType="Panel" SubstrateId={quoteattr(name)}/>', "  </Substrates>"]
    yield _lines([*head, "  <SubstrateMaps>"])
    start = 0
    for address, block in addressed(plan):
        stop = start + block.count
        yield _lines(_opening(str(address), name, cells, definitions, counts, (start, stop)))
        for codes in pieces():
            yield _rows(codes[:, start:stop].reshape(-1, block.columns))
        yield _lines(["        </BinCodeMap>", "      </Overlay>", "    </SubstrateMap>"])
        start = stop
    yield _lines(["  </SubstrateMaps>", "</MapData>"])


def _opening(
    identity: str,
    name: str,
    cells: RepeatMap,
    definitions: Sequence[BinDefinition],
    counts: Mapping[int, NDArray[np.int64]],
    span: tuple[int, int],
) -> Iterator[str]:
    yield from map_opening(identity, name)
    yield f"          <!-- map_sha256 {cells.digest} -->"
    yield "          <BinDefinitions>"
    for item in definitions:
        count = int(counts[item.code][span[0] : span[1]].sum()) if item.code in counts else 0
        yield (
            f'            <BinDefinition BinCode="{item.code:03}" BinCount="{count}" BinQuality="{item.quality}" '
            f"BinDescription={quoteattr(item.title)}/>"
        )
    yield "          </BinDefinitions>"


def _rows(codes: NDArray[np.uint8]) -> bytes:
    """A line for each row of devices: codes with a blank between."""
    rows, columns = codes.shape
    head, tail = b"          <BinCode>", b"</BinCode>\n"
    width = 4 * columns - 1
    made = np.empty((rows, len(head) + width + len(tail)), dtype=np.uint8)
    made[:, : len(head)] = np.frombuffer(head, dtype=np.uint8)
    made[:, len(head) : len(head) + width] = _TEXTS[codes].reshape(rows, -1)[:, :width]
    made[:, len(head) + width :] = np.frombuffer(tail, dtype=np.uint8)
    return made.tobytes()


def _lines(lines: Iterator[str] | list[str]) -> bytes:
    return "".join(f"{line}\n" for line in lines).encode()
