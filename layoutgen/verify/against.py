"""An archive against what its design gives when it is made again, for the same receiver."""

import csv
import json
from collections.abc import Mapping
from pathlib import Path

from layoutgen.errors import DocumentError, Input, LayoutgenError, PackageError, Problem
from layoutgen.files.archive import SUMS
from layoutgen.outputs import ARCHIVES, Made, receiver_of
from layoutgen.receivers.test_house import REPEATS_CSV, form_of
from layoutgen.units import counted
from layoutgen.verify.again import differences
from layoutgen.verify.archive import ORDER
from layoutgen.verify.files import shortened


def made_again(files: Mapping[str, bytes], design: Path) -> str:
    """What was compared, in words: an archive's files with those that its design gives, byte for byte.

    Raises:
        DocumentError: the design cannot be used, or this is no archive of a receiver.
        PackageError: the files are not what the design gives; holds every problem found.
    """
    from layoutgen.document import from_document, read_document

    receiver = receiver_of(files)
    if not receiver:
        marks = ", ".join(archive.mark for archive in ARCHIVES.values())
        allowed = "an archive for a mask or laser shop, a board designer or a test house"
        raise DocumentError(Problem(f"holds none of {marks}", Input("against"), allowed))
    made = Made(from_document(read_document(design)))
    try:
        if receiver == "shop":
            _ask_as_shop(made, files, design)
        elif receiver == "test":
            made.repeats, made.web_cells = _repeats(made, files), form_of(files)
        wanted = {path: b"".join(pieces) for path, pieces in ARCHIVES[receiver].make(made).items()}
    except DocumentError:
        raise
    except LayoutgenError as error:
        raise PackageError(error.problems) from error
    problems = differences(files, wanted, {}, {SUMS})
    if problems:
        raise PackageError(shortened(problems))
    return f"{counted(len(wanted), 'file')}, made again from {design.name}, are the same to the byte"


def _ask_as_shop(made: Made, files: Mapping[str, bytes], design: Path) -> None:
    """What its order says that an archive of masks was asked with."""
    from layoutgen.flow import stored_previous
    from layoutgen.receivers.shop import load_shop
    from layoutgen.report.refresh import review_state_of
    from layoutgen.rules.engine import check_solution

    try:
        order = json.loads(files[ORDER])
        waived, shop = order.get("rules", {}).get("waived"), str(order["shop"]["name"])
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        raise PackageError(Problem("is damaged: it names no shop", ORDER)) from error
    if waived:
        what = "holds violations that were accepted in a file of its own, which the design does not have"
        raise DocumentError(Problem(what, Input("against"), "an archive without waivers"))
    made.shop, made.previous = load_shop(shop, ORDER), stored_previous(design)
    made.review = review_state_of(design)
    web = order.get("web") or {}
    made.repeats = web.get("repeats") if isinstance(web, dict) and isinstance(web.get("repeats"), int) else None
    made.rules = check_solution(made.solution, made.layout)


def _repeats(made: Made, files: Mapping[str, bytes]) -> int:
    from layoutgen.receivers.test_house import check_repeats

    try:
        rows = list(csv.reader(files.get(REPEATS_CSV, b"").decode().splitlines()))
    except (ValueError, csv.Error) as error:
        raise PackageError(Problem("is damaged", REPEATS_CSV)) from error
    repeats = max(1, len(rows) - 1)
    check_repeats(made.solution.web, repeats, REPEATS_CSV)
    return repeats
