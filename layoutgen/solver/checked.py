"""The rules on an answer of a process that was changed.

What follows from the size of a cell is part of the search (see ``makeable``), and the shipped kits as they are,
with each film that they offer, keep their rules on every web. Values that were set, a kit of one's own or zones
may break rules that no search looks at: then the answer is drawn and checked before it is given, as ``design``
does. Where a value of a shipped kit was set, only those rules are asked that can tell a difference, on the device
alone if it shows all that they see (see ``touched``).
"""

from collections.abc import Collection
from typing import Final

from layoutgen.pdk.load import LoadedPdk
from layoutgen.pdk.overrides import Override
from layoutgen.resources import data_folder
from layoutgen.sizing.device import DeviceDesign
from layoutgen.solver.touched import need_the_web, touched_rules
from layoutgen.spec import Spec
from layoutgen.template import BoundTemplate
from layoutgen.web.plan import WebPlan

UNSEEN: Final = ("yield.", "cell.", "assembly.")
"""Values that no drawing and no rule sees: they decide how many layers of which cell, not what a cell is."""


def may_break_rules(spec: Spec, loaded: LoadedPdk) -> bool:
    """Whether an answer has to be drawn to know that it keeps the rules."""
    seen = any(not item.path.startswith(UNSEEN) and not _is_offered(item, loaded) for item in loaded.overrides)
    return bool(seen or spec.zones or not _is_shipped(loaded))


def _is_shipped(loaded: LoadedPdk) -> bool:
    """Whether it is a kit that comes with the tool, with whatever values set."""
    return bool(loaded.chain) and loaded.chain[0].folder.parent == data_folder("pdk")


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
    from layoutgen.layout.cell import device_alone, draw_device
    from layoutgen.rules.context import Context
    from layoutgen.rules.engine import check_rules_on, require_clean
    from layoutgen.rules.figures import all_figures

    cell_um = device.cell_length_um, device.cell_width_um
    kept = {name: rule for name, rule in loaded.pdk.rules.items() if name not in waived}
    pdk = loaded.pdk.model_copy(update={"rules": kept})
    figures = all_figures(spec, pdk, device, template)
    drawn = draw_device(pdk, template, cell_um, dbu_nm)
    alone = Context(pdk, template, device_alone(drawn, dbu_nm), plan.repeat_length, figures)
    asked = None
    if _is_shipped(loaded) and not spec.zones:
        asked = touched_rules(loaded, drawn, cell_um, alone)
        # what is wrong is told of the whole web
        if asked is not None and not need_the_web(kept[name] for name in asked):
            if check_rules_on(alone, only=asked).clean:
                return
            asked = None
    layout = build_layout(loaded, template, cell_um, plan, spec.file_name(), dbu_nm=dbu_nm)
    context = Context(pdk, template, layout, plan.repeat_length, figures)
    if asked is None or not check_rules_on(context, only=asked).clean:
        require_clean(check_rules_on(context))
