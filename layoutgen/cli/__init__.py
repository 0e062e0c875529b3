"""The command line. One file a command; a command's file is imported when it is called and not before."""

import atexit
import contextlib
import errno
import gc
import importlib
import os
import signal
import sys
from collections.abc import Iterator
from typing import Final

import click

from layoutgen import __version__

# a verb that is a word of Python
_MODULES: Final = {"yield": "yield_"}
# verb -> what `layoutgen --help` says of it; `layoutgen/cli/<verb>.py` holds `command`
VERBS: Final[dict[str, str]] = {
    "design": "From capacity, footprint or height to a folder of masks, drawings and models.",
    "solve": "Find the best design and print it; write nothing.",
    "explore": "Ask many questions at once: a table, the Pareto front and a plot.",
    "export": "Make one zip for a mask or laser shop from a design.",
    "draw": "Draw a design: sheets, CAD models, datasheet, a zip for the board designer.",
    "report": "Make the design review page of a design, with its review decisions.",
    "check": "Check the design rules on a design; of a file that came back also whether it is the design.",
    "verify": "Check a received package: checksums, masks, order and drawings against its design.",
    "rule": "List the design rules of a process, or print one with the derivation of its limit.",
    "tile": "Fill a rectangle or a web with equal cells; counts, bounds and proofs.",
    "stack": "Choose which cells of binned webs go into which stack.",
    "cavity": "Find the part for the room inside a case: place, turn, capacity.",
    "bend": "Bend a design: strain in every film, limits, least radius.",
    "compare": "Ask one question of several patterning flows: layers, area, passes, rules, risks, and why.",
    "diff": "Compare two designs: question, process, answer, figures and masks.",
    "test": "Plan the test of a web, read what came back, or make a synthetic web.",
    "bin": "Bin every cell of a tested web: table, E142 map, STDF, and the lot's verdict.",
    "yield": "Learn defect density, clustering and signatures of a tested web, as a kit.",
    "serve": "Open a local page: type a question, compare three designs side by side.",
    "pdk": "List, show, check, explain, compare and copy process design kits.",
    "schema": "List the JSON Schemas of all files, or print one: for editors and other tools.",
    "version": "Print the versions of the tool, of Python and of every shipped process design kit.",
}

_INTERRUPTED = 130
# only writing ends in these, and the system does not say which file it was
_WRITING = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_INTERNAL = 70


class LazyGroup(click.Group):
    """A group whose commands are imported when they are called."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in VERBS:
            return None
        module = importlib.import_module(f"layoutgen.cli.{_MODULES.get(cmd_name, cmd_name)}")
        command: click.Command = module.command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        with formatter.section("Commands"):
            formatter.write_dl(list(VERBS.items()))

    def invoke(self, ctx: click.Context) -> object:
        try:
            found: object = super().invoke(ctx)
            if sys.stdout is not None:  # as after `layoutgen ... >&-`
                sys.stdout.flush()
        except BrokenPipeError:
            # the reader went away (layoutgen ... | head); nothing more can be said to it, and nothing is wrong
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise click.exceptions.Exit(0) from None
        return found

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in VERBS and not args[0].startswith("-"):
            from layoutgen.errors import did_you_mean

            ctx.fail(f"there is no command {args[0]!r}; {did_you_mean(args[0], VERBS)}")
        return super().resolve_command(ctx, args)


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="layoutgen")
@click.option("--traceback", is_flag=True, help="Show where an unexpected error comes from.")
@click.pass_context
def cli(ctx: click.Context, traceback: bool) -> None:
    """Design stacked anodeless solid-state thin-film micro-batteries, from a capacity to mask files.

    Any two of capacity, footprint and height fix the third:

    \b
      layoutgen design --mah 20 --footprint 8x10
      layoutgen design --mah 20 --height 1.5
      layoutgen design --footprint 8x10 --height 1.5

    Exit codes: 0 done; 1 the design breaks a rule or does not fit; 2 the input is wrong.
    """
    ctx.obj = {"traceback": traceback}


def main(arguments: list[str] | None = None) -> None:
    """Run the command line and exit; every error a user can cause ends in one message and an exit code."""
    arguments = sys.argv[1:] if arguments is None else arguments
    # a short process that builds much and drops little: rarer collections save some percent of its time, and
    # so does leaving out the last one, over what goes with the process anyway
    gc.set_threshold(500_000, 20, 20)
    atexit.register(gc.freeze)
    try:
        with _quiet_interrupts():
            code = cli.main(args=arguments, standalone_mode=False, prog_name="layoutgen")
    except click.exceptions.Abort:
        _fail("interrupted", _INTERRUPTED)
    except KeyboardInterrupt:
        _fail("interrupted", _INTERRUPTED)
    except click.ClickException as error:
        _fail(f"error: {_usage(error)}", 2)
    except Exception as error:
        from layoutgen.errors import LayoutgenError

        if isinstance(error, LayoutgenError):
            from layoutgen.cli.wording import message

            _fail(f"error: {message(error)}", error.exit_code)
        if isinstance(error, MemoryError):
            _fail("error: not enough memory for this input", 2)
        if "--traceback" in arguments:
            raise
        if isinstance(error, OSError):
            _fail(f"error: {_refused_by_the_system(error)}", 2)
        _fail(
            f"internal error: {type(error).__name__}: {error}\n"
            "  this is a defect of layoutgen; run again with 'layoutgen --traceback ...' and report it",
            _INTERNAL,
        )
    sys.exit(code if isinstance(code, int) else 0)


def _usage(error: click.ClickException) -> str:
    message = error.format_message()
    if not isinstance(error, click.UsageError) or error.ctx is None:
        return message
    if isinstance(error, click.BadParameter) and error.param and not isinstance(error, click.MissingParameter):
        # the form of every other message: where, what, what is allowed
        where = error.param.get_error_hint(error.ctx).replace("'", "")
        message = f"{where}: {error.message.rstrip('.')}"
    return f"{message}\n  try: {error.ctx.command_path} --help"


def _refused_by_the_system(error: OSError) -> str:
    """What no command foresaw: a full disk behind standard output or the temporary folder, too many open files."""
    reason = (error.strerror or type(error).__name__).lower()
    if error.filename is not None:
        return f"{error.filename}: {reason}"
    return f"the output cannot be written: {reason}" if error.errno in _WRITING else reason


def _fail(message: str, code: int) -> None:
    click.echo(message, err=True)
    sys.exit(code)


@contextlib.contextmanager
def _quiet_interrupts() -> Iterator[None]:
    """Ctrl-C ends the process at once and without a traceback, as a termination signal does.

    Only where files are half written must the way out be walked; `export.package` sees to that itself. A Python
    exception raised from a signal handler may be swallowed by whatever code happens to run.
    """
    try:
        before = signal.signal(signal.SIGINT, signal.SIG_DFL)
    except ValueError:  # not in the main thread: the caller handles signals
        yield
        return
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
