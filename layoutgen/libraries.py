"""Versions that shape bytes: the same version of layoutgen with the same libraries gives the same files."""

import re
import sys
from collections.abc import Mapping
from typing import Final

# distribution -> ends of the files that it has a hand in; none: in every file
_SHAPE: Final[Mapping[str, tuple[str, ...]]] = {
    "python": (),
    "numpy": (),
    "highspy": (),
    "shapely": (),
    "gdstk": (".gds", ".oas"),
    "ezdxf": (".dxf",),
    "svgwrite": (".svg", ".pdf"),
    "segno": (".svg", ".pdf", ".gds", ".oas", ".dxf", ".gbr", ".csv", ".json"),
    "typst": (".pdf",),
    "jinja2": (".html",),
}
_PAGE: Final = "report.html", "MANIFEST.json"
"""Files that state the checksums of the others."""
_VERSION: Final = re.compile(r"\d{1,8}(\.\d{1,8}){1,4}[a-z0-9.+]{0,16}")


def libraries(*more: str) -> dict[str, str]:
    """The versions that files are made with here, by name; of Python the series only.

    Args:
        more: further distributions; those that are not installed are left out.
    """
    from importlib.metadata import PackageNotFoundError, version

    found = {"python": f"{sys.version_info.major}.{sys.version_info.minor}"}
    for name in (*_SHAPE, *more):
        if name != "python":
            try:
                found[name] = version(name)
            except PackageNotFoundError:
                continue
    return found


def others(stated: object) -> dict[str, str]:
    """Library -> ``name its version, here ours``, for what a manifest states and is not what is here.

    Empty for what is no table of the libraries that are named here.
    """
    here = libraries()
    if not isinstance(stated, Mapping) or stated.keys() != here.keys():
        return {}
    if not all(isinstance(text, str) and _VERSION.fullmatch(text) for text in stated.values()):
        return {}
    return {name: f"{name} {stated[name]}, here {ours}" for name, ours in here.items() if stated[name] != ours}


def reason(path: str, different: Mapping[str, str]) -> str:
    """Why a file may differ: the libraries that shape it and are others, in words; empty where there are none."""
    told = [
        text for name, text in different.items() if not _SHAPE.get(name) or path.endswith((*_PAGE, *_SHAPE[name]))
    ]
    return f"made with other libraries ({'; '.join(told)})" if told else ""
