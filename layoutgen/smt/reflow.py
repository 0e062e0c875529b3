"""A reflow profile inside the limits that J-STD-020 sets for Pb-free parts; seconds and degrees Celsius."""

from dataclasses import dataclass
from itertools import accumulate
from typing import Final

from layoutgen.pdk.schema import Pdk
from layoutgen.sizing.device import DeviceDesign
from layoutgen.sizing.flags import reflow_class_c

ROOM_C: Final = 25.0
SOAK_START_C: Final = 150.0
SOAK_END_C: Final = 200.0
LIQUIDUS_C: Final = 217.0
SOAK_S: Final = 120.0
PEAK_S: Final = 30.0
PEAK_BAND_C: Final = 5.0
RAMP_UP_C_PER_S: Final = 3.0
RAMP_DOWN_C_PER_S: Final = 6.0
LIQUIDUS_S: Final = (60.0, 150.0)
TO_PEAK_MAX_S: Final = 480.0
_LEAST_ABOVE_S: Final = LIQUIDUS_S[0] + 0.5


@dataclass(frozen=True, slots=True)
class Profile:
    """Corner points (s, degC) of a profile, and how long it stays above the liquidus."""

    peak_c: float
    points: tuple[tuple[float, float], ...]
    above_liquidus_s: float


def classified_c(design: DeviceDesign) -> int:
    """Temperature in degC that J-STD-020 classifies a Pb-free part of this size at."""
    volume_mm3 = design.package_length_um * design.package_width_um * design.package_height_um * 1e-9
    return reflow_class_c(design.package_height_um / 1000, volume_mm3)


def peak_c(pdk: Pdk, design: DeviceDesign) -> float:
    """The highest temperature in degC that a part's body may see: what the process names, its class at most."""
    return min(float(classified_c(design)), pdk.package.reflow_temperature.value)


def has_profile(peak_c: float) -> bool:
    """Whether Pb-free solder melts long enough below a peak temperature in degC: 5 degrees of it are a band."""
    return peak_c - PEAK_BAND_C > LIQUIDUS_C


def reflow_profile(peak_c: float) -> Profile:
    """A profile inside the limits: full soak, 1 degC/s to the peak, 3 degC/s down.

    Above the liquidus it rises more slowly where the solder would not be molten for 60 s otherwise.

    Args:
        peak_c: highest temperature of the part's body, degC; the part stays within 5 degC of it for 30 s.

    Raises:
        ValueError: Pb-free solder does not melt at it.
    """
    if not has_profile(peak_c):
        raise ValueError(f"{peak_c:g} degC is too cold for Pb-free solder")
    up, last, down = RAMP_UP_C_PER_S / 2, RAMP_UP_C_PER_S / 3, RAMP_DOWN_C_PER_S / 2
    band_c = peak_c - PEAK_BAND_C
    falling_s = (band_c - LIQUIDUS_C) / down
    rising_s = max((band_c - LIQUIDUS_C) / last, _LEAST_ABOVE_S - PEAK_S - falling_s)
    spans = [
        (0.0, ROOM_C),
        ((SOAK_START_C - ROOM_C) / up, SOAK_START_C),
        (SOAK_S, SOAK_END_C),
        ((LIQUIDUS_C - SOAK_END_C) / last, LIQUIDUS_C),
        (rising_s, band_c),
        (PEAK_S / 2, peak_c),
        (PEAK_S / 2, band_c),
        ((band_c - ROOM_C) / down, ROOM_C),
    ]
    times = accumulate(span for span, _ in spans)
    points = tuple(zip(times, (level for _, level in spans), strict=True))
    return Profile(peak_c, points, rising_s + PEAK_S + falling_s)
