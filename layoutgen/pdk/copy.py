"""A shipped PDK copied out, as a start for one of one's own."""

import re
from pathlib import Path
from typing import Final

from layoutgen.errors import PdkError, Problem
from layoutgen.pdk.load import load_pdk, pdk_folder
from layoutgen.resources import data_folder
from layoutgen.template import shipped_templates

_NAME: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")


def copy_pdk(name_or_path: str, folder: Path) -> list[Path]:
    """Copy a PDK and, where it uses a shipped one, its device template into a new folder.

    The copy carries the folder's name and refers to the template inside it.

    Returns:
        The files written.

    Raises:
        PdkError: there is no such PDK, it is not valid, the folder exists, or its name is not one for a PDK.
    """
    loaded = load_pdk(name_or_path, where="NAME")
    source = pdk_folder(name_or_path, "NAME")
    name = folder.resolve().name
    if not _NAME.fullmatch(name):
        raise PdkError(
            Problem(f"{name!r} is not a name for a PDK", "DIR", "lower case letters, digits and hyphens")
        )
    if folder.exists():
        raise PdkError(Problem(f"{str(folder)!r} exists already", "DIR", remedy="name a new folder"))
    files = {path.name: path.read_text(encoding="utf-8") for path in sorted(source.glob("*.toml"))}
    home = loaded.files["name"]
    files[home] = _with_value(files[home], "name", name)
    template = loaded.pdk.template
    if template in shipped_templates():
        # not beside the kit's own files: every .toml there is read as a part of the kit
        text = (data_folder("templates") / "devices" / template / "template.toml").read_text(encoding="utf-8")
        files["device/template.toml"] = text
        home = loaded.files["template"]
        files[home] = _with_value(files[home], "template", "device")
    try:
        for relative, text in files.items():
            path = folder / relative
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise PdkError(Problem(f"cannot be written: {(error.strerror or '').lower()}", "DIR")) from error
    return [folder / relative for relative in files]


def _with_value(text: str, key: str, value: str) -> str:
    """A TOML text with the first top-level string of that key replaced."""
    return re.sub(rf'^{key} = "[^"]*"', f'{key} = "{value}"', text, count=1, flags=re.MULTILINE)
