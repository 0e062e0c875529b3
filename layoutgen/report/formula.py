"""What one figure of design.json is and how it is made."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Formula:
    """Title, unit and plain arithmetic over symbols: keys of design.json or, with ``pdk:``, of the process."""

    title: str
    unit: str
    text: str
    symbols: Mapping[str, str] = field(default_factory=dict)
    reference: str = ""
