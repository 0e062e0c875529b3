"""``layoutgen schema``: what a file must look like, for editors and other tools."""

import click

from layoutgen.cli.command import Command
from layoutgen.cli.output import print_json


@click.command("schema", cls=Command)
@click.argument("name", metavar="[NAME]", required=False)
@click.option("--json", "as_json", is_flag=True, help="Without NAME: print the list as JSON.")
def command(name: str | None, as_json: bool) -> None:
    """List the JSON Schemas of all files that the tool reads and writes, or print one.

    An editor that is given the schema of a TOML file completes its keys and marks what is wrong.

    \b
      layoutgen schema
      layoutgen schema pdk-file > pdk-file.schema.json
    """
    from layoutgen.errors import Problem, SpecError, did_you_mean
    from layoutgen.schemas import SCHEMAS, schema_text

    if name is not None and name not in SCHEMAS:
        raise SpecError(
            Problem(f"there is no schema {name!r}", "NAME", ", ".join(SCHEMAS), did_you_mean(name, SCHEMAS))
        )
    if name is not None:
        click.echo(schema_text(name), nl=False)
    elif as_json:
        print_json({key: schema.of for key, schema in SCHEMAS.items()})
    else:
        for key, schema in SCHEMAS.items():
            click.echo(f"{key:<14}{schema.of}")
