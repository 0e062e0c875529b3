"""A DXF document of ezdxf's and its text, the same on every machine; for masks and drawings alike."""

import configparser
import io
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stdout
from pathlib import Path
from typing import Any, Final

from layoutgen.errors import OutputError, Problem
from layoutgen.files.partial import scratch

MILLIMETRES: Final = 4
"""The unit, as DXF numbers it ($INSUNITS)."""

_USERS: Final = "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "EZDXF_CONFIG_FILE"
"""Variables that say where ezdxf finds what belongs to the user."""


@contextmanager
def new_documents() -> Iterator[Callable[..., Any]]:
    """ezdxf's ``new``; no times, user names or random identities in documents made and written inside.

    Raises:
        OutputError: a settings file of ezdxf in the current folder cannot be read.
    """
    if "ezdxf" not in sys.modules:
        _import_alone()
    from ezdxf._options import options
    from ezdxf.filemanagement import new

    before = options.write_fixed_meta_data_for_testing
    options.write_fixed_meta_data_for_testing = True
    try:
        yield new
    finally:
        options.write_fixed_meta_data_for_testing = before


def _import_alone() -> None:
    """Import ezdxf without what belongs to the user.

    Left alone it opens every font of the system, keeps a list of them in the user's home, and takes settings from
    there and from the current folder. No font is looked up here, and a file should not depend on settings.
    """
    with scratch() as folder:
        stored = folder / "ezdxf" / "font_manager_cache.json"
        stored.parent.mkdir()
        stored.write_text('{"version": 2, "font-faces": []}', encoding="utf-8")
        before = {name: os.environ.pop(name, None) for name in _USERS}
        os.environ.update({"XDG_CACHE_HOME": str(folder), "XDG_CONFIG_HOME": str(folder)})
        said = io.StringIO()  # of settings in another encoding ezdxf speaks on stdout, and exits
        try:
            with redirect_stdout(said):
                from ezdxf._options import options
        except (configparser.Error, ValueError, SystemExit) as error:
            if not Path("ezdxf.ini").exists():
                raise
            reason = (said.getvalue() or str(error)).splitlines()[0].rstrip(".")
            what = f"these settings of ezdxf cannot be read: {reason}"
            raise OutputError(
                Problem(what, "ezdxf.ini", remedy="move the file, or work in another folder")
            ) from error
        finally:
            for name, value in before.items():
                os.environ.pop(name, None)
                if value is not None:
                    os.environ[name] = value
    settings: Any = options
    settings.reset()


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
