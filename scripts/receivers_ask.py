"""What each receiver asks of an archive, and where it finds the answer; asked of the archives of six designs.

A question is answered where the file says so; "not stated" is no answer, though it is better than nothing.
"""

import csv
import io
import json
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

Files = Mapping[str, bytes]
NOT_STATED = "not stated"


class Question(NamedTuple):
    """Whose it is, which archive is asked, in words, where the answer is, and whether it is there."""

    receiver: str
    archive: str
    asked: str
    where: str
    answered: Callable[[Files], bool]


def order(files: Files) -> dict[str, Any]:
    return dict(json.loads(files["order.json"]))


def rows(files: Files, name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(files[name].decode())))


def text(files: Files, name: str) -> str:
    return files[name].decode()


def stated(value: object) -> bool:
    return value not in (None, "", [], {}) and NOT_STATED not in str(value)


def of_blank(key: str) -> Callable[[Files], bool]:
    return lambda files: stated(order(files).get("blank", {}).get(key))


def every_mask(key: str) -> Callable[[Files], bool]:
    return lambda files: all(stated(mask.get(key)) for mask in order(files)["masks"])


def told_in_readme(words: str) -> Callable[[Files], bool]:
    """Whether the line of the README that begins with these words states something."""

    def answered(files: Files) -> bool:
        lines = [line.strip() for line in text(files, "README.txt").splitlines()]
        return any(line.startswith(words) and NOT_STATED not in line for line in lines)

    return answered


def on_fields(files: Files) -> bool:
    return bool(order(files).get("fiducials", {}).get("places"))


def cut_has_widths(files: Files) -> bool:
    (name,) = [name for name in files if name.endswith("_passes.csv")]
    return all(float(row["width_mm"]) > 0 for row in rows(files, name))


def coupons(files: Files) -> bool:
    """Where a design has structures, their features have nominal values; where it has none, nothing is asked."""
    return "structures.csv" not in files or any(row["nominal"] for row in rows(files, "structures.csv"))


def lands(files: Files) -> bool:
    return len(json.loads(files["land-pattern.json"])["land_pattern"]["levels"]) == 3


def reflow_named(files: Files) -> bool:
    return "reflow" in text(files, "README.txt").partition("ORDER OF WORK")[2].partition("ELECTRICAL")[0]


def needle(files: Files) -> bool:
    return all(row["probe_x_mm"] and row["probe_y_mm"] for row in rows(files, "cell-map.csv"))


def first_device(files: Files) -> bool:
    found = text(files, "cell-map.xml")
    return found.count('Name="FirstDevice"') == found.count("<SubstrateMap ") and "<BinCode>000" in found


SHOPS = {"mask shop": "photomask", "laser shop": "laser", "film shop": "film"}
QUESTIONS = (
    Question("mask shop", "photomask", "of what, how thick", "`order.json` blank", of_blank("material")),
    Question("mask shop", "photomask", "how large is the blank", "`order.json` blank", of_blank("size_mm")),
    Question("mask shop", "photomask", "how many", "`order.json` blank", of_blank("quantity")),
    Question("mask shop", "photomask", "which defects count", "`order.json` blank", of_blank("defects")),
    Question("mask shop", "photomask", "one device or stepped", "`order.json` blank", of_blank("stepping")),
    Question("mask shop", "photomask", "what is open", "`order.json` masks", every_mask("polygon_tone_says")),
    Question("mask shop", "photomask", "where to measure, how exact", "`order.json` masks", every_mask("cd_sites")),
    Question("laser shop", "laser", "what is aligned to what", "`order.json` masks", every_mask("registration")),
    Question("laser shop", "laser", "where are the fiducials", "`order.json` fiducials", on_fields),
    Question("laser shop", "laser", "how deep is each pass", "`order.json` masks", every_mask("depth_um")),
    Question(
        "laser shop",
        "laser",
        "which films, how thick",
        "`order.json` films",
        lambda files: stated(order(files)["films"]),
    ),
    Question("laser shop", "laser", "how wide is each cut", "`*_passes.csv`", cut_has_widths),
    Question("laser shop", "laser", "what are the coupon's values", "`structures.csv`", coupons),
    Question(
        "laser shop",
        "laser",
        "how much web",
        "`order.json` web",
        lambda files: stated(order(files)["web"]["length_m"]),
    ),
    Question("film shop", "film", "which film", "`order.json` blank", of_blank("material")),
    Question("film shop", "film", "how large is the sheet", "`order.json` blank", of_blank("size_mm")),
    Question("film shop", "film", "black or clear", "`order.json` masks", every_mask("polygon_tone_says")),
    Question("board designer", "board", "lands at three levels", "`land-pattern.json`", lands),
    Question(
        "board designer",
        "board",
        "reflow before or after the first charge",
        "`README.txt`",
        reflow_named,
    ),
    Question("board designer", "board", "how is it charged", "`README.txt`", told_in_readme("charge voltage")),
    Question("board designer", "board", "moisture class", "`README.txt`", told_in_readme("moisture class")),
    Question("board designer", "board", "storage", "`README.txt`", told_in_readme("storage")),
    Question("board designer", "board", "reel", "`README.txt`", told_in_readme("reel")),
    Question("test house", "test", "where to put the needle", "`cell-map.csv`", needle),
    Question(
        "test house", "test", "which device is the first, how are bins written", "`cell-map.xml`", first_device
    ),
    Question(
        "test house",
        "test",
        "where are no cells, and why",
        "`zones.csv`",
        lambda files: len(rows(files, "zones.csv")) > 1,
    ),
    Question("test house", "test", "what are the coupon's values", "`structures.csv`", coupons),
    Question(
        "test house",
        "test",
        "which mask makes the names",
        "`README.txt`",
        lambda files: "of the laser shop makes them" in text(files, "README.txt"),
    ),
)


def asked_rows(archives: Mapping[str, Mapping[str, Files]]) -> list[tuple[str, str, str, str]]:
    """Receiver, question, where, and for how many designs it is answered, by name where not for all.

    Args:
        archives: design -> kind of archive -> its files.
    """
    found = []
    for question in QUESTIONS:
        told = [name for name, made in archives.items() if question.answered(made[question.archive])]
        left = [name for name in archives if name not in told]
        count = "all" if not left else "none" if not told else f"all but {'; '.join(left)}"
        found.append((question.receiver, question.asked, question.where, count))
    return found
