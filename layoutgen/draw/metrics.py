"""Widths of characters, so that boxes of text are known before any backend draws them.

A drawing is read with whatever sans serif face the reader's machine has, so a text is given the room of the widest
common one: for each character the largest advance of Arimo (and so Liberation Sans, Arial and Helvetica), DejaVu
Sans, Verdana, Noto Sans, Open Sans, Roboto, FreeSans and Lato, in 1/1000 em, rounded up to tens.
"""

from typing import Final

FAMILY: Final = "Liberation Sans, Arimo, Arial, Helvetica, sans-serif"
CAP_HEIGHT_EM: Final = 0.688
"""Height of capital letters; a text height of a drawing (ISO 3098) is this, not the em."""
ASCENT: Final = 1.11
"""Height above the base line of the tallest letters of those faces in text heights."""
CAPITALS: Final = 1.06
"""Height above the base line of their capitals and figures in text heights."""
DESCENT: Final = 0.35
"""Depth below the base line of their deepest letters in text heights."""
_LEVEL: Final = frozenset("0123456789ABCDEFGHIKLMNOPRSTUVWXYZ acemnorstuvwxz.:+-=<>±×≈≤≥²³°·ΔΩα→")

_GROUPS: Final[dict[int, str]] = {
    280: "'il",
    350: 'j',
    360: ' f',
    370: ',.·',
    400: 't',
    410: '!',
    430: 'Ir',
    460: '"()-/:;[\\]',
    530: 'sz',
    550: 'c²³',
    560: '?J|',
    570: 'L',
    600: 'kvxy',
    610: '°',
    620: 'Faeoø',
    640: '$*0123456789T_`bdghnpqu{}',
    650: 'µ',
    660: 'α–',
    670: 'EP',
    680: 'Y',
    690: 'ABSVXZ',
    700: 'K',
    710: 'Δ',
    730: 'CR',
    740: 'U',
    770: 'HN',
    780: '&DG',
    800: 'OQØ',
    820: 'wΩ√',
    840: '#+<=>^~±×≈≤≥',
    930: 'M',
    980: 'm',
    1000: '→',
    1020: '@',
    1040: 'W',
    1080: '%',
}  # fmt: skip
_WIDTHS: Final[dict[str, int]] = {character: width for width, group in _GROUPS.items() for character in group}
_WIDEST: Final = 1080


def text_width(text: str, height: float) -> float:
    """Room in the unit of ``height`` that a line needs whose capital letters are ``height`` high in Arimo.

    A character that is not in the table counts as the widest one that is, so the width is never too small for
    Latin text.
    """
    return sum(_WIDTHS.get(character, _WIDEST) for character in text) / 1000 * height / CAP_HEIGHT_EM


def text_reach(text: str, height: float) -> tuple[float, float]:
    """How far a line may reach above and below its base line, in the unit of ``height``."""
    if _LEVEL.issuperset(text):
        return CAPITALS * height, 0.0
    return ASCENT * height, DESCENT * height


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
