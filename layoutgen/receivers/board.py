"""What a board designer receives: KiCad library, models, lands as data, datasheet and drawings."""

import json
from typing import Final

from layoutgen.draw.files import datasheet_files, drawing_files
from layoutgen.draw.inputs import DrawingInputs
from layoutgen.draw.pdf import Typesetter
from layoutgen.export.models import model_files
from layoutgen.export.spice import spice_model
from layoutgen.receivers.board_notes import CHARGE_PROFILE, README, charge_profile, readme
from layoutgen.smt.part import solder_part
from layoutgen.smt.record import land_pattern_record
from layoutgen.units import rounded

LANDS: Final = "land-pattern.json"
LANDS_SCHEMA: Final = "layoutgen.land-pattern/1"


def board_files(inputs: DrawingInputs, name: str, curved: bytes | None = None) -> dict[str, bytes]:
    """KiCad library folder, symbol, STEP model, lands as data, datasheet, three drawings, and a README; a model for
    ngspice and a charge profile where the process states what they take.

    Args:
        inputs: the part.
        name: of its files.
        curved: STEP model of a part that is built curved.

    Raises:
        DesignError: the part has no land pattern.
    """
    models = {path.removeprefix("cad/"): content for path, content in model_files(inputs, name).items()}
    files = {
        (f"{name}.pretty/{path}" if path.endswith((".kicad_mod", ".step")) else path): content
        for path, content in models.items()
        if not path.endswith(".glb")
    }
    with Typesetter() as typesetter:
        drawings = drawing_files(
            inputs, ("pdf", "dxf"), ("package-outline", "land-pattern", "assembly"), typesetter
        )
        files |= drawings | datasheet_files(inputs, name, typesetter)
    files[LANDS] = _lands_text(inputs, name).encode()
    others = {
        f"{name}.lib": (spice_model(inputs.pdk, inputs.design, name), "model for ngspice, corners as parameters"),
        f"{name}-curved.step": (curved, "model of the part as it is built, curved"),
        CHARGE_PROFILE: (charge_profile(inputs.pdk, inputs.design), "a whole charge: time, voltage, current"),
    }
    there = {path: (content, what) for path, (content, what) in others.items() if content is not None}
    files |= {path: content for path, (content, _) in there.items()}
    return files | {README: readme(inputs, name, {path: what for path, (_, what) in there.items()})}


def _lands_text(inputs: DrawingInputs, name: str) -> str:
    """The part of design.json that a board and its stencil are made from, on its own."""
    record = land_pattern_record(solder_part(inputs.design, inputs.template))
    content = {"schema": LANDS_SCHEMA, "name": name, "land_pattern": rounded(record)}
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"
