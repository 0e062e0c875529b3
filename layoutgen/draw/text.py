"""Numbers as drawings print them."""

from layoutgen.units import plain


def count(value: float, digits: int = 4) -> str:
    """A number of things: ``digits`` significant figures, and every figure before the point."""
    return plain(value, max(digits, len(str(int(abs(value))))))


def mm(value: float, least: int = 2, most: int = 3) -> str:
    """Millimetres to the micrometre, with at least ``least`` decimals."""
    text = f"{value:.{most}f}"
    while text.endswith("0") and len(text.split(".")[1]) > least:
        text = text[:-1]
    return text


def um(value: float) -> str:
    """Micrometres with up to three significant decimals, no exponent."""
    if value >= 100:
        text = f"{value:.1f}"
    elif value >= 1:
        text = f"{value:.2f}"
    else:
        text = f"{value:.4f}"
    return text.rstrip("0").rstrip(".")
