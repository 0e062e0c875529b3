"""The answer no, as data: what is wrong, and the nearest values that would do."""

from collections.abc import Callable
from typing import Any, Final

from layoutgen.errors import DoesNotFit, Input, LayoutgenError, Nearest

SCHEMA: Final = "layoutgen.refusal/1"


def refusal(error: LayoutgenError, word: Callable[[Input], str] = str) -> dict[str, Any]:
    """An error as a document.

    Args:
        error: what was refused.
        word: what the front end calls an input in texts; paths are the same for all.

    Returns:
        ``problems`` with the field path and the four texts of each, and ``limits.nearest``: ``capacity_mah``,
        ``height_mm``, ``footprint_mm`` (two sides, None where free), ``bend_radius_mm``, ``cycles`` and more, those
        that there are.
    """
    nearest = error.nearest if isinstance(error, DoesNotFit) else Nearest()
    problems = [{"path": problem.path, **problem.texts(word)} for problem in error.problems]
    return {"schema": SCHEMA, "problems": problems, "limits": {"nearest": nearest.to_json()}}
