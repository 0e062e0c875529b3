"""TOML, read in one place: what cannot be read has one kind of error, whatever is wrong with it."""

import errno
import tomllib
from pathlib import Path
from typing import Any


class NotTomlError(ValueError):
    """A text is not TOML; the message says why, without naming the file."""


def read_toml(path: Path) -> dict[str, Any]:
    """The tables of a file.

    Raises:
        OSError: it cannot be read, or its name can be none of a file.
        NotTomlError: it is not TOML.
    """
    try:
        content = path.read_bytes()
    except ValueError as error:  # a NUL in the name
        raise OSError(errno.EINVAL, "not a name of a file", str(path)) from error
    return toml_of(content)


def toml_of(content: bytes) -> dict[str, Any]:
    """The tables of a text in UTF-8.

    Raises:
        NotTomlError: it is not TOML.
    """
    try:
        return tomllib.loads(content.decode())
    except UnicodeDecodeError as error:
        message = f"byte {error.start + 1} is not UTF-8 text"
        raise NotTomlError(message) from error
    except RecursionError as error:
        message = "tables or lists are nested too deep"
        raise NotTomlError(message) from error
    except ValueError as error:  # a wrong text, and a whole number of thousands of digits
        raise NotTomlError(str(error)) from error
