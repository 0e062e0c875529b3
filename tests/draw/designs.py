"""Designs to draw, made the way the design flow makes them."""

from dataclasses import replace
from functools import lru_cache

from hypothesis import strategies as st

from layoutgen.draw.inputs import DrawingInputs
from layoutgen.sizing.device import size_device
from layoutgen.tile.model import Effort
from layoutgen.tile.webplan.around import plan_around
from layoutgen.tile.webplan.repeat import plan_web
from layoutgen.tile.webplan.structures import place_structures
from layoutgen.titleblock import Title
from layoutgen.web.plan import Regime, Structure, WebFrame, Zone
from tests.kits import kit

DBU_NM = 10.0
TITLE = Title(title="Micro-battery", number="MB-1", owner="Example Batteries")


def web_frame(pdk):
    web = pdk.web

    def dbu(quantity):
        return None if quantity is None else round(quantity.value * 1000 / DBU_NM)

    return WebFrame(
        dbu(web.width), dbu(web.edge), dbu(web.field_width), dbu(web.field_length), dbu(web.field_gap),
        dbu(web.kerf), web.rotation_allowed, Regime(web.regime), dbu(web.repeat_length),
    )  # fmt: skip


@lru_cache(maxsize=64)
def inputs(length_um=9790, width_um=7900, layers=49, pdk="anodeless-ss", overrides=(), title=TITLE):
    loaded = kit(pdk, overrides)
    template = loaded.template.bind(loaded.pdk)
    design = size_device(loaded.pdk, template, (float(length_um), float(width_um)), layers, 0.99)
    cell = (round(length_um * 1000 / DBU_NM), round(width_um * 1000 / DBU_NM))
    plan = plan_web(web_frame(loaded.pdk), cell, effort=Effort.QUICK)
    return DrawingInputs(design, loaded, template, plan, DBU_NM, title)


def with_zones():
    """The first design on a web with a slit, a splice, a dent and a coupon."""
    plain = inputs()
    plan = plain.plan
    middle, length = plan.frame.width // 2, plan.repeat_length
    mm = round(1e6 / DBU_NM)
    frame = replace(plan.frame, slits=((middle - mm, middle + mm),))
    splice = Zone("splice", "tape joint", ((0, 60 * mm), (plan.frame.width, 60 * mm),
                                              (plan.frame.width, 66 * mm), (0, 66 * mm)))  # fmt: skip
    dent = Zone("dent", "known defect", ((20 * mm, length - 20 * mm), (40 * mm, length - 20 * mm),
                                            (40 * mm, length - 5 * mm), (20 * mm, length - 5 * mm)))  # fmt: skip
    around = plan_around(frame, plan.cell, (splice, dent), effort=Effort.QUICK)
    marked = place_structures(around, [Structure("coupon", 9 * mm, 7 * mm)]).plan
    return replace(plain, plan=marked)


TEN = {
    "20 mAh in 8 x 10": {},
    "smallest": {"length_um": 2790, "width_um": 1900, "layers": 1},
    "largest": {"length_um": 39790, "width_um": 29900, "layers": 200},
    "one layer": {"length_um": 3790, "width_um": 2900, "layers": 1},
    "100 layers": {"layers": 100},
    "long and thin": {"length_um": 39790, "width_um": 2900, "layers": 40},
    "short and wide": {"length_um": 3790, "width_um": 29900, "layers": 20},
    "square": {"length_um": 5790, "width_um": 5790, "layers": 10},
    "thick foil": {"layers": 30, "overrides": (("stack.substrate.thickness", "75"),)},
    "on mica": {"layers": 10, "pdk": "lithium-mica"},
    "pads on the bottom": {"length_um": 9160, "width_um": 6840, "layers": 30, "pdk": "bottom-terminal"},
}

random_designs = st.fixed_dictionaries(
    {
        "length_um": st.integers(250, 4000).map(lambda n: n * 10),
        "width_um": st.integers(150, 4000).map(lambda n: n * 10),
        "layers": st.integers(1, 200),
        "pdk": st.sampled_from(["anodeless-ss", "anodeless-ss", "lithium-alumina", "lithium-mica"]),
        "overrides": st.sampled_from(
            [
                (),
                (("stack.cathode.thickness", "5"),),
                (("device.contact_land", "400"),),
                (("device.window_length", "150"), ("device.end_gap", "300")),
                (("package.lid_top", "100"), ("device.terminal_wrap", "900")),
            ]
        ),
    }
)
