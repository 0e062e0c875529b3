"""The shapes of the JSON that the tool writes and prints: the keys that other tools may rely on."""

from typing import Final

from layoutgen.schemas.shape import (
    ANY,
    FLAG,
    FRACTION,
    NUMBER,
    SHA256,
    TEXT,
    WHOLE,
    Shape,
    by_name,
    const,
    keyed,
    maybe,
    numbers,
    one_of,
    several,
    table,
)

_TOOL: Final = table(name=const("layoutgen"), version=TEXT)
_LENGTH_WIDTH: Final = numbers("length width")
_BOX: Final = numbers("x_mm y_mm length_mm width_mm")
_BLOCK: Final = table(
    x_mm=NUMBER, y_mm=NUMBER, columns=WHOLE, rows=WHOLE, pitch_x_mm=NUMBER, pitch_y_mm=NUMBER, rotated=FLAG
)  # fmt: skip
_FIELD: Final = table(x_mm=NUMBER, y_mm=NUMBER, width_mm=NUMBER, length_mm=NUMBER, cells=WHOLE)
_GAINED: Final = several(table(freedom=TEXT, cells=WHOLE, cells_per_m2=NUMBER))
_PROOF: Final[dict[str, Shape]] = {"gap_percent": NUMBER, "proved_optimal": FLAG, "proof": TEXT, "method": TEXT}

_PACKAGE_MM: Final = numbers("length width height")
_DEVICE: Final = keyed({
    "package_mm": _PACKAGE_MM,
    "cell_mm": _LENGTH_WIDTH,
    "active_area_cm2": NUMBER,
    "layers": WHOLE,
    "capacity_mah": numbers("nominal rated confidence cycles"),
    "life": table(
        cycles=NUMBER, model=TEXT, left=FRACTION, low=FRACTION, high=FRACTION, measured_cycles=NUMBER
    ),
    "energy_mwh": NUMBER,
    "energy_density_wh_per_l": numbers("package bare_cell bare_cell_charged"),
    "mass_g": NUMBER,
    "layer_pitch_um": NUMBER,
    "stack": several(
        table(layer=TEXT, film=TEXT, material=TEXT, thickness_um=NUMBER, z0_um=NUMBER, count=WHOLE, source=TEXT), 1
    ),
    "resistance_ohm": NUMBER,
    "max_continuous_ma": NUMBER,
    "electrical": table(
        temperature_c=NUMBER, pulse_ohm=maybe(NUMBER), charge_voltage_v=maybe(NUMBER),
        cutoff_voltage_v=maybe(NUMBER), charge_limit_ma=maybe(NUMBER), charge_to_mah=maybe(NUMBER),
        charge_s=maybe(NUMBER), charge_asked_s=maybe(NUMBER), formation_mah=maybe(NUMBER),
        self_discharge_percent_per_year=maybe(NUMBER),
        load=maybe(numbers("peak_ma mean_ma peak_ma_per_cm2 drop_v lowest_v end_v delivered_mah hours")),
    ),
    "terminal_mm": table(length=NUMBER),
    "tolerance_mm": table(length=NUMBER, width=NUMBER, height=NUMBER, terminal=NUMBER, standoff=maybe(NUMBER)),
})  # fmt: skip
_LEVEL: Final = keyed({
    "level": one_of("A", "B", "C"),
    "land": TEXT,
    "goals_mm": numbers("toe heel side rounding"),
    "exact_mm": numbers("z g x"),
    "z_mm": NUMBER,
    "g_mm": NUMBER,
    "x_mm": NUMBER,
    "courtyard_mm": numbers("length width excess"),
    "pads": several(_BOX, 1),
    "solder_mask_openings": several(_BOX),
    "paste_openings": several(_BOX),
    "paste_openings_per_pad": WHOLE,
    "paste_coverage": NUMBER,
})  # fmt: skip
_LAND_PATTERN: Final = keyed({
    "model": TEXT,
    "family": TEXT,
    "board_tolerance_mm": NUMBER,
    "no_reflow?": maybe(TEXT),
    "levels": several(_LEVEL, 1),
})  # fmt: skip
_PLAN: Final[dict[str, Shape]] = {
    "regime": one_of("fields", "free", "fixed"),
    **dict.fromkeys(("width_mm", "edge_mm", "usable_mm", "kerf_mm", "field_gap_mm"), NUMBER),
    "field_max_mm": numbers("width length"),
    "rotation_allowed": FLAG,
    "guillotine_only": FLAG,
    "slits_mm": several(several(NUMBER)),
    "repeat_mm": numbers("width length"),
    "cells_per_repeat": WHOLE,
    "cells_per_m": NUMBER,
    "cells_per_m2": NUMBER,
    "utilization": FRACTION,
    "bound_cells_per_repeat": WHOLE,
    **_PROOF,
    "gained": _GAINED,
    "dbu_nm": WHOLE,
    "fields": several(_FIELD),
    "blocks": several(_BLOCK),
    "structures": several(table(name=TEXT, field=WHOLE, x_mm=NUMBER, y_mm=NUMBER, cost_cells=WHOLE)),
    "zones": several(table(name=TEXT, reason=TEXT, corners_mm=several(several(NUMBER), 3))),
}  # fmt: skip
_WEB: Final = keyed({**_PLAN, "devices_per_m2": numbers("gross good")})
_FINDING: Final = keyed({
    "rule": TEXT,
    "severity": one_of("error", "warning"),
    "cell": TEXT,
    "layers": several(TEXT),
    "place_um": maybe(several(NUMBER, 4)),
    "measured": NUMBER,
    "required": NUMBER,
    "relation": one_of("at least", "at most", "equal"),
    "unit": TEXT,
    "message": TEXT,
    "waived_by": TEXT,
})  # fmt: skip
_STATE: Final = keyed({
    "rule": TEXT,
    "severity": one_of("error", "warning"),
    "state": one_of("passed", "failed", "waived", "not run", "not applicable"),
    "measured": maybe(NUMBER),
    "required": maybe(NUMBER),
    "reason": TEXT,
})  # fmt: skip
_COUNTS: Final = ("run", "passed", "failed", "waived", "not_run")
_RULES: Final = keyed({
    **dict.fromkeys(_COUNTS, WHOLE),
    "warned?": WHOLE,
    "not_applicable?": WHOLE,
    "states?": several(_STATE),
    "findings": several(_FINDING),
    "stale_waivers?": several(TEXT),
})  # fmt: skip
_KIT: Final = table(name=TEXT, version=TEXT, sha256=SHA256)

_SPAN: Final = numbers("value low high")
_OPEN: Final = maybe(table(value=maybe(NUMBER), low=maybe(NUMBER), high=maybe(NUMBER)))
BEND: Final = keyed({
    "schema": const("layoutgen.bend/1"),
    "design": TEXT,
    "radius_mm": maybe(NUMBER),
    "films_outside": FLAG,
    "charged": FLAG,
    "layers": WHOLE,
    "bonding": table(
        state=TEXT, bends_as=one_of("block", "single cells"), shear_lag_mm=maybe(_SPAN), length_mm=NUMBER
    ),
    "neutral_axis_um": NUMBER,
    "cell_neutral_axis_um": NUMBER,
    "thickness_um": NUMBER,
    "films": several(keyed({
        "film": TEXT,
        "material": TEXT,
        "strain_percent": numbers("low high"),
        "residual_percent": maybe(_SPAN),
        "limit_percent": maybe(NUMBER),
        "limit_range_percent": maybe(numbers("low high")),
        "limit_kind": maybe(TEXT),
        "least_radius_mm": _OPEN,
        "against_limit?": maybe(TEXT),
        "verdict": TEXT,
    }), 1),
    "least_radius_mm": _OPEN,
    "least_radius_sliding_mm": _OPEN,
    "least_radius_bonded_mm": _OPEN,
    "verdict": TEXT,
    "curved?": keyed({"inner_radius_mm": NUMBER, "angle_deg": NUMBER, "cells": TEXT, "terminals": TEXT}),
    "terminals?": table(lean_deg=NUMBER, gap_um=NUMBER, gap_allowed_um=maybe(NUMBER), soldered_flat=maybe(FLAG)),
})  # fmt: skip

_FLAGS: Final = several(table(code=TEXT, message=TEXT))
_END: Final = keyed({
    "chosen": FLAG, "layers": WHOLE, "foil_um": NUMBER, "cathode_um": NUMBER,
    "cell_mm": _LENGTH_WIDTH, "package_mm": _PACKAGE_MM, "devices_per_m2_good": NUMBER,
})  # fmt: skip

DESIGN: Final = keyed({
    "schema": const("layoutgen.design/1"),
    "tool": _TOOL,
    "name": TEXT,
    "design_id?": TEXT,
    "spec": keyed({"overrides": several(table(path=TEXT, value=TEXT, was=TEXT))}),
    "pdk": table(name=TEXT, version=TEXT, sha256=SHA256, disclaimer=TEXT, content=table(schema=TEXT, name=TEXT)),
    "template": table(schema=TEXT, name=TEXT),
    "structure_templates": by_name(table(schema=TEXT, name=TEXT)),
    "device": _DEVICE,
    "land_pattern": _LAND_PATTERN,
    "bend?": maybe(BEND),
    "web": _WEB,
    "yield": table(cell=FRACTION, screened_cell=FRACTION, stack=FRACTION, model=TEXT),
    "steps": by_name(NUMBER),
    "orders?": several(keyed({
        "order": TEXT, "stack_sigma": NUMBER, "rated_mah": NUMBER,
        "layers": maybe(WHOLE), "height_mm": maybe(NUMBER),
    })),
    "widths?": keyed({
        "figures": several(table(
            figure=TEXT, unit=TEXT, value=NUMBER, low=NUMBER, low_by=TEXT, high=NUMBER, high_by=TEXT
        )),
        "next": several(table(path=TEXT, figure=TEXT, swing_percent=NUMBER, test=TEXT)),
    }),
    "objective": TEXT,
    "search": table(gap_percent=NUMBER, proved_optimal=FLAG),
    "trade_off?": maybe(keyed({
        "lowest": _END, "cheapest": _END, "good_devices_percent": NUMBER, "height_mm": NUMBER,
    })),
    "alternatives": several(keyed({
        "layers": WHOLE, "cell_mm": _LENGTH_WIDTH, "package_mm": _PACKAGE_MM,
        "devices_per_m2_good": maybe(NUMBER), "why_not": TEXT,
    })),
    "limits": keyed({"binding": several(TEXT), "nearest": ANY}),
    "flags": _FLAGS,
    "rules": _RULES,
    "digests": by_name(SHA256),
})  # fmt: skip

REFUSAL: Final = keyed({
    "schema": const("layoutgen.refusal/1"),
    "problems": several(table(path=TEXT, what=TEXT, where=TEXT, allowed=TEXT, remedy=TEXT), 1),
    "limits": table(nearest=keyed({
        "capacity_mah?": NUMBER, "height_mm?": NUMBER, "footprint_mm?": several(maybe(NUMBER), 2),
        "bend_radius_mm?": NUMBER, "current_ma?": NUMBER, "pulse?": TEXT, "load_share?": NUMBER,
        "lowest_voltage_v?": NUMBER, "charge_time_s?": NUMBER, "temperature_c?": NUMBER, "cycles?": WHOLE,
    })),
})  # fmt: skip

MANIFEST: Final = keyed({
    "schema": const("layoutgen.manifest/1"),
    "tool?": _TOOL,
    "name?": TEXT,
    "pdk?": _KIT,
    "input_sha256?": SHA256,
    "files": several(table(path=TEXT, bytes=WHOLE, sha256=SHA256)),
})  # fmt: skip

_CHANGE: Final = keyed({"state": TEXT})
ORDER: Final = keyed({
    "schema": const("layoutgen.order/1"),
    "design": TEXT,
    "design_id?": TEXT,
    "pdk": table(name=TEXT, version=TEXT, disclaimer=TEXT),
    "unit": TEXT,
    "grid_nm": WHOLE,
    "fiducials?": table(mask=maybe(TEXT), places=several(table(field=WHOLE, x_mm=NUMBER, y_mm=NUMBER))),
    "masks": several(keyed({
        "number": WHOLE,
        "name": TEXT,
        "layer": {"type": "string", "pattern": r"^\d+/\d+$"},
        "title": TEXT,
        "tool": TEXT,
        "stage": one_of("web", "stack"),
        "expression": TEXT,
        "polygon_tone": one_of("clear", "dark"),
        "bias_um": NUMBER,
        "min_line_um": maybe(NUMBER),
        "min_space_um": maybe(NUMBER),
        "polygons": WHOLE,
        "area_mm2": NUMBER,
        "bounding_box_mm": maybe(several(NUMBER, 4)),
        "cd_sites": several(
            table(kind=TEXT, direction=one_of("x", "y"), nominal_um=NUMBER, x_mm=NUMBER, y_mm=NUMBER)
        ),
        "through?": maybe(TEXT),
        "depth_um?": maybe(NUMBER),
        "change?": _CHANGE,
    })),
    "layers?": several(table(name=TEXT, layer=TEXT)),
    "films?": several(table(film=TEXT, layer=TEXT, material=TEXT, thickness_um=NUMBER)),
    "web?": table(
        form=one_of("roll", "plate"), width_mm=NUMBER, repeat_length_mm=NUMBER, repeats=maybe(WHOLE),
        length_m=maybe(NUMBER),
    ),
    "blank?": by_name(TEXT),
    "review?": table(criteria=WHOLE, settled=WHOLE, open=by_name(TEXT)),
    "trust_warning?": TEXT,
    "change?": _CHANGE,
})  # fmt: skip

LAND_PATTERN: Final = keyed(
    {"schema": const("layoutgen.land-pattern/1"), "name": TEXT, "land_pattern": _LAND_PATTERN}
)

EXPLORE: Final = keyed({
    "schema": const("layoutgen.explore/1"),
    "tool": _TOOL,
    "axes": by_name(several(ANY)),
    "front": several(WHOLE),
    "rows": several(keyed({"fits": FLAG, "why": TEXT, "layers": maybe(WHOLE), "rated_mah": maybe(NUMBER)})),
})  # fmt: skip

_LATTICE: Final = table(
    x_mm=NUMBER, y_mm=NUMBER, columns=WHOLE, rows=WHOLE, pitch_x_mm=NUMBER, pitch_y_mm=NUMBER, turn_deg=WHOLE
)
_OUTLINE: Final = table(
    shape=TEXT,
    notes=several(TEXT),
    box_mm=_LENGTH_WIDTH,
    area_mm2=NUMBER,
    perimeter_mm=NUMBER,
    path=several(table(x_mm=NUMBER, y_mm=NUMBER, bulge=NUMBER, name=TEXT)),
)
_OUTLINED: Final[dict[str, Shape]] = {
    "schema": const("layoutgen.tile-outline/1"),
    "outline": _OUTLINE,
    **dict.fromkeys(("kerf_mm", "skeleton_mm", "distance_mm", "utilization"), NUMBER),
    **_PROOF,
}
_OUTLINE_FIELD: Final[dict[str, Shape]] = {
    **_OUTLINED,
    "field_mm": _LENGTH_WIDTH,
    "cells": WHOLE,
    "bound_cells": WHOLE,
    "lattices": several(_LATTICE),
}
_OUTLINE_WEB: Final[dict[str, Shape]] = {
    **_OUTLINED,
    "regime": TEXT,
    "cells_per_repeat": WHOLE,
    "bound_cells_per_repeat": WHOLE,
    **dict.fromkeys(("web_mm", "usable_mm", "repeat_mm", "cells_per_m", "cells_per_m2"), NUMBER),
    "cells_per_m_in_boxes": NUMBER,
    "fields": several(
        table(x_mm=NUMBER, y_mm=NUMBER, width_mm=NUMBER, length_mm=NUMBER, cells=WHOLE, lattices=several(_LATTICE))
    ),
}

TILE_OUTLINE: Final = {"anyOf": [keyed(_OUTLINE_FIELD), keyed(_OUTLINE_WEB)]}

CAVITY: Final = keyed({
    "schema": const("layoutgen.cavity/1"),
    "cavity": _OUTLINE,
    "clearance_mm": NUMBER,
    "pdk": table(name=TEXT, version=TEXT, disclaimer=TEXT),
    "parts": several(table(
        turn_deg=NUMBER, centre_mm=numbers("x y"), corners_mm=several(numbers("x y"), 4), least_distance_mm=NUMBER,
        footprint_mm=several(NUMBER, 2), package_mm=_PACKAGE_MM, share_of_cavity=FRACTION, layers=WHOLE,
        foil_um=NUMBER, cathode_um=NUMBER,
        active_area_cm2=NUMBER, rated_mah=NUMBER, nominal_mah=NUMBER, flags=_FLAGS,
    ), 1),
})  # fmt: skip

TILE: Final = {
    "anyOf": [
        keyed({
            "schema": const("layoutgen.tile/2"), "field_mm": _LENGTH_WIDTH, "cell_mm": _LENGTH_WIDTH,
            "kerf_mm": NUMBER, "cells": WHOLE, "bound_cells": WHOLE, **_PROOF, "blocks": several(_BLOCK),
        }),
        keyed({"schema": const("layoutgen.tile/2"), "cell_mm": _LENGTH_WIDTH, **_PLAN}),
    ]
}  # fmt: skip

_SECONDS: Final = by_name(NUMBER)
TEST_PLAN: Final = keyed({
    "schema": const("layoutgen.test-plan/1"),
    "design": TEXT,
    "map_sha256": SHA256,
    "sites": WHOLE,
    "card": table(columns=WHOLE, rows=WHOLE),
    "touchdowns_per_repeat": WHOLE,
    "efficiency": NUMBER,
    "cells_per_repeat": WHOLE,
    "repeats": WHOLE,
    "cells": WHOLE,
    "touchdowns": WHOLE,
    "seconds_per_touchdown": NUMBER,
    "seconds": _SECONDS,
    "metres_per_minute": NUMBER,
    "alternatives": several(table(columns=WHOLE, rows=WHOLE, touchdowns_per_repeat=WHOLE, efficiency=NUMBER)),
})  # fmt: skip
TRUTH: Final = keyed({
    "schema": const("layoutgen.truth/1"),
    "synthetic": {"const": True},
    "design": TEXT,
    "map_sha256": SHA256,
    "seed": WHOLE,
    "cells": WHOLE,
    "defect_density": NUMBER,
    "cluster_parameter": NUMBER,
    "signatures": several(keyed({"kind": TEXT, "place": TEXT})),
})  # fmt: skip
IMPORT: Final = keyed({
    "schema": const("layoutgen.import/1"),
    "design": TEXT,
    "cells": WHOLE,
    "missing": WHOLE,
    "double": WHOLE,
    "unknown": WHOLE,
    "out_of_range": ANY,
    "two_passes": keyed({"cells": WHOLE, "rest_h": maybe(several(NUMBER))}),
})  # fmt: skip

DIFF: Final = keyed({
    "schema": const("layoutgen.diff/1"),
    "same": FLAG,
    "first": TEXT,
    "second": TEXT,
    "changes": several(table(section=TEXT, path=TEXT, before=ANY, after=ANY, percent=maybe(NUMBER))),
    "masks": several(table(mask=TEXT, same=FLAG, comparable=FLAG, xor_mm2=maybe(NUMBER))),
    "files": several(table(path=TEXT, state=one_of("added", "removed", "changed"))),
})  # fmt: skip

_CHANGED: Final = table(only_first=several(TEXT), only_other=several(TEXT), changed=several(TEXT))
COMPARE: Final = keyed({
    "schema": const("layoutgen.compare/1"),
    "question": keyed({}),
    "flows": several(keyed({
        "flow": TEXT,
        "kit": _KIT,
        "title": maybe(TEXT),
        "unproven": maybe(TEXT),
        "layers": WHOLE,
        "cell_mm": _LENGTH_WIDTH,
        "package_mm": _PACKAGE_MM,
        **dict.fromkeys(("active_area_mm2", "lost_mm2", "lost_percent"), NUMBER),
        "active_area_in_the_first_cell_mm2": NUMBER,
        "borders": several(table(
            side=TEXT, um=NUMBER,
            terms=several(table(name=TEXT, um=NUMBER, times=NUMBER, stated=TEXT, kinds=several(TEXT))),
        ), 4),
        "rated_mah": NUMBER,
        "good_devices_per_m2": NUMBER,
        "passes": several(table(
            mask=TEXT, stage=one_of("web", "stack"), title=TEXT, through=maybe(TEXT), against=maybe(TEXT),
            overlay_um=maybe(NUMBER),
        ), 1),
        "overlay_of_the_web_um": maybe(NUMBER),
        "isolation": maybe(TEXT),
        "contact": maybe(TEXT),
        "risks": several(TEXT),
    }), 2),
    "differences": several(table(
        figure=TEXT, unit=TEXT, values=several(ANY, 2), because=several(TEXT, 2), statements=several(TEXT)
    )),
    "changes": several(table(
        flows=several(TEXT, 2), rules=_CHANGED, masks=_CHANGED,
        statements=several(table(
            path=TEXT, state=one_of("added", "removed", "changed"), first_file=maybe(TEXT), other_file=maybe(TEXT)
        )),
    ), 1),
})  # fmt: skip

_DIFFERENCE: Final = keyed({
    "kind": TEXT, "mask": maybe(TEXT), "masks": several(TEXT), "place": TEXT, "text": TEXT, "cells": several(TEXT),
    "box_mm": maybe(several(NUMBER, 4)), "factor?": NUMBER, "axis?": TEXT, "angle_deg?": NUMBER,
    "by_mm?": several(NUMBER, 2), "bias_um?": several(NUMBER, 2), "sides_um?": several(NUMBER, 4),
    "declared?": FLAG, "within_um?": NUMBER, "area_mm2?": NUMBER, "count?": WHOLE, "layer?": TEXT,
    "layer_of_design?": TEXT, "sizes_mm?": by_name(several(several(NUMBER))),
})  # fmt: skip
IDENTITY: Final = keyed({
    "schema": const("layoutgen.identity/1"), "verdict": one_of("same", "same-up-to-bias", "other"), "file": TEXT,
    "compared": TEXT, "counts": keyed({"masks": WHOLE, "masks_same": WHOLE, "cells": WHOLE}),
    "differences": several(_DIFFERENCE), "remarks": several(_DIFFERENCE),
})  # fmt: skip
CHECK_FILE: Final = keyed({
    "identity": IDENTITY,
    "rules": {"anyOf": [_RULES, keyed({"not_judged": TEXT})]},
})  # fmt: skip
CHECK: Final = {"anyOf": [_RULES, keyed({"rules": _RULES})]}
_ESTIMATE: Final = {
    "of": several(one_of("capacity", "asr", "thickness")), "correlation": FRACTION, "correlation_found": FRACTION,
    "correlation_interval": several(FRACTION), "error_nah": WHOLE, "lot_error_nah": WHOLE,
}  # fmt: skip
BINS: Final = keyed({
    "schema": const("layoutgen.bins/1"),
    "synthetic": FLAG,
    "design": TEXT,
    "map_sha256": SHA256,
    "repeats": WHOLE,
    "cells": WHOLE,
    "tested": WHOLE,
    "good": WHOLE,
    "yield": FRACTION,
    "by_bin": by_name(WHOLE),
    "verdict": one_of("release", "hold"),
    "reasons": several(TEXT),
    "estimate": keyed({
        **_ESTIMATE, "readings": FLAG, "lot_mean_nah": WHOLE, "sigma_cell_nah": WHOLE, "trays": WHOLE,
        "cycled": maybe(keyed({
            "file": TEXT, "cells": WHOLE, "elsewhere": WHOLE, "not_good": WHOLE,
            "lacking": by_name(WHOLE), "alone": several(keyed(_ESTIMATE)),
            "off_the_lot": by_name(NUMBER),
        })),
    }),
})  # fmt: skip

YIELD: Final = keyed({
    "schema": const("layoutgen.yield/1"),
    "synthetic": FLAG,
    "design": TEXT,
    "map_sha256": SHA256,
    "repeats": WHOLE,
    "cells": WHOLE,
    "failed": WHOLE,
    "defect_density": ANY,
    "cluster_parameter": ANY,
    "signatures": several(ANY),
    "inspection": several(keyed({
        "kind": {"type": "integer"}, "points": WHOLE, "cells": WHOLE, "failed": WHOLE,
        "kill_ratio": maybe(NUMBER), "low": maybe(NUMBER), "high": maybe(NUMBER),
    })),
})  # fmt: skip
FITS: Final = keyed({
    "schema": const("layoutgen.fits/1"),
    "synthetic": FLAG,
    "design": TEXT,
    "map_sha256": SHA256,
    "spectra": WHOLE,
    "fitted": WHOLE,
    "dead": WHOLE,
    "residual": numbers("median high"),
    "parameters": by_name(keyed({
        "unit": TEXT, "known": WHOLE, "median": maybe(NUMBER), "low": maybe(NUMBER), "high": maybe(NUMBER),
    })),
})  # fmt: skip
DELIVERY: Final = keyed({
    "schema": const("layoutgen.delivery/1"),
    "synthetic": FLAG,
    "spectra": WHOLE,
    "changed_while_swept": several(TEXT),
    "points": by_name(WHOLE),
    "cycled": WHOLE,
    "thickness_points": WHOLE,
})  # fmt: skip
STACKS: Final = keyed({
    "schema": const("layoutgen.stacks/1"),
    "design": TEXT,
    "synthetic": FLAG,
    "lots": several(keyed({"lot": WHOLE, "folder": TEXT, "cells": WHOLE, "capacity_read": FLAG, "estimate": keyed({
        "of": several(TEXT), "cycled": WHOLE, "correlation_interval": maybe(several(FRACTION)),
        "lot_error_mah": NUMBER,
    })})),
    "layers": WHOLE,
    "cells": WHOLE,
    "least_mah": NUMBER,
    "guard_mah": NUMBER,
    "made": WHOLE,
    "bound": WHOLE,
    "gap": WHOLE,
    "spread": numbers("estimate with_error"),
    "rated": numbers("mah confidence sure expected"),
    "trays": maybe(keyed({"trays": WHOLE, "recipe": several(WHOLE), "parts": several(ANY), "lasts": ANY})),
    "left_over": ANY,
})  # fmt: skip
STACK_ORDERS: Final = keyed({
    "schema": const("layoutgen.stack-orders/1"),
    "orders": several(keyed({
        "order": TEXT, "made": WHOLE, "stacks_lost": WHOLE, "gap": WHOLE, "cells_held": WHOLE,
        "spread_mah": NUMBER, "spread_with_error_mah": NUMBER, "rates_mah": NUMBER, "layers": maybe(WHOLE),
    })),
})  # fmt: skip
_STACKED_CELL: Final = {
    "lot": WHOLE, "folder": TEXT, "cell": TEXT, "x_mm": NUMBER, "y_mm": NUMBER, "capacity_mah": NUMBER,
    "capacity_error_mah": NUMBER,
    "asr_ohm_cm2": maybe(NUMBER), "leak_ua": maybe(NUMBER), "passes": WHOLE, "site": maybe(WHOLE),
    "ocv_v": maybe(NUMBER), "ocv_before_v": maybe(NUMBER), "rest_s": maybe(NUMBER),
    "capacity_read_mah": maybe(NUMBER), "contact_ohm": maybe(NUMBER), "temperature_c": maybe(NUMBER),
    "bin": WHOLE, "hits": several(TEXT),
    "spectrum": maybe(keyed({"frequency_hz": several(NUMBER), "valid": FLAG})),
}  # fmt: skip
STACK_TRACE: Final = keyed({
    "schema": const("layoutgen.stack-trace/1"),
    "stack": TEXT,
    "cells": several(keyed({"layer": WHOLE, **_STACKED_CELL})),
})  # fmt: skip
STACK_PLACE: Final = keyed({
    "schema": const("layoutgen.stack-place/1"),
    "stack": maybe(TEXT),
    "layer": maybe(WHOLE),
    "cell": keyed(_STACKED_CELL),
})  # fmt: skip

VERIFY: Final = table(schema=const("layoutgen.verify/1"), verified=FLAG, checked=several(TEXT), notes=several(TEXT))
RULES: Final = by_name(table(title=TEXT, statement=TEXT, check=TEXT, view=TEXT, limit=TEXT, severity=TEXT))
VERSION: Final = table(
    schema=const("layoutgen.version/1"),
    layoutgen=TEXT,
    python=TEXT,
    pdk=by_name(table(version=TEXT, sha256=SHA256)),
)

PDK_LIST: Final = keyed({
    "schema": const("layoutgen.pdk-list/1"),
    "kits": several(keyed({
        "pdk": TEXT, "name": TEXT, "version": TEXT, "sha256": SHA256, "extends": several(TEXT),
        "title": TEXT, "disclaimer": TEXT, "unproven": TEXT,
    })),
})  # fmt: skip
PDK_CHECK: Final = keyed({
    "schema": const("layoutgen.pdk-check/1"), "valid": FLAG, "name": TEXT, "version": TEXT, "sha256": SHA256,
    "extends": several(TEXT), "kinds": by_name(WHOLE),
})  # fmt: skip
PDK_VALUE: Final = keyed({
    "schema": const("layoutgen.pdk-value/1"), "path": TEXT, "value": ANY, "description": TEXT, "file": maybe(TEXT),
})  # fmt: skip
PDK_DIFF: Final = keyed({
    "schema": const("layoutgen.pdk-diff/1"),
    "same": FLAG,
    "first": _KIT,
    "second": _KIT,
    "changes": several(keyed({
        "path": TEXT, "state": one_of("added", "removed", "changed"), "before": ANY, "after": ANY,
        "before_file": maybe(TEXT), "after_file": maybe(TEXT),
    })),
})  # fmt: skip
WRITTEN: Final = keyed({
    "schema": const("layoutgen.written/1"),
    "written": several(TEXT, 1),
    "receiver?": TEXT,
    "notes?": several(TEXT),
    "criteria?": several(table(id=TEXT, state=TEXT, settled=FLAG, criterion=TEXT)),
})  # fmt: skip
