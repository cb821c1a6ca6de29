"""`migrate`, `deliveries` and `postgres`: what is in the database, and where it lies."""

import asyncio
from typing import Annotated
from uuid import UUID

import typer

from bot.cli.common import database_url, existing_url, ladder_of, now, postgres_home, sentences
from bot.features import message_kinds
from bot.ops import deliveries as operator
from bot.settings import Home, read
from bot.startup import CannotStartError, database, existing_database
from db.embedded import server
from db.engine import Sessions

postgres = typer.Typer(help="The embedded Postgres.", no_args_is_help=True)


def migrate() -> None:
    """Bring the database to the newest tables."""
    with sentences():
        asyncio.run(_migrate(read(Home)))


async def _migrate(home: Home) -> None:
    async with database(await database_url(home)):
        typer.echo("The database has the newest tables.")


def deliveries(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only what would be sent now; nothing is.")] = False,
    requeue: Annotated[UUID | None, typer.Option(help="Look for a failed one; send it if it is not there.")] = None,
) -> None:
    """List what is waiting, unknown or failed, with who, when, which question and why; never what people wrote."""
    with sentences():
        if dry_run and requeue:
            raise CannotStartError("A dry run changes nothing, and --requeue does: choose one of the two.")
        asyncio.run(_deliveries(read(Home), dry_run, requeue))


async def _deliveries(home: Home, dry: bool, requeue: UUID | None) -> None:
    listed = not (dry or requeue)  # a dry run composes as the sender does, and what that writes is rolled back
    async with existing_database(await existing_url(home), read_only=listed) as engine:
        sessions = Sessions(engine)
        if requeue and not await operator.requeue(sessions, message_kinds(), requeue):
            raise CannotStartError(f"No delivery {requeue} has failed, so nothing was changed.")
        ladder, kinds = ladder_of(home), message_kinds()
        lines = operator.dry_run(sessions, kinds, ladder, now()) if dry else operator.outbox(sessions, kinds)
        typer.echo("\n".join(await lines))


@postgres.command()
def stop() -> None:
    """Stop the embedded Postgres; the next start finds everything as it was."""
    with sentences():
        stopped = server.stop(postgres_home(read(Home)))
        typer.echo("Stopped the embedded Postgres." if stopped else "No embedded Postgres was running.")
