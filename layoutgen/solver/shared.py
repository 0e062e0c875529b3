"""What questions share: kits read once, how dense cells lie on a web, which cells keep the rules.

All of it follows from the files of a kit and from the values set; nothing depends on the order of the questions.
"""

from collections.abc import Sequence
from typing import Final

from layoutgen.pdk.load import LoadedPdk, ReadKit
from layoutgen.solver.checked import UNSEEN
from layoutgen.solver.packing import Web
from layoutgen.solver.question import Makeables, Question, Variant, resolve
from layoutgen.spec import Spec
from layoutgen.tile.webplan.known import Densities
from layoutgen.web.plan import WebFrame

_MOST_KITS: Final = 64
Settings = tuple[tuple[str, str], ...]


class Shared:
    """Shared by questions of one process and one thread."""

    def __init__(self) -> None:
        self._read: dict[str, ReadKit] = {}
        self._kits: dict[tuple[str, Settings], LoadedPdk] = {}
        self._makeables: dict[tuple[str, Settings], Makeables] = {}
        self._webs: dict[WebFrame, Densities] = {}
        self._variants: dict[tuple[object, ...], tuple[LoadedPdk, tuple[Variant, ...]]] = {}

    def kit(self, pdk: str, overrides: Settings) -> LoadedPdk:
        """A kit with values set; errors as of :func:`layoutgen.pdk.load.load_pdk`."""
        key = pdk, overrides
        if key not in self._kits:
            if pdk not in self._read:
                self._read[pdk] = ReadKit.of(pdk)
            _make_room(self._kits)
            self._kits[key] = self._read[pdk].with_overrides(overrides)
        return self._kits[key]

    def question(self, spec: Spec, loaded: LoadedPdk) -> Question:
        """A question, resolved; errors as of :func:`layoutgen.solver.question.resolve`."""
        key = spec.pdk, tuple(item for item in spec.overrides if not item[0].startswith(UNSEEN))
        if key not in self._makeables:
            _make_room(self._makeables)
        known = self._makeables.setdefault(key, {})
        same = id(loaded), _listed(spec.foil), _listed(spec.cathode), spec.bend_radius, spec.curved
        kept = self._variants.get(same)
        question = resolve(spec, loaded, known=known, variants=kept[1] if kept else None)
        if kept is None:
            if len(self._variants) >= _MOST_KITS:
                self._variants.clear()
            # the kit is held with them, so that its identity stays its own
            self._variants[same] = loaded, question.variants
        return question

    def web(self, loaded: LoadedPdk) -> Web:
        """The web of a kit."""
        if len(self._webs) > _MOST_KITS:
            self._webs.clear()
        return Web.of(loaded.pdk, loaded.structures, self._webs)

    def kits(self, wanted: Sequence[tuple[str, Settings]]) -> list[LoadedPdk]:
        """Kits with values set, in order."""
        return [self.kit(*key) for key in wanted]


def _listed(films: tuple[float, ...] | str | None) -> object:
    return tuple(films) if isinstance(films, list | tuple) else films


def _make_room(table: "dict[tuple[str, Settings], LoadedPdk] | dict[tuple[str, Settings], Makeables]") -> None:
    if len(table) >= _MOST_KITS:
        table.pop(next(iter(table)))
