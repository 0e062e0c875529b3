"""The rules on an answer of a process that was changed.

What follows from the size of a cell is part of the search (see ``makeable``), and the shipped kits as they are,
with each film that they offer, keep their rules on every web. Values that were set, a kit of one's own or zones
may break rules that no search looks at: then the answer is drawn and checked before it is given, as ``design``
does.
"""

from collections.abc import Collection
from typing import Final

from layoutgen.pdk.load import LoadedPdk
from layoutgen.pdk.overrides import Override
from layoutgen.resources import data_folder
from layoutgen.sizing.device import DeviceDesign
from layoutgen.spec import Spec
from layoutgen.template import BoundTemplate
from layoutgen.web.plan import WebPlan

UNSEEN: Final = ("yield.", "cell.", "assembly.")
"""Values that no drawing and no rule sees: they decide how many layers of which cell, not what a cell is."""


def may_break_rules(spec: Spec, loaded: LoadedPdk) -> bool:
    """Whether an answer has to be drawn to know that it keeps the rules."""
    own = loaded.chain[0].folder if loaded.chain else None
    seen = any(not item.path.startswith(UNSEEN) and not _is_offered(item, loaded) for item in loaded.overrides)
    return bool(seen or spec.zones or own is None or own.parent != data_folder("pdk"))


def _is_offered(item: Override, loaded: LoadedPdk) -> bool:
    """Whether a thickness was set to one that the kit itself offers."""
    films = loaded.pdk.stack.substrate, loaded.pdk.stack.cathode
    paths = "stack.substrate.thickness", "stack.cathode.thickness"
    return any(
        item.path == path and film.thickness.value in film.thickness.options
        for path, film in zip(paths, films, strict=True)
    )


def require_rules(
    spec: Spec,
    loaded: LoadedPdk,
    template: BoundTemplate,
    device: DeviceDesign,
    plan: WebPlan,
    dbu_nm: int,
    waived: Collection[str],
) -> None:
    """Refuse an answer that ``design`` would refuse, but for rules that are ``waived``.

    Raises:
        RuleError: it breaks a rule, or a rule cannot be checked on it.
        PreflightError: it cannot be drawn.
    """
    from layoutgen.layout.build import build_layout
    from layoutgen.rules.context import Context
    from layoutgen.rules.engine import check_rules_on, require_clean
    from layoutgen.rules.figures import all_figures

    cell_um = device.cell_length_um, device.cell_width_um
    layout = build_layout(loaded, template, cell_um, plan, spec.file_name(), dbu_nm=dbu_nm)
    figures = all_figures(spec, loaded.pdk, device, template)
    kept = {name: rule for name, rule in loaded.pdk.rules.items() if name not in waived}
    pdk = loaded.pdk.model_copy(update={"rules": kept})
    require_clean(check_rules_on(Context(pdk, template, layout, plan.repeat_length, figures)))
