"""How one process hands its content to the other: a line of JSON, then arrays of 8-byte numbers, one after another.

Writing needs the standard library only, so that the reading process starts in a few hundredths of a second.
"""

import json
from typing import IO, Any

from layoutgen.foreign.content import Content, Group, Layer


def write_content(content: Content, out: IO[bytes]) -> None:
    """Write what a parser found."""
    arrays: list[Any] = []

    def groups(found: dict[Layer, Group]) -> list[list[int]]:
        head = []
        for (layer, datatype), group in sorted(found.items()):
            arrays.extend((group.points, group.starts, group.repetitions, group.ends))
            head.append([layer, datatype, len(group.points), len(group.starts), len(group.ends)])
        return head

    cells = []
    for cell in content.cells:
        polygons, paths = groups(cell.polygons), groups(cell.paths)
        arrays.extend((cell.placements, cell.turns))
        notes = [[*key, *entry] for key, entry in sorted(cell.notes.items())]
        cells.append(
            {"name": cell.name, "polygons": polygons, "paths": paths, "placed": len(cell.placed), "notes": notes}
        )
    repetitions: list[list[Any]] = []
    for entry in content.repetitions:
        if entry[0] == "offsets":
            arrays.append(entry[1])
            repetitions.append(["offsets", len(entry[1])])
        else:
            repetitions.append(list(entry))
    head = {
        "format": content.kind, "name": content.name, "unit_m": content.unit_m, "dbu_m": content.dbu_m,
        "layer_names": content.layer_names, "cells": cells, "repetitions": repetitions,
    }  # fmt: skip
    write_head(head, out)
    for item in arrays:
        item.tofile(out)
    out.flush()


def write_head(head: dict[str, Any], out: IO[bytes]) -> None:
    """Write a line of JSON, padded so that arrays after it lie at multiples of 8 bytes."""
    line = json.dumps(head).encode("ascii")
    out.write(line + b" " * (-(len(line) + 1) % 8) + b"\n")
    out.flush()
