"""The answer: the best design, what else was looked at, and what limits it."""

from dataclasses import dataclass

from layoutgen.formula import Formula, states
from layoutgen.pdk.load import LoadedPdk
from layoutgen.sizing.device import DeviceDesign
from layoutgen.solver.explanation import Explanation
from layoutgen.spec import Spec
from layoutgen.template import BoundTemplate
from layoutgen.units import counted, plain
from layoutgen.web.plan import WebPlan
from layoutgen.web.record import cells_per_m, cells_per_m2


@dataclass(frozen=True, slots=True)
class Alternative:
    """A design that was not chosen; web figures are 0 where it does not meet the question."""

    layers: int
    cell_mm: tuple[float, float]
    package_mm: tuple[float, float, float]
    devices_per_m2_good: float
    why_not: str


@dataclass(frozen=True, slots=True)
class Binding:
    """One limit of the question or the process, and how much of it is left unused."""

    limit: str
    value: float
    used: float
    unit: str
    binds: bool


@dataclass(frozen=True, slots=True)
class Neighbour:
    """One design near the chosen one.

    ``varies`` is what sets it apart: nothing (``""``, the chosen design itself), ``layers``, ``footprint``,
    ``foil`` (the same cells on another one) or ``choice`` (another one of the foils and cathodes that were left
    open). ``fits`` says whether it keeps every limit of the question, ``why`` which one it does not keep;
    ``on_front`` whether it fits and no other one here beats it in height, web and energy density together. The
    percentages are against the chosen design. ``ends`` names what it is of all designs of the question: ``lowest``,
    ``cheapest``, both or neither.
    """

    varies: str
    layers: int
    foil_um: float
    cell_length_mm: float
    cell_width_mm: float
    package_length_mm: float
    package_width_mm: float
    package_height_mm: float
    rated_mah: float
    package_wh_per_l: float
    good_devices_per_m2: float
    web_mm2_per_good_device: float
    fits: bool
    why: str
    on_front: bool = False
    height_percent: float = 0.0
    footprint_percent: float = 0.0
    rated_percent: float = 0.0
    wh_per_l_percent: float = 0.0
    good_devices_percent: float = 0.0
    cathode_um: float = 0.0
    ends: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TradeOff:
    """The lowest and the cheapest design of a footprint at the capacity asked for, and what each costs."""

    lowest: Neighbour
    cheapest: Neighbour

    @property
    def good_devices_percent(self) -> float:
        """Good devices of the lowest, against the cheapest; 0 or less."""
        more = self.lowest.good_devices_per_m2 / self.cheapest.good_devices_per_m2 - 1.0
        return round(more * 100.0, 6) + 0.0

    @property
    def height_mm(self) -> float:
        """How much higher the cheapest is, mm; 0 or more."""
        return round(self.cheapest.package_height_mm - self.lowest.package_height_mm, 6) + 0.0


@dataclass(frozen=True, slots=True)
class Naive:
    """What filling the footprint and taking the better plain grid would have given."""

    layers: int
    cell_mm: tuple[float, float]
    cells_per_m2: float
    devices_per_m2_good: float

    @states(
        "naive.gain_percent",
        Formula(
            "Gain over filling the footprint on a plain grid",
            "%",
            "(g / g_0 - 1) * 100",
            {"g": "web.devices_per_m2.good", "g_0": "naive.devices_per_m2_good"},
            "same question, same process",
        ),
    )
    def gain_percent(self, good_per_m2: float) -> float | None:
        """How much a design that yields ``good_per_m2`` gains over this one; None where this one yields nothing."""
        good = self.devices_per_m2_good
        return round((good_per_m2 / good - 1.0) * 100.0, 6) if good else None


@dataclass(frozen=True, slots=True)
class SearchSummary:
    """How sure the answer is.

    ``gap_percent`` is how much less the best objective could be if every design were tiled to its density bound;
    ``proved_optimal`` says that it could not be less at all. ``given_up_percent`` is how much the best design is
    better in the objective than the one taken, which is lower. ``choices`` of foil and cathode were open;
    ``dominated`` of them were left out, as another one is as good or better in every design. Design rules of
    ``waived`` were not asked.
    """

    considered: int
    tiled: int
    gap_percent: float
    proved_optimal: bool
    given_up_percent: float = 0.0
    choices: int = 1
    dominated: int = 0
    waived: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, repr=False)
class Solution:
    """Everything decided. ``dbu_nm`` is the unit of the web plan."""

    spec: Spec
    loaded: LoadedPdk
    template: BoundTemplate
    objective: str
    device: DeviceDesign
    web: WebPlan
    dbu_nm: int
    good_per_cell: float
    search: SearchSummary
    naive: Naive | None
    alternatives: tuple[Alternative, ...]
    limits: tuple[Binding, ...]
    neighbours: tuple[Neighbour, ...] = ()
    explanation: Explanation | None = None

    def __repr__(self) -> str:
        """One line: name, layers, package, charge and what the web yields."""
        device = self.device
        size_um = device.package_length_um, device.package_width_um, device.package_height_um
        return (
            f"<Solution {self.spec.file_name()}: {counted(device.layers, 'layer')},"
            f" {' x '.join(f'{side / 1000:.2f}' for side in size_um)} mm, {plain(device.rated_mah, 4)} mAh rated,"
            f" {plain(self.good_devices_per_m2, 4)} good devices per m2>"
        )

    @property
    def trade_off(self) -> TradeOff | None:
        """Lowest and cheapest of the footprint; None where it is free, filled, or others were not compared."""
        ends = {name: item for item in self.neighbours for name in item.ends}
        return TradeOff(ends["lowest"], ends["cheapest"]) if len(ends) == 2 else None

    @property
    def cells_per_m2(self) -> float:
        return cells_per_m2(self.web, self.dbu_nm)

    @property
    def cells_per_m(self) -> float:
        return cells_per_m(self.web, self.dbu_nm)

    @property
    @states(
        "web.devices_per_m2.gross",
        Formula(
            "Devices from a square metre, if every cell were good",
            "1/m2",
            "c / N",
            {"c": "web.cells_per_m2", "N": "device.layers"},
        ),
    )
    def devices_per_m2(self) -> float:
        """Devices from all cells, as if all were good."""
        return self.cells_per_m2 / self.device.layers

    @property
    @states(
        "web.devices_per_m2.good",
        Formula(
            "Good devices from a square metre of web",
            "1/m2",
            "c * g",
            {"c": "web.cells_per_m2", "g": "web.good_devices_per_cell"},
        ),
    )
    def good_devices_per_m2(self) -> float:
        return self.cells_per_m2 * self.good_per_cell
