"""report.html: the design review as one offline file."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from layoutgen.layout.model import Layout
from layoutgen.pdk import vary
from layoutgen.pdk.quantity import Kind
from layoutgen.report.charts import alternatives_svg, fit_svg, ranges_svg, web_svg
from layoutgen.report.checklist import Item, Review, State, checklist, sha256_of
from layoutgen.report.numbers import Numbers, pretty_unit
from layoutgen.report.section import film_colour, section_svg
from layoutgen.report.svg import embedded
from layoutgen.report.trace import trace_of
from layoutgen.report.viewer import viewer_data
from layoutgen.resources import data_folder
from layoutgen.solver.solution import Solution

if TYPE_CHECKING:
    from jinja2 import Environment

FILE = "report.html"
_DRAWINGS = {
    "cross-section": "Cross-section",
    "package-outline": "Package outline",
    "land-pattern": "Land pattern",
    "web-map": "Web map",
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
        trace=trace,
        items=items,
        verdict=verdict(document, items),
        outputs=outputs,
        rules=rules_of(document),
        fit=fit_svg(document),
        section=section_svg(solution),
        alternatives=alternatives_svg(document),
        ranges=ranges_svg(document),
        webmap=web_svg(document),
        drawings=pictures,
        stack=stack_rows(solution),
        layout=script_json(viewer_data(layout, pdk)),
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
        rule_state, rule_text = "bad", f"{rules['failed']} rules broken"
    elif not rules["run"]:
        rule_state, rule_text = "open", "rules not run"
    elif rules["not_run"]:
        rule_state, rule_text = "open", f"{rules['not_run']} rules not run"
    else:
        rule_state, rule_text = "good", "every rule holds"
    settled = sum(item.settled for item in items)
    bad = [item for item in items if item.state in {State.FAILED, State.REJECTED}]
    return {
        "fits": not broken,
        "broken": broken,
        "rules": (rule_state, rule_text),
        "settled": settled,
        "review": "bad" if bad else "good" if settled == len(items) else "open",
    }


def _kept(item: Mapping[str, Any]) -> bool:
    slack = item["value"] - item["used"]
    return bool((-slack if item["limit"] == "rated capacity" else slack) >= -1e-9 * max(1.0, abs(item["value"])))


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
    quantities = dict(vary.quantities(pdk))
    rows = []
    for number, film in enumerate(solution.device.stack):
        path = _quantity_path(solution, film.film)
        rows.append(
            {
                "number": number,
                "film": film,
                "colour": film_colour(film, pdk),
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


@cache
def environment() -> "Environment":
    """The templates under templates/report; undefined names are errors."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    folder = data_folder("templates") / "report"
    found = Environment(
        loader=FileSystemLoader(folder),
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
