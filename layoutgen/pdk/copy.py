"""A kit as a start for one of one's own: an overlay of a few lines, or the whole of it."""

import os
import re
from pathlib import Path
from typing import Any, Final

from layoutgen.errors import PdkError, Problem
from layoutgen.files.folder import write_new_folder
from layoutgen.pdk.chain import EXTENDS, pdk_folder, read_kit, shipped_pdks, what_if_pdks
from layoutgen.pdk.load import LoadedPdk, load_pdk
from layoutgen.template import template_text
from layoutgen.toml import toml_text

_NAME: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
_OVERLAY: Final = """\
# What {name} states otherwise than {below}; all else is as it is there, and follows it.
# A number is stated whole, with its source:
#   [stack.cathode]
#   thickness = {{ value = 9, unit = "um", kind = "measured", source = "our lot 17, profilometer" }}
# What must go is named: {remove} = ["stack.barrier"].
"""


def copy_pdk(name_or_path: str, folder: Path, *, flat: bool = False) -> list[Path]:
    """Make a new kit of a shipped one, or of one's own, in a new folder; it carries the folder's name.

    Args:
        name_or_path: the kit to start from.
        folder: to be made.
        flat: whether to write all that the kit states, and the templates that it names, so that the new kit follows
            no other; else an overlay that extends the kit.

    Returns:
        The files written.

    Raises:
        PdkError: there is no such PDK, it is not valid, or the folder's name is not one for a PDK.
        OutputError: the folder exists, or cannot be written; nothing is left behind.
    """
    if (Path(name_or_path) / "design.json").is_file() or Path(name_or_path).suffix == ".json":
        what = f"{name_or_path} is a design, and holds no files of its kit"
        raise PdkError(Problem(what, "NAME", "the name or the folder of a kit"))
    loaded = load_pdk(name_or_path, where="NAME")
    name = folder.resolve().name
    if not _NAME.fullmatch(name):
        raise PdkError(
            Problem(f"{name!r} is not a name for a PDK", "DIR", "lower case letters, digits and hyphens")
        )
    files = _flat(loaded, name_or_path, name) if flat else _overlay(loaded, name_or_path, name, folder)
    write_new_folder(folder, {relative: text.encode() for relative, text in files.items()}, where="DIR")
    return [folder / relative for relative in files]


def _overlay(loaded: LoadedPdk, name_or_path: str, name: str, folder: Path) -> dict[str, str]:
    below = name_or_path
    if below not in (*shipped_pdks(), *what_if_pdks()):
        below = Path(os.path.relpath(pdk_folder(below, "NAME").resolve(), folder.resolve())).as_posix()
    own = {
        EXTENDS: below,
        "name": name,
        "version": "0.1.0",
        "title": loaded.pdk.title,
        "disclaimer": loaded.pdk.disclaimer,
    }
    remark = _OVERLAY.format(name=name, below=loaded.pdk.name, remove="remove")
    return {"pdk.toml": remark + toml_text(own)}


def _flat(loaded: LoadedPdk, name_or_path: str, name: str) -> dict[str, str]:
    """Every table in a file of the name that it has in the kit, with roles and templates in place."""
    text = read_kit(pdk_folder(name_or_path, "NAME"))
    # templates do not stand beside the kit's own files: every .toml there is read as a part of the kit
    extra = {"device/template.toml": template_text("device", loaded.pdk.template, text.folder_of("template"))}
    content: dict[str, Any] = {**loaded.content, "name": name, "template": "device"}
    structures = {}
    for key, table in loaded.content.get("structures", {}).items():
        home = text.folder_of(f"structures.{key}.template")
        extra[f"structures/{key}/template.toml"] = template_text("structure", table["template"], home)
        structures[key] = {**table, "template": f"structures/{key}"}
    if structures:
        content["structures"] = structures
    files: dict[str, dict[str, Any]] = {}
    for key, value in content.items():
        files.setdefault(text.homes.get(key, "pdk.toml"), {})[key] = value
    return {file: toml_text(tables) for file, tables in sorted(files.items())} | extra
