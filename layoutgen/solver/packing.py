"""The web as the search sees it: how dense cells of a size can lie, and the repeat of those that are chosen."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from layoutgen.errors import Input, Key, Problem, SpecError
from layoutgen.layout.dbu import plan_dbu_nm, web_frame
from layoutgen.pdk.schema import Pdk
from layoutgen.spec import Zone as AskedZone
from layoutgen.template.structure import StructureTemplate
from layoutgen.tile.model import Effort
from layoutgen.tile.webplan.around import plan_around
from layoutgen.tile.webplan.density import searched_density
from layoutgen.tile.webplan.known import Densities
from layoutgen.tile.webplan.structures import place_structures
from layoutgen.tile.zones.wrap import lies_outside
from layoutgen.web.plan import Structure, WebFrame, WebPlan, Zone


@dataclass(frozen=True, slots=True)
class Web:
    """The web that cells are tiled on, and how many of its units one um has."""

    densities: Densities
    """What is known of cells on this web."""
    um_dbu: int
    structures: tuple[Structure, ...] = ()

    @property
    def frame(self) -> WebFrame:
        """Its lengths and rules, in dbu."""
        return self.densities.frame

    @classmethod
    def of(
        cls,
        pdk: Pdk,
        structures: Mapping[str, StructureTemplate] | None = None,
        known: dict[WebFrame, Densities] | None = None,
    ) -> "Web":
        """The web of a process, with the structures that its repeats hold; ``known`` of webs is shared."""
        dbu_nm = plan_dbu_nm(pdk)
        frame = web_frame(pdk, dbu_nm)
        densities = Densities(frame) if known is None else known.setdefault(frame, Densities(frame))
        if not structures:
            return cls(densities, 1000 // dbu_nm)
        from layoutgen.layout.structure import structure_size

        bound = [item.bind(pdk, name) for name, item in structures.items()]
        wanted = tuple(Structure(item.name, *structure_size(item, dbu_nm)) for item in bound)
        return cls(densities, 1000 // dbu_nm, wanted)

    def plan(
        self, cell_um: tuple[float, float], effort: Effort = Effort.STANDARD, zones: Sequence[AskedZone] = ()
    ) -> WebPlan:
        """The repeat for a cell, with its structures, zones kept free; zones of a field lie where the field lies
        without them.

        Raises:
            SpecError: a zone lies outside the repeat, or a structure fits into no field.
        """
        plan = self._without_structures(cell_um, effort, zones)
        placed = place_structures(plan, self.structures)
        if placed.unplaced and plan.fields:
            what = f"{', '.join(item.name for item in placed.unplaced)} fits into no field"
            raise SpecError(
                Problem(
                    what, Key("web.structures"), remedy="larger fields, or " + Input("set.web.structures", "none")
                )
            )
        return placed.plan

    def _without_structures(
        self, cell_um: tuple[float, float], effort: Effort, zones: Sequence[AskedZone]
    ) -> WebPlan:
        length, width = (round(side * self.um_dbu) for side in cell_um)
        cell = length, width
        if not zones:
            return self.densities.plan(cell, effort)
        if self.frame.guillotine_only:
            what = "zones cannot be kept free by cuts from edge to edge"
            raise SpecError(Problem(what, Input("zones"), remedy="leave out zones or web.guillotine_only"))
        bare = self.densities.plan(cell, effort)
        placed = [self._placed(zone, bare, number) for number, zone in enumerate(zones)]
        other_rows = not any(zone.field for zone in zones)
        return plan_around(self.frame, cell, placed, effort=effort, other_rows=other_rows, plan=bare)

    def _placed(self, zone: AskedZone, plan: WebPlan, number: int) -> Zone:
        """A zone in coordinates of the repeat, in dbu."""
        x0 = y0 = 0
        where = f"zones.{number}"
        width, length, of = self.frame.width, plan.repeat_length, "the repeat"
        if zone.field is not None:
            if zone.field > len(plan.fields):
                raise SpecError(
                    Problem(f"there is no field {zone.field}", Input(f"{where}.field"), f"1 to {len(plan.fields)}")
                )
            field = plan.fields[zone.field - 1]
            x0, y0 = field.x, field.y
            width, length, of = field.width, field.length, f"field {zone.field}"
        unit = self.um_dbu * 1000
        corners = tuple((round(x * unit), round(y * unit)) for x, y in zone.corners_mm)
        if lies_outside(corners, width, length):
            allowed = f"0 to {width / unit:g} mm across, 0 to {length / unit:g} mm along"
            raise SpecError(Problem(f"{zone.name!r} lies outside {of}", Input(f"{where}.outline"), allowed))
        return Zone(zone.name, zone.reason, tuple((x0 + x, y0 + y) for x, y in corners))

    def density_per_um2(self, plan: WebPlan) -> float:
        return plan.cells_per_repeat / (self.frame.width * plan.repeat_length) * self.um_dbu**2

    def density_of(self, cell_um: tuple[float, float], at_least: float, most_lengths: int | None = None) -> float:
        """Cells per um2 of web that the search counts on; 0 where they are not more than ``at_least``."""
        length, width = (round(side * self.um_dbu) for side in cell_um)
        scale = self.um_dbu**2
        if most_lengths is None:
            return self.densities.searched((length, width), at_least / scale) * scale
        return searched_density(self.frame, (length, width), at_least / scale, most_lengths) * scale
