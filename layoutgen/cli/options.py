"""Options that several commands share, and how they become a spec."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from layoutgen.errors import Input, Key, Place, Problem, SpecError
from layoutgen.sizing.attach import Attach
from layoutgen.sizing.load_file import read_load_profile
from layoutgen.spec import Objective, PackingEffort, SizeLimits, Spec, build_spec, read_spec_file

Command = TypeVar("Command", bound=Callable[..., Any])

# parameter name of click -> field of the spec
_FIELDS = {
    "mah": "capacity",
    "footprint": "footprint",
    "height": "height",
    "size_limits": "size_limits",
    "bend_radius": "bend_radius",
    "attach": "attach",
    "current": "current",
    "pulse": "pulse",
    "load": "load",
    "lowest_voltage": "lowest_voltage",
    "charge_time": "charge_time",
    "temperature": "temperature",
    "aspect": "aspect",
    "objective": "objective",
    "confidence": "confidence",
    "cycles": "cycles",
    "foil": "foil",
    "cathode": "cathode",
    "effort": "effort",
    "pdk": "pdk",
    "name": "name",
}

_QUESTION = (
    click.option("--mah", metavar="CAPACITY", help="Rated capacity to reach: 20, '20 mAh', 500uAh."),
    click.option("--footprint", metavar="AxB", help="Largest package outline, mm: 8x10; 8x? leaves a side free."),
    click.option("--height", metavar="HEIGHT", help="Largest package height, mm: 1.5, 800um."),
    click.option(
        "--size-limits",
        metavar="|".join(SizeLimits),
        help="Which package footprint and height limit; maximum counts tolerances [default: nominal].",
    ),
    click.option("--bend-radius", metavar="RADIUS", help="Radius that the part is bent to, films outside, mm."),
    click.option(
        "--curved",
        is_flag=True,
        help="Built curved: cells are bent one by one, --bend-radius is that of the part's inside.",
    ),
    click.option(
        "--attach",
        metavar="|".join(Attach),
        help="How the part is joined to its board; only a soldered one is reflowed [default: soldered].",
    ),
    click.option("--current", metavar="CURRENT", help="Current drawn all the time: 5mA, 200uA."),
    click.option("--pulse", metavar="I:TIME:PERIOD", help="Pulses, on top of --current: 15mA:10ms:1s."),
    click.option("--load", metavar="FILE", help="Load as a CSV file, seconds,current_ma; repeated."),
    click.option(
        "--lowest-voltage", metavar="V", help="Voltage that the load may not fall below [default: the cut-off]."
    ),
    click.option("--charge-time", metavar="TIME", help="Time to charge to nine tenths: 20min, 1h."),
    click.option("--temperature", metavar="C", help="Temperature of load and charge, degC [default: 25]."),
    click.option("--aspect", metavar="RATIO", help="Long over short side, where the footprint is free."),
    click.option(
        "--objective",
        metavar="|".join(Objective),
        help="What is best [default: web; footprint where a side is free; capacity where none is asked for].",
    ),
    click.option("--foil", metavar="UM", help="Foil thickness; several with commas, or 'any' of the process."),
    click.option("--cathode", metavar="UM", help="Cathode thickness; several with commas, or 'any'."),
    click.option("--confidence", metavar="P", help="Probability to reach the rated capacity [default: 0.99]."),
    click.option("--cycles", metavar="N", help="Cycles after which the capacity must still be there [default: 0]."),
    click.option("--effort", metavar="|".join(PackingEffort), help="How hard to pack the web [default: standard]."),
    click.option("--pdk", metavar="NAME|PATH", help="Process design kit [default: anodeless-ss]."),
    click.option("--set", "settings", metavar="PATH=VALUE", multiple=True, help="Override a PDK or spec value."),
    click.option("--spec", "spec_file", metavar="FILE", help="Read the question from a TOML file; options win."),
    click.option("--name", metavar="NAME", help="Name of the design and its files."),
)


def question_options(command: Command) -> Command:
    """Add the options that state the question."""
    for option in reversed(_QUESTION):
        command = option(command)
    return command


def progress_to_stderr(*, quiet: bool) -> Callable[[str], None]:
    """What a command tells while it works."""

    def tell(text: str) -> None:
        if not quiet:
            click.echo(f"{text} ...", err=True)

    return tell


def spec_from_options(options: dict[str, Any]) -> Spec:
    """Build the spec from a spec file, if any, and the options on top of it.

    A PDK path in a spec file is relative to the file.

    Raises:
        SpecError: with every problem found.
    """
    return build_spec(*spec_values(options))


def spec_values(options: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Place]]:
    """The values of a spec and where each came from, not yet checked.

    Raises:
        SpecError: the spec file cannot be read, or an option is not of its form.
    """
    values: dict[str, Any] = {}
    origins: dict[str, Place] = {}
    given: dict[str, str] = {}
    if options.get("spec_file"):
        path = Path(options["spec_file"])
        values = read_spec_file(path)
        origins |= dict.fromkeys(values, path.name) | {"": path.name}
        pdk = values.get("pdk")
        if isinstance(pdk, str) and (path.parent / pdk).is_dir():
            values["pdk"] = str(path.parent / pdk)
        if isinstance(values.get("load"), str):
            values["load"] = read_load_profile(path.parent / values["load"], Key("load", path.name))
    for option, field in _FIELDS.items():
        text = options.get(option)
        if text is not None:
            values[field] = _value(option, text)
            origins[field] = Input(field)
            given[field] = f"--{option.replace('_', '-')}"
    if options.get("curved"):
        values["curved"], origins["curved"], given["curved"] = True, Input("curved"), "--curved"
    overrides, fields = _settings(options.get("settings") or ())
    for field, text in fields.items():
        if field in given:
            raise SpecError(
                Problem(f"{field} is given by {given[field]} as well", f"--set spec.{field}", "one of the two")
            )
        values[field] = _value(field, text)
        origins[field] = Input(f"set.spec.{field}")
    if overrides:
        before = values.get("set", {})
        values["set"] = {**before, **overrides} if isinstance(before, dict) else before
        origins.setdefault("set", Input("set"))
    return values, origins


def _value(option: str, text: str) -> Any:
    """Options are text; a spec file may hold numbers. Lists and plain numbers are read here."""
    if option in {"foil", "cathode"} and text != "any":
        return [part.strip() for part in text.split(",")]
    if option == "load":
        return read_load_profile(Path(text), Input("load"))
    if option == "curved" and text in {"true", "false"}:
        return text == "true"
    if option in {"aspect", "confidence", "cycles"}:
        try:
            return float(text)
        except ValueError:
            raise SpecError(Problem(f"{text!r} is not a number", f"--{option}")) from None
    return text


def _settings(settings: tuple[str, ...]) -> tuple[dict[str, str], dict[str, str]]:
    """PDK overrides, and overrides of the spec itself (``spec.confidence=0.9``)."""
    given = settings_of(settings, "--set")
    fields = {path.removeprefix("spec."): text for path, text in given.items() if path.startswith("spec.")}
    return {path: text for path, text in given.items() if not path.startswith("spec.")}, fields


def settings_of(settings: tuple[str, ...], option: str) -> dict[str, str]:
    """``PATH=TEXT`` options as a mapping.

    Raises:
        SpecError: one is not of that form.
    """
    found: dict[str, str] = {}
    for setting in settings:
        path, equals, text = (part.strip() for part in setting.partition("="))
        if not equals or not path or not text:
            raise SpecError(
                Problem(
                    f"{setting!r} is not of the form PATH=VALUE",
                    option,
                    "PATH=VALUE, with a path as 'layoutgen pdk show' prints it",
                    f"{option} stack.substrate.thickness=15",
                )
            )
        if path in found:
            raise SpecError(Problem(f"{path} is given more than once", option, "one value for each path"))
        found[path] = text
    return found
