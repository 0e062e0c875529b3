"""What can go wrong, as data first and exceptions second.

A :class:`Problem` says what is wrong, where, what is allowed and what to do. Problems of one input are collected
and raised together. The tree::

    LayoutgenError              (base; never raised itself)
    +-- InputError              exit code 2: the input is wrong
    |   +-- QuantityError       a number with a unit cannot be read
    |   +-- SpecError           the question: options or spec file
    |   +-- PdkError            the process design kit
    |   +-- TemplateError       the device template
    |   +-- DocumentError       a design.json or package made earlier
    |   +-- WaiverError         a file of accepted rule violations
    |   +-- OutputError         the place to write to
    +-- DesignError             exit code 1: the input is right, the design is not
        +-- DoesNotFit          no design meets the question; carries the nearest that would
        +-- PreflightError      a file format cannot carry this layout
        +-- RuleError           the design breaks a design rule
        +-- PackageError        a package is not what its design gives
"""

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong.

    ``where`` is an option (``--mah``) or a file and key path (``process.toml: stack.cathode.thickness``).
    """

    what: str
    where: str = ""
    allowed: str = ""
    remedy: str = ""

    def __str__(self) -> str:
        lines = [f"{self.where}: {self.what}" if self.where else self.what]
        if self.allowed:
            lines.append(f"  allowed: {self.allowed}")
        if self.remedy:
            lines.append(f"  try: {self.remedy}")
        return "\n".join(lines)


class LayoutgenError(Exception):
    """Base of every error that a user can cause or has to know of."""

    exit_code = 2

    def __init__(self, problems: Problem | Iterable[Problem]) -> None:
        self.problems = (problems,) if isinstance(problems, Problem) else tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))

    def __reduce__(self) -> tuple[type["LayoutgenError"], tuple[tuple[Problem, ...]]]:
        return type(self), (self.problems,)


class InputError(LayoutgenError):
    """The input is wrong; nothing was computed or written."""


class QuantityError(InputError):
    """A text is not a quantity of the wanted kind."""


class SpecError(InputError):
    """The question (options, spec file) is incomplete, contradictory or out of range."""


class PdkError(InputError):
    """A process design kit does not load."""


class TemplateError(InputError):
    """A device template does not load, or does not match the process design kit."""


class DocumentError(InputError):
    """A design.json or a package made earlier cannot be used."""


class WaiverError(InputError):
    """A file of accepted rule violations cannot be used."""


class OutputError(InputError):
    """The output cannot be written where it was asked for."""


class DesignError(LayoutgenError):
    """The input is right; the design is not."""

    exit_code = 1


class DoesNotFit(DesignError):  # noqa: N818  (reads as the verdict that it is)
    """No design meets the question; the problems name the nearest values that would."""


class PreflightError(DesignError):
    """A file format cannot carry this layout; nothing was written."""


class RuleError(DesignError):
    """The design breaks a design rule."""


class PackageError(DesignError):
    """A package that was received is damaged, or is not what its design gives."""


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """A remedy line for a misspelt word: the closest known words, else all of them if they are few."""
    choices = sorted(str(name) for name in known)
    close = get_close_matches(word, choices, n=3, cutoff=0.6)
    if close:
        return "did you mean " + " or ".join(repr(name) for name in close) + "?"
    return "one of " + ", ".join(choices) if 0 < len(choices) <= 12 else ""
