"""Tables that are read from files: their base, and texts that must have one form."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Self, TypeVar

from pydantic import BaseModel, ConfigDict, GetCoreSchemaHandler, GetJsonSchemaHandler, ValidationError
from pydantic_core import PydanticCustomError, core_schema

from layoutgen.errors import Input, InputError, Key, PdkError, SpecError, TemplateError
from layoutgen.validation import located, problems_in, shortened, unwritable


class Record(BaseModel):
    """Base of everything that is read from a file: frozen, and unknown keys are errors.

    Raises:
        InputError: of the kind ``refused``, with every problem by its field path, however the record is built.
    """

    # parts are checked with what they are part of: a validator of their own is made only where one is asked for
    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True, defer_build=True)

    refused: ClassVar[type[InputError]] = SpecError
    """What is raised where a record of this kind is wrong."""

    def __init__(self, **values: Any) -> None:
        with _refusing(type(self), values):
            super().__init__(**values)

    # says to pydantic that a record which is part of another is built as if this were its own __init__
    __init__.__pydantic_base_init__ = True  # type: ignore[attr-defined]

    @classmethod
    def model_validate(cls, obj: Any, **options: Any) -> Self:
        """As pydantic's, with the errors of layoutgen."""
        with _refusing(cls, obj):
            return super().model_validate(obj, **options)


class KitRecord(Record):
    """A table of a process design kit."""

    refused = PdkError


class TemplateRecord(Record):
    """A table of a template."""

    refused = TemplateError


@contextmanager
def _refusing(model: type[Record], content: object) -> Iterator[None]:
    """What is wrong in ``content`` leaves as the error of a ``model``."""
    problems = unwritable(content)
    if not problems:
        try:
            yield
        except ValidationError as error:
            problems = problems_in(model, error)
    if problems:
        place = Input if issubclass(model.refused, SpecError) else Key
        raise model.refused([replace(item, where=place(item.path) if item.path else "") for item in problems])


Checked = TypeVar("Checked", bound=Record)


def checked(model: type[Checked], content: Mapping[str, Any], files: Mapping[str, str]) -> Checked:
    """A document that was read from files, as a record.

    Args:
        model: what the document should be.
        content: the document.
        files: key path -> name of the file that states it, for top-level keys at least; the key ``""`` names the
            file for everything else.

    Raises:
        InputError: of the kind that the model refuses with; holds every problem, with the file that states it.
    """
    try:
        return model.model_validate(content)
    except InputError as error:
        raise model.refused(
            [replace(problem, where=located(problem.path, files)) for problem in error.problems]
        ) from None


def refusal(what: str, *, at: str = "", allowed: str = "", remedy: str = "") -> PydanticCustomError:
    """What a validator raises: the parts of a problem.

    Args:
        what: what is wrong.
        at: key path of the value that is to be looked at, from the one that is validated.
        allowed: what is allowed.
        remedy: what works.
    """
    return PydanticCustomError("refused", "{what}", {"what": what, "at": at, "allowed": allowed, "remedy": remedy})


@dataclass(frozen=True, slots=True)
class Form:
    """Annotates a text that must have one form, which is said in words where it does not."""

    pattern: str
    """Regular expression for the whole text."""
    allowed: str
    """The same in words."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        return core_schema.no_info_after_validator_function(self._checked, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        return {**handler(schema), "pattern": f"^({self.pattern})$", "description": self.allowed}

    def _checked(self, text: str) -> str:
        if re.fullmatch(self.pattern, text) is None:
            raise refusal(f"{shortened(text)} is not of the form asked for", allowed=self.allowed)
        return text
