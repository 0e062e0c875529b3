"""PDF backend: typst sets the SVG of a scene on a page of its size, with the font that comes with layoutgen.

No other font is looked at and no date is written, so the file is the same on every machine.
"""

import io
from collections.abc import Mapping
from typing import Any, Final, Self

from layoutgen.draw.metrics import FAMILY
from layoutgen.draw.scene import Scene
from layoutgen.draw.svg import svg_bytes
from layoutgen.files.partial import scratch
from layoutgen.resources import data_folder

FONT: Final = "Arimo"
_PAGE: Final = """#set document(title: {title}, date: none)
#set page(width: {width}mm, height: {height}mm, margin: 0mm)
#image({svg}, format: "svg", width: {width}mm)
"""


class Typesetter:
    """Typst, started once for many documents; nothing outside is read but the fonts of layoutgen.

    Use it as a context manager: the files of the documents stand in a temporary folder until the end.
    """

    def __enter__(self) -> Self:
        self._folder = scratch()
        self._root = self._folder.__enter__()
        self._compiler: Any = None
        self._documents = 0
        return self

    def __exit__(self, *_: object) -> None:
        self._folder.__exit__(None, None, None)

    def compile(self, source: str, files: Mapping[str, bytes]) -> bytes:
        """Typst markup with files beside it, as PDF."""
        import typst

        # a folder for each document: typst keeps what it has read by path
        folder = self._root / str(self._documents)
        self._documents += 1
        folder.mkdir()
        for name, content in files.items():
            (folder / name).write_bytes(content)
        main = folder / "main.typ"
        main.write_text(source, encoding="utf-8")
        if self._compiler is None:
            self._compiler = typst.Compiler(
                str(main),
                root=str(self._root),
                font_paths=[str(data_folder("templates") / "sheets" / "fonts")],
                ignore_system_fonts=True,
            )
        result = self._compiler.compile(input=str(main), format="pdf")
        return bytes(result) if isinstance(result, bytes | bytearray) else io.BytesIO(result).getvalue()


def pdf_bytes(scene: Scene, drawn: bytes | None = None, typesetter: Typesetter | None = None) -> bytes:
    """The scene as a one-page PDF of its size; equal scenes give equal bytes.

    Args:
        scene: what to print.
        drawn: its SVG, where that has been written already.
        typesetter: one that prints other documents too; starting one takes longer than a page.
    """
    named = f'font-family="{FAMILY}"'.encode()
    svg = (drawn or svg_bytes(scene)).replace(named, f'font-family="{FONT}"'.encode(), 1)
    page = _PAGE.format(
        title=typst_text(scene.title), width=f"{scene.width_mm:g}", height=f"{scene.height_mm:g}", svg='"sheet.svg"'
    )
    return compile_typst(page, {"sheet.svg": svg}, typesetter)


def compile_typst(source: str, files: Mapping[str, bytes], typesetter: Typesetter | None = None) -> bytes:
    """Compile typst markup with files beside it, with a typesetter that is there already or one of its own."""
    if typesetter is not None:
        return typesetter.compile(source, files)
    with Typesetter() as own:
        return own.compile(source, files)


def typst_text(text: str) -> str:
    """A text as a typst string literal."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
