"""Results on standard output: one form of JSON for every command that answers."""

import contextlib
from collections.abc import Iterable, Iterator
from pathlib import PurePath
from typing import Any

import click

json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON instead of text.")
force_file_option = click.option("--force", is_flag=True, help="Replace a file that is there.")


def print_json(content: Any) -> None:
    """Print a result as JSON: two spaces a level, characters as they are, no NaN."""
    import json

    click.echo(json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False))


@contextlib.contextmanager
def answering(*, as_json: bool) -> Iterator[None]:
    """Where JSON is asked for, the answer no is JSON too; the message and the exit code stay."""
    from layoutgen.errors import DesignError

    try:
        yield
    except DesignError as error:
        if as_json:
            from layoutgen.cli.wording import option
            from layoutgen.document.refusal import refusal

            print_json(refusal(error, option))
        raise


def print_written(paths: Iterable[PurePath | str], **more: Any) -> None:
    """Print as JSON what was written, and what else there is to say of it."""
    written = [path.as_posix() if isinstance(path, PurePath) else path for path in paths]
    print_json({"schema": "layoutgen.written/1", "written": written, **more})
