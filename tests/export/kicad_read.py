"""Run by the system's Python, which has KiCad's own library reader: print what it reads of a footprint library."""

import json
import sys

import pcbnew

# KiCad 8 dropped the classes of its own for graphics of footprints
SHAPE = getattr(pcbnew, "FP_SHAPE", pcbnew.PCB_SHAPE)
TEXT = getattr(pcbnew, "FP_TEXT", pcbnew.PCB_TEXT)


def mm(value):
    return round(pcbnew.ToMM(value), 6)


def footprint(folder, name):
    part = pcbnew.FootprintLoad(folder, name)
    layer = pcbnew.BOARD.GetStandardLayerName
    return {
        "pads": [
            {
                "number": pad.GetNumber(),
                "at": [mm(pad.GetPosition().x), mm(pad.GetPosition().y)],
                "size": [mm(pad.GetSize().x), mm(pad.GetSize().y)],
                "layers": sorted(layer(index) for index in pad.GetLayerSet().Seq()),
            }
            for pad in part.Pads()
        ],
        "lines": [
            [
                layer(item.GetLayer()),
                mm(item.GetWidth()),
                *(mm(v) for p in (item.GetStart(), item.GetEnd()) for v in (p.x, p.y)),
            ]
            for item in part.GraphicalItems()
            if isinstance(item, SHAPE)
        ],
        "texts": [
            [layer(item.GetLayer()), item.GetText()]
            for item in (part.Reference(), part.Value(), *part.GraphicalItems())
            if isinstance(item, TEXT)
        ],
        "models": [model.m_Filename for model in part.Models()],
        "smd": bool(part.GetAttributes() & pcbnew.FP_SMD),
    }


folder = sys.argv[1]
print(json.dumps({name: footprint(folder, name) for name in pcbnew.FootprintEnumerate(folder)}))
