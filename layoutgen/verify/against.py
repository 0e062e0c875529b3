"""An archive against what its design gives when it is made again, for the same receiver."""

import csv
import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from layoutgen.errors import DocumentError, LayoutgenError, PackageError, Problem
from layoutgen.files.archive import SUMS
from layoutgen.receivers.board import LANDS
from layoutgen.receivers.test_house import REPEATS_CSV, WEB_CSV
from layoutgen.units import counted
from layoutgen.verify.again import differences
from layoutgen.verify.archive import ORDER
from layoutgen.verify.files import shortened

if TYPE_CHECKING:
    from layoutgen.solver.solution import Solution


def made_again(files: Mapping[str, bytes], design: Path) -> str:
    """What was compared, in words: an archive's files with those that its design gives, byte for byte.

    Raises:
        DocumentError: the design cannot be used, or this is no archive of a receiver.
        PackageError: the files are not what the design gives; holds every problem found.
    """
    from layoutgen.document import from_document, read_document

    if not files.keys() & {ORDER, LANDS, WEB_CSV}:
        allowed = "an archive for a mask or laser shop, a board designer or a test house"
        raise DocumentError(Problem(f"holds none of {ORDER}, {LANDS} and {WEB_CSV}", "--against", allowed))
    solution = from_document(read_document(design))
    try:
        if ORDER in files:
            wanted = _for_shop(files, solution, design)
        elif LANDS in files:
            wanted = _for_board(solution)
        else:
            wanted = _for_test(files, solution)
    except DocumentError:
        raise
    except LayoutgenError as error:
        raise PackageError(error.problems) from error
    problems = differences(files, wanted, {}, {SUMS})
    if problems:
        raise PackageError(shortened(problems))
    count = len(wanted.keys() - {SUMS})
    return f"{counted(count, 'file')}, made again from {design.name}, are the same to the byte"


def _for_shop(files: Mapping[str, bytes], solution: "Solution", design: Path) -> dict[str, bytes]:
    from layoutgen import __version__
    from layoutgen.flow import stored_previous
    from layoutgen.outputs import issue_of, layout_of
    from layoutgen.receivers.shop import load_shop
    from layoutgen.receivers.shop_files import shop_files
    from layoutgen.rules.engine import check_solution

    try:
        order = json.loads(files[ORDER])
        waived, shop = order.get("rules", {}).get("waived"), str(order["shop"]["name"])
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        raise PackageError(Problem("is damaged: it names no shop", ORDER)) from error
    if waived:
        what = "holds violations that were accepted in a file of its own, which the design does not have"
        raise DocumentError(Problem(what, "--against", "an archive without waivers"))
    profile = load_shop(shop, ORDER)
    issue = issue_of(solution, stored_previous(design), "masks/previous.json")
    layout = layout_of(solution)
    rules = check_solution(solution, layout)
    return shop_files(layout, solution.loaded.pdk, profile, f"layoutgen,{__version__}", issue, rules)


def _for_board(solution: "Solution") -> dict[str, bytes]:
    from layoutgen.draw.files import inputs_of
    from layoutgen.receivers.board import board_files

    return board_files(inputs_of(solution), solution.spec.file_name())


def _for_test(files: Mapping[str, bytes], solution: "Solution") -> dict[str, bytes]:
    from layoutgen.outputs import layout_of
    from layoutgen.receivers.test_house import check_repeats, test_house_files

    try:
        rows = list(csv.reader(files.get(REPEATS_CSV, b"").decode().splitlines()))
    except (ValueError, csv.Error) as error:
        raise PackageError(Problem("is damaged", REPEATS_CSV)) from error
    repeats = max(1, len(rows) - 1)
    check_repeats(solution.web, repeats, REPEATS_CSV)
    made = test_house_files(solution, repeats, layout_of(solution).notes)
    return {name: b"".join(pieces) for name, pieces in made.items()}
