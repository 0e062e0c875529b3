"""A DXF document as text, the same every time; for masks and drawings alike."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def fixed_metadata() -> Iterator[None]:
    """No times, user names or random identities in documents made and written inside."""
    from ezdxf._options import options

    before = options.write_fixed_meta_data_for_testing
    options.write_fixed_meta_data_for_testing = True
    try:
        yield
    finally:
        options.write_fixed_meta_data_for_testing = before


def text_of(document: Any) -> str:
    """Write an ezdxf document.

    ezdxf lists the classes that a version requires in a set, whose order changes from run to run; they are added
    here first, sorted.
    """
    document.classes.add_required_classes(document.dxfversion)
    document.classes.classes = dict(sorted(document.classes.classes.items()))
    stream = io.StringIO()
    document.write(stream)
    return stream.getvalue()
