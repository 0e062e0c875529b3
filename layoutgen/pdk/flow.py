"""The patterning flow of a kit: its passes, what isolates a cell, where + is contacted. In ``flow.toml``."""

from typing import TYPE_CHECKING

from pydantic import Field

from layoutgen.errors import LayoutgenError, PdkError, Problem, did_you_mean
from layoutgen.expressions import evaluate, names_in, parse_expression
from layoutgen.pdk.measures import LayerName
from layoutgen.pdk.values import numbers
from layoutgen.record import KitRecord

if TYPE_CHECKING:
    from layoutgen.pdk.schema import Pdk


class Pass(KitRecord):
    """One tool operation of the flow."""

    through: str = Field(min_length=3)
    """What it takes away, or lays down, in words."""
    films: tuple[LayerName, ...] = ()
    """Layers of the web whose films it goes through, from the top; the sum of their thicknesses is its depth."""
    depth: str = ""
    """How deep it goes, um, where no film that it draws tells: a value of the kit, or arithmetic over them."""
    against: str = Field(min_length=3)
    """What it is aligned to."""
    overlay: str = Field(min_length=1)
    """How far it may lie off, um: a value of the kit, or arithmetic over them."""


class Flow(KitRecord):
    """How cells are patterned, and what that leaves of them."""

    title: str = Field(min_length=3)
    """One line."""
    isolation: str = Field(min_length=10)
    """What keeps the poles apart at the cut edge of a cell."""
    contact: str = Field(min_length=10)
    """Where the + pole is contacted."""
    risks: tuple[str, ...] = ()
    """What may go wrong, in words, one line each."""
    passes: dict[LayerName, Pass] = Field(min_length=1)
    """Mask -> its pass."""


def check_flow(pdk: "Pdk") -> None:
    """Check that every pass is of a mask, every mask of the web has its pass, and overlays have values.

    Raises:
        PdkError: with every problem found.
    """
    if pdk.flow is None:
        return
    known, problems = numbers(pdk), []
    on_web = [layer for layer, stated in pdk.layers.items() if stated.stage == "web"]
    for name, step in pdk.flow.passes.items():
        where = f"flow.passes.{name}"
        if name not in pdk.masks:
            problems.append(Problem(f"there is no mask {name!r}", where, remedy=did_you_mean(name, pdk.masks)))
        problems += [
            Problem(f"there is no layer {layer!r} of the web", f"{where}.films", remedy=did_you_mean(layer, on_web))
            for layer in step.films
            if layer not in on_web
        ]
        for key, text in (("overlay", step.overlay), ("depth", step.depth)):
            try:
                unknown = (
                    [item for item in names_in(parse_expression(text, where)) if item not in known] if text else []
                )
            except LayoutgenError as error:
                problems += error.problems
                continue
            problems += [
                Problem(f"there is no value {item!r}", f"{where}.{key}", remedy=did_you_mean(item, known))
                for item in unknown
            ]
    problems += [
        Problem(f"mask {name} has no pass in the flow", "flow.passes", remedy=f"[flow.passes.{name}]")
        for name in pdk.masks
        if name not in pdk.flow.passes
    ]
    if problems:
        raise PdkError(problems)


def overlay_um(pdk: "Pdk", step: Pass) -> float:
    """How far a pass may lie off, um."""
    return float(evaluate(parse_expression(step.overlay), numbers(pdk), "flow"))


def depth_um(pdk: "Pdk", step: Pass) -> float | None:
    """How deep a pass goes as its flow states it, um; None where it does not."""
    return float(evaluate(parse_expression(step.depth), numbers(pdk), "flow")) if step.depth else None
