"""The test of a design: the tables of its kit, those of a shipped kit where it has none, and a file of rules."""

import copy
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from layoutgen.errors import Input, PdkError, Problem
from layoutgen.pdk.load import LoadedPdk
from layoutgen.pdk.quantity import Quantity
from layoutgen.pdk.webtest import LEAK_OF_AREA, READING_UNITS, WebTest
from layoutgen.record import checked
from layoutgen.resources import data_folder
from layoutgen.toml import NotTomlError, read_toml
from layoutgen.units import convert, dimension_of

TABLE: Final = "test"
FALLBACK: Final = "anodeless-ss"
"""The shipped kit whose test stands in where a kit states none."""


def webtest_content(loaded: LoadedPdk) -> dict[str, Any]:
    """The table ``test`` of a kit as it was read, or that of :data:`FALLBACK` where the kit has none."""
    own = loaded.content.get(TABLE)
    return copy.deepcopy(own) if own is not None else fallback_content()


def fallback_content() -> dict[str, Any]:
    """The table ``test`` of the kit :data:`FALLBACK`."""
    content: dict[str, Any] = read_toml(data_folder("pdk") / FALLBACK / "test.toml")[TABLE]
    return content


def webtest_of(loaded: LoadedPdk, rules: Path | None = None) -> WebTest:
    """The test of a kit, with a file laid over it.

    Args:
        loaded: the kit.
        rules: a TOML file with tables ``[test...]``; what it states takes the place of the kit's, key by key.

    Raises:
        PdkError: the file cannot be read, or what it gives is not a test; holds every problem.
    """
    content = webtest_content(loaded)
    where = "test.toml"
    if rules is not None:
        where = rules.name
        content = _laid_over(content, _read(rules))
    return checked(WebTest, content, {"": where})


def value_in(quantity: Quantity, reading: str, area_cm2: float = 1.0) -> float:
    """A limit in the unit that its reading is counted in; a leak of an area is that of a cell of so much area."""
    if reading == "leak" and dimension_of(quantity.unit) == dimension_of(LEAK_OF_AREA):
        return convert(quantity.value, quantity.unit, LEAK_OF_AREA) * area_cm2
    return convert(quantity.value, quantity.unit, READING_UNITS[reading])


def _read(path: Path) -> dict[str, Any]:
    where = Input("rules", str(path))
    try:
        content = read_toml(path)
    except OSError as error:
        raise PdkError(Problem(f"cannot be read: {(error.strerror or '').lower()}", where)) from error
    except NotTomlError as error:
        raise PdkError(Problem(f"is not TOML: {error}", where)) from error
    unknown = [key for key in content if key != TABLE]
    if unknown or not isinstance(content.get(TABLE), dict):
        what = f"holds {unknown[0]!r}" if unknown else "holds no table [test]"
        raise PdkError(Problem(what, where, "tables [test.rules.NAME], [test.lot] and the like"))
    table: dict[str, Any] = content[TABLE]
    return table


def _laid_over(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """Tables are merged key by key; a quantity is replaced whole, so that its source goes with its number."""
    merged = dict(below)
    for key, value in above.items():
        old = merged.get(key)
        if isinstance(old, Mapping) and isinstance(value, Mapping) and "value" not in value:
            merged[key] = _laid_over(old, value)
        else:
            merged[key] = value
    return merged
