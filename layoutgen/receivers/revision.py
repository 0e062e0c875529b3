"""Which issue of a design an order is, and what changed in each mask since the one before."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from layoutgen.layout.model import Layout

if TYPE_CHECKING:
    from layoutgen.layout.differences import MaskDiff
    from layoutgen.pdk.schema import Pdk

FIRST_ISSUE = "first issue"
PREVIOUS = "masks/previous.json"
"""Where a design folder keeps the design.json of the revision before."""


@dataclass(frozen=True, slots=True)
class Earlier:
    """The design that an order replaces: what it is called, a digest of its design.json, what it draws."""

    name: str
    revision: str
    sha256: str
    layout: Layout
    masks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Issue:
    """The revision of an order, and what it replaces; ``earlier`` is None for the first issue."""

    revision: str = ""
    date: str = ""
    earlier: Earlier | None = None


FIRST = Issue()
"""An order without a revision that replaces none."""


def with_issue(document: Mapping[str, Any], issue: Issue, layout: Layout, pdk: "Pdk") -> dict[str, Any]:
    """An order that says its revision, and for the whole and each mask what changed since the revision before.

    States of a mask are ``first issue``, ``new``, ``unchanged``, ``changed`` (with the areas in mm2 that came and
    went, and the box in mm that holds every change) and ``not compared`` (it has slanted edges).
    """
    content: dict[str, Any] = {**document, "revision": {"revision": issue.revision, "date": issue.date}}
    earlier = issue.earlier
    if earlier is None:
        masks = [{**mask, "change": {"state": FIRST_ISSUE}} for mask in document["masks"]]
        return {**content, "change": {"state": FIRST_ISSUE}, "masks": masks}
    from layoutgen.layout.differences import mask_diffs

    names = [mask["name"] for mask in document["masks"]]
    found = {diff.mask: diff for diff in mask_diffs(earlier.layout, layout, names)}
    changes = {name: _change(found[name], new=name not in earlier.masks) for name in names}
    dropped = [name for name in earlier.masks if name not in pdk.masks]
    same = not dropped and all(change["state"] == "unchanged" for change in changes.values())
    since = {"design": earlier.name, "revision": earlier.revision, "design_sha256": earlier.sha256}
    content["change"] = {"state": "unchanged" if same else "changed", "since": since, "dropped": dropped}
    content["masks"] = [{**mask, "change": changes[mask["name"]]} for mask in document["masks"]]
    return content


def change_text(change: Mapping[str, Any]) -> str:
    """What changed in a mask, in words."""
    if change["state"] != "changed":
        return str(change["state"])
    x0, y0, x1, y1 = change["where_mm"]
    areas = f"{change['added_mm2']:g} mm² added, {change['removed_mm2']:g} mm² removed"
    return f"changed: {areas}, inside {x0:g} {y0:g} to {x1:g} {y1:g} mm"


def since_text(change: Mapping[str, Any]) -> str:
    """What the whole order is compared with, in words."""
    since = change.get("since")
    if since is None:
        return str(change["state"])
    revision = f" revision {since['revision']}" if since["revision"] else ""
    dropped = f"; dropped: {', '.join(change['dropped'])}" if change["dropped"] else ""
    text = f"{change['state']} since {since['design']}{revision}{dropped}"
    return f"{text}; its design.json has SHA-256 {since['design_sha256']}"


def _change(diff: "MaskDiff", *, new: bool) -> dict[str, Any]:
    if new:
        return {"state": "new"}
    if not diff.comparable:
        return {"state": "not compared"}
    if diff.where_nm is None:
        return {"state": "unchanged"}
    return {
        "state": "changed",
        "xor_mm2": round(diff.xor_mm2, 9),
        "added_mm2": round(diff.only_second_mm2, 9),
        "removed_mm2": round(diff.only_first_mm2, 9),
        "where_mm": [round(value * 1e-6, 7) for value in diff.where_nm],
    }
