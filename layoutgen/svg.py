"""SVG as text: elements of small pictures, and putting whole drawings inside a page."""

import re
from collections.abc import Mapping
from html import escape


def element(name: str, attributes: Mapping[str, object], content: str = "") -> str:
    """One element; floats are written with at most three decimals, ``None`` leaves an attribute out."""
    written = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(text(value))}"'
        for key, value in attributes.items()
        if value is not None
    )
    return f"<{name}{written}>{content}</{name}>" if content else f"<{name}{written}/>"


def text(value: object) -> str:
    """A value as an attribute; floats short."""
    if isinstance(value, float):
        written = f"{value:.3f}".rstrip("0").rstrip(".")
        return "0" if written == "-0" else written
    return str(value)


def label(x: float, y: float, content: str, **attributes: object) -> str:
    """A line of text, escaped."""
    return element("text", {"x": x, "y": y, **attributes}, escape(content, quote=False))


def embedded(svg: str, prefix: str, title: str) -> str:
    """A drawing file for use inside a page: no XML declaration, ids made unique, scaled to its place.

    Args:
        svg: a whole SVG file.
        prefix: put in front of every id and of every reference to one.
        title: its accessible name.
    """
    body = svg[svg.index("<svg") :]
    ids = set(re.findall(r'\sid="([^"]+)"', body))
    body = re.sub(r'(\sid=")([^"]+)"', lambda m: f'{m[1]}{prefix}{m[2]}"', body)
    body = re.sub(r'(href="#)([^"]+)"', lambda m: f'{m[1]}{prefix}{m[2]}"' if m[2] in ids else m[0], body)
    body = re.sub(r"url\(#([^)]+)\)", lambda m: f"url(#{prefix}{m[1]})" if m[1] in ids else m[0], body)
    head, _, rest = body.partition(">")
    head = re.sub(r'\s(width|height|baseProfile|xmlns:ev|xmlns:xlink|xmlns)="[^"]*"', "", head)
    rest = rest.replace("xlink:href=", "href=")
    # the first title and description name the file; the page gives its own name
    rest = re.sub(r"^\s*<title>.*?</title>", "", rest, count=1, flags=re.DOTALL)
    return f'{head} role="img" aria-label="{escape(title)}">{rest}'.strip()
