"""``layoutgen serve``: a local page over the same engine."""

import socket

import click

from layoutgen.cli.command import Command


@click.command("serve", cls=Command)
@click.option(
    "--port", type=click.IntRange(1, 65535), default=8017, show_default=True, help="Port on this machine."
)
@click.option("--workers", type=click.IntRange(1, 16), default=2, show_default=True, help="Solver processes.")
def command(port: int, workers: int) -> None:
    """Open a page on this machine: type capacity, footprint and height, see stack, web and figures at once.

    The page is reached from this machine only (127.0.0.1). Stop it with Ctrl-C.
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

    try:
        listener = _bound(port)
    except OSError as error:
        reason = (error.strerror or "unknown reason").lower()
        raise OutputError(
            Problem(f"port {port} cannot be used: {reason}", "--port", remedy="another port")
        ) from error
    app = build_app(Workers(workers))
    click.echo(f"layoutgen serves http://127.0.0.1:{port}/ on this machine; Ctrl-C stops it", err=True)
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=3))
    server.run(sockets=[listener])


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
