"""Headings of tables: which reading a column holds, in which unit, with which sign."""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from layoutgen.errors import Input, InputError, Problem, Wording, did_you_mean

# unit as written, without blanks, dots and carets, in lower case -> (dimension, factor to the first of it)
_UNITS: Final[dict[str, tuple[str, float]]] = {
    "v": ("voltage", 1.0), "mv": ("voltage", 1e-3), "uv": ("voltage", 1e-6),
    "ohm": ("resistance", 1.0), "mohm": ("resistance", 1e-3), "kohm": ("resistance", 1e3),
    "uohm": ("resistance", 1e-6),
    "ohmcm2": ("asr", 1.0), "mohmcm2": ("asr", 1e-3), "kohmcm2": ("asr", 1e3),
    "mah": ("charge", 1.0), "uah": ("charge", 1e-3), "nah": ("charge", 1e-6), "ah": ("charge", 1e3),
    "degc": ("temperature", 1.0), "c": ("temperature", 1.0), "k": ("kelvin", 1.0),
    "s": ("time", 1.0), "min": ("time", 60.0), "h": ("time", 3600.0), "ms": ("time", 1e-3),
    "hz": ("frequency", 1.0), "khz": ("frequency", 1e3), "mhz": ("frequency", 1e6),
    "mm": ("length", 1.0), "um": ("length", 1e-3), "nm": ("length", 1e-6), "m": ("length", 1e3),
    "cm": ("length", 10.0),
}  # fmt: skip
# MHz and mHz, Mohm and mohm differ in a capital only
_CAPITALS: Final = {"MHz": ("frequency", 1e6), "mHz": ("frequency", 1e-3), "MOhm": ("resistance", 1e6),
                    "Mohm": ("resistance", 1e6), "MΩ": ("resistance", 1e6)}  # fmt: skip
_NAMES: Final[dict[str, tuple[str, ...]]] = {
    "id": ("id", "cell", "cellid", "partid", "parttxt", "address", "device", "deviceid"),
    "repeat": ("repeat", "rep", "web repeat", "wafer", "waferid"),
    "field": ("field",), "block": ("block",), "column": ("column", "col"), "row": ("row",),
    "x": ("x",), "y": ("y",),
    "ocv": ("ocv", "voc", "v_oc", "uoc", "voltage", "opencircuitvoltage", "vopen", "ewe", "v"),
    "asr": ("asr", "areaspecificresistance", "resistance", "r", "zre", "rez", "re(z)", "esr"),
    "capacity": ("capacity", "q", "cap", "charge", "capacityestimate", "estimate"),
    "contact": ("contact", "contactresistance", "rcontact", "kelvin"),
    "temperature": ("temperature", "temp", "t", "webtemperature"),
    "time": ("time", "timestamp", "elapsed"),
    "site": ("site", "sitenum", "probe", "channel"),
    "bin": ("bin", "softbin", "sbin", "hardbin", "testerbin", "soft_bin"),
    "frequency": ("f", "freq", "frequency"),
    "re": ("re", "re(z)", "rez", "zre", "z'", "zreal", "real", "zprime"),
    "im": ("im", "im(z)", "imz", "zim", "z''", "zimag", "imag", "zdoubleprime"),
    "thickness": ("thickness", "filmthickness", "cathodethickness", "d"),
    "ignored": ("probe_x", "probe_y", "rotation", "rotation_deg", "probex", "probey"),
}  # fmt: skip
_DIMENSIONS: Final[dict[str, tuple[str, ...]]] = {
    "ocv": ("voltage",), "asr": ("asr", "resistance"), "capacity": ("charge",), "contact": ("resistance",),
    "temperature": ("temperature", "kelvin"), "time": ("time",), "frequency": ("frequency",),
    "re": ("resistance", "asr"), "im": ("resistance", "asr"), "x": ("length",), "y": ("length",),
    "thickness": ("length",),
}  # fmt: skip
_EXAMPLES: Final = {
    "ocv": "ocv/V or ocv/mV", "asr": "asr/ohm cm2, or R/ohm of the whole cell",
    "capacity": "capacity/mAh or capacity/uAh",
    "contact": "contact/ohm", "temperature": "temperature/degC", "time": "time/s or time/h", "frequency": "f/Hz",
    "re": "Re(Z)/ohm", "im": "-Im(Z)/ohm", "x": "x/mm", "y": "y/mm",
    "thickness": "thickness/um",
}  # fmt: skip
_ASKED: Final = ("thickness",)
"""Readings that are taken of tables of their own only."""
SPECTRUM: Final = ("frequency", "re", "im")
_WRITTEN: Final = (
    "V", "mV", "uV", "ohm", "mohm", "kohm", "Mohm", "uohm", "ohm cm2", "mohm cm2", "kohm cm2", "mAh", "uAh", "nAh",
    "Ah", "Hz", "kHz", "MHz", "mHz",
)  # fmt: skip
"""Units as messages write them."""


@dataclass(frozen=True, slots=True)
class Heading:
    """A column: what it holds, the factor, and what is added then, to V, ohm cm2, mAh, ohm, degC, s, Hz, mm.

    ``times_area`` says that the column is of a whole cell and becomes ohm cm2 by its area.
    """

    text: str
    place: int
    reading: str
    factor: float = 1.0
    offset: float = 0.0
    times_area: bool = False
    unit: str = ""
    sure: bool = False
    """Whether the unit was said beside the file: it is not doubted then."""


def read_headings(
    texts: Sequence[str], where: str, units: Mapping[str, str] | None = None, *, also: Sequence[str] = ()
) -> tuple[Heading, ...]:
    """What the columns of a table hold; columns that mean nothing here are left out.

    Args:
        texts: the headings.
        where: the file, for messages.
        units: reading -> unit, which takes the place of what headings state; None where nothing can say it.
        also: readings of tables of their own that this one may hold: ``thickness``.

    Raises:
        InputError: a reading has no unit or one of another kind, or two columns hold the same.
    """
    spectrum = any(_split(text)[0] in _NAMES["frequency"] for text in texts)
    found: list[Heading] = []
    problems: list[Problem] = []
    for place, text in enumerate(texts):
        name, unit, negative = _split(text)
        reading = _reading(name, spectrum=spectrum)
        if reading in {"", "ignored"} or (reading in _ASKED and reading not in also):
            continue
        try:
            found.append(_heading(text, place, reading, unit, -1 if negative else 1, where, units))
        except InputError as error:
            problems += error.problems
    names = [heading.reading for heading in found]
    double = next((name for name in names if names.count(name) > 1), None)
    if double is not None:
        alike = [repr(h.text) for h in found if h.reading == double]
        which = ", ".join(alike[:4]) + (f" and {len(alike) - 4} more" if len(alike) > 4 else "")
        problems.append(Problem(f"{which} hold {double}", where, "each reading once"))
    if problems:
        raise InputError(problems)
    return tuple(found)


def unread(texts: Sequence[str], found: Sequence[Heading]) -> list[str]:
    """Headings of columns that are left out because they say nothing here; those known to say nothing are not."""
    spectrum = any(heading.reading == "frequency" for heading in found)
    taken = {heading.place for heading in found}
    rest = [text for place, text in enumerate(texts) if place not in taken and text.strip()]
    return [text for text in rest if _reading(_split(text)[0], spectrum=spectrum) != "ignored"]


def unit_factor(reading: str, unit: str) -> tuple[float, float, bool] | None:
    """Factor, offset and whether to multiply with the area, of a unit of a reading; None where it is none of it."""
    kind = _kind_of(unit)
    if kind is None or kind[0] not in _DIMENSIONS.get(reading, ()):
        return None
    offset = -273.15 if kind[0] == "kelvin" else 0.0
    times_area = reading == "asr" and kind[0] == "resistance"
    return kind[1], offset, times_area


def unit_of_factor(heading: Heading, factor: float) -> str:
    """The unit of which one is so many of the heading's; empty where none is known."""
    mine = _kind_of(heading.unit)
    for name in _WRITTEN:
        kind = _kind_of(name)
        if mine and kind and kind[0] == mine[0] and math.isclose(kind[1], mine[1] * factor, rel_tol=1e-6):
            return name
    return {"temperature": "K", "kelvin": "degC"}.get(mine[0], "") if mine else ""


def _kind_of(unit: str) -> tuple[str, float] | None:
    return _CAPITALS.get(unit.strip()) or _UNITS.get(_plain_unit(unit))


def _heading(
    text: str, place: int, reading: str, unit: str, sign: int, where: str, units: Mapping[str, str] | None
) -> Heading:
    if reading not in _DIMENSIONS:
        return Heading(text, place, reading)
    sure = units is not None and reading in units
    unit = (units or {}).get(reading, unit)
    if not unit:
        what = f"heading {text!r} has no unit"
        usual = _EXAMPLES[reading].split("/")[1].split(" ")[0].rstrip(",")
        remedy: Wording = _EXAMPLES[reading]
        if units is not None:
            remedy = f"{remedy}, or " + Input("unit", f"{reading}={usual}")
        raise InputError(Problem(what, where, "a unit in the heading", remedy))
    found = unit_factor(reading, unit)
    if found is None:
        raise InputError(Problem(f"heading {text!r}: {unit!r} is no unit of {reading}", where, _EXAMPLES[reading]))
    factor, offset, times_area = found
    if reading in {"re", "im"}:
        times_area = (_kind_of(unit) or ("", 0.0))[0] == "resistance"
    return Heading(text, place, reading, sign * factor, offset, times_area, unit, sure)


def _split(text: str) -> tuple[str, str, bool]:
    """Name, unit and whether a minus stands before: of ``-Im(Z)/Ohm``, ``OCV [mV]``, ``ocv (V)``, ``x_mm``."""
    plain = text.strip().strip('"').strip("\ufeff")
    negative = plain[:1] in {"-", "−"}
    plain = plain.lstrip("-− ")
    unit = ""
    bracketed = re.fullmatch(r"(.*?)\s*(?:\[([^\]]*)\]|\(([^()]*)\))", plain)
    if bracketed and (unit := bracketed[2] or bracketed[3] or "") and not (bracketed[3] and unit.lower() == "z"):
        plain = bracketed[1]
    else:
        unit = ""
        head, slash, tail = plain.rpartition("/")
        if slash:
            plain, unit = head, tail
        else:
            head, line, tail = plain.rpartition("_")
            known = _plain_unit(tail) in _UNITS and _plain_unit(tail) not in {"c", "k", "m", "h", "s", "v"}
            if line and (known or tail in {"V", "K", "C", "s", "h", "m"}):
                plain, unit = head, tail
            elif line and tail.lower() == "cm2" and head.lower().rpartition("_")[2] in {"ohm", "mohm", "kohm"}:
                plain, _, ohm = head.rpartition("_")
                unit = f"{ohm} cm2"
    name = re.sub(r"[\s.]", "", plain).lower()
    return name, unit.strip(), negative


def _plain_unit(unit: str) -> str:
    text = unit.strip().replace("µ", "u").replace("μ", "u").replace("Ω", "ohm").replace("Ω", "ohm")
    text = text.replace("²", "2").replace("°", "deg")
    return re.sub(r"[\s*·.^]", "", text).lower().removesuffix("elsius")


def _reading(name: str, *, spectrum: bool) -> str:
    order = (*SPECTRUM, *_NAMES) if spectrum else tuple(key for key in _NAMES if key not in SPECTRUM)
    for reading in order:
        if name in _NAMES[reading] or (reading == "ignored" and name.startswith("probe_")):
            return reading
    return ""


def nothing_known(texts: Sequence[str], where: str) -> InputError:
    """The error of a table with no column that says which cell, or none that says anything of it."""
    known = [names[0] for key, names in _NAMES.items() if key != "ignored"]
    strange = next((text for text in texts if not _reading(_split(text)[0], spectrum=False)), "")
    remedy: Wording = did_you_mean(_split(strange)[0], known) if strange else ""
    if any(_reading(_split(text)[0], spectrum=False) in _ASKED for text in texts):
        remedy = "a thickness is for layoutgen bin " + Input("thickness", where)
    what = "no column says which cell, or none says anything of it"
    return InputError(
        Problem(what, where, "id or repeat, column, row ...; with ocv/V, asr/ohm cm2, capacity/mAh ...", remedy)
    )
