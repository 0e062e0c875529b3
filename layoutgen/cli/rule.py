"""``layoutgen rule``: the design rules of a process, listed or one in full."""

import os
from pathlib import Path

import click

from layoutgen.cli.command import Command
from layoutgen.cli.output import force_file_option


@click.command("rule", cls=Command)
@click.argument("rule", metavar="[RULE]", required=False)
@click.option("--pdk", metavar="NAME|PATH", help="Process design kit [default: anodeless-ss].")
@click.option("--set", "settings", metavar="PATH=VALUE", multiple=True, help="Override a PDK value.")
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
@click.option("--write-docs", metavar="DIR", help="Write a Markdown page for each rule there.")
@force_file_option
def command(
    rule: str | None,
    pdk: str | None,
    settings: tuple[str, ...],
    as_json: bool,
    write_docs: str | None,
    force: bool,
) -> None:
    """List the design rules of a process, or print one with the derivation of its limit.

    \b
      layoutgen rule
      layoutgen rule ENC001
      layoutgen rule ENC001 --set laser.heat_affected_zone=30
    """
    import json

    from layoutgen.cli.options import settings_of
    from layoutgen.errors import PdkError, Problem
    from layoutgen.pdk.load import DEFAULT_PDK, load_pdk
    from layoutgen.rules.pages import doc_pages, rule_list, rule_of, rule_page

    overrides = list(settings_of(settings, "--set").items())
    loaded = load_pdk(DEFAULT_PDK if pdk is None else pdk, overrides).pdk
    if write_docs is not None and (rule is not None or as_json):
        what = "writes the pages of all rules"
        raise PdkError(Problem(what, "--write-docs", remedy="leave out RULE and --json"))
    if write_docs is not None and not write_docs.strip():
        raise PdkError(Problem("names no folder", "--write-docs", remedy="--write-docs rules"))
    if write_docs is not None:
        _write(Path(write_docs), doc_pages(loaded), force=force)
    elif as_json:
        rules = dict([rule_of(loaded, rule)]) if rule is not None else loaded.rules
        content = {name: item.model_dump(mode="json") for name, item in rules.items()}
        click.echo(json.dumps(content, indent=2, ensure_ascii=False))
    else:
        click.echo(rule_page(loaded, rule) if rule is not None else rule_list(loaded))


def _write(folder: Path, pages: dict[str, str], *, force: bool) -> None:
    from layoutgen.errors import OutputError, Problem
    from layoutgen.files.folder import write_new_folder
    from layoutgen.files.place import refusing
    from layoutgen.files.together import replace_together
    from layoutgen.units import counted

    where = f"--write-docs {folder}"
    files = {name: text.encode() for name, text in pages.items()}
    with refusing(where):
        there = {name: folder / name for name in files if (folder / name).exists() or (folder / name).is_symlink()}
        other = [name for name, path in there.items() if not path.is_file() or path.read_bytes() != files[name]]
        if other and not force:
            what = f"{len(other)} of the pages are there and say something else: {', '.join(other[:5])}"
            raise OutputError(Problem(what, where, remedy="--force to replace them, or another folder"))
    if os.path.lexists(folder):
        replace_together(folder, files, where=where)
    else:
        write_new_folder(folder, files, where=where)
    click.echo(f"written: {folder} ({counted(len(pages), 'page')})")
