"""``layoutgen compare``: patterning flows side by side."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from layoutgen.cli.command import Command
from layoutgen.cli.options import progress_to_stderr, question_options, spec_from_options
from layoutgen.cli.output import answering, print_json

if TYPE_CHECKING:
    from layoutgen.patterning.compare import FlowComparison


@click.command("compare", cls=Command)
@click.option("--flow", "flows", metavar="NAME|PATH", multiple=True, help="A kit, which is a flow; two to six.")
@question_options
@click.option("--out", metavar="DIR", help="Folder to make: compare.json, compare.txt, compare.svg.")
@click.option("--force", is_flag=True, help="Replace the folder if layoutgen made it earlier.")
@click.option("--json", "as_json", is_flag=True, help="Print the answer as JSON.")
@click.option("-q", "--quiet", is_flag=True, help="No progress on stderr.")
def command(
    flows: tuple[str, ...], out: str | None, force: bool, as_json: bool, quiet: bool, **options: Any
) -> None:
    """Ask one question of several patterning flows: what each makes of it, what it loses, and why they differ.

    A flow is a process design kit. Layers, height, area lost to isolation, passes, overlay, rules, masks and risks
    stand beside each other; every difference is traced to the statements of the kits.

    \b
      layoutgen compare --flow anodeless-ss --flow one-step --mah 20 --footprint 8x10
      layoutgen compare --flow anodeless-ss --flow one-step --mah 20 --footprint 8x10 --out flows
    """
    from layoutgen.errors import Problem, SpecError
    from layoutgen.files.folder import check_target
    from layoutgen.patterning.answer import compare_json, compare_text
    from layoutgen.patterning.compare import compare_flows

    spec = spec_from_options(options)
    if "pdk" in spec.model_fields_set:
        raise SpecError(Problem("a flow is a kit: the question names none", "--pdk", "--flow for each kit"))
    if out is not None:
        check_target(Path(out), force=force, kind="compare")
    with answering(as_json=as_json):
        found = compare_flows(spec, flows, progress=progress_to_stderr(quiet=quiet))
    answer, text = compare_json(found), compare_text(found)
    if out is not None:
        _write(Path(out), answer, text, found, force=force)
    if as_json:
        print_json(answer)
    else:
        click.echo(text)


def _write(target: Path, answer: dict[str, Any], text: str, found: "FlowComparison", *, force: bool) -> None:
    from layoutgen.files.folder import write_folder
    from layoutgen.patterning.picture import compare_svg

    def fill(folder: Path) -> None:
        content = json.dumps(answer, indent=2, ensure_ascii=False) + "\n"
        (folder / "compare.json").write_text(content, encoding="utf-8")
        (folder / "compare.txt").write_text(text + "\n", encoding="utf-8")
        (folder / "compare.svg").write_bytes(compare_svg(found))

    write_folder(target, fill, kind="compare", force=force)
