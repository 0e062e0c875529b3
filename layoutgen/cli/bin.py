"""``layoutgen bin``: good or not, and why, of every cell of a web."""

import json
import sys
from pathlib import Path
from typing import Any

import click

from layoutgen.cli.command import Command


@click.command("bin", cls=Command)
@click.argument("web", metavar="WEB")
@click.option("--rules", metavar="FILE", help="Tables [test...] that take the place of the process's, key by key.")
@click.option("--zones", metavar="FILE", help="Dead places: a zones.toml as layoutgen yield writes it.")
@click.option(
    "--cycled", metavar="FILE", help="Capacities of cells that were cycled, CSV or Parquet: what readings foretell."
)
@click.option(
    "--thickness", metavar="FILE", help="Thickness by cell or by place, CSV or Parquet, to estimate capacity by."
)
@click.option(
    "--estimate",
    metavar="READING,...",
    help="Capacities by these readings of cells: capacity, asr, thickness; none [default: all that there are].",
)
@click.option("--what-if", "as_question", is_flag=True, help="Say what each rule costs; write nothing.")
@click.option("--no-stdf", is_flag=True, help="Leave out bins.stdf, which has 100 bytes a cell.")
@click.option("--jobs", metavar="N", type=click.IntRange(1, 1024), default=1, show_default=True, help="Processes.")
@click.option("--scheduler", metavar="ADDRESS", help="Hand the work to a Dask scheduler whose workers see WEB.")
@click.option("--json", "as_json", is_flag=True, help="Print bins.json.")
@click.option("-q", "--quiet", is_flag=True, help="No progress bar.")
@click.pass_context
def command(
    ctx: click.Context,
    web: str,
    rules: str | None,
    zones: str | None,
    cycled: str | None,
    thickness: str | None,
    estimate: str | None,
    as_question: bool,
    no_stdf: bool,
    jobs: int,
    scheduler: str | None,
    as_json: bool,
    quiet: bool,
) -> None:
    """Bin every cell of a web, and say whether the web is released or held.

    WEB is a folder that layoutgen test made; bins.parquet, bin-map.xml (SEMI E142), bins.stdf and bins.json go into
    it. Rules are those of the process (test.toml); all that hit a cell are kept, the first one decides. Exit code 1
    says hold.

    \b
      layoutgen bin web
      layoutgen bin web --what-if
      layoutgen bin web --rules tight.toml
      layoutgen bin web --cycled delivery/cycled.csv --thickness delivery/thickness.csv
    """
    from layoutgen.files.folder import add_files
    from layoutgen.lot.binning import MAP, STDF, bin_web, write_map, write_stdf
    from layoutgen.lot.bins_record import HOLD, against_truth, bins_record, what_if
    from layoutgen.lot.cycled import Asked
    from layoutgen.lot.folder import BINS_TABLE, json_text, open_web
    from layoutgen.lot.kit import webtest_of
    from layoutgen.lot.parts import bin_in_parts
    from layoutgen.lot.reading.beside import read_cycled, read_thickness
    from layoutgen.lot.rules import Judge
    from layoutgen.lot.zones import dead_cells, read_zones

    opened = open_web(Path(web))
    test = webtest_of(opened.solution.loaded, None if rules is None else Path(rules))
    dead = () if zones is None else dead_cells(opened.map, read_zones(Path(zones)))
    judge = Judge(test, opened.map, dead)
    asked = Asked(
        None if cycled is None else read_cycled(Path(cycled), opened, test),
        None if thickness is None else read_thickness(Path(thickness), opened),
        _sources(estimate),
    )
    repeats = opened.table.about.repeats
    passes = (2 if as_question or no_stdf else 3) + (0 if cycled is None else 2)
    bar: Any = click.progressbar(length=passes * repeats, label="binning", file=sys.stderr, hidden=quiet)
    if as_question:
        with bar:
            outcome = bin_web(opened, judge, None, bar.update, asked)
        _print_prices(what_if(outcome), as_json=as_json)
        return
    record: dict[str, Any] = {}

    def fill(folder: Path) -> None:
        with bar:
            if jobs > 1 or scheduler is not None:
                outcome = bin_in_parts(
                    opened, test, dead, folder / BINS_TABLE, bar.update, jobs=jobs, scheduler=scheduler,
                    asked=asked,
                )  # fmt: skip
            else:
                outcome = bin_web(opened, judge, folder / BINS_TABLE, bar.update, asked)
            record.update(bins_record(opened, outcome, test))
            write_map(opened, outcome, folder / BINS_TABLE, folder / MAP)
            if not no_stdf:
                write_stdf(opened, outcome, folder / BINS_TABLE, folder / STDF, bar.update)
        (folder / "bins.json").write_bytes(json_text(record))

    add_files(opened.path, fill)
    if as_json:
        click.echo(json.dumps(record, indent=2, ensure_ascii=False))
    else:
        _print(record, against_truth(opened, BINS_TABLE))
        click.echo(f"written: {web} ({', '.join([BINS_TABLE, MAP, *([] if no_stdf else [STDF]), 'bins.json'])})")
    ctx.exit(1 if record["verdict"] == HOLD else 0)


def _print(record: dict[str, Any], truth: dict[str, int] | None) -> None:
    from layoutgen.lot.cycled import estimate_told

    mark = " (synthetic)" if record["synthetic"] else ""
    click.echo(f"{record['design']}{mark}: {record['cells']} cells, {record['tested']} tested")
    click.echo(f"  good          {record['good']}, {100 * record['yield']:.2f} % of those tested")
    for rule in sorted(record["rules"], key=lambda item: -item["cells"]):
        if rule["cells"]:
            click.echo(f"  bin {rule['bin']:<10}{rule['cells']:>8}  {rule['title']} ({rule['name']})")
    for name, item in record["capability"].items():
        if item["cpk"] is not None:
            click.echo(
                f"  {name:<14}{item['mean']:.6g} {item['unit']}, sigma {item['sigma_within']:.3g} within repeats, "
                f"{item['sigma_total']:.3g} in all; Cpk {item['cpk']:.2f}, Ppk {item['ppk']:.2f}"
            )
    gauge = record["gauge"]
    if gauge["grr"] is not None:
        state = "within" if gauge["within"] else "above"
        known = [
            f"{gauge['cells_read_again']} cells read again" if gauge["cells_read_again"] else "no cell read again",
            f"{gauge['sites']} sites" if gauge["sites"] else "no sites",
        ]
        click.echo(
            f"  gauge         {100 * gauge['grr']:.2g} % GRR, {state} the limit of {100 * gauge['limit']:.3g} %"
            f" ({', '.join(known)})"
        )
    for number, line in enumerate(estimate_told(record["estimate"])):
        click.echo(f"  {'' if number else 'estimate':<14}{line}")
    for name, chart in record["charts"].items():
        if chart["out"]:
            shown = ", ".join(str(number) for number in chart["out"][:6]) + (
                " ..." if len(chart["out"]) > 6 else ""
            )
            click.echo(f"  chart         {name}: {len(chart['out'])} repeats outside, {shown}")
    if truth is not None:
        ppm = 1e6 * truth["sound_lost"] / max(1, truth["sound"])
        click.echo(
            f"  the truth     {truth['latents_found']} of {truth['latents']} latent leaks and "
            f"{truth['killed_found']} of {truth['killed']} killed cells found, {ppm:.0f} ppm of sound cells lost"
        )
    click.echo(f"  verdict       {record['verdict']}")
    for reason in record["reasons"]:
        click.echo(f"                {reason}")


def _sources(text: str | None) -> tuple[str, ...] | None:
    from layoutgen.errors import InputError, Problem, did_you_mean
    from layoutgen.lot.cycled import SOURCES

    if text is None:
        return None
    names = tuple(part.strip() for part in text.split(","))
    wrong = next((name for name in names if name not in SOURCES), None)
    if names == ("none",):
        return ()
    if wrong is not None:
        allowed = ", ".join((*SOURCES, "none"))
        raise InputError(
            Problem(f"{wrong!r} is no reading of capacity", "--estimate", allowed, did_you_mean(wrong, SOURCES))
        )
    return names


def _print_prices(prices: list[dict[str, Any]], *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps({"what_if": prices}, indent=2))
        return
    for item in prices:
        state = "on; without it" if item["enabled"] else "off; with it"
        change = "more" if item["enabled"] else "fewer"
        click.echo(
            f"  {item['name']:<16} bin {item['bin']:<5}{state:<16}{item['good_cells_lost']:>9} good cells {change}"
        )
