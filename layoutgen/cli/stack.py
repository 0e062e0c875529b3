"""``layoutgen stack``: which cells of binned webs go into which stack."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from layoutgen.cli.command import Command

if TYPE_CHECKING:
    from layoutgen.lot.stacks.choose import Chosen, Order, Wanted
    from layoutgen.lot.stacks.pool import Pool

_ORDERS = ("whole", "web", "open:8", "tray:490", "trays:7")


@click.command("stack", cls=Command)
@click.argument("webs", metavar="WEB...", nargs=-1, required=True)
@click.option(
    "--design", metavar="DESIGN", required=True, help="The design that is stacked: folder or design.json."
)
@click.option(
    "--out", metavar="DIR", help="Folder to make: stacks.html, stacks.parquet, recipe.csv, labels.csv and others."
)
@click.option(
    "--order",
    "order_text",
    metavar="ORDER",
    default="whole",
    show_default=True,
    help="How the line works: whole, web, open:K, tray:PLACES, trays:K.",
)
@click.option("--compare", is_flag=True, help="Put the orders side by side; write nothing.")
@click.option("--mah", metavar="CAPACITY", help="What every stack must reach [default: rated by the design].")
@click.option("--layers", metavar="N", help="Cells of a stack [default: those of the design].")
@click.option(
    "--resistance-ratio",
    metavar="RATIO",
    default="1.3",
    show_default=True,
    help="Largest over smallest resistance in a stack; none: no limit.",
)
@click.option("--leak", metavar="CURRENT", help="Most that the leaks of a stack may add up to, such as 2uA.")
@click.option(
    "--guard", metavar="P", help="Reach the capacity with this probability, by the error of the estimates."
)
@click.option(
    "--classes", metavar="MAH,MAH", help="Lower edges of capacity classes; a stack counts by its lower bound."
)
@click.option("--by-lot", is_flag=True, help="Cells of different webs never share a stack.")
@click.option("--seed", metavar="N", default="1", show_default=True, help="Of the draw from class trays.")
@click.option("--trace", metavar="STACK", help="Say where each cell of a stack in --out came from; write nothing.")
@click.option("--find", metavar="CELL", help="Say which stack in --out a cell went into; of several webs 2/CELL.")
@click.option("--force", is_flag=True, help="Replace the folder if layoutgen made it earlier.")
@click.option("--json", "as_json", is_flag=True, help="Print stacks.json.")
def command(
    webs: tuple[str, ...], design: str, out: str | None, force: bool, as_json: bool, **options: Any
) -> None:
    """Most stacks that reach their capacity, then the tightest spread, by an order that the line can run.

    WEB is a folder that layoutgen bin has binned; several webs are lots that are mixed. Counts have a bound, and
    are called optimal where they meet it; the spread is stated with the error of the estimates.

    \b
      layoutgen stack web --design part --out stacks
      layoutgen stack web1 web2 web3 --design part --order trays:7 --out stacks
      layoutgen stack web --design part --compare
      layoutgen stack web --design part --out stacks --trace S017
      layoutgen stack web --design part --out stacks --find W0012-F1-B2-C03-R12
    """
    from layoutgen.document import from_document, read_document
    from layoutgen.errors import InputError, Problem
    from layoutgen.files.folder import check_target
    from layoutgen.lot.stacks.choose import choose
    from layoutgen.lot.stacks.nearest import none_reaches
    from layoutgen.lot.stacks.pool import open_pool
    from layoutgen.lot.stacks.record import stacks_record

    order = _order(options["order_text"])
    seed = _whole(options["seed"], "--seed", 0, 2**63 - 1)
    asked = [name for name in ("trace", "find") if options[name] is not None]
    if len(asked) > 1:
        raise InputError(Problem("one of --trace and --find at a time", "--find"))
    if asked and out is None:
        raise InputError(
            Problem("needs the folder of the stacks", f"--{asked[0]}", remedy="--out with that folder")
        )
    if out is not None and not asked and not options["compare"]:
        check_target(Path(out), force=force, kind="stack")
    solution = from_document(read_document(Path(design)))
    pool = open_pool([Path(web) for web in webs], solution)
    if options["trace"] is not None:
        _trace(pool, Path(str(out)), options["trace"], as_json=as_json)
        return
    if options["find"] is not None:
        _find(pool, Path(str(out)), options["find"], as_json=as_json)
        return
    wanted = _wanted(options, solution.device.layers, solution.device.rated_mah, pool, order)
    if order.name == "trays" and order.number > wanted.size:
        raise InputError(
            Problem(
                f"{order.number} trays for stacks of {wanted.size}", "--order", f"trays:1 to trays:{wanted.size}"
            )
        )
    if options["compare"]:
        _compare(pool, wanted, seed, solution.spec.confidence, mixed=not options["by_lot"], as_json=as_json)
        return
    mixed = not options["by_lot"]
    chosen = choose(pool, wanted, order, seed=seed, mixed=mixed)
    if not chosen.made:
        raise none_reaches(pool, wanted, order, seed=seed, mixed=mixed)
    name = solution.spec.file_name()
    record = stacks_record(
        pool,
        wanted,
        chosen,
        name,
        confidence=solution.spec.confidence,
        edges=_edges(options["classes"]),
    )
    if out is not None:
        _write(Path(out), pool, chosen, record, force=force)
    if as_json:
        click.echo(json.dumps(record, indent=2, ensure_ascii=False))
        return
    _print(record)
    if out is not None:
        click.echo(f"written: {out} (7 files)")


def _write(out: Path, pool: "Pool", chosen: "Chosen", record: dict[str, Any], *, force: bool) -> None:
    from layoutgen.files.folder import write_folder
    from layoutgen.lot.folder import json_text
    from layoutgen.lot.stacks import files
    from layoutgen.lot.stacks.page import FILE, page_html

    edges = [item["from_mah"] for item in record["classes"] if item["from_mah"] is not None]

    def fill(folder: Path) -> None:
        files.write_table(pool, chosen, folder / files.TABLE)
        texts = {
            files.RECIPE: files.recipe_lines(pool, chosen),
            files.LABELS: files.label_lines(pool, chosen, record["rated"]["confidence"], edges),
            files.LEFT: files.left_over_lines(pool, chosen),
            files.MAP: files.transfer_map_lines(pool, chosen),
        }
        for name, lines in texts.items():
            with (folder / name).open("w", encoding="utf-8", newline="\n") as file:
                file.writelines(lines)
        (folder / files.RECORD).write_bytes(json_text(record))
        (folder / FILE).write_text(page_html(pool, chosen, record), encoding="utf-8", newline="\n")

    write_folder(out, fill, force=force, kind="stack")


def _print(record: dict[str, Any]) -> None:
    from layoutgen.lot.stacks.record import remarks
    from layoutgen.units import counted

    mark = " (synthetic)" if record["synthetic"] else ""
    spread, rated = record["spread"], record["rated"]
    word = "optimal" if record["optimal"] else f"{record['gap']} below the bound"
    click.echo(f"{record['design']}{mark}: {record['cells']} good cells of {counted(len(record['lots']), 'lot')}")
    click.echo(f"  order         {record['order']}, {record['cells_held']} cells held at the peak")
    click.echo(f"  stacks        {record['made']} of {record['layers']} cells, bound {record['bound']} ({word})")
    capacity = record["capacity_mah"]
    click.echo(
        f"  capacity      {capacity['lowest']:.3f} to {capacity['highest']:.3f} mAh by estimate,"
        f" mean {capacity['mean']:.3f}"
    )
    click.echo(
        f"  spread        {spread['estimate']:.4f} mAh by estimate,"
        f" {spread['with_error']:.4f} mAh with the error of the estimates"
    )
    click.echo(
        f"  rated         {rated['sure']} reach {rated['mah']:.3f} mAh at {rated['confidence']:g} confidence,"
        f" {rated['expected']:.1f} are expected to"
    )
    for line in remarks(record):
        click.echo(f"                {line}")
    if record["limits"]["resistance_ratio"] is None:
        click.echo("  resistance    no limit: none was asked for, or nobody measured it")
    for item in record["classes"]:
        low = "below" if item["from_mah"] is None else f"from {item['from_mah']:g} mAh"
        click.echo(f"  class         {low}: {item['stacks']}")
    trays = record["trays"]
    if trays is not None and trays["lasts"] is not None:
        lasts = trays["lasts"]
        click.echo(
            f"  trays         if cells go on to come like this, tray {lasts['tray']} of {trays['trays']} runs out"
            f" after {counted(lasts['stacks'], 'more stack')}"
        )
    left = record["left_over"]
    click.echo(f"  left over     {left['count']} cells")
    for why, count in left["by_reason"].items():
        click.echo(f"                {count}: {why}")


def _compare(pool: "Pool", wanted: "Wanted", seed: int, confidence: float, *, mixed: bool, as_json: bool) -> None:
    from layoutgen.lot.stacks.choose import choose
    from layoutgen.lot.stacks.record import compared

    rows = {}
    for text in _ORDERS:
        order = _order(text)
        if order.name == "trays" and order.number > wanted.size:
            continue
        rows[text] = choose(pool, wanted, order, seed=seed, mixed=mixed)
    table = compared(rows, pool, wanted, confidence)
    if as_json:
        click.echo(json.dumps({"schema": "layoutgen.stack-orders/1", "orders": table}, indent=2))
        return
    click.echo(
        f"{'order':<10}{'stacks':>8}{'lost':>6}{'gap':>6}{'cells held':>12}{'spread, mAh':>13}{'with error':>12}"
        f"{f'mAh at {confidence:g}':>16}{'layers':>8}"
    )
    for row in table:
        layers = "-" if row["layers"] is None else row["layers"]
        click.echo(
            f"{row['order']:<10}{row['made']:>8}{row['stacks_lost']:>6}{row['gap']:>6}{row['cells_held']:>12}"
            f"{row['spread_mah']:>13.4f}{row['spread_with_error_mah']:>12.4f}{row['rates_mah']:>16.3f}{layers:>8}"
        )
    click.echo(f"layers: cells of a stack in this order that reach {wanted.target / 1e6:.3f} mAh")


def _trace(pool: "Pool", folder: Path, text: str, *, as_json: bool) -> None:
    from layoutgen.errors import InputError, Problem
    from layoutgen.lot.stacks.files import read_stack, stack_name
    from layoutgen.lot.stacks.trace import traced

    digits = text.strip().upper().removeprefix("S")
    if not (digits.isascii() and digits.isdigit()):
        raise InputError(Problem(f"{text!r} names no stack", "--trace", "a label such as S017, or its number"))
    held = read_stack(folder, int(digits))
    rows = traced(pool, held)
    label = stack_name(int(digits), held["made"])
    if as_json:
        click.echo(json.dumps({"schema": "layoutgen.stack-trace/1", "stack": label, "cells": rows}, indent=2))
        return
    click.echo(f"{label}: {len(rows)} cells, the bottom one first")
    for row in rows:
        click.echo(f"  {row['layer']:>3}  {_cell_line(row)}")


def _find(pool: "Pool", folder: Path, text: str, *, as_json: bool) -> None:
    from layoutgen.lot.stacks.files import read_place
    from layoutgen.lot.stacks.trace import cell_of, place_of

    place = place_of(pool, text)
    stack, layer = read_place(folder, *place) or (None, None)
    row = cell_of(pool, *place)
    if as_json:
        content = {"schema": "layoutgen.stack-place/1", "stack": stack, "layer": layer, "cell": row}
        click.echo(json.dumps(content, indent=2))
        return
    click.echo(f"{row['cell']}: " + ("in no stack" if stack is None else f"{stack}, layer {layer}"))
    click.echo(f"  {_cell_line(row)}")


def _cell_line(row: dict[str, Any]) -> str:
    read_as = {
        "ocv_v": "{:.4f} V", "asr_ohm_cm2": "{:g} ohm cm2", "contact_ohm": "contact {:g} ohm",
        "leak_ua": "leak {:g} uA", "temperature_c": "{:g} degC", "site": "site {}",
    }  # fmt: skip
    readings = "".join(f", {form.format(row[key])}" for key, form in read_as.items() if row[key] is not None)
    read = row["spectrum"]
    spectrum = "" if read is None else f", spectrum {'valid' if read['valid'] else 'not valid'}"
    hits = f", hit by {', '.join(row['hits'])}" if row["hits"] else ""
    capacity = f"{row['capacity_mah']:.5f} mAh +- {row['capacity_error_mah']:.5f}"
    return (
        f"{row['folder']} {row['cell']}  x {row['x_mm']:.3f} y {row['y_mm']:.3f} mm"
        f"  {capacity}{readings}{spectrum}, bin {row['bin']}{hits}"
    )


def _wanted(options: dict[str, Any], layers: int, rated_mah: float, pool: "Pool", order: "Order") -> "Wanted":
    import math
    from statistics import NormalDist

    from layoutgen.errors import InputError, Problem
    from layoutgen.lot.stacks.choose import Wanted
    from layoutgen.lot.stacks.pool import usual_error
    from layoutgen.units import parse

    size = layers if options["layers"] is None else _whole(options["layers"], "--layers", 1, 10_000)
    target = rated_mah if options["mah"] is None else parse(options["mah"], "mAh", "--mah")
    leak = (
        None if options["leak"] is None else round(parse(options["leak"], "mA", "--leak", default_unit="uA") * 1e9)
    )
    if leak is not None and pool.count and (pool.leak < 0).all():
        raise InputError(
            Problem("nobody measured a leak of these cells", "--leak", remedy="two passes of the test, or no limit")
        )
    margin = 0
    if options["guard"] is not None:
        share = _number(options["guard"], "--guard", 0.5, 0.999999)
        error = usual_error(pool, size, neighbours=order.neighbours, mixed=not options["by_lot"])
        margin = math.ceil(NormalDist().inv_cdf(share) * error)
    ratio = (
        None
        if options["resistance_ratio"].strip() == "none"
        else _number(options["resistance_ratio"], "--resistance-ratio", 1.0, 1e6)
    )
    if ratio is not None and (pool.resistance < 0).all():
        ratio = None  # nobody measured it: there is nothing to compare
    return Wanted(size, math.ceil(round(target * 1e6, 3)) + margin, ratio, leak, margin)


def _order(text: str) -> "Order":
    from layoutgen.errors import InputError, Problem
    from layoutgen.lot.stacks.choose import Order

    name, colon, number = text.strip().partition(":")
    allowed = "whole, web, open:K, tray:PLACES, trays:K"
    if name in {"whole", "web"} and not colon:
        return Order(name)
    if name in {"open", "tray", "trays"} and number.isascii() and number.isdigit() and 1 <= int(number) <= 10**9:
        return Order(name, int(number))
    raise InputError(Problem(f"{text!r} is no order", "--order", allowed))


def _whole(text: str, option: str, low: int, high: int) -> int:
    from layoutgen.errors import InputError, Problem

    if not (text.isascii() and text.isdigit()) or not low <= int(text) <= high:
        raise InputError(Problem(f"{text!r} is not a whole number from {low} to {high}", option))
    return int(text)


def _number(text: str, option: str, low: float, high: float) -> float:
    from layoutgen.errors import InputError, Problem

    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if not low <= value <= high:
        raise InputError(Problem(f"{text!r} is out of range", option, f"{low:g} to {high:g}"))
    return value


def _edges(text: str | None) -> list[float]:
    from layoutgen.errors import InputError, Problem
    from layoutgen.units import parse

    if text is None:
        return []
    edges = [parse(part, "mAh", "--classes") for part in text.split(",")]
    if edges != sorted(set(edges)):
        raise InputError(Problem(f"{text!r} does not rise", "--classes", "rising edges, such as 19.5,20,20.5"))
    return edges
