"""yield.json, the kit that knows what was measured, and the dead places as zones."""

import math
import os
from pathlib import Path
from typing import Any, Final

import numpy as np

from layoutgen.errors import Problem, SpecError
from layoutgen.lot.folder import BINS_TABLE, WebFolder
from layoutgen.lot.learn.clustering import Clustering, fit_blocks, fit_windows, join_moments
from layoutgen.lot.learn.failmap import FailMap
from layoutgen.lot.learn.inspection import FILE as DEFECTS_TABLE
from layoutgen.lot.learn.inspection import kill_ratios
from layoutgen.lot.learn.signatures import Signature, find_signatures
from layoutgen.lot.table import BINS, Table
from layoutgen.pdk.chain import PDK, pdk_folder, shipped_pdks
from layoutgen.pdk.webtest import WebTest
from layoutgen.toml import toml_text
from layoutgen.units import plain, rounded

SCHEMA: Final = "layoutgen.yield/1"
KIT: Final = "kit"
ZONES: Final = "zones.toml"
_SYNTHETIC: Final = "Synthetic: learned from a web that was never made."


def learn(web: WebFolder, test: WebTest, fails: FailMap) -> tuple[dict[str, Any], list[Signature], Clustering]:
    """The content of yield.json, the signatures and the clustering; ``fails`` is used up."""
    tested, failed = fails.tested_cells, fails.failed_cells
    if not tested:
        what = "no rule of the process that tells a defect had a reading to judge"
        remedy = "readings of voltage, resistance or capacity: bins of a tester alone tell no defect density"
        raise SpecError(Problem(what, str(web.path), remedy=remedy))
    inspected = kill_ratios(web.path / DEFECTS_TABLE, fails)
    rollers = {name: roller.circumference.value for name, roller in test.rollers.items()}
    signatures = find_signatures(fails, test.learn.significance.value, rollers)
    area = web.map.area_cm2
    clustering = fit_blocks(fails.blocks(test.learn.block.value), area)
    windows = fails.fail_free_windows()
    fitted = fit_windows([n for n, _ in windows], [s for _, s in windows], area) if len(windows) > 1 else None
    about = web.table.about
    content = {
        "schema": SCHEMA,
        **about.origin(),
        "repeats": about.repeats,
        "metres": about.repeats * web.map.length_um * 1e-6,
        "cells": tested,
        "failed": failed,
        "yield": 1 - failed / tested,
        "defect_density": _interval(clustering.defect_density),
        "cluster_parameter": _interval(clustering.cluster_parameter),
        "distinguishable_from_random": not clustering.random,
        "block_mm": test.learn.block.value / 1000,
        "blocks": clustering.blocks,
        "cells_counted": fails.tested_cells,
        "failed_counted": fails.failed_cells,
        "significance": test.learn.significance.value,
        "signatures": [item.record() for item in signatures],
        "events": [item.record() for item in signatures if item.kind in {"run", "splice"}],
        "windows": {
            "fail_free": [{"cells": n, "share": share} for n, share in windows],
            "defect_density": fitted[0] if fitted else None,
            "cluster_parameter": fitted[1] if fitted else None,
        },
        "neighbours": _joins(fails),
        "inspection": inspected,
    }
    document: dict[str, Any] = rounded(content)
    return document, signatures, clustering


def _interval(interval: Any) -> dict[str, float]:
    return {"value": interval.value, "low": interval.low, "high": interval.high}


def _joins(fails: FailMap) -> dict[str, Any]:
    """Pairs of failed neighbours against chance, over the whole web."""
    both = joins = m2 = 0
    for state in fails.rectangles():
        there, bad = state > 0, state == 2
        degree = np.zeros(state.shape, dtype=np.int8)
        for axis in (1, 2):
            a, b = [slice(None)] * 3, [slice(None)] * 3
            a[axis], b[axis] = slice(1, None), slice(None, -1)
            pair = there[tuple(a)] & there[tuple(b)]
            joins += int(pair.sum())
            both += int((bad[tuple(a)] & bad[tuple(b)]).sum())
            degree[tuple(a)] += pair
            degree[tuple(b)] += pair
        d = degree.astype(np.int64)
        m2 += int((d * (d - 1)).sum()) // 2
    mean, variance = join_moments(joins, m2, fails.tested_cells, fails.failed_cells)
    z = (both - mean) / math.sqrt(variance) if variance > 0 else 0.0
    return {"failed_pairs": both, "expected": mean, "z": z}


def overlay(web: WebFolder, document: dict[str, Any], pdk: str | None, target: Path) -> bytes:
    """pdk.toml of a kit on top of the design's, that states what was measured; of a synthetic web, what it assumed.

    Args:
        web: what was measured.
        document: yield.json.
        pdk: where the design's kit is, where it is none that is shipped.
        target: where the folder of the kit will stand.

    Raises:
        SpecError: the design's kit is not shipped, and nobody says where it is.
    """
    kit = web.solution.loaded.pdk
    below = pdk or kit.name
    if below not in shipped_pdks():
        if pdk is None:
            what = f"the design's kit {kit.name!r} is none of those shipped"
            raise SpecError(Problem(what, PDK, "the folder of that kit"))
        below = Path(os.path.relpath(pdk_folder(below).resolve(), target.resolve())).as_posix()
    synthetic = document["synthetic"]
    what = "synthetic web" if synthetic else "web"
    source = (
        f"{what} {document['design']}, {document['repeats']} repeats, {document['cells_counted']} cells, "
        f"{document['failed_counted']} failed by no signature; 95 % interval"
    )

    def number(key: str, unit: str, note: str) -> dict[str, Any]:
        item = document[key]
        low, value, high = (float(f"{item[name]:.6g}") for name in ("low", "value", "high"))
        kind = "assumed" if synthetic else "measured"
        return {
            "value": value, "unit": unit, "kind": kind, "source": f"{source}{note}",
            "low": min(low, value), "high": max(high, value),
        }  # fmt: skip

    block = f", in blocks of {plain(document['block_mm'])} mm"
    random = "" if document["distinguishable_from_random"] else "; not distinguishable from random"
    content = {
        "extends": below,
        "name": f"{kit.name[:30]}-synthetic" if synthetic else f"{kit.name[:31]}-measured",
        "version": kit.version,
        "title": f"{kit.title}, with " + ("the yield of a synthetic web" if synthetic else "a measured yield"),
        "disclaimer": f"{_SYNTHETIC} {kit.disclaimer}".rstrip() if synthetic else kit.disclaimer,
        "yield": {
            "defect_density": number("defect_density", "1/cm2", ""),
            "cluster_parameter": number("cluster_parameter", "1", f"{block}{random}"),
        },
    }
    estimate = _estimate(web, what)
    if estimate:
        content["assembly"] = estimate
        learned = (
            "the yield and estimates of a synthetic web" if synthetic else "a measured yield and measured estimates"
        )
        content["title"] = f"{kit.title}, with {learned}"
    return toml_text(content).encode()


def _estimate(web: WebFolder, what: str) -> dict[str, Any]:
    """``[assembly]`` of the kit: how estimates agree with cycled cells; empty where none were cycled."""
    path = web.path / BINS_TABLE
    if not path.is_file():
        return {}
    found = Table(path, BINS).about.more.get("estimate", {})
    cycled = found.get("cycled")
    if not cycled or not found["of"]:
        return {}
    low, high = (float(f"{end:.6g}") for end in found["correlation_interval"])
    value = float(f"{found['correlation_found']:.6g}")
    source = f"{what}: capacity by {', '.join(found['of'])}, {cycled['cells']} cells cycled"
    # of several readings the interval is that of one reading and as many cells fewer
    spent = len(found["of"]) - 1
    kind = "assumed" if web.synthetic else "measured"
    less = f"; {spent} of them spent on further readings" if spent else ""
    return {
        "estimate_correlation": {
            "value": value, "unit": "1", "kind": kind, "source": f"{source}; 95 % interval",
            "low": min(low, value), "high": max(high, value),
        },
        "cycled": {
            "value": cycled["cells"] - spent, "unit": "cells", "kind": kind, "source": f"{source}{less}",
        },
    }  # fmt: skip


def zones_text(web: WebFolder, signatures: list[Signature]) -> bytes:
    """zones.toml: the places of a repeat that hardly ever work, as ``[[zones]]`` of a spec file."""
    dead: dict[str, tuple[tuple[int, ...], str]] = {}
    for item in signatures:
        if item.dead:
            name = f"lane-{item.more['lane']}" if item.kind == "lane" else item.place
            dead[name[:24]] = (
                item.dead,
                f"{100 * item.more['share']:.0f} % of its cells failed, {item.kind} signature"
                + (" of a synthetic web" if web.synthetic else ""),
            )
    lines = ['schema = "layoutgen.spec/1"', *([f"# {_SYNTHETIC}"] if web.synthetic else []), ""]
    if not dead:
        lines.append("# No place of the repeat is dead: nothing to keep free.")
    for name, (cells, reason) in dead.items():
        index = list(cells)
        half = web.map.size_um[index] / 2
        x0, y0 = (web.map.x_um[index] - half[:, 0]).min(), (web.map.y_um[index] - half[:, 1]).min()
        x1, y1 = (web.map.x_um[index] + half[:, 0]).max(), (web.map.y_um[index] + half[:, 1]).max()
        box = [plain(float(value) / 1000, 9) for value in (x0, y0, x1 - x0, y1 - y0)]
        lines += [
            "[[zones]]",
            f'name = "{name}"',
            f'reason = "{reason}"',
            f'outline = "{box[0]},{box[1]},{box[2]}x{box[3]}"',
            "",
        ]
    return ("\n".join(lines).rstrip() + "\n").encode()
