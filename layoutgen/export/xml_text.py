"""Text inside XML: `xml.sax.saxutils` does the same, and imports a web client for it."""

_CONTENT = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
_ATTRIBUTE = _CONTENT | str.maketrans({'"': "&quot;", "\n": "&#10;", "\r": "&#13;", "\t": "&#9;"})


def escape(text: str) -> str:
    """A text as the content of an element."""
    return text.translate(_CONTENT)


def quoteattr(text: str) -> str:
    """A text as the value of an attribute, quotes around it."""
    return f'"{text.translate(_ATTRIBUTE)}"'
