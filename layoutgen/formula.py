"""How a figure of design.json follows from others, stated beside the function that works it out.

A formula is plain arithmetic (``+ - * / **``, ``sqrt``, ``exp``, ``min``, ``max``, ``floor``) over its symbols, so
that it can be read, and be evaluated again by whoever doubts it. A symbol stands for a key of design.json, or, with
``pdk:`` in front, for a quantity of the process design kit.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType, ModuleType
from typing import Any, Final, NamedTuple, TypeVar

PAPER: Final = "Cheng et al., ACS Energy Lett. 2023, doi 10.1021/acsenergylett.3c01839"
MODEL: Final = "sizing model"

_STATED: Final = "states"
Function = TypeVar("Function", bound=Callable[..., Any])


class Formula(NamedTuple):
    """What one figure is and how it is made; without ``text`` where it is no arithmetic over other figures."""

    title: str
    unit: str
    text: str
    symbols: Mapping[str, str] = MappingProxyType({})
    reference: str = ""


OfKit = Callable[[Any], Formula]
"""A formula that depends on the process design kit, its argument: on films that there are, a model, an order."""


def states(path: str, formula: Formula | OfKit) -> Callable[[Function], Function]:
    """Put the formula of a figure beside the function that works it out.

    Args:
        path: key of the figure in design.json.
        formula: the same as the function does.
    """

    return states_all({path: formula})


def states_all(formulas: Mapping[str, Formula | OfKit]) -> Callable[[Function], Function]:
    """Put the formulas of several figures beside the one function that works them out; as :func:`states`."""

    def beside(function: Function) -> Function:
        setattr(function, _STATED, {**getattr(function, _STATED, {}), **formulas})
        return function

    return beside


def functions_of(*owners: ModuleType | type) -> dict[str, Callable[..., Any]]:
    """The functions of modules and classes that state the formula of a figure, by its key; properties too."""
    found: dict[str, Callable[..., Any]] = {}
    for owner in owners:
        for part in vars(owner).values():
            function = getattr(part, "fget", part)
            found |= dict.fromkeys(getattr(function, _STATED, ()), function)
            if isinstance(part, type) and part.__module__ == owner.__name__:
                found |= functions_of(part)
    return found


def formula_of(function: Callable[..., Any], path: str, pdk: Any = None) -> Formula | None:
    """What a function states of a figure; None where that depends on the kit, and none is given."""
    stated: Formula | OfKit = getattr(function, _STATED)[path]
    if isinstance(stated, Formula):
        return stated
    return None if pdk is None else stated(pdk)
