"""The electrical part of a question: from the spec to the model's terms, and what a process must state for it."""

from layoutgen.errors import Input, Problem
from layoutgen.pdk.schema import Pdk
from layoutgen.sizing.delivery import Delivery
from layoutgen.sizing.duty import Asked, not_stated
from layoutgen.sizing.load import Load, Step
from layoutgen.sizing.response import REFERENCE_C
from layoutgen.spec import Spec
from layoutgen.units import counted, duration_text, parse_pulse, plain, pulse_text


def asked_of(spec: Spec) -> Asked:
    """Load, lowest voltage, charge time and temperature of a spec."""
    return Asked(
        load=_load(spec),
        lowest_v=spec.lowest_voltage,
        charge_s=spec.charge_time,
        temperature_c=REFERENCE_C if spec.temperature is None else spec.temperature,
    )


def _load(spec: Spec) -> Load | None:
    if spec.load is not None:
        return Load(tuple(Step(seconds, current) for seconds, current in spec.load))
    background = spec.current or 0.0
    if spec.pulse is not None:
        current, seconds, period = parse_pulse(spec.pulse)
        return Load.pulsed(current, seconds, period, background)
    return Load.constant(background) if background else None


def problems_with(spec: Spec, pdk: Pdk) -> list[Problem]:
    """Why a process cannot answer the electrical part of a question; empty where it can."""
    asked = asked_of(spec)
    lacking = not_stated(pdk, asked)
    found = []
    if lacking:
        field = next(name for name in _FIELDS if getattr(spec, name) is not None)
        if lacking[0].startswith("electrical.response"):
            field = "temperature"
        what = f"process {pdk.name} does not state {', '.join(lacking)}"
        found.append(
            Problem(what, Input(field), "a process that states it", "leave it out, or state it in the kit")
        )
    curve = pdk.electrical.open_circuit
    if asked.lowest_v is not None and curve is not None and asked.lowest_v >= curve.voltage[-1]:
        what = f"{plain(asked.lowest_v)} V is not below {plain(curve.voltage[-1])} V, which a full cell rests at"
        found.append(Problem(what, Input("lowest_voltage"), f"below {plain(curve.voltage[-1])} V"))
    least = least_voltage_v(pdk)
    if asked.lowest_v is not None and asked.lowest_v < least:
        what = f"{plain(asked.lowest_v)} V is below {plain(least)} V, at which the process ends the discharge"
        found.append(Problem(what, Input("lowest_voltage"), f"at least {plain(least)} V"))
    return found


def least_voltage_v(pdk: Pdk) -> float:
    """The lowest voltage that a load may be asked down to, V: the process's cut-off; 0.1 where it states none."""
    cutoff = pdk.electrical.cutoff_voltage
    return 0.1 if cutoff is None else cutoff.value


_FIELDS = ("load", "pulse", "current", "charge_time", "temperature", "lowest_voltage")


def load_text(spec: Spec) -> str:
    """The load that is asked for, in words; empty where none is."""
    found = []
    if spec.load is not None:
        found.append(f"a load of {counted(len(spec.load), 'step')}")
    elif spec.pulse is not None:
        over = f" over {plain(spec.current)} mA" if spec.current else ""
        found.append(f"pulses of {pulse_text(*parse_pulse(spec.pulse))}{over}")
    elif spec.current:
        found.append(f"{plain(spec.current)} mA")
    if spec.lowest_voltage is not None:
        found.append(f"down to {plain(spec.lowest_voltage)} V")
    if spec.temperature is not None and found:
        found.append(f"at {plain(spec.temperature)} C")
    return " ".join(found)


def relaxations(spec: Spec) -> list[tuple[str, dict[str, object]]]:
    """Each electrical requirement of a question in words, with the fields of the spec that take it away.

    A load that goes takes its lowest voltage with it. The temperature goes back to 25 C, the lowest voltage to the
    cut-off of the process.
    """
    loads = [name for name in ("load", "pulse", "current") if getattr(spec, name)]
    found: list[tuple[str, dict[str, object]]] = []
    for name in loads:
        gone: dict[str, object] = {name: None}
        if len(loads) == 1:
            gone["lowest_voltage"] = None
        words = {
            "load": f"the load of {counted(len(spec.load or ()), 'step')}",
            "pulse": f"pulses of {spec.pulse}",
            "current": f"{plain(spec.current or 0.0)} mA",
        }
        found.append((words[name], gone))
    if spec.lowest_voltage is not None:
        found.append((f"{plain(spec.lowest_voltage)} V at least", {"lowest_voltage": None}))
    if spec.charge_time is not None:
        found.append((f"charged in {duration_text(spec.charge_time)}", {"charge_time": None}))
    if spec.temperature is not None and (loads or spec.charge_time is not None):
        found.append((f"{plain(spec.temperature)} C", {"temperature": None}))
    if spec.cycles:
        found.append((f"{plain(spec.cycles)} cycles", {"cycles": 0.0}))
    return found


def asked_text(spec: Spec) -> str:
    """What is asked electrically, as ``carrying 5 mA, charged in 20 min``; empty where nothing is."""
    load, found = load_text(spec), []
    if load:
        found.append(f"carrying {load}")
    if spec.charge_time is not None:
        cold = f" at {plain(spec.temperature)} C" if spec.temperature is not None and not load else ""
        found.append(f"charged in {duration_text(spec.charge_time)}{cold}")
    return ", ".join(found)


def why_not_carried(delivery: Delivery, capacity_mah: float | None) -> str:
    """What a device does not carry or charge of what is asked for, in words; empty where it does all."""
    found = []
    load = delivery.load
    if load is not None and load.delivered_mah < (capacity_mah or 1e-12) * (1 - 1e-9):
        found.append(f"delivers {plain(load.delivered_mah, 4)} mAh at the load")
    asked = delivery.charge_asked_s
    if asked is not None and (delivery.charge_s is None or delivery.charge_s > asked * (1 + 1e-6)):
        taken = "does not charge" if delivery.charge_s is None else f"charges in {duration_text(delivery.charge_s)}"
        found.append(f"{taken}, {duration_text(asked)} asked")
    return "; ".join(found)
