"""A received file against the design that it should be."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from layoutgen.errors import Problem, SpecError, did_you_mean
from layoutgen.foreign.model import ForeignLayout
from layoutgen.identity.answer import Difference, Identity
from layoutgen.identity.judge import identify
from layoutgen.identity.one_mask import layout_of_mask
from layoutgen.identity.sources import seen_in
from layoutgen.layout.model import Layout

if TYPE_CHECKING:
    from layoutgen.solver.solution import Solution

Biases = Mapping[str, tuple[float, float]]
"""Mask -> bias of every edge in um, across and along the web."""


def identify_foreign(
    foreign: ForeignLayout, name: str, solution: "Solution", layout: Layout, biases_um: Biases | None = None
) -> Identity:
    """Is this layout that design? A file of one mask is compared with what a shop gets of it.

    Args:
        foreign: what was read, see :func:`layoutgen.foreign.reading.read_layout`.
        name: of the file, as the answer says it.
        solution: the design.
        layout: what the design draws.
        biases_um: masks that were biased on purpose, and by how much.
    """
    seen, design = seen_in(foreign, layout.top), solution.spec.file_name()
    one = layout_of_mask(seen.drawing, layout, solution.loaded.pdk)
    remark: tuple[Difference, ...] = ()
    if one is not None:
        mask, shop, layout = one
        as_got = f", as shop {shop} gets it" if shop else ""
        remark = (Difference("one-mask", f"the file is one mask, {mask}{as_got}", (mask,)),)
        design = f"mask {mask} of {design}"
    answer = identify(
        seen, layout, solution.loaded.pdk, solution.web, file=name, design=design, biases_um=biases_um
    )
    return replace(answer, remarks=(*remark, *answer.remarks))


def read_biases(texts: Sequence[str], masks: Sequence[str], where: str = "bias") -> dict[str, tuple[float, float]]:
    """Declared biases out of texts such as ``CUT=-5`` or ``CUT=-5x-2.5``, um across and along the web.

    Raises:
        SpecError: not so written, an unknown mask, a mask twice; holds every problem found.
    """
    found: dict[str, tuple[float, float]] = {}
    problems = []
    allowed = "MASK=UM or MASK=UMxUM, um outwards, across and along the web"
    for text in texts:
        name, _, value = text.partition("=")
        try:
            numbers = [float(part.removesuffix("um").strip()) for part in value.replace("X", "x").split("x")]
        except ValueError:
            numbers = []
        if name not in masks:
            problems.append(Problem(f"there is no mask {name!r}", where, allowed, did_you_mean(name, masks)))
        elif len(numbers) not in {1, 2} or not all(map(math.isfinite, numbers)):
            problems.append(Problem(f"cannot read {text!r}", where, allowed))
        elif name in found:
            problems.append(Problem(f"{name} is given twice", where, "each mask once"))
        else:
            found[name] = numbers[0], numbers[-1]
    if problems:
        raise SpecError(problems)
    return found
