"""What the values of a kit are counted in, within which range; and which names and colours it may give."""

from typing import Annotated

from layoutgen.pdk.quantity import Quantity, measured_in
from layoutgen.record import Form

Length = Annotated[Quantity, measured_in("um", inclusive=False, most=1e7)]
Thickness = Annotated[Quantity, measured_in("um", inclusive=False, most=1e4)]
OptionalLength = Annotated[Quantity, measured_in("um", most=1e7)]
Density = Annotated[Quantity, measured_in("g/cm3", inclusive=False, most=25)]
Ratio = Annotated[Quantity, measured_in("1", inclusive=False, most=1)]
Coverage = Annotated[Quantity, measured_in("1", most=1)]
Sigma = Annotated[Quantity, measured_in("1", most=0.5)]
Resistivity = Annotated[Quantity, measured_in("uohm cm", inclusive=False, most=1e6)]
Voltage = Annotated[Quantity, measured_in("V", inclusive=False, most=10)]
Resistance = Annotated[Quantity, measured_in("ohm", most=1e3)]
Asr = Annotated[Quantity, measured_in("ohm cm2", inclusive=False, most=1e6)]
Defects = Annotated[Quantity, measured_in("1/cm2", most=1e3)]
Temperature = Annotated[Quantity, measured_in("degC", most=1500)]
Cycles = Annotated[Quantity, measured_in("cycles", inclusive=False, most=1e5)]
Charge = Annotated[Quantity, measured_in("mAh", inclusive=False, most=1e6)]
VolumetricCapacity = Annotated[Quantity, measured_in("uAh/(cm2 um)", inclusive=False, most=1e3)]
PlatedThickness = Annotated[Quantity, measured_in("um/(mAh/cm2)", inclusive=False, most=100)]
EnergyDensity = Annotated[Quantity, measured_in("Wh/L", inclusive=False, most=1e4)]
Layers = Annotated[Quantity, measured_in("layers", above=1, most=1e4)]
Modulus = Annotated[Quantity, measured_in("GPa", inclusive=False, most=2e3)]
StrainLimit = Annotated[Quantity, measured_in("%", inclusive=False, most=100)]
Strain = Annotated[Quantity, measured_in("%", above=-10, most=10)]
ClusterParameter = Annotated[Quantity, measured_in("1", inclusive=False, most=1e3)]
Bias = Annotated[Quantity, measured_in("um", above=-1e3, most=1e3)]
Time = Annotated[Quantity, measured_in("s", most=1e7)]
Frequency = Annotated[Quantity, measured_in("Hz", inclusive=False, most=1e9)]
Speed = Annotated[Quantity, measured_in("mm/s", inclusive=False, most=1e5)]
Capacitance = Annotated[Quantity, measured_in("uF/cm2", inclusive=False, most=1e9)]
PhaseElement = Annotated[Quantity, measured_in("uS s^n/cm2", inclusive=False, most=1e9)]
Exponent = Annotated[Quantity, measured_in("1", inclusive=False, most=1)]
Warburg = Annotated[Quantity, measured_in("ohm cm2/s^0.5", most=1e6)]
Activation = Annotated[Quantity, measured_in("eV", most=5)]
Diffusivity = Annotated[Quantity, measured_in("cm2/s", inclusive=False, most=1)]
CurrentDensity = Annotated[Quantity, measured_in("mA/cm2", inclusive=False, most=1e4)]
ElectronicResistivity = Annotated[Quantity, measured_in("ohm cm", inclusive=False, most=1e22)]
Cells = Annotated[Quantity, measured_in("cells", most=1e9)]
Sites = Annotated[Quantity, measured_in("sites", above=1, most=1e6)]
Points = Annotated[Quantity, measured_in("points", above=1, most=1e3)]
NumberOf = Annotated[Quantity, measured_in("1", above=1, most=1e3, whole=True)]
Factor = Annotated[Quantity, measured_in("1", most=1e6)]
AnyAsr = Annotated[Quantity, measured_in("ohm cm2", most=1e6)]
LayerName = Annotated[
    str, Form(r"[A-Z][A-Z0-9_]{0,31}", "capital letters, digits and _, at most 32, the first a letter")
]
KitName = Annotated[
    str, Form(r"[a-z0-9][a-z0-9-]{0,39}", "lower-case letters, digits and -, at most 40, the first no -")
]
StructureName = Annotated[
    str, Form(r"[a-z0-9][a-z0-9-]{0,19}", "lower-case letters, digits and -, at most 20, the first no -")
]
Colour = Annotated[str, Form(r"#[0-9a-fA-F]{6}", "# and six digits 0-9 a-f, such as #1f77b4")]
