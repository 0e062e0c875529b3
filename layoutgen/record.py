"""Tables that are read from files: their base, and texts that must have one form."""

import re
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ConfigDict, GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import PydanticCustomError, core_schema


class Record(BaseModel):
    """Base of everything that is read from a file: frozen, and unknown keys are errors."""

    # parts are checked with what they are part of: a validator of their own is made only where one is asked for
    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True, defer_build=True)


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
            raise PydanticCustomError("form", "not of this form: {allowed}", {"allowed": self.allowed})
        return text
