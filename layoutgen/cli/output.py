"""Results on standard output: one form of JSON for every command that answers."""

from collections.abc import Iterable
from pathlib import PurePath
from typing import Any

import click

json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON instead of text.")
force_file_option = click.option("--force", is_flag=True, help="Replace a file that is there.")


def print_json(content: Any) -> None:
    """Print a result as JSON: two spaces a level, characters as they are, no NaN."""
    import json

    click.echo(json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False))


def print_written(paths: Iterable[PurePath | str], **more: Any) -> None:
    """Print as JSON what was written, and what else there is to say of it."""
    written = [path.as_posix() if isinstance(path, PurePath) else path for path in paths]
    print_json({"schema": "layoutgen.written/1", "written": written, **more})
