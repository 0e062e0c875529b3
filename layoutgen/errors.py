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

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, NamedTuple, Union

Wording = Union[str, "Input", "Phrase"]
"""A text of a message, in which inputs may be named."""


class Input(NamedTuple):
    """One thing that a user gives: a field of the question, a value set in the kit, a file, a place to write to.

    The core knows its path only; each front end has its own word for it, :class:`str` gives that of Python.
    """

    path: str
    """Field path: ``capacity``, ``zones.0.outline``, ``set.stack.substrate.thickness``, ``out``."""
    value: str = ""
    """What is given, or is to be given; empty where the input itself is meant."""

    def __add__(self, other: Wording) -> "Phrase":  # type: ignore[override]
        return Phrase((self, *_parts(other)))

    def __radd__(self, other: str) -> "Phrase":
        return Phrase((other, self))

    def __str__(self) -> str:
        return f"{self.path}={self.value}" if self.value else self.path


class Phrase(NamedTuple):
    """A text in which inputs are named: ``Input("out") + " in another place"``."""

    parts: tuple[str | Input, ...]

    def __add__(self, other: Wording) -> "Phrase":  # type: ignore[override]
        return Phrase((*self.parts, *_parts(other)))

    def __radd__(self, other: str) -> "Phrase":
        return Phrase((other, *self.parts))

    def __str__(self) -> str:
        return said(self)


class Key(NamedTuple):
    """A key of a document: ``process.toml: stack.cathode.thickness``."""

    path: str
    file: str = ""
    """Name of the file that states it; empty where it has none."""

    def __str__(self) -> str:
        return f"{self.file}: {self.path}" if self.file and self.path else self.file or self.path


Place = str | Input | Key
"""Where something is wrong: an input, a key of a document, or a file and a place in it."""


def _parts(text: Any) -> tuple[str | Input, ...]:
    return text.parts if isinstance(text, Phrase) else (text,)


def said(text: Wording | Key, word: Callable[[Input], str] = str) -> str:
    """A text as a front end says it, which has a ``word`` for each input."""
    return "".join(word(part) if isinstance(part, Input) else str(part) for part in _parts(text))


def listed(items: Iterable[Wording], between: str = "; ") -> Phrase:
    """Texts one after another."""
    parts: list[str | Input] = []
    for item in items:
        parts += [between] if parts else []
        parts += _parts(item)
    return Phrase(tuple(parts))


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong: data, which each front end puts into its own words."""

    what: Wording
    where: Place = ""
    allowed: Wording = ""
    remedy: Wording = ""

    @property
    def path(self) -> str:
        """The field path of the input, the key path in the document, or the file and the place in it.

        Empty only where the input has no name.
        """
        return self.where if isinstance(self.where, str) else self.where.path or str(self.where)

    def texts(self, word: Callable[[Input], str] = str) -> dict[str, str]:
        """The four texts by name, in the words of a front end; empty where there is none."""
        return {name: said(getattr(self, name), word) for name in ("what", "where", "allowed", "remedy")}

    def text(self, word: Callable[[Input], str] = str) -> str:
        """For people: where and what, then what is allowed and what works, a line each."""
        texts = self.texts(word)
        lines = [f"{texts['where']}: {texts['what']}" if texts["where"] else texts["what"]]
        lines += [f"  allowed: {texts['allowed']}"] if texts["allowed"] else []
        lines += [f"  try: {texts['remedy']}"] if texts["remedy"] else []
        return "\n".join(lines)

    def __str__(self) -> str:
        return self.text()


class LayoutgenError(Exception):
    """Base of every error that a user can cause or has to know of."""

    exit_code = 2

    def __init__(self, problems: Problem | Iterable[Problem]) -> None:
        self.problems = (problems,) if isinstance(problems, Problem) else tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.problems,)

    def text(self, word: Callable[[Input], str] = str) -> str:
        """All problems, in the words of a front end."""
        return "\n".join(problem.text(word) for problem in self.problems)


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


class Nearest(NamedTuple):
    """For each limit of a question that nothing meets, the nearest value of it alone with which something does.

    None where there is none, or where the limit is not asked for.
    """

    capacity_mah: float | None = None
    """The most rated capacity."""
    height_mm: float | None = None
    """The lowest height."""
    footprint_mm: tuple[float | None, float | None] | None = None
    """The smallest footprint of the same proportion; a side of None is free."""
    bend_radius_mm: float | None = None
    """The tightest radius that it may be bent to."""
    current_ma: float | None = None
    """The largest current."""
    pulse: str | None = None
    """The largest pulse of the same times."""
    load_share: float | None = None
    """The part of every current of a load."""
    lowest_voltage_v: float | None = None
    """The highest voltage that the load does not fall below."""
    charge_time_s: float | None = None
    """The shortest time to charge."""
    temperature_c: float | None = None
    """The lowest temperature."""
    cycles: int | None = None
    """The most cycles after which the capacity is still there."""

    def to_json(self) -> dict[str, Any]:
        """The values there are, by name."""
        return {
            name: list(value) if isinstance(value, tuple) else value
            for name, value in self._asdict().items()
            if value is not None
        }


class DoesNotFit(DesignError):  # noqa: N818  (reads as the verdict that it is)
    """No design meets the question; ``nearest`` holds the values that something meets."""

    def __init__(self, problems: Problem | Iterable[Problem], nearest: Nearest | None = None) -> None:
        super().__init__(problems)
        self.nearest = nearest or Nearest()

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.problems, self.nearest)


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
