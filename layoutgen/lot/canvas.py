"""Small pictures as SVG, with fields of colour as images in them, and the same as PNG."""

import base64
import struct
import zlib
from collections.abc import Sequence
from html import escape
from typing import Final

import numpy as np
from numpy.typing import NDArray

from layoutgen.draw.metrics import FAMILY
from layoutgen.resources import data_folder

_FONT: Final = "Arimo"
_VIRIDIS: Final = np.array(
    [(68, 1, 84), (71, 45, 123), (59, 82, 139), (44, 114, 142), (33, 145, 140), (40, 174, 128), (94, 201, 98),
     (173, 220, 48), (253, 231, 37)], dtype=np.float64
)  # fmt: skip
"""A scale that grows lighter evenly and does not lean on red and green."""
PALETTE: Final = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#999999", "#000000")
MISSING: Final = (217, 217, 217)


def colours(values: NDArray[np.float64], low: float, high: float) -> NDArray[np.uint8]:
    """Values as colours, shape (..., 3); what is NaN is grey."""
    span = high - low if high > low else 1.0
    place = np.clip((np.nan_to_num(values, nan=low) - low) / span, 0, 1) * (len(_VIRIDIS) - 1)
    first = np.minimum(place.astype(np.int64), len(_VIRIDIS) - 2)
    part = (place - first)[..., None]
    mixed = np.rint(_VIRIDIS[first] * (1 - part) + _VIRIDIS[first + 1] * part)
    return np.where(np.isnan(values)[..., None], MISSING, mixed).astype(np.uint8)


def png_bytes(pixels: NDArray[np.uint8]) -> bytes:
    """A field of colours, shape (rows, columns, 3), the first row on top."""
    rows, columns, _ = pixels.shape
    lines = np.concatenate([np.zeros((rows, 1), dtype=np.uint8), pixels.reshape(rows, -1)], axis=1)

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", columns, rows, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(lines.tobytes(), 9)) + chunk(b"IEND", b"")


class Canvas:
    """A picture in the making; x to the right, y down, in pixels."""

    def __init__(self, width: float, height: float, title: str, note: str = "") -> None:
        self.width, self.height, self.title = width, height, title
        self._parts: list[str] = []
        self.text(16, 24, title, 15)
        if note:
            self.text(width - 12, 24, note, 12, anchor="end", colour="#b3372e")

    def text(
        self, x: float, y: float, words: str, size: float = 11, *, anchor: str = "start", colour: str = "#222222",
        turned: bool = False,
    ) -> None:  # fmt: skip
        """Words with their base line at y."""
        turn = f' transform="rotate(-90 {_n(x)} {_n(y)})"' if turned else ""
        self._parts.append(
            f'<text x="{_n(x)}" y="{_n(y)}" font-size="{_n(size)}" text-anchor="{anchor}" fill="{colour}"{turn}>'
            f"{escape(words)}</text>"
        )

    def rect(self, x: float, y: float, w: float, h: float, fill: str, stroke: str = "none") -> None:
        """A box."""
        self._parts.append(
            f'<rect x="{_n(x)}" y="{_n(y)}" width="{_n(max(w, 0))}" height="{_n(max(h, 0))}" fill="{fill}" '
            f'stroke="{stroke}"/>'
        )

    def line(
        self, points: Sequence[tuple[float, float]], colour: str = "#222222", width: float = 1.0, dash: str = ""
    ) -> None:
        """Straight lines through points."""
        data = " ".join(f"{_n(x)},{_n(y)}" for x, y in points)
        dashed = f' stroke-dasharray="{dash}"' if dash else ""
        self._parts.append(
            f'<polyline points="{data}" fill="none" stroke="{colour}" stroke-width="{width}"{dashed}/>'
        )

    def area(self, points: Sequence[tuple[float, float]], fill: str) -> None:
        """A filled outline."""
        data = " ".join(f"{_n(x)},{_n(y)}" for x, y in points)
        self._parts.append(f'<polygon points="{data}" fill="{fill}"/>')

    def image(self, x: float, y: float, w: float, h: float, pixels: NDArray[np.uint8]) -> None:
        """A field of colours, its squares sharp."""
        data = base64.b64encode(png_bytes(pixels)).decode()
        self._parts.append(
            f'<image x="{_n(x)}" y="{_n(y)}" width="{_n(w)}" height="{_n(h)}" preserveAspectRatio="none" '
            f'style="image-rendering:pixelated" image-rendering="optimizeSpeed" '
            f'href="data:image/png;base64,{data}"/>'
        )

    def scale(self, x: float, y: float, h: float, low: str, high: str, name: str) -> None:
        """The colours from low to high."""
        steps = colours(np.linspace(1, 0, 64)[:, None], 0.0, 1.0)
        self.image(x, y, 12, h, steps)
        self.text(x + 17, y + 10, high)
        self.text(x + 17, y + h, low)
        self.text(x, y - 6, name)

    def svg(self) -> bytes:
        """The picture; equal pictures give equal bytes."""
        size = (
            f'width="{_n(self.width)}" height="{_n(self.height)}" viewBox="0 0 {_n(self.width)} {_n(self.height)}"'
        )
        head = (
            f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="{FAMILY}" role="img">'
            f"<title>{escape(self.title)}</title>"
        )
        back = f'<rect width="{_n(self.width)}" height="{_n(self.height)}" fill="#ffffff"/>'
        return "\n".join([head, back, *self._parts, "</svg>", ""]).encode()


def png_of(svg: bytes, folder: str) -> bytes:
    """An SVG as PNG, twice its size, with the font that comes with layoutgen.

    Args:
        svg: of a canvas.
        folder: an empty place for files.
    """
    from pathlib import Path

    import typst

    root = Path(folder)
    (root / "picture.svg").write_bytes(
        svg.replace(f'font-family="{FAMILY}"'.encode(), f'font-family="{_FONT}"'.encode(), 1)
    )
    main = root / "main.typ"
    main.write_text('#set page(width: auto, height: auto, margin: 0pt)\n#image("picture.svg", format: "svg")\n')
    fonts = str(data_folder("templates") / "sheets" / "fonts")
    made = typst.compile(
        str(main), root=folder, font_paths=[fonts], ignore_system_fonts=True, format="png", ppi=144
    )
    return bytes(made) if isinstance(made, bytes | bytearray) else bytes(made[0])


def _n(value: float) -> str:
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text
