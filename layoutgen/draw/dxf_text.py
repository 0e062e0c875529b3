"""A DXF document of ezdxf's and its text, the same on every machine; for masks and drawings alike."""

import io
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

MILLIMETRES: Final = 4
"""The unit, as DXF numbers it ($INSUNITS)."""

_FONT_LIST = "XDG_CACHE_HOME"


@contextmanager
def new_documents() -> Iterator[Callable[..., Any]]:
    """ezdxf's ``new``; no times, user names or random identities in documents made and written inside."""
    with _no_list_of_fonts():
        from ezdxf._options import options
        from ezdxf.filemanagement import new

    before = options.write_fixed_meta_data_for_testing
    options.write_fixed_meta_data_for_testing = True
    try:
        yield new
    finally:
        options.write_fixed_meta_data_for_testing = before


@contextmanager
def _no_list_of_fonts() -> Iterator[None]:
    """While ezdxf is imported it opens every font of the system and keeps a list in the user's home.

    No font is looked up here: an empty list saves the time, and the home is left alone.
    """
    if "ezdxf" in sys.modules:
        yield
        return
    before = os.environ.get(_FONT_LIST)
    with tempfile.TemporaryDirectory() as folder:
        stored = Path(folder) / "ezdxf" / "font_manager_cache.json"
        stored.parent.mkdir()
        stored.write_text('{"version": 2, "font-faces": []}', encoding="utf-8")
        os.environ[_FONT_LIST] = folder
        try:
            yield
        finally:
            if before is None:
                del os.environ[_FONT_LIST]
            else:
                os.environ[_FONT_LIST] = before


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
