"""report.html: the design review as one offline file."""

import json
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from layoutgen.draw.colours import film_colour
from layoutgen.draw.web import web_shapes
from layoutgen.layout.model import Layout
from layoutgen.outputs import what_is
from layoutgen.pdk.quantity import Kind
from layoutgen.pdk.values import quantities as pdk_quantities
from layoutgen.report.charts import fit_svg, front_svg, ranges_svg, web_svg
from layoutgen.report.checklist import LEAST, SCHEMA, Item, Review, State, checklist, review_skeleton, sha256_of
from layoutgen.report.numbers import Numbers, pretty_unit
from layoutgen.report.section import section_svg
from layoutgen.report.trace import lookup, trace_of
from layoutgen.report.viewer import viewer_data
from layoutgen.resources import data_folder
from layoutgen.sizing.orders import ORDER_WORDS
from layoutgen.solver.asked import asked_text
from layoutgen.solver.solution import Solution
from layoutgen.svg import embedded
from layoutgen.units import counted

if TYPE_CHECKING:
    from jinja2 import BytecodeCache, Environment

FILE = "report.html"
_DRAWINGS = {
    "cross-section": "Cross-section",
    "package-outline": "Package outline",
    "land-pattern": "Land pattern",
    "assembly": "Tape, placement and reflow",
    "web-map": "Web map",
    "web-plan": "Web plan",
}


@dataclass(frozen=True, slots=True)
class Output:
    """One file of the design folder."""

    path: str
    size: int
    sha256: str


def outputs_of(files: Mapping[str, bytes]) -> tuple[Output, ...]:
    """Path, size and checksum of files, sorted by path."""
    return tuple(Output(path, len(content), sha256_of(content)) for path, content in sorted(files.items()))


def report_html(
    solution: Solution,
    document: Mapping[str, Any],
    layout: Layout,
    drawings: Mapping[str, str],
    outputs: Sequence[Output],
    review: Review | None = None,
) -> str:
    """The page.

    Args:
        solution: what was decided.
        document: its design.json; every figure on the page is read from it.
        layout: the drawn layout, for the viewer.
        drawings: name -> SVG file.
        outputs: the other files of the folder; the checksum of ``design.json`` among them ties signatures to it.
        review: decisions, where any were made.
    """
    pdk = solution.loaded.pdk
    trace = trace_of(solution, document)
    design = next((item.sha256 for item in outputs if item.path == "design.json"), "")
    items = checklist(pdk.review, document, review, design)
    numbers = Numbers(document, trace)
    pictures = [
        (name, _DRAWINGS.get(name, name.replace("-", " ").capitalize()), embedded(svg, f"{name}-", name))
        for name, svg in drawings.items()
    ]
    template = environment().get_template("report.html")
    return template.render(
        d=document,
        fig=numbers.fig,
        quantity=numbers.quantity,
        value_at=lambda path: lookup(document, path),
        electrical_asked=asked_text(solution.spec),
        trace=trace,
        items=items,
        undecided=[item for item in items if not item.settled],
        flags=[flag for flag in document["flags"] if flag["message"] not in {item.evidence for item in items}],
        skeleton=review_skeleton(pdk.review, items, design),
        decisions=script_json(decisions_of(items, design)),
        verdict=verdict(document, items),
        outputs=outputs,
        what_is=what_is,
        least=LEAST,
        rules=rules_of(document),
        fit=fit_svg(document),
        section=section_svg(solution),
        front=front_svg(document),
        steps=steps_of(document),
        assembly=pdk.assembly,
        published={name: item.model_dump() for name, item in pdk.published.items()},
        order_words=ORDER_WORDS,
        notes_of=_notes_of,
        worth=worth_a_look(document),
        ranges=ranges_svg(document),
        webmap=web_svg(web_shapes(solution.web, solution.dbu_nm)),
        drawings=pictures,
        stack=stack_rows(solution),
        layout=script_json(viewer_data(layout, pdk, solution.web)),
        findings=script_json(document["rules"]["findings"]),
        notes=layout.notes,
    )


def page_bytes(
    solution: Solution,
    document: Mapping[str, Any],
    layout: Layout,
    files: Mapping[str, bytes],
    outputs: Sequence[Output],
    review: Review | None = None,
) -> bytes:
    """The page as a file, with the drawings that are among ``files`` (``drawings/*.svg``)."""
    drawings = {
        path.removeprefix("drawings/").removesuffix(".svg"): content.decode()
        for path, content in files.items()
        if path.startswith("drawings/") and path.endswith(".svg")
    }
    ordered = {name: drawings[name] for name in (*_DRAWINGS, *sorted(drawings)) if name in drawings}
    return report_html(solution, document, layout, ordered, outputs, review).encode()


def verdict(document: Mapping[str, Any], items: Sequence[Item]) -> dict[str, Any]:
    """The answer in one glance: whether it fits, whether rules hold, where the review stands."""
    rules = document["rules"]
    broken = [item["limit"] for item in document["limits"]["all"] if not _kept(item)]
    if rules["failed"]:
        rule_state, rule_text = "bad", f"{counted(rules['failed'], 'rule')} broken"
    elif not rules["run"]:
        rule_state, rule_text = "open", "rules not run"
    elif rules["not_run"]:
        rule_state, rule_text = "open", f"{counted(rules['not_run'], 'rule')} not run"
    else:
        rule_state, rule_text = "good", "every rule holds"
    review_state, review_text = _standing(items)
    return {
        "fits": not broken,
        "broken": broken,
        "rules": (rule_state, rule_text),
        "settled": sum(item.settled for item in items),
        "review": (review_state, review_text),
    }


def _standing(items: Sequence[Item]) -> tuple[str, str]:
    """Where the review stands: broken criteria first, then what waits for people."""
    count = {state: sum(item.state is state for item in items) for state in State}
    if count[State.FAILED] or count[State.REJECTED]:
        told = [f"{count[state]} {state.value}" for state in (State.FAILED, State.REJECTED) if count[state]]
        return "bad", "review: " + ", ".join(told)
    waiting = [f"{count[state]} {state.value}" for state in (State.DECIDE, State.SIGN, State.OPEN) if count[state]]
    if waiting:
        return "open", "review: " + ", ".join(waiting)
    waived = count[State.WAIVED]
    return "good", f"review complete, {waived} waived" if waived else "review complete"


def decisions_of(items: Sequence[Item], design: str) -> dict[str, Any]:
    """What the page needs to write a review.toml: its head, and the decisions that count already."""
    kept = [item.decision.model_dump() for item in items if item.decision is not None and not item.stale]
    return {"schema": SCHEMA, "design": design, "kept": kept}


_STEPS = {
    "footprint": "Fewer layers in a larger footprint",
    "layers": "More or fewer layers in this footprint",
    "choice": "Another choice of foil and cathode",
    "foil": "The same cells on another foil",
}


def steps_of(document: Mapping[str, Any]) -> list[tuple[str, list[tuple[int, Mapping[str, Any]]]]]:
    """Neighbours by what varies, each with its place in ``neighbours``; the design stands among the layers."""
    rows = list(enumerate(document.get("neighbours", ())))
    found = []
    for varies, title in _STEPS.items():
        own = ("", varies) if varies == "layers" else (varies,)
        members = sorted(
            (row for row in rows if row[1]["varies"] in own), key=lambda row: row[1]["package_height_mm"]
        )
        if members:
            found.append((title, members))
    return found


def _notes_of(neighbour: Mapping[str, Any]) -> str:
    """What a neighbour is: this design, an end of the trade-off, or which limit it does not keep."""
    own = [] if neighbour["varies"] else ["this design"]
    return ", ".join([*own, *neighbour.get("ends", ()), *filter(None, [neighbour["why"]])])


def worth_a_look(document: Mapping[str, Any]) -> int | None:
    """The neighbour that keeps the question, costs next to nothing in web and charge, and is clearly lower."""
    near = [
        (item["package_height_mm"], number)
        for number, item in enumerate(document.get("neighbours", ()))
        if item["fits"]
        and item["height_percent"] <= -1.0
        and item["good_devices_percent"] >= -0.1
        and item["rated_percent"] >= -0.5
    ]
    return min(near)[1] if near else None


def _kept(item: Mapping[str, Any]) -> bool:
    slack = item["value"] - item["used"]
    return bool((-slack if item["limit"] in LEAST else slack) >= -1e-9 * max(1.0, abs(item["value"])))


def rules_of(document: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Rules that were looked at, those that need attention first, each with its title from the process."""
    rules = document["rules"]
    texts = document["pdk"]["content"].get("rules", {})
    order = {"failed": 0, "not run": 1, "waived": 2, "passed": 3, "not applicable": 4}
    rows = [
        {"reason": ""}
        | {
            **state,
            "number": number,
            "title": texts.get(state["rule"], {}).get("title", ""),
            "unit": texts.get(state["rule"], {}).get("unit", "um"),
        }
        for number, state in enumerate(rules.get("states", []))
    ]
    return sorted(rows, key=lambda row: (order.get(row["state"], 5), row["rule"]))


def stack_rows(solution: Solution) -> list[dict[str, Any]]:
    """The films from the top down, with colour, kind of the number and where it stands in the process."""
    pdk = solution.loaded.pdk
    quantities = dict(pdk_quantities(pdk))
    rows = []
    for number, film in enumerate(solution.device.stack):
        path = _quantity_path(solution, film.film)
        rows.append(
            {
                "number": number,
                "film": film,
                "colour": film_colour(pdk, solution.template.template, film.layer, film.film),
                "path": path,
                "assumed": getattr(quantities.get(path), "kind", None) == Kind.ASSUMED,
            }
        )
    return rows[::-1]


def _quantity_path(solution: Solution, film: str) -> str:
    """Where the thickness of a film is stated in the process; empty where it is no single value."""
    if film in {"lid_bottom", "lid_top"}:
        return f"package.{film}"
    if film == "lithium":
        return "stack.lithium.plated_thickness"
    if film.startswith("terminal"):
        template = solution.loaded.template
        stated = template.parameters.get(template.terminals.metal, "")
        return stated if stated.replace(".", "").replace("_", "").isalnum() else ""
    return f"stack.{film}.thickness"


def script_json(value: Any) -> str:
    """JSON that may stand inside a script element."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).replace("<", "\\u003c")


def compiled_beside(folder: Path) -> "BytecodeCache | None":
    """Jinja's cache of compiled templates, in ``__pycache__`` of their folder; None where that cannot be written.

    Compiling the page takes longer than filling it in.
    """
    from jinja2 import FileSystemBytecodeCache

    place = folder / "__pycache__"
    try:
        place.mkdir(exist_ok=True)
    except OSError:
        return None
    if sys.dont_write_bytecode or not os.access(place, os.W_OK):
        return None
    return FileSystemBytecodeCache(str(place), f"%s.{sys.implementation.cache_tag}.jinja")


@cache
def environment() -> "Environment":
    """The templates under templates/report; undefined names are errors."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    folder = data_folder("templates") / "report"
    found = Environment(
        loader=FileSystemLoader(folder),
        bytecode_cache=compiled_beside(folder),
        undefined=StrictUndefined,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        auto_reload=False,
    )
    found.filters["unit"] = pretty_unit
    found.globals["asset"] = lambda name: Markup((folder / name).read_text(encoding="utf-8"))  # noqa: S704
    return found
