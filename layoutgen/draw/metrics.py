"""Widths of characters, so that boxes of text are known before any backend draws them.

Advance widths of the metric-compatible family Liberation Sans, Arimo, Arial and Helvetica, in 1/1000 em.
"""

from typing import Final

FAMILY: Final = "Liberation Sans, Arimo, Arial, Helvetica, sans-serif"
CAP_HEIGHT_EM: Final = 0.688
"""Height of capital letters; a text height of a drawing (ISO 3098) is this, not the em."""
DESCENT: Final = 0.31
"""Depth below the base line in text heights."""

_GROUPS: Final[dict[int, str]] = {
    191: "'",
    222: 'ijl',
    260: '|',
    278: ' !,./:;I[\\]ft',
    333: '()-`r²³·',
    334: '{}',
    355: '"',
    389: '*',
    400: '°',
    469: '^',
    500: 'Jcksvxyz',
    549: '±≤≥√≈',
    556: '#$0123456789?L_abdeghnopqu–',
    576: 'µ',
    578: 'α',
    584: '+<=>~×',
    611: 'FTZø',
    667: '&ABEKPSVXY',
    668: 'Δ',
    722: 'CDHNRUw',
    748: 'Ω',
    778: 'GOQØ',
    833: 'Mm',
    889: '%',
    944: 'W',
    1000: '→',
    1015: '@',
}  # fmt: skip
_WIDTHS: Final[dict[str, int]] = {character: width for width, group in _GROUPS.items() for character in group}
_WIDEST: Final = 1015


def text_width(text: str, height: float) -> float:
    """Width in the unit of ``height`` of a line whose capital letters are ``height`` high.

    A character that is not in the table counts as the widest one that is, so the width is never too small for
    Latin text.
    """
    return sum(_WIDTHS.get(character, _WIDEST) for character in text) / 1000 * height / CAP_HEIGHT_EM


def wrap(text: str, height: float, width: float) -> list[str]:
    """Break a text at spaces into lines of at most ``width``; a longer word is cut."""
    lines: list[str] = []
    line = ""
    for word in text.split():
        longer = f"{line} {word}" if line else word
        if text_width(longer, height) <= width:
            line = longer
            continue
        if line:
            lines.append(line)
        line = word
        while text_width(line, height) > width and len(line) > 1:
            fits = next(n for n in range(len(line) - 1, 0, -1) if n == 1 or text_width(line[:n], height) <= width)
            lines.append(line[:fits])
            line = line[fits:]
    return [*lines, line] if line else lines


def shorten(text: str, height: float, width: float) -> str:
    """The text, or as much of its start as fits in ``width`` with two dots behind."""
    if text_width(text, height) <= width:
        return text
    kept = text
    while kept and text_width(kept + "..", height) > width:
        kept = kept[:-1]
    return kept.rstrip() + ".."
