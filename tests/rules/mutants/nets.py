"""Devices with one short, one break or too little insulation, and sound ones that come close."""

from tests.rules.mutants.changes import FAR, bounds, drawn, limit_dbu, moved
from tests.rules.webs import on_device, rect, square


def seeded_shorts(sample):
    """A contact for every pair of opposite conductors, one dbu large, by the least change that makes it."""
    r = drawn(sample)
    x0, y0, x1, _y1 = bounds(r["ANODE_CC"])
    sx0, sy0, sx1, sy1 = bounds(r["SUBSTRATE"])
    wx0, wy0, _wx1, _wy1 = bounds(r["FILM_OPEN"])
    spot = square(x0 + 1_000, y0 + 1_000, 1)
    beside_window = square(wx0 - 1_000, wy0 + 1_000, 1)
    pinhole = {"ELECTROLYTE": r["ELECTROLYTE"] - spot}
    middle = (sy0 + sy1) // 2
    to_pos = rect(sx0, middle, x0 - sx0, 1)
    return {
        "SUBSTRATE and ANODE_CC": {
            "CATHODE": r["CATHODE"] - spot, "ELECTROLYTE": r["ELECTROLYTE"] - spot,
        },
        "CATHODE and ANODE_CC": pinhole,
        "SUBSTRATE and TAB": {
            layer: r[layer] - beside_window for layer in ("CATHODE", "ELECTROLYTE", "ANODE_CC", "FILM_LOWER")
        },
        "CATHODE and TAB": {layer: r[layer] - beside_window for layer in ("ELECTROLYTE", "ANODE_CC", "FILM_LOWER")},
        "TAB and the next SUBSTRATE": {"FILM_UPPER": r["FILM_UPPER"] - square(wx0, wy0, 1)},
        "ANODE_CC and the next SUBSTRATE": {
            layer: r[layer] - spot for layer in ("FILM_LOWER", "FILM_UPPER")
        },
        "TAB and the next CATHODE": {
            "FILM_UPPER": r["FILM_UPPER"] - square(wx0, wy0, 1), "SUBSTRATE": r["SUBSTRATE"] - square(wx0, wy0, 1),
        },
        "ANODE_CC and the next CATHODE": {
            layer: r[layer] - spot for layer in ("FILM_LOWER", "FILM_UPPER", "SUBSTRATE")
        },
        "TERM_POS and ANODE_CC": {"ANODE_CC": r["ANODE_CC"] | to_pos},
        "TERM_POS and TAB": {"TAB": r["TAB"] | rect(sx0, middle, x1 - sx0, 1)},
        "TERM_NEG and SUBSTRATE": {
            "TERM_NEG": r["TERM_NEG"] | rect(sx1, middle, bounds(r["TERM_NEG"])[0] - sx1, 1)
        },
        "TERM_NEG and CATHODE": {"CATHODE": r["CATHODE"] | rect(x1, middle, bounds(r["TERM_NEG"])[0] - x1, 1)},
        "TERM_POS and TERM_NEG": {"TERM_NEG": r["TERM_NEG"] | rect(sx0, sy0 - 60_000, sx1 - sx0 + 200_000, 20_000)},
        "TERM_POS_WRAP and TERM_NEG_WRAP": {
            "TERM_NEG_WRAP": r["TERM_NEG_WRAP"] | rect(sx0, middle, sx1 - sx0, 1),
        },
        "TERM_POS and TERM_NEG_WRAP": {"TERM_NEG_WRAP": r["TERM_NEG_WRAP"] | rect(sx0 - 10, middle, sx1 - sx0, 1)},
        "TERM_NEG and TERM_POS_WRAP": {
            "TERM_POS_WRAP": r["TERM_POS_WRAP"] | rect(sx0, middle, bounds(r["TERM_NEG"])[0] - sx0, 1),
        },
    }  # fmt: skip


def seeded_opens(sample):
    """A break in every link of both nets."""
    r = drawn(sample)
    wx0, _wy0, wx1, _wy1 = bounds(r["FILM_OPEN"])
    tx0, ty0, tx1, ty1 = bounds(r["TAB"])
    sx0, sy0, sx1, sy1 = bounds(r["SUBSTRATE"])
    ax0, ay0, _ax1, ay1 = bounds(r["ANODE_CC"])
    middle = (sx0 + sx1) // 2
    return {
        "TERM_POS off SUBSTRATE": {"SUBSTRATE": r["SUBSTRATE"] - rect(sx0, sy0, 1, sy1 - sy0)},
        "TERM_POS off its wrap": {"TERM_POS_WRAP": moved(r["TERM_POS_WRAP"], 100_000, 0)},
        "TERM_NEG off TAB": {"TAB": r["TAB"] - rect(tx1 - 1, ty0, 1, ty1 - ty0)},
        "TERM_NEG off its wrap": {"TERM_NEG_WRAP": moved(r["TERM_NEG_WRAP"], -100_000, 0)},
        "TAB broken": {"TAB": r["TAB"] - rect(wx1 + 1_000, ty0, 1, ty1 - ty0)},
        "window closed": {"FILM_LOWER": r["FILM_LOWER"] | r["FILM_OPEN"]},
        "window beside the tab": {"TAB": r["TAB"] - rect(tx0, ty0, wx1 - tx0, ty1 - ty0)},
        "collector broken": {"ANODE_CC": r["ANODE_CC"] - rect(wx0 - 1_000, ay0, 1, ay1 - ay0)},
        "foil broken": {"SUBSTRATE": r["SUBSTRATE"] - rect(middle, sy0, 1, sy1 - sy0)},
        "cathode off the foil": {"CATHODE": r["CATHODE"] | square(FAR, FAR, 1)},
        "an island of collector": {"ANODE_CC": r["ANODE_CC"] | square(ax0 - 5_000, ay0, 1_000)},
        "no tab": {"TAB": square(FAR, FAR, 1)},
    }


def sound(sample):
    """Devices that have no short and no open: other webs, and changes that leave one dbu of everything."""
    r = drawn(sample)
    x0, _y0, _x1, _y1 = bounds(r["ANODE_CC"])
    sx0, sy0, sx1, sy1 = bounds(r["SUBSTRATE"])
    wx0, wy0, wx1, _wy1 = bounds(r["FILM_OPEN"])
    _tx0, ty0, _tx1, ty1 = bounds(r["TAB"])
    middle = (sy0 + sy1) // 2
    changes = {
        "collector one step before the + terminal": {"ANODE_CC": r["ANODE_CC"] | rect(sx0 + 1, middle, x0 - sx0, 1)}
        | {layer: r[layer] | rect(sx0, middle - 5, x0 - sx0, 20) for layer in ("ELECTROLYTE", "FILM_LOWER")},
        "- terminal one step before the foil": {
            "TERM_NEG": r["TERM_NEG"] | rect(sx1 + 1, middle, bounds(r["TERM_NEG"])[0] - sx1, 1)
        },
        "tab hangs by one step": {"TAB": r["TAB"] - rect(wx1 + 1_000, ty0, 500, ty1 - ty0 - 1)},
        "foil hangs by one step": {"SUBSTRATE": r["SUBSTRATE"] - rect(sx1 // 2, sy0, 1, sy1 - sy0 - 1)},
        "window open by one step": {
            "FILM_LOWER": r["FILM_LOWER"] | (r["FILM_OPEN"] - square(wx0, wy0, 1)),
        },
        "as drawn": {},
    }  # fmt: skip
    return [(what, on_device(sample, regions)) for what, regions in changes.items()]


def shorted(sample, rule):
    return [(what, on_device(sample, item)) for what, item in seeded_shorts(sample).items()], sound(sample)


def broken(sample, rule):
    return [(what, on_device(sample, item)) for what, item in seeded_opens(sample).items()], sound(sample)


def insulation(sample, rule):
    limit = limit_dbu(sample, rule)
    r = drawn(sample)
    _sx0, sy0, sx1, sy1 = bounds(r["SUBSTRATE"])
    ex0, ey0, _ex1, _ey1 = bounds(r["ELECTROLYTE"])
    px1 = bounds(r["TERM_POS"])[2]
    middle = (sy0 + sy1) // 2
    found = []
    for least in (limit - 1, limit):
        made = {
            "collector and bare foil, x": {
                "ANODE_CC": r["ANODE_CC"] | rect(ex0 + least, middle, 500_000, 50_000),
            },
            "collector and bare foil, y": {
                "ANODE_CC": r["ANODE_CC"] | rect(ex0 + 900_000, ey0 + least, 50_000, 500_000),
            },
            "- terminal and foil": {
                "TERM_NEG": r["TERM_NEG"] | rect(sx1 + least, middle, 300_000, 50_000),
            },
            "terminals below": {
                "TERM_NEG_WRAP": r["TERM_NEG_WRAP"]
                | rect(bounds(r["TERM_POS_WRAP"])[2] + least, middle, sx1, 50_000),
            },
            "tab and bare foil": {
                "TAB": r["TAB"] | rect(bounds(r["FILM_UPPER"])[0] + least, middle, 500_000, 50_000),
            },
            "- terminal, top and bottom, and + face": {
                "TERM_NEG_WRAP": square(px1 + least, middle, 90_000),
                "TERM_POS_WRAP": square(-FAR, middle, 90_000),
            },
        }  # fmt: skip
        found.append([(what, on_device(sample, regions)) for what, regions in made.items()])
    return found
