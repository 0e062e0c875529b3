"""``layoutgen test``: plan the test of a web, make a synthetic web, read what came back."""

import json
import math
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from layoutgen.cli.command import Group

if TYPE_CHECKING:
    from layoutgen.solver.solution import Solution


@click.group("test", cls=Group)
def command() -> None:
    """Plan the test of a web, read what came back from it, or make a synthetic web to learn on.

    \b
      layoutgen test plan part --web-length 200 --sites 96
      layoutgen test simulate part --web-length 60 --seed 7 --out web
      layoutgen test deliver web --out delivery
      layoutgen test read delivery/readings.csv --design part --out lot-7
    """


@command.command("plan")
@click.argument("design", metavar="DESIGN")
@click.option("--web-length", metavar="METRES", help="Length of the web, m [default: one repeat].")
@click.option("--sites", metavar="N", help="Most probes that a card may have [default: that of the process].")
@click.option("--rules", metavar="FILE", help="Tables [test...] that take the place of the process's.")
@click.option("--out", metavar="DIR", help="Folder to make: plan.json, touchdowns.csv, plan.svg.")
@click.option("--force", is_flag=True, help="Replace the folder if layoutgen made it earlier.")
@click.option("--json", "as_json", is_flag=True, help="Print plan.json.")
def plan(
    design: str,
    web_length: str | None,
    sites: str | None,
    rules: str | None,
    out: str | None,
    force: bool,
    as_json: bool,
) -> None:
    """Find the probe card with the fewest touchdowns, the way of the stage, and the pace.

    \b
      layoutgen test plan part --web-length 200 --sites 96 --out plan
    """
    from layoutgen.errors import Problem, SpecError
    from layoutgen.files.folder import check_target, write_folder
    from layoutgen.lot.folder import json_text
    from layoutgen.lot.kit import webtest_of
    from layoutgen.lot.plan import best_cards, blocks_of, pace_of, plan_document, touchdowns_csv
    from layoutgen.lot.plan_picture import plan_svg
    from layoutgen.lot.webmap import repeat_map

    if out is not None:
        check_target(Path(out), force=force, kind="test plan")
    count = None if sites is None else _whole(sites, "--sites", 1, 100_000)
    _, solution = _read_design(design)
    test = webtest_of(solution.loaded, None if rules is None else Path(rules))
    cells = repeat_map(solution)
    if not cells.cells:
        raise SpecError(Problem("the design has no cells on its web", design))
    count = count or int(test.prober.sites.value)
    repeats = 1 if web_length is None else _repeats(web_length, solution)
    plans = best_cards(blocks_of(cells), count)
    document = plan_document(cells, plans, test, repeats, count)
    if out is not None:
        pace = pace_of(plans[0], test.prober, test.sweep, cells.length_um)
        files = {
            "plan.json": json_text(document),
            "touchdowns.csv": touchdowns_csv(plans[0]),
            "plan.svg": plan_svg(cells, plans[0], pace),
        }

        def fill(folder: Path) -> None:
            for name, content in files.items():
                (folder / name).write_bytes(content)

        write_folder(Path(out), fill, force=force, kind="test plan")
    if as_json:
        click.echo(json.dumps(document, indent=2, ensure_ascii=False))
        return
    _print_plan(document)
    if out is not None:
        click.echo(f"written: {out} (3 files)")


def _print_plan(document: dict[str, Any]) -> None:
    from layoutgen.units import counted

    card, sweep, seconds = document["card"], document["sweep"], document["seconds"]
    repeats = counted(document["repeats"], "repeat")
    click.echo(f"{document['design']}: {document['cells']} cells in {repeats}")
    click.echo(
        f"  card          {card['columns']} x {card['rows']} probes, "
        f"pitch {card['pitch_mm'][0]:g} x {card['pitch_mm'][1]:g} mm"
    )
    click.echo(
        f"  touchdowns    {document['touchdowns_per_repeat']} a repeat, "
        f"{100 * document['efficiency']:.1f} % of the probes read a cell"
    )
    click.echo(
        f"  a touchdown   {document['seconds_per_touchdown']:.2f} s: measure {seconds['measure']:.2f}, "
        f"contact {seconds['contact']:.2f}, move {seconds['move']:.2f}; limited by: {document['limited_by']}"
    )
    click.echo(
        f"  sweep         {sweep['points']} points, {sweep['high_hz']:g} to {sweep['low_hz']:g} Hz in "
        f"{sweep['seconds']:.3f} s, {sweep['channels']} channels"
    )
    click.echo(
        f"  pace          {document['cells_per_second']:.1f} cells a second, {document['metres_per_minute']:.3g} m "
        f"a minute; {document['hours']:.3g} h for the web"
    )
    for other in document["alternatives"][:3]:
        click.echo(
            f"  or            {other['columns']} x {other['rows']}: {other['touchdowns_per_repeat']} touchdowns, "
            f"{100 * other['efficiency']:.1f} %"
        )


@command.command("simulate")
@click.argument("design", metavar="DESIGN")
@click.option("--web-length", metavar="METRES", required=True, help="Length of the web, m.")
@click.option("--seed", metavar="N", default="1", show_default=True, help="Another number, another web.")
@click.option("--out", metavar="WEB", default="build/web", show_default=True, help="Folder to make.")
@click.option("--defect-density", metavar="D0", help="Killers a cm2 [default: that of the process].")
@click.option("--cluster", metavar="ALPHA", help="Cluster parameter [default: that of the process].")
@click.option(
    "--correlation", metavar="R", help="Of estimate and capacity, 0.9, 0.7, 0.5 [default: the process's]."
)
@click.option(
    "--signature",
    "signatures",
    multiple=True,
    metavar="NAME",
    help="mark, scratch, edge or none; again for more [default: all].",
)
@click.option(
    "--rest",
    metavar="HOURS",
    default="0",
    show_default=True,
    help="Time to a second pass over the web, which tells leaks; 0 is one pass.",
)
@click.option("--wave", is_flag=True, help="Add a wave of 25 mV along the web and lane steps of 10 mV.")
@click.option("--rules", metavar="FILE", help="Tables [test...] that take the place of the process's.")
@click.option("--force", is_flag=True, help="Replace the folder if layoutgen made it earlier.")
@click.option("--json", "as_json", is_flag=True, help="Print truth.json.")
@click.option("-q", "--quiet", is_flag=True, help="No progress bar.")
def simulate(design: str, out: str, force: bool, as_json: bool, quiet: bool, **options: Any) -> None:
    """Make a synthetic web, with everything about it known: to learn the commands and to try rules on.

    Everything it leaves says synthetic. What is true of the web stands in truth.json and truth.parquet.

    \b
      layoutgen test simulate part --web-length 60 --seed 7 --out web
      layoutgen bin web
    """
    from layoutgen.files.folder import check_target
    from layoutgen.lot.folder import TRUTH
    from layoutgen.lot.kit import webtest_of
    from layoutgen.lot.simulate import MAKER
    from layoutgen.lot.simulate import simulate as make

    target = Path(out)
    check_target(target, force=force, kind=MAKER)
    seed = _whole(options["seed"], "--seed", 0, 2**63 - 1)
    document, solution = _read_design(design)
    test = webtest_of(solution.loaded, None if options["rules"] is None else Path(options["rules"]))
    recipe = _recipe(options, solution, test, seed)
    bar: Any = click.progressbar(length=recipe.repeats, label="simulating", file=sys.stderr, hidden=quiet)
    with bar:
        imported = make(document, solution, test, recipe, target, force=force, advance=bar.update)
    truth = json.loads((target / TRUTH).read_text(encoding="utf-8"))
    if as_json:
        click.echo(json.dumps(truth, indent=2, ensure_ascii=False))
        return
    click.echo(f"{truth['design']}: synthetic web of {truth['web_length_m']:.4g} m, {truth['repeats']} repeats")
    click.echo(f"  cells         {imported['cells']} read, {imported['missing']} missing")
    click.echo("  killed        " + ", ".join(f"{n} {k}" for k, n in truth["causes"].items() if n and k != "sound"))
    for item in truth["signatures"]:
        click.echo(f"  {item['kind']:<14}{item['place']}" + (f", {item['cells']} cells" if "cells" in item else ""))
    click.echo(f"written: {out}")


@command.command("deliver")
@click.argument("web", metavar="WEB")
@click.option("--out", metavar="DIR", required=True, help="Folder to make.")
@click.option("--cycled", metavar="N", help="Cells that are cycled [default: as the process has it].")
@click.option("--rules", metavar="FILE", help="Tables [test...] that take the place of the process's.")
@click.option("--force", is_flag=True, help="Replace the folder if layoutgen made it earlier.")
@click.option("--json", "as_json", is_flag=True, help="Print what is true of the files.")
@click.option("-q", "--quiet", is_flag=True, help="No progress bar.")
def deliver(
    web: str, out: str, cycled: str | None, rules: str | None, force: bool, as_json: bool, quiet: bool
) -> None:
    """Write a synthetic web as the files that a test house delivers, to learn reading them.

    readings.csv and lot.stdf hold the same readings, eis.csv spectra of every hundredth repeat, aoi.001 what an
    inspection saw (KLARF 1.2), tester-map.xml the tester's own bins (SEMI E142), before.csv the first of two passes
    where the web has two. cycled.csv has capacities of a sample of cells that were cycled, thickness.csv a map of
    the cathode's thickness: both are for layoutgen bin.

    \b
      layoutgen test deliver web --out delivery
      layoutgen test read delivery/readings.csv delivery/eis.csv delivery/aoi.001 --design part --out lot-7
    """
    from layoutgen.files.folder import check_target
    from layoutgen.lot.delivery import BEFORE, CYCLED, DEFECTS, KIND, MAP, READINGS, SPECTRA, STDF, THICKNESS
    from layoutgen.lot.delivery import deliver as write
    from layoutgen.lot.folder import open_web
    from layoutgen.lot.kit import webtest_of

    check_target(Path(out), force=force, kind=KIND)
    opened = open_web(Path(web))
    test = webtest_of(opened.solution.loaded, None if rules is None else Path(rules))
    stated = int(opened.solution.loaded.pdk.assembly.cycled.value)
    sample = stated if cycled is None else _whole(cycled, "--cycled", 1, 1_000_000)
    bar: Any = click.progressbar(length=opened.table.about.repeats, label="writing", file=sys.stderr, hidden=quiet)
    with bar:
        truth = write(opened, test, Path(out), cycled=sample, force=force, advance=bar.update)
    if as_json:
        click.echo(json.dumps(truth, indent=2, ensure_ascii=False))
        return
    points = truth["points"]
    click.echo(f"{opened.map.name}: synthetic web of {opened.table.about.repeats} repeats")
    click.echo(
        f"  spectra       {truth['spectra']}, {len(truth['changed_while_swept'])} changed while they were swept"
    )
    click.echo(f"  inspection    {points['particle']} particles, {points['stain']} stains")
    click.echo(f"  cycled        {truth['cycled']} cells; thickness at {truth['thickness_points']} places")
    first = [BEFORE] if (Path(out) / BEFORE).is_file() else []
    made = [*first, READINGS, STDF, SPECTRA, DEFECTS, MAP, CYCLED, THICKNESS]
    click.echo(f"written: {out} ({', '.join(made)})")


@command.command("read")
@click.argument("data", metavar="DATA...", nargs=-1, required=True)
@click.option("--design", metavar="DESIGN", required=True, help="The design that the web was made with.")
@click.option("--out", metavar="WEB", default="build/web", show_default=True, help="Folder to make.")
@click.option("--web-length", metavar="METRES", help="Length of the web, m; up to it cells are missing.")
@click.option(
    "--unit",
    "units",
    metavar="NAME=UNIT",
    multiple=True,
    help="Unit of a reading, whatever its heading says: ocv=mV.",
)
@click.option(
    "--unknown",
    metavar="PERCENT",
    default="1",
    show_default=True,
    help="Most of the rows of a file that may be of no cell of the design; they are left out.",
)
@click.option("--strict", is_flag=True, help="Refuse files of which anything cannot be taken.")
@click.option("--rules", metavar="FILE", help="Tables [test...] that take the place of the process's.")
@click.option("--force", is_flag=True, help="Replace the folder if layoutgen made it earlier.")
@click.option("--json", "as_json", is_flag=True, help="Print import.json.")
@click.option("-q", "--quiet", is_flag=True, help="No progress.")
def read(data: tuple[str, ...], design: str, out: str, **options: Any) -> None:
    """Read what came back from the test of a web: CSV, Parquet, STDF V4, SEMI E142, KLARF 1.2, spectra as CSV.

    Files are told by their content. Units and signs in headings are heeded. Nothing is dropped in silence:
    import.json counts what is missing, double, unknown or out of range, with examples.

    \b
      layoutgen test read ocv.csv eis.csv defects.klarf --design part --out web
      layoutgen test read lot17.stdf --design part --web-length 200 --strict --out web
    """
    from layoutgen.files.folder import check_target
    from layoutgen.lot.kit import webtest_of
    from layoutgen.lot.reading.importing import Import, import_web
    from layoutgen.lot.simulate import MAKER

    target = Path(out)
    check_target(target, force=options["force"], kind=MAKER)
    document, solution = _read_design(design)
    rules = options["rules"]
    test = webtest_of(solution.loaded, None if rules is None else Path(rules))
    length = options["web_length"]
    asked = Import(
        solution,
        document,
        test,
        [Path(name) for name in data],
        _units(options["units"]),
        None if length is None else _repeats(length, solution),
        strict=options["strict"],
        unknown=_number(options["unknown"], "--unknown", 0, 100) / 100,
    )
    told = _Told(quiet=options["quiet"])
    found = import_web(asked, target, force=options["force"], tell=told)
    told.end()
    if options["as_json"]:
        click.echo(json.dumps(found, indent=2, ensure_ascii=False))
        return
    _print_import(found)
    click.echo(f"written: {out}")


@command.command("fit")
@click.argument("web", metavar="WEB")
@click.option("--all", "every", is_flag=True, help="Fit spectra that are not valid too.")
@click.option("--rules", metavar="FILE", help="Tables [test...] that take the place of the process's.")
@click.option("--json", "as_json", is_flag=True, help="Print fits.json.")
@click.option("-q", "--quiet", is_flag=True, help="No progress bar.")
def fit(web: str, every: bool, rules: str | None, as_json: bool, quiet: bool) -> None:
    """Fit the circuit of the process to the spectra of a web: fits.parquet, with errors, and fits.json.

    The circuit is R0 + R1 beside C1 + R2 beside a constant phase element + W / sqrt(jw); its values in the kit
    (test.circuit) are where the fits start. A parameter counts as known where its standard error is below half of
    it: a sweep that ends too high says little of W.

    \b
      layoutgen test fit lot-7
    """
    from layoutgen.files.folder import add_files
    from layoutgen.lot.fits import RECORD, TABLE, write_fits
    from layoutgen.lot.folder import json_text, open_web
    from layoutgen.lot.kit import webtest_of
    from layoutgen.lot.spectra import FILE, SpectraTable

    opened = open_web(Path(web))
    test = webtest_of(opened.solution.loaded, None if rules is None else Path(rules))
    count = SpectraTable(opened.path / FILE).count
    bar: Any = click.progressbar(length=count, label="fitting", file=sys.stderr, hidden=quiet)
    document: dict[str, Any] = {}

    def fill(folder: Path) -> None:
        with bar:
            document.update(write_fits(opened, test, folder, every=every, advance=bar.update))
        (folder / RECORD).write_bytes(json_text(document))

    add_files(opened.path, fill)
    if as_json:
        click.echo(json.dumps(document, indent=2, ensure_ascii=False))
        return
    mark = " (synthetic)" if document["synthetic"] else ""
    click.echo(f"{document['design']}{mark}: {document['fitted']} of {document['spectra']} spectra fitted")
    if document["dead"]:
        click.echo(f"  dead                     {document['dead']}, fitted and left out below")
    for name, item in document["parameters"].items():
        known = f"known in {item['known']}"
        if item["known"]:
            ends = f"5 to 95 % {item['low']:.4g} .. {item['high']:.4g}"
            unit = "" if item["unit"] == "1" else f" {item['unit']}"
            known = f"{item['median']:.4g}{unit}, {ends}, {known}"
        click.echo(f"  {name:<25}{known}")
    middle, high = (100 * document["residual"][key] for key in ("median", "high"))
    click.echo(f"  left                     {middle:.2g} % of the modulus, 95 % below {high:.2g} %")
    click.echo(f"written: {web} ({TABLE}, {RECORD})")


class _Told:
    """Readings so far, on standard error, where that is a terminal."""

    def __init__(self, *, quiet: bool) -> None:
        self._shown = not quiet and sys.stderr.isatty()
        self._rows = 0

    def __call__(self, rows: int) -> None:
        self._rows += rows
        if self._shown:
            click.echo(f"\rreading: {self._rows} readings", err=True, nl=False)

    def end(self) -> None:
        if self._shown:
            click.echo("", err=True)


def _units(texts: tuple[str, ...]) -> dict[str, str]:
    from layoutgen.errors import Problem, SpecError
    from layoutgen.lot.reading.headings import unit_factor

    found = {}
    for text in texts:
        name, equals, unit = (part.strip() for part in text.partition("="))
        if not equals or unit_factor(name, unit) is None:
            raise SpecError(
                Problem(f"{text!r} is no reading and unit", "--unit", "such as ocv=mV, asr=ohm, capacity=uAh")
            )
        found[name] = unit
    return found


def _print_import(found: dict[str, Any]) -> None:
    from layoutgen.units import counted

    mark = " (synthetic)" if found["synthetic"] else ""
    click.echo(
        f"{found['design']}{mark}: {counted(found['cells'], 'cell')} read in {counted(found['repeats'], 'repeat')}"
    )
    for name in found["sources"]:
        click.echo(f"  from          {name}")
    rows = {
        "missing": "never read", "double": "read more than once", "unknown": "not of this design",
        "out_of_range": "out of range, left out", "unreadable": "no number, left out",
        "broken_lines": "lines of another length, left out",
    }  # fmt: skip
    for key, words in rows.items():
        if found[key]:
            click.echo(f"  {key.replace('_', ' '):<14}{found[key]}  {words}")
            for example in found["examples"].get(key, [])[:3]:
                click.echo(f"                {example}")
    if found["missing_repeats"]:
        shown = ", ".join(str(number) for number in found["missing_repeats"][:8])
        more = " ..." if len(found["missing_repeats"]) > 8 else ""
        click.echo(f"  no reading    of {counted(len(found['missing_repeats']), 'repeat')}: {shown}{more}")
    if found["two_passes"]["cells"]:
        low, high = (f"{hours:.3g}" for hours in found["two_passes"]["rest_h"])
        apart = low if low == high else f"{low} to {high}"
        click.echo(f"  two passes    of {found['two_passes']['cells']} cells, {apart} h apart")
    if found["spectra"]["count"]:
        click.echo(f"  spectra       {found['spectra']['count']}, {found['spectra']['valid']} of them valid")
    if found["defects"]["points"]:
        click.echo(f"  defects       {found['defects']['points']} points")
    for note in found["notes"]:
        click.echo(f"  note          {note}")


def _recipe(options: dict[str, Any], solution: "Solution", test: Any, seed: int) -> Any:
    from layoutgen.errors import Problem, SpecError, did_you_mean
    from layoutgen.lot.synthetic import SIGNATURES, Recipe

    pdk = solution.loaded.pdk
    names = options["signatures"] or SIGNATURES
    wrong = next((name for name in names if name not in (*SIGNATURES, "none")), None)
    if wrong is not None:
        allowed = ", ".join((*SIGNATURES, "none"))
        raise SpecError(
            Problem(f"there is no signature {wrong!r}", "--signature", allowed, did_you_mean(wrong, SIGNATURES))
        )
    if "none" in names and len(names) > 1:
        raise SpecError(Problem("'none' and others cannot be combined", "--signature", "one of the two"))

    def number(option: str, default: float, low: float, high: float) -> float:
        text = options[option.replace("-", "_")]
        return default if text is None else _number(text, f"--{option}", low, high)

    rollers = list(test.rollers.values())
    return Recipe(
        seed=seed,
        repeats=_repeats(options["web_length"], solution),
        defect_density_cm2=number("defect-density", pdk.yield_.defect_density.value, 0, 100),
        cluster_parameter=number("cluster", pdk.yield_.cluster_parameter.value, 0.01, 1e6),
        block_um=test.learn.block.value,
        correlation=number("correlation", pdk.assembly.estimate_correlation.value, 0.01, 1),
        circumference_um=rollers[0].circumference.value if rollers else 628_300.0,
        signatures=tuple(name for name in SIGNATURES if name in names),
        wave=options["wave"],
        splice="none" not in names,
        rest_s=round(3600 * number("rest", 0.0, 0, 10_000)),
    )


def _read_design(design: str) -> "tuple[dict[str, Any], Solution]":
    from layoutgen.document import from_document, read_document

    document = read_document(Path(design))
    return document, from_document(document)


def _repeats(text: str, solution: "Solution") -> int:
    from layoutgen.receivers.test_house import repeats_in

    return repeats_in(solution.web, solution.dbu_nm, _number(text, "--web-length", 1e-6, 1e6))


def _number(text: str, option: str, low: float, high: float) -> float:
    from layoutgen.errors import Problem, SpecError

    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not low <= value <= high:
        raise SpecError(Problem(f"{text!r} is not such a number", option, f"a number from {low:g} to {high:g}"))
    return value


def _whole(text: str, option: str, low: int, high: int) -> int:
    from layoutgen.errors import Problem, SpecError

    if not text.strip().isdecimal() or not low <= int(text) <= high:
        raise SpecError(Problem(f"{text!r} is not such a number", option, f"a whole number from {low} to {high}"))
    return int(text)
