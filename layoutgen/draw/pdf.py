"""PDF backend: typst sets the SVG of a scene on a page of its size, with the font that comes with layoutgen.

No other font is looked at and no date is written, so the file is the same on every machine.
"""

import io
from collections.abc import Mapping
from typing import Final

from layoutgen.draw.metrics import FAMILY
from layoutgen.draw.scene import Scene
from layoutgen.draw.svg import svg_bytes
from layoutgen.resources import data_folder

FONT: Final = "Arimo"
_PAGE: Final = """#set document(title: {title}, date: none)
#set page(width: {width}mm, height: {height}mm, margin: 0mm)
#image({svg}, format: "svg", width: {width}mm)
"""


def pdf_bytes(scene: Scene, drawn: bytes | None = None) -> bytes:
    """The scene as a one-page PDF of its size; equal scenes give equal bytes.

    Args:
        scene: what to print.
        drawn: its SVG, where that has been written already.
    """
    named = f'font-family="{FAMILY}"'.encode()
    svg = (drawn or svg_bytes(scene)).replace(named, f'font-family="{FONT}"'.encode(), 1)
    page = _PAGE.format(
        title=typst_text(scene.title), width=f"{scene.width_mm:g}", height=f"{scene.height_mm:g}", svg='"sheet.svg"'
    )
    return compile_typst(page, {"sheet.svg": svg})


def compile_typst(source: str, files: Mapping[str, bytes]) -> bytes:
    """Compile typst markup with files beside it; nothing outside is read but the fonts of layoutgen."""
    import tempfile
    from pathlib import Path

    import typst

    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        for name, content in files.items():
            (root / name).write_bytes(content)
        main = root / "main.typ"
        main.write_text(source, encoding="utf-8")
        result = typst.compile(
            str(main),
            root=str(root),
            font_paths=[str(data_folder("templates") / "sheets" / "fonts")],
            ignore_system_fonts=True,
            format="pdf",
        )
    return bytes(result) if isinstance(result, bytes | bytearray) else io.BytesIO(result).getvalue()


def typst_text(text: str) -> str:
    """A text as a typst string literal."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
