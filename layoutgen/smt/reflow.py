"""The reflow profile that J-STD-020 classifies Pb-free parts with; seconds and degrees Celsius."""

from dataclasses import dataclass
from typing import Final

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


@dataclass(frozen=True, slots=True)
class Profile:
    """Corner points (s, degC) of a profile, and how long it stays above the liquidus."""

    peak_c: float
    points: tuple[tuple[float, float], ...]
    above_liquidus_s: float


def classification_profile(peak_c: float) -> Profile:
    """A profile inside the limits of the classification: full soak, 1 degC/s to the peak, 3 degC/s down.

    ``peak_c`` is the classification temperature; the part stays within 5 degC of it for 30 s.
    """
    up, last, down = RAMP_UP_C_PER_S / 2, RAMP_UP_C_PER_S / 3, RAMP_DOWN_C_PER_S / 2
    times = [0.0]
    levels = [ROOM_C, SOAK_START_C, SOAK_END_C, peak_c - PEAK_BAND_C, peak_c, peak_c - PEAK_BAND_C, ROOM_C]
    spans = [
        (SOAK_START_C - ROOM_C) / up,
        SOAK_S,
        (peak_c - PEAK_BAND_C - SOAK_END_C) / last,
        PEAK_S / 2,
        PEAK_S / 2,
        (peak_c - PEAK_BAND_C - ROOM_C) / down,
    ]
    for span in spans:
        times.append(times[-1] + span)
    points = tuple(zip(times, levels, strict=True))
    rising = times[2] + (LIQUIDUS_C - SOAK_END_C) / last
    falling = times[5] + (peak_c - PEAK_BAND_C - LIQUIDUS_C) / down
    return Profile(peak_c, points, falling - rising)
