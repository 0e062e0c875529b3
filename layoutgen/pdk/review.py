"""The checklist of a kit's design review: ``review.toml``."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from layoutgen.record import Form, KitRecord


class Criterion(KitRecord):
    """One question of the design review, and what answers it."""

    id: Annotated[
        str, Form(r"[A-Z][A-Z0-9]*(-[A-Z0-9]+)*", "capital letters and digits with - between, such as MAN-1")
    ]
    """Short name, such as CAP-1; review.toml refers to it."""
    criterion: str = Field(min_length=3)
    """What must hold."""
    rationale: str = Field(min_length=3)
    """Why it matters."""
    evidence: Literal["limits", "rules", "flag", "figure", "signature"]
    """What answers it: every limit is kept, every rule has run and passed, a flag is absent, a figure of
    design.json is on the right side of another, or somebody signs."""
    flag: str = ""
    """Code of the flag, where evidence is a flag; with a signature, the flag without which nobody need sign."""
    figure: str = ""
    """Key path in design.json, where evidence is a figure."""
    relation: Literal["at least", "at most"] = "at least"
    """How the figure compares with ``than``."""
    than: float | str = 0.0
    """A number, or another key path in design.json."""
    sign: str = ""
    """Who signs, where evidence is a signature."""

    @model_validator(mode="after")
    def _evidence_is_named(self) -> Self:
        for kind, key in (("flag", "flag"), ("figure", "figure"), ("signature", "sign")):
            if (kind, self.evidence) == ("flag", "signature"):
                continue
            if (self.evidence == kind) != bool(getattr(self, key)):
                raise ValueError(f"{key!r} is given exactly when evidence is {kind!r}")
        return self
