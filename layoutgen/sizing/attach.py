"""How a part is joined to its board: whether it goes through reflow, and what a review must know then."""

from dataclasses import replace
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from layoutgen.sizing.flags import Flag

if TYPE_CHECKING:
    from layoutgen.sizing.device import DeviceDesign

NO_REFLOW: Final = "no-reflow"
"""Code of the flag of a part that would be soldered and cannot be."""
_OF_REFLOW: Final = frozenset({"reflow-class", "formation-after-reflow", NO_REFLOW})


class Attach(StrEnum):
    """How a part is joined to its board."""

    SOLDERED = "soldered"
    """In reflow, on printed paste."""
    LAMINATED = "laminated"
    """Between the sheets of a card or a flexible circuit, contacts pressed or glued."""
    WELDED = "welded"
    """Leads welded or bonded to its terminals, one by one."""


def attached(device: "DeviceDesign", attach: Attach, not_flat: str = "") -> "DeviceDesign":
    """A device with the flags of its way to be joined.

    A part that is laminated or welded has none of reflow. One that would be soldered and does not stand on a board
    as solder needs it has one flag, that it is not to be reflowed.

    Args:
        device: as sized, with the flags of a part that is soldered.
        attach: how it is joined.
        not_flat: why its terminals do not stand on a flat board; empty where they do.
    """
    if attach is Attach.SOLDERED and not not_flat:
        return device
    flags = tuple(flag for flag in device.flags if flag.code not in _OF_REFLOW)
    if attach is Attach.SOLDERED:
        return replace(device, flags=(*flags, Flag(NO_REFLOW, f"{not_flat}: no reflow")), no_reflow=not_flat)
    return replace(device, flags=flags, attach=attach, no_reflow=f"the part is {attach.value}, not soldered")
