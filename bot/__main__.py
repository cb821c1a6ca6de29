"""`python -m bot`, and what it can do."""

from typing import Annotated

import typer

from bot.cli import data, demo, doctor, run
from bot.cli.common import sentences
from bot.cli.content import content
from bot.cli.people import people
from bot.cli.tokens import tokens
from bot.install.manifest import Form, manifest, written

cli = typer.Typer(
    name="rung",
    help="Rung: a Slack bot for mentorship and growth nudges along a career ladder.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
cli.command()(run.run)
cli.command()(demo.demo)
cli.command()(data.migrate)
cli.command()(data.deliveries)


@cli.command(name="manifest")
def manifest_(
    url: Annotated[str | None, typer.Option(help="HTTP mode: the https address at which Slack reaches Rung.")] = None,
    name: Annotated[str, typer.Option(help="What the app is called in Slack.")] = "Rung",
    oauth: Annotated[bool, typer.Option("--oauth", help="HTTP mode: workspaces install it by OAuth.")] = False,
    form: Annotated[Form, typer.Option("--format", help="What to print; Slack's form takes both.")] = Form.YAML,
) -> None:
    """Print the manifest to create the Slack app from: for Socket Mode, or for HTTP mode with --url."""
    with sentences():
        typer.echo(written(manifest(name, url, oauth=oauth), form))


cli.command()(doctor.doctor)
cli.add_typer(content, name="content")
cli.add_typer(people, name="people")
cli.add_typer(tokens, name="tokens")
cli.add_typer(data.postgres, name="postgres")

if __name__ == "__main__":
    cli()
