"""Roles: what rules and masks call an element of the device whose layer depends on the template.

``@positive.land`` in the text of a rule or a mask stands for the layer that the template draws the land of the +
terminal on. Roles are put in place when a kit is read, before anything else looks at it.
"""

import re
from collections.abc import Mapping
from typing import Any, Final

from layoutgen.errors import Problem, did_you_mean
from layoutgen.template import Template
from layoutgen.validation import located

_TABLES: Final = ("rules", "masks")
_ROLE: Final = re.compile(r"@([a-z][a-z_]*(?:\.[a-z][a-z_]*)?)")


def has_roles(content: Mapping[str, Any]) -> bool:
    """Whether a document names any role."""
    return any(_names_one(content.get(table)) for table in _TABLES)


def with_roles(
    content: Mapping[str, Any], template: Template, files: Mapping[str, str]
) -> tuple[dict[str, Any], list[Problem]]:
    """A document with the template's layers in place of roles, and a problem for each role that it has not."""
    problems: list[Problem] = []
    roles = template.roles()

    def replaced(value: Any, path: str) -> Any:
        if isinstance(value, dict):
            return {key: replaced(item, f"{path}.{key}") for key, item in value.items()}
        if isinstance(value, list):
            return [replaced(item, path) for item in value]
        if not isinstance(value, str) or "@" not in value:
            return value
        for name in _ROLE.findall(value):
            if name not in roles:
                what, allowed = (
                    f"the template {template.name} has no @{name}",
                    ", ".join(f"@{role}" for role in roles),
                )
                problems.append(Problem(what, located(path, files), allowed, did_you_mean(name, roles)))
        return _ROLE.sub(lambda found: roles.get(found[1], found[0]), value)

    return {key: replaced(value, key) if key in _TABLES else value for key, value in content.items()}, problems


def _names_one(value: Any) -> bool:
    if isinstance(value, dict):
        return any(_names_one(item) for item in value.values())
    if isinstance(value, list):
        return any(_names_one(item) for item in value)
    return isinstance(value, str) and _ROLE.search(value) is not None
