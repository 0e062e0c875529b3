"""Headings: names, units and signs as testers and potentiostats write them."""

import pytest

from layoutgen.errors import InputError
from layoutgen.lot.reading.headings import read_headings

CASES = {
    "OCV [mV]": ("ocv", 1e-3), "ocv/V": ("ocv", 1.0), "ocv_mv": ("ocv", 1e-3), "Voc (V)": ("ocv", 1.0),
    "Ewe/V": ("ocv", 1.0), "asr/ohm cm2": ("asr", 1.0), "ASR [Ω·cm²]": ("asr", 1.0), "asr_ohm_cm2": ("asr", 1.0),
    "ASR/kOhm*cm^2": ("asr", 1e3), "capacity/uAh": ("capacity", 1e-3), "Q [mAh]": ("capacity", 1.0),
    "capacity_nah": ("capacity", 1e-6), "contact/mohm": ("contact", 1e-3), "temperature/degC": ("temperature", 1.0),
    "Temp (°C)": ("temperature", 1.0), "time/h": ("time", 3600.0), "x_mm": ("x", 1.0), "y/um": ("y", 1e-3),
}  # fmt: skip
SPECTRA = {
    "f/kHz": ("frequency", 1e3), "Freq (Hz)": ("frequency", 1.0), "f/mHz": ("frequency", 1e-3),
    "f/MHz": ("frequency", 1e6), "Re(Z)/Ohm": ("re", 1.0), "Z' [mΩ]": ("re", 1e-3), "-Im(Z)/Ohm": ("im", -1.0),
    "Z'' (Ohm)": ("im", 1.0), "−Im(Z)/kOhm": ("im", -1e3), "Zreal/MOhm": ("re", 1e6), "im_mohm": ("im", 1e-3),
}  # fmt: skip


@pytest.mark.parametrize("text", CASES)
def test_a_heading_of_readings(text):
    (found,) = read_headings([text], "a.csv")
    assert (found.reading, found.factor) == (CASES[text][0], pytest.approx(CASES[text][1]))


@pytest.mark.parametrize("text", SPECTRA)
def test_a_heading_of_spectra(text):
    others = ["f/Hz", text] if SPECTRA[text][0] != "frequency" else [text]
    found = read_headings(others, "a.csv")[-1]
    assert (found.reading, found.factor) == (SPECTRA[text][0], pytest.approx(SPECTRA[text][1]))


def test_the_resistance_of_a_cell_is_multiplied_with_its_area_and_kelvin_are_shifted():
    asr, temperature = read_headings(["R/ohm", "T/K"], "a.csv")
    assert asr.times_area
    assert (temperature.factor, temperature.offset) == (1.0, -273.15)


@pytest.mark.parametrize(
    ("texts", "said"),
    [
        (["ocv"], "no unit"),
        (["ocv/mA"], "no unit of ocv"),
        (["ocv/V", "Voc/mV"], "hold ocv"),
        (["capacity/V"], "capacity/mAh"),
    ],
)
def test_what_cannot_be_told_is_refused(texts, said):
    with pytest.raises(InputError, match=said):
        read_headings(texts, "a.csv")


def test_a_unit_may_be_said_beside_the_file():
    (found,) = read_headings(["ocv"], "a.csv", {"ocv": "mV"})
    assert found.factor == 1e-3
