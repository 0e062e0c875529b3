"""What a shop asks back where an order leaves it out: films and depths, how much web, what masks are made of."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from layoutgen.layer_expressions import layers_of, parse_layers
from layoutgen.layout.dbu import to_mm_text
from layoutgen.pdk.flow import depth_um
from layoutgen.pdk.values import quantities
from layoutgen.units import counted, plain

if TYPE_CHECKING:
    from layoutgen.pdk.schema import Pdk
    from layoutgen.receivers.shop import Blank
    from layoutgen.sizing.device import DeviceDesign
    from layoutgen.web.plan import WebPlan

NOT_STATED: Final = "not stated"


def films_on_web(device: "DeviceDesign", pdk: "Pdk") -> list[dict[str, Any]]:
    """The films of the web as it is patterned, from the substrate up: film, layer, material, thickness, um.

    Lithium that is plated when a cell is charged is not there yet; an anode that was deposited is.
    """
    return [
        {"film": item.film, "layer": item.layer, "material": item.material, "thickness_um": item.thickness_um}
        for item in device.stack
        if item.layer in pdk.layers and pdk.layers[item.layer].stage == "web" and item.film != "lithium"
    ]


def depth(name: str, films: Sequence[Mapping[str, Any]], device: "DeviceDesign", pdk: "Pdk") -> dict[str, Any]:
    """What a mask's tool goes through, in words of the flow, and how deep that is in um.

    ``depth_um`` is what the flow states, else that of the films that it names, on masks of the stack of the film
    that is drawn; None where none of them tells.
    """
    step = pdk.flow.passes.get(name) if pdk.flow is not None else None
    stated = depth_um(pdk, step) if step is not None else None
    if stated is not None:
        thick = [stated]
    elif pdk.layers[name].stage == "web":
        named = step.films if step is not None else ()
        thick = [film["thickness_um"] for film in films if film["layer"] in named]
    else:
        drawn = layers_of(parse_layers(pdk.masks[name].expression))
        thick = [item.thickness_um for item in device.stack if item.layer == drawn[0]][:1]
    return {
        "through": step.through if step is not None else None,
        "depth_um": round(sum(thick), 6) if thick else None,
    }


def web_asked(plan: "WebPlan", dbu_nm: int, repeats: int | None, form: str) -> dict[str, Any]:
    """The roll or plates that the files are repeated on; repeats and length are None where nobody said how much."""
    length_mm = float(to_mm_text(plan.repeat_length, dbu_nm))
    return {
        "form": form,
        "width_mm": float(to_mm_text(plan.frame.width, dbu_nm)),
        "repeat_length_mm": length_mm,
        "repeats": repeats,
        "length_m": None if repeats is None else round(repeats * length_mm / 1000, 9),
    }


def trust_warning(pdk: "Pdk") -> str:
    """What to know of a kit whose numbers are assumed and that does not say so; empty where it does."""
    assumed = sum(1 for _, quantity in quantities(pdk) if quantity.kind == "assumed")
    if not assumed or pdk.disclaimer:
        return ""
    return f"{counted(assumed, 'number')} of process {pdk.name} are assumed, and its disclaimer is empty"


def review_text(review: Mapping[str, Any]) -> str:
    """The state of the review in words."""
    if not review["open"]:
        return f"all {counted(review['criteria'], 'criterion', 'criteria')} are settled"
    named = ", ".join(f"{name} {state}" for name, state in review["open"].items())
    return f"{review['settled']} of {review['criteria']} criteria settled; not yet: {named}"


def _web_row(web: Mapping[str, Any]) -> list[str]:
    width, length = plain(web["width_mm"]), plain(web["repeat_length_mm"])
    if web["form"] == "plate":
        much = NOT_STATED if web["repeats"] is None else counted(web["repeats"], "plate")
        return ["Plates", f"{width} x {length} mm, the repeat is one plate; {much}"]
    much = NOT_STATED if web["repeats"] is None else f"{web['repeats']} repeats, {plain(web['length_m'])} m"
    return ["Web", f"{width} mm wide, repeat {length} mm; {much}"]


def blank_rows(blank: "Blank | None") -> dict[str, str]:
    """What a mask is to be made of, each value or that it is not stated."""
    values: dict[str, Any] = {} if blank is None else blank.model_dump()
    size, thick, count = (values.get(key) for key in ("size_mm", "thickness_mm", "quantity"))
    return {
        "material": values.get("material") or NOT_STATED,
        "size_mm": f"{plain(size[0])} x {plain(size[1])}" if size else NOT_STATED,
        "thickness_mm": plain(thick) if thick else NOT_STATED,
        "quantity": str(count) if count else NOT_STATED,
        "defects": values.get("defects") or NOT_STATED,
        "stepping": values.get("stepping") or NOT_STATED,
    }


def asked_rows(document: Mapping[str, Any]) -> list[list[str]]:
    """The rows of the paper for what an order states beside its masks."""
    rows: list[list[str]] = []
    if "blank" in document:
        rows.append(
            ["Blank", "; ".join(f"{key.replace('_mm', ', mm')}: {v}" for key, v in document["blank"].items())]
        )
    if "films" in document:
        films = [f"{film['material']} {plain(film['thickness_um'])} µm" for film in document["films"]]
        rows.append(["Films, from below", "; ".join(films)])
    if "web" in document:
        rows.append(_web_row(document["web"]))
    if "review" in document:
        rows.append(["Design review", review_text(document["review"])])
    if document.get("trust_warning"):
        rows.append(["Process data", document["trust_warning"]])
    return rows
