"""Layouts to test with: ten repeats that differ in regime, process, cell, rotation and database unit."""

from copy import deepcopy
from dataclasses import dataclass, replace
from functools import cache

from layoutgen.layout.build import build_layout
from layoutgen.layout.dbu import plan_dbu_nm, to_dbu, web_frame
from layoutgen.layout.model import Layout
from layoutgen.pdk.load import LoadedPdk, check_pdk
from layoutgen.template import BoundTemplate
from layoutgen.tile.webplan.repeat import plan_web
from layoutgen.web.plan import Block, Field, WebPlan
from tests.kits import kit


@dataclass(frozen=True)
class Sample:
    loaded: LoadedPdk
    template: BoundTemplate
    cell_um: tuple[float, float]
    dbu_nm: int
    plan: WebPlan
    layout: Layout

    @property
    def pdk(self):
        return self.loaded.pdk


# name: PDK, overrides, cell in um
CASES = {
    "default": ("anodeless-ss", (), (8000, 10000)),
    "long cell": ("anodeless-ss", (), (14770, 3880)),
    "small cell": ("anodeless-ss", (), (3000, 2500)),
    "one orientation": ("anodeless-ss", (("web.rotation_allowed", "false"),), (9760, 7900)),
    "no gap": ("anodeless-ss", (("web.field_gap", "0 um"),), (9990, 6340)),
    "many fields": ("anodeless-ss", (("web.field_width", "40 mm"), ("web.field_length", "60 mm")), (11230, 7770)),
    "continuous": ("anodeless-ss", (("web.regime", "free"),), (8000, 10000)),
    "drum": ("drum", (), (7650, 5130)),
    "alumina": ("lithium-alumina", (), (12340, 9870)),
    "pads on the bottom": ("bottom-terminal", (), (9160, 6840)),
    "mica, wide web": ("lithium-mica", (("web.width", "3 m"),), (25000, 31000)),
}


@cache
def sample(name: str) -> Sample:
    pdk, overrides, cell_um = CASES[name]
    return make(pdk, overrides, cell_um)


def changed_pdk(change) -> LoadedPdk:
    """The default PDK after a change of its document."""
    loaded = kit()
    content = deepcopy(loaded.content)
    change(content)
    return check_pdk(content, loaded.files)


def drum() -> LoadedPdk:
    def change(content):
        length = {"value": 320, "unit": "mm", "kind": "assumed", "source": "a drum"}
        content["web"] |= {"regime": "fixed", "repeat_length": length}

    return changed_pdk(change)


def make(pdk="anodeless-ss", overrides=(), cell_um=(8000, 10000), dbu_nm=None, plan=None, name="mb-test"):
    if pdk == "drum":
        pdk = drum()
    loaded = pdk if isinstance(pdk, LoadedPdk) else kit(pdk, overrides)
    template = loaded.template.bind(loaded.pdk)
    unit = dbu_nm or plan_dbu_nm(loaded.pdk, cell_um)
    size = tuple(to_dbu(value, unit, "cell") for value in cell_um)
    if plan is None:
        plan = plan_web
    plan = plan(web_frame(loaded.pdk, unit), size)
    layout = build_layout(loaded, template, cell_um, plan, name, dbu_nm=unit)
    return Sample(loaded, template, cell_um, unit, plan, layout)


def grid_plan(columns: int, rows: int):
    """A plan of one field with one block, on a web as wide and with a scanner that reaches as far as it takes."""

    def plan(frame, size):
        kerf = frame.kerf
        block = Block(frame.edge + kerf, frame.field_gap + kerf, columns, rows, rotated=False)
        width, length = columns * (size[0] + kerf) + kerf, rows * (size[1] + kerf) + kerf
        here = Field(frame.edge, frame.field_gap, width, length, (block,))
        roomy = replace(
            frame,
            width=max(frame.width, width + 2 * frame.edge),
            field_width=max(frame.field_width, width),
            field_length=max(frame.field_length, length),
        )
        return WebPlan(roomy, size, (here,), frame.field_gap + length, block.count, "by hand", "its own count")

    return plan


def scattered_plan(frame, size):
    """Blocks by hand: one pair that shares a street, streets that overlap partly, and a turned block apart."""
    kerf, (w, h) = frame.kerf, size
    x, y = frame.edge + kerf, frame.field_gap + kerf
    u, v = w + kerf, h + kerf
    blocks = (
        Block(x, y, 3, 2, rotated=False),
        Block(x + 3 * u, y, 2, 1, rotated=False),
        Block(x + 3 * u + kerf // 4, y + v, 1, 1, rotated=True),
        Block(x, y + 2 * v + 3 * kerf // 2, 2, 3, rotated=True),
    )
    here = Field(frame.edge, frame.field_gap, 6 * max(u, v), 7 * max(u, v), blocks)
    count = sum(block.count for block in blocks)
    return WebPlan(frame, size, (here,), frame.field_gap + here.length, count, "by hand", "its own count")
