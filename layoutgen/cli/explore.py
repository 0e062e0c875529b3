"""``layoutgen explore``: many questions at once."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from layoutgen.cli.command import Command
from layoutgen.cli.options import settings_of
from layoutgen.cli.output import json_option


@click.command("explore", cls=Command)
@click.option("--mah", metavar="LIST", help="Capacities: 5:50:5 (start:stop:step) or 5,10,20.")
@click.option("--footprint", metavar="LIST", help="Footprints: 8x10,10x12.")
@click.option("--height", metavar="LIST", help="Heights: 1:2:0.25 or 1,1.5.")
@click.option(
    "--size-limits",
    metavar="LIST",
    help="What footprint and height limit: nominal, or maximum, which counts tolerances [default: nominal].",
)
@click.option("--bend-radius", metavar="LIST", help="Radii that the part is bent to, mm: 10,50,100.")
@click.option("--curved", is_flag=True, help="Built curved: cells are bent one by one; with --bend-radius.")
@click.option("--current", metavar="LIST", help="Currents that are drawn all the time: 1:10:1mA or 2,5.")
@click.option("--pulse", metavar="LIST", help="Pulses: 15mA:10ms:1s,30mA:10ms:1s.")
@click.option("--load", metavar="FILE", help="Load of all questions as a CSV file, seconds,current_ma; repeated.")
@click.option("--lowest-voltage", metavar="LIST", help="Voltages that the load may not fall below: 3,3.3.")
@click.option("--charge-time", metavar="LIST", help="Times to charge to nine tenths: 20min,1h.")
@click.option("--temperature", metavar="LIST", help="Temperatures, degC: -20,0,25.")
@click.option("--foil", metavar="LIST", help="Foil thicknesses, each a question of its own: 10,25,50; or any.")
@click.option("--cathode", metavar="LIST", help="Cathode thicknesses, each a question of its own; or any.")
@click.option(
    "--vary", metavar="PATH=LIST", multiple=True, help="Values of the PDK: yield.defect_density=0.1,0.3,1."
)
@click.option("--objective", metavar="LIST", help="What is best; as for design.")
@click.option("--confidence", metavar="LIST", help="Probabilities to reach the rated capacity [default: 0.99].")
@click.option("--cycles", metavar="LIST", help="Cycles after which the capacity must still be there [default: 0].")
@click.option("--pdk", metavar="NAME|PATH", help="Process design kit [default: anodeless-ss].")
@click.option(
    "--set", "settings", metavar="PATH=VALUE", multiple=True, help="Override a PDK value in all questions."
)
@click.option("--spec", "spec_file", metavar="FILE", help="What all questions share, from a TOML file; lists win.")
@click.option("--html", metavar="FILE", help="Also write a page: the plot, and the table with the front marked.")
@click.option("--out", metavar="DIR", default="build/explore", show_default=True, help="Folder to make.")
@click.option(
    "--force",
    is_flag=True,
    help="Replace a folder that layoutgen explore made, if nothing else is in it, and the page of --html.",
)
@click.option("--jobs", metavar="N", type=click.IntRange(1, 1024), help="Processes [default: one for each core].")
@click.option("--scheduler", metavar="ADDRESS", help="Hand the work to a Dask scheduler, such as tcp://host:8786.")
@json_option
@click.option("-q", "--quiet", is_flag=True, help="No progress bar.")
def command(
    vary: tuple[str, ...],
    settings: tuple[str, ...],
    html: str | None,
    out: str,
    force: bool,
    jobs: int | None,
    scheduler: str | None,
    as_json: bool,
    quiet: bool,
    **options: Any,
) -> None:
    """Ask many questions at once: a table, the Pareto front and a plot.

    Every combination of the lists is a question of its own, and everything that varies has a column of its own. On
    the front are designs that none of the same scenario beats: what the part must do, and the process. A run that
    was stopped goes on where it was when the same command is given again. --json prints table.json; the folder is
    made all the same.

    \b
      layoutgen explore --mah 5:50:5 --footprint 8x10,10x12 --foil 10,25,50
      layoutgen explore --footprint 8x10 --height 0.5:3:0.25 --vary device.wall=30,50,100
      layoutgen explore --spec ring.toml --cycles 0,200,500 --size-limits nominal,maximum --html cycles.html
    """
    from layoutgen.cli.options import spec_values
    from layoutgen.errors import Problem, SpecError
    from layoutgen.explorer.journal import Journal
    from layoutgen.explorer.run import check_first_points, run_sweep
    from layoutgen.explorer.sweep import make_sweep
    from layoutgen.files.folder import check_file_target, check_target, write_file, write_package

    names = {"mah": "capacity"} | {
        name: name
        for name in (
            "footprint", "height", "size_limits", "bend_radius", "current", "pulse", "lowest_voltage",
            "charge_time", "temperature", "foil", "cathode", "objective", "confidence", "cycles",
        )
    }  # fmt: skip
    axes = {field: text for option, field in names.items() if (text := options.pop(option)) is not None}
    wheres = {field: f"--{option.replace('_', '-')}" for option, field in names.items()}
    for path, text in settings_of(vary, "--vary").items():
        axes[f"set.{path}"] = text
        wheres[f"set.{path}"] = f"--vary {path}"
    base: dict[str, Any] = spec_values({**options, "settings": settings})[0]
    for field in axes:
        base.pop(field, None)
    both = next((path for path in base.get("set", {}) if f"set.{path}" in axes), None)
    if both is not None:
        raise SpecError(Problem(f"{both} is set and varied", f"--set {both}, --vary {both}", "one of the two"))
    if scheduler is not None and not scheduler.strip():
        raise SpecError(Problem("names no scheduler", "--scheduler", "an address such as tcp://host:8786"))
    sweep = make_sweep(base, axes, wheres)
    target = Path(out)
    check_target(target, force=force, kind="explore")
    if html is not None:
        check_file_target(Path(html), force=force, where="--html", suffix=".html")
    with _named_as_typed(wheres):
        process = check_first_points(sweep)  # wrong input leaves nothing behind
    journal = Journal(target.absolute().parent / f".{target.name}.rows", f"--out {out}")
    bar: Any = click.progressbar(length=len(sweep), label="exploring", file=sys.stderr, hidden=quiet)
    with journal, bar:
        count = min(jobs or os.cpu_count() or 1, max(1, len(sweep) // 8))
        rows = run_sweep(
            sweep, jobs=count, scheduler=scheduler, journal=journal, process=process, advance=bar.update
        )
        files, front = _files(rows, sweep.axes)
        write_package(target, files, force=force)
        journal.remove()
    if html is not None:
        from layoutgen.explorer.page import page_html

        page = page_html(rows, front, files["plot.svg"].decode(), sweep)
        write_file(Path(html), page.encode(), force=force, where="--html")
    if as_json:
        click.echo(files["table.json"], nl=False)
        return
    _print(rows, front, target, len(files))
    if html is not None:
        click.echo(f"written: {html}")


@contextmanager
def _named_as_typed(wheres: dict[str, str]) -> Iterator[None]:
    """A value that varies is named by the option that it is typed behind."""
    from dataclasses import replace

    from layoutgen.errors import Input, LayoutgenError

    try:
        yield
    except LayoutgenError as error:
        error.problems = tuple(
            replace(problem, where=wheres.get(problem.where.path, problem.where))
            if isinstance(problem.where, Input)
            else problem
            for problem in error.problems
        )
        raise


def _files(rows: list[dict[str, Any]], axes: Any) -> tuple[dict[str, bytes], list[dict[str, Any]]]:
    from layoutgen import __version__
    from layoutgen.explorer.plot import plot_svg
    from layoutgen.explorer.run import pareto_front
    from layoutgen.explorer.tables import csv_bytes, json_bytes, parquet_bytes
    from layoutgen.files.folder import MANIFEST, manifest_text
    from layoutgen.libraries import libraries

    front = pareto_front(rows)
    marked = {id(row) for row in front}
    about = {
        "axes": {name: list(values) for name, values in axes},
        "front": [number for number, row in enumerate(rows) if id(row) in marked],
    }
    tool = {"tool": {"name": "layoutgen", "version": __version__}}
    made_by = {"kind": "explore", **tool, "libraries": libraries("pyarrow")}
    files = {
        "table.csv": csv_bytes(rows),
        "table.json": json_bytes(rows, {**tool, **about}),
        "pareto.csv": csv_bytes(front),
        "plot.svg": plot_svg(rows, front),
    }
    table = parquet_bytes(rows)
    if table is not None:
        files["table.parquet"] = table
    files[MANIFEST] = manifest_text(files, made_by).encode()
    return files, front


def _print(rows: list[dict[str, Any]], front: list[dict[str, Any]], target: Path, count: int) -> None:
    from layoutgen.explorer.points import ASKED
    from layoutgen.explorer.tables import text_table
    from layoutgen.units import counted

    scenarios = len({tuple(row[name] for name in ASKED) for row in rows})
    kind = "" if scenarios == 1 else f" of each of {counted(scenarios, 'scenario')}"
    fitting = sum(bool(row["fits"]) for row in rows)
    click.echo(f"{counted(len(rows), 'question')}, {fitting} with a design; Pareto front{kind}:\n")
    click.echo(text_table(front, among=rows) if front else "  none fits")
    click.echo(f"\nwritten: {target} ({counted(count, 'file')})")
