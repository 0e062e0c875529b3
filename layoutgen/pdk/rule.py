"""The schema of a design rule, as ``rules.toml`` of a PDK states it."""

from typing import Annotated, Literal, Self, TypeAlias

from pydantic import Field, model_validator

from layoutgen.layer_expressions import layers_of, parse_layers
from layoutgen.pdk.checks import CHECKS, Check, CheckName
from layoutgen.record import Form, KitRecord
from layoutgen.web.plan import Regime

Family: TypeAlias = Literal[
    "width", "space", "enclosure", "overlap", "extension", "area", "exact alignment", "forbidden overlap",
    "density", "grid", "connectivity", "stack", "web", "package", "bending",
]  # fmt: skip
View: TypeAlias = Literal["device", "web", "frame", "cells", "figures"]
Side: TypeAlias = Literal["x0", "y0", "x1", "y1"]
Severity: TypeAlias = Literal["error", "warning"]
RuleId = Annotated[str, Form(r"[A-Z]{3}\d{3}", "three capital letters and three digits, such as ENC001")]


class Rule(KitRecord):
    """One design rule. ``of`` and ``against`` are layers or expressions over layers, as masks have them."""

    family: Family
    """What kind of rule it is, for people."""
    title: str = Field(min_length=3)
    """One line."""
    statement: str = Field(min_length=10)
    """What has to hold."""
    measure: str = Field(min_length=10)
    """What is measured, and between what."""
    check: CheckName
    """How it is measured, for the machine."""
    view: View
    """Where: one device (cell and stack on top of each other), the patterned web, the frame of fields and marks,
    each distinct cell of the layout by itself, or figures of the design."""
    of: str = ""
    """Layer, or layers joined by +, - and &, that is measured."""
    against: str = ""
    """Layer or expression that it is measured against."""
    layers: tuple[str, ...] = ()
    """Layers, for checks that look at each layer by itself; empty for all that the check applies to."""
    except_layers: tuple[str, ...] = ()
    """Layers that such a check leaves out: what nothing is patterned from."""
    sides: tuple[Side, ...] = ()
    """Sides on which ``of`` must reach beyond ``against``."""
    figure: str = ""
    """Figure of the design that is compared, as an expression."""
    relation: Literal["at least", "at most", "equal"] = "at least"
    """How the measured value must stand to the limit."""
    limit: str = "0"
    """The limit with its derivation: an expression over values of the PDK and figures of the design."""
    unit: Literal["um", "um2", "mm", "1"] = "um"
    """Unit of the limit and of what is measured."""
    regimes: tuple[Regime, ...] = ()
    """Ways of patterning the web that the rule is for; empty for all."""
    may_be_empty: tuple[str, ...] = ()
    """Layers that need not have shapes; any other layer without shapes leaves the rule not run."""
    outside: str = ""
    """Marker layer whose polygons the rule does not look into: what is drawn there breaks it on purpose."""
    severity: Severity
    """Whether a design that breaks the rule is refused, or only told so."""
    why: str = Field(min_length=10)
    """Why it matters."""
    example: str = Field(default="", min_length=10)
    """A case, in numbers; where it would only repeat the limit's derivation it is left out and made from that."""
    remedy: str = Field(min_length=5)
    """What to do about a violation."""

    @model_validator(mode="after")
    def _is_complete(self) -> Self:
        if self.needs.against and not self.against:
            raise ValueError(f"a rule of check {self.check!r} needs 'against'")
        if self.needs.limit and "limit" not in self.model_fields_set:
            raise ValueError(f"a rule of check {self.check!r} needs a 'limit'")
        if self.check == "figure" and not self.figure:
            raise ValueError("a rule of check 'figure' needs 'figure'")
        if (self.check == "figure") != (self.view == "figures"):
            raise ValueError("check 'figure' goes with view 'figures', and only with it")
        if self.check == "extension" and not self.sides:
            raise ValueError("a rule of check 'extension' needs 'sides'")
        if self.needs.of != bool(self.of):
            raise ValueError(f"a rule of check {self.check!r} {'has no' if self.of else 'needs'} 'of'")
        return self

    @property
    def needs(self) -> Check:
        """What a rule of this check has to state."""
        return CHECKS[self.check]

    def layer_names(self) -> tuple[str, ...]:
        """Every layer that the rule names, each once, in order of first use."""
        names = [name for text in (self.of, self.against) if text for name in layers_of(parse_layers(text))]
        return tuple(dict.fromkeys((*names, *self.layers)))

    def covers(self, layer: str) -> bool:
        """Whether a check that looks at each layer by itself looks at this one."""
        return layer not in self.except_layers and (not self.layers or layer in self.layers)
