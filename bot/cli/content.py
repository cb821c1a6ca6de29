"""`content`: ladders are begun, checked, and held against their last version."""

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer

from bot.features import routes
from handlers.slack.text import count
from ladder_content import versions
from ladder_content.loader import check, default_folder, load
from ladder_content.versions import CannotBeginError

content = typer.Typer(help="Career ladders as YAML.", no_args_is_help=True)


@content.command(name="check")
def content_check(
    folder: Annotated[Path | None, typer.Argument(help="A ladder's folder; the shipped one without.")] = None,
    against: Annotated[
        Path | None, typer.Option(help="The folder of its last version, to which entries refer.")
    ] = None,
) -> None:
    """Prove that a ladder is whole; each fault is told with file, line and id."""
    found = folder or default_folder()
    reserved = routes().reserved
    _mend(map(str, check(found, reserved)), found)
    ladder = load(found, reserved)
    if against:
        _mend(map(str, check(against)), against)
        _mend(versions.broken(load(against), ladder), found)
        for note in versions.worth_knowing(load(against), ladder):
            typer.echo(note)
    typer.echo(
        f"{ladder.ladder.title} {ladder.ladder.version}: {len(ladder.levels)} levels, {len(ladder.criteria)} criteria,"
        f" {count(len(ladder.answers), 'answer')}. All in order."
    )


@content.command()
def new(folder: Annotated[Path, typer.Argument(help="A folder that is new, or empty.")]) -> None:
    """Write a small ladder, to be changed into your own; docs/ladders.md shows how."""
    try:
        files = versions.begin(folder)
    except CannotBeginError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from None
    typer.echo(
        f"Wrote a small ladder into {folder}: {', '.join(files)}.\n"
        "Next:\n"
        "  1. Change its words into yours: levels first, then what leads to each.\n"
        f"  2. python -m bot content check {folder}\n"
        f"  3. Set LADDER_DIR={folder.absolute()} and restart Rung.\n"
        "docs/ladders.md follows one from here to people who use it."
    )


def _mend(faults: Iterable[str], where: Path) -> None:
    """Tell what is wrong, if something is, and end."""
    told = list(faults)
    for fault in told:
        typer.echo(fault, err=True)
    if told:
        typer.echo(f"{len(told)} to mend in {where}", err=True)
        raise typer.Exit(1)
