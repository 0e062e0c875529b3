"""Where the data folders ``pdk/`` and ``templates/`` are: in the source tree, or carried inside the wheel."""

from pathlib import Path


def data_folder(name: str) -> Path:
    """The folder ``pdk`` or ``templates``.

    Raises:
        FileNotFoundError: the installation is incomplete.
    """
    package = Path(__file__).resolve().parent
    for candidate in (package / "data" / name, package.parent / name):
        if candidate.is_dir():
            return candidate
    raise FileNotFoundError(f"layoutgen is installed without its {name} folder")
