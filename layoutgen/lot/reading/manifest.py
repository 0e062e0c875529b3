"""Records of layoutgen beside the data of a folder: no readings, but a manifest says what the others must be."""

import hashlib
import json
from pathlib import Path
from typing import Any, Final

from layoutgen.errors import InputError, Problem
from layoutgen.files.folder import MANIFEST_SCHEMA
from layoutgen.units import counted

_MOST_BYTES: Final = 1 << 24
_SHOWN: Final = 4


def own_record(path: Path) -> str:
    """What is said of a JSON file that layoutgen wrote; empty where it did not.

    Raises:
        InputError: it is the manifest of the folder, and a file of it is not as it was delivered.
    """
    try:
        content = json.loads(path.read_bytes()) if path.stat().st_size <= _MOST_BYTES else None
    except (ValueError, RecursionError):
        return ""
    schema = content.get("schema") if isinstance(content, dict) else None
    if not isinstance(content, dict) or not isinstance(schema, str) or not schema.startswith("layoutgen."):
        return ""
    if schema != MANIFEST_SCHEMA:
        return f"is a record of layoutgen ({schema}), no readings"
    listed = [item for item in content.get("files", ()) if isinstance(item, dict)]
    there = [item for item in listed if (path.parent / str(item.get("path"))).is_file()]
    wrong = [str(item.get("path")) for item in there if not _as_listed(path.parent, item)]
    if wrong:
        more = f" and {len(wrong) - _SHOWN} more" if len(wrong) > _SHOWN else ""
        what = f"{', '.join(wrong[:_SHOWN])}{more}: not as listed here, changed or damaged on the way"
        raise InputError(Problem(what, path.name, remedy="ask for these files again, or leave the manifest out"))
    missing = len(listed) - len(there)
    gone = f", {missing} of those listed not there" if missing else ""
    return f"{counted(len(there), 'file')} beside it as listed{gone}"


def _as_listed(folder: Path, item: dict[str, Any]) -> bool:
    path = folder / str(item["path"])
    if path.stat().st_size != item.get("bytes"):
        return False
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest() == item.get("sha256")
