"""The words of the command line for inputs: the one place that knows which option a field path is given by."""

from typing import Final

from layoutgen.errors import Input, LayoutgenError, Wording, said

_OPTIONS: Final = {"capacity": "mah"}
"""Inputs whose option has another name."""
FILE_ONLY: Final = frozenset({"indifference_percent", "title", "weights", "zones"})
"""Fields of the question that a spec file states, or ``--set spec.FIELD``: no option gives them."""


def option(item: Input) -> str:
    """An input as it is typed: ``--mah 20``, ``--set web.kerf=40``; one without an option by its path."""
    head, _, rest = item.path.partition(".")
    if head in FILE_ONLY:
        return str(item)
    name = f"--{_OPTIONS.get(head, head).replace('_', '-')}"
    if head == "set":
        return f"{name} {rest}={item.value}" if item.value else f"{name} {rest}".rstrip()
    return f"{name} {item.value}" if item.value else name


def worded(text: Wording) -> str:
    """A text with the options of its inputs."""
    return said(text, option)


def message(error: LayoutgenError) -> str:
    """An error with the options of its inputs."""
    return error.text(option)
