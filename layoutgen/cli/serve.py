"""``layoutgen serve``: a local page over the same engine."""

import shlex
import socket
from collections.abc import Mapping
from pathlib import Path

import click

from layoutgen.cli.command import Command


@click.command("serve", cls=Command)
@click.option(
    "--port", type=click.IntRange(1, 65535), default=8017, show_default=True, help="Port on this machine."
)
@click.option("--workers", type=click.IntRange(1, 16), default=2, show_default=True, help="Solver processes.")
@click.option(
    "--pdk",
    "folders",
    metavar="PATH",
    multiple=True,
    help="Folder of a process design kit of your own, offered beside the shipped ones; may be given several times.",
)
def command(port: int, workers: int, folders: tuple[str, ...]) -> None:
    """Open a page on this machine: type capacity, footprint and height, see stack, web and figures at once.

    The page is reached from this machine only (127.0.0.1). Every answer stands there as a command line too, and the
    address of the page holds the questions: it can be kept and sent. Stop it with Ctrl-C.

    \b
      layoutgen serve
      layoutgen serve --pdk ./my-fab --port 8020
    """
    from layoutgen.errors import InputError, OutputError, Problem

    try:
        import uvicorn

        from layoutgen.serve.app import build_app
    except ImportError as error:
        raise InputError(
            Problem(f"serve needs {error.name}, which is not installed", remedy="pip install 'layoutgen[serve]'")
        ) from error
    from layoutgen.serve.workers import Workers

    kits = _kits(folders)
    try:
        listener = _bound(port)
    except OSError as error:
        reason = (error.strerror or "unknown reason").lower()
        raise OutputError(
            Problem(f"port {port} cannot be used: {reason}", "--port", remedy="another port")
        ) from error
    app = build_app(Workers(workers), kits, command_line)
    click.echo(f"layoutgen serves http://127.0.0.1:{port}/ on this machine; Ctrl-C stops it", err=True)
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=3))
    server.run(sockets=[listener])


def _kits(folders: tuple[str, ...]) -> dict[str, str]:
    """Name on the page -> folder.

    Raises:
        InputError: a folder holds no kit that can be used, or two have one name.
    """
    from layoutgen.errors import Problem, SpecError
    from layoutgen.pdk.load import load_pdk, shipped_pdks

    found: dict[str, str] = {}
    for folder in folders:
        load_pdk(folder)
        name = Path(folder).resolve().name
        if name in found or name in shipped_pdks():
            what = f"the name {name!r} is taken by a kit that is offered already"
            raise SpecError(
                Problem(what, f"--pdk {folder}", "folders of different names, none that of a shipped kit")
            )
        found[name] = str(Path(folder).resolve())
    return found


def command_line(question: Mapping[str, str]) -> str:
    """A question of the page as a command.

    Args:
        question: field -> text, settings with line breaks or semicolons between them.
    """
    from layoutgen.cli.wording import option
    from layoutgen.errors import Input, LayoutgenError
    from layoutgen.serve.engine import settings_of

    words = ["layoutgen", "design"]
    for field, text in question.items():
        if field == "set":
            try:
                settings = settings_of(text)
            except LayoutgenError:
                continue
            for path, value in settings.items():
                words += ["--set", f"{path}={value}"]
        else:
            words += [option(Input(field)), text]
    return shlex.join(words)


def _bound(port: int) -> "socket.socket":
    found = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        found.bind(("127.0.0.1", port))
        found.listen(256)
    except OSError:
        found.close()
        raise
    return found
