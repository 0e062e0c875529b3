"""A shop's order as a table, and the digest that ties order.json, its table and its paper together."""

import csv
import hashlib
import io
import json
from collections.abc import Mapping
from typing import Any

from layoutgen.receivers.revision import change_text

ORDER_CSV, ORDER_PDF = "order.csv", "order.pdf"
DIGEST = "order_sha256"


def order_digest(document: Mapping[str, Any]) -> str:
    """SHA-256 of an order's content, its own digest left out; the paper shows it as well."""
    content = {key: value for key, value in document.items() if key != DIGEST}
    return hashlib.sha256(json.dumps(content, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def order_table(document: Mapping[str, Any]) -> bytes:
    """The order in short: a line for each mask, with its figures and what changed since the revision before."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    facts = ("number", "name", "layer", "title", "tool", "stage", "polygon_tone_says", "bias_um")
    writer.writerow([*facts, "polygons", "area_mm2", "revision", "date", "change", "files"])
    issue = document["revision"]
    for mask in document["masks"]:
        file = mask["file"]
        names = " ".join(entry["name"] for entry in file["files"])
        figures = file["polygons"], file["area_mm2"], issue["revision"], issue["date"]
        writer.writerow([*(mask[name] for name in facts), *figures, change_text(mask["change"]), names])
    return text.getvalue().encode()
