"""`tokens`: the keys that workspaces' tokens are encrypted with."""

import asyncio

import typer
from cryptography.fernet import Fernet

from bot.cli.common import existing_url, sentences
from bot.settings import Home, read
from bot.startup import CannotStartError, existing_database
from db.engine import Sessions
from db.workspaces.installations import Cipher, reencrypt

tokens = typer.Typer(help="The keys that workspaces' tokens are encrypted with.", no_args_is_help=True)


@tokens.command(name="key")
def tokens_key() -> None:
    """Make a key for TOKEN_KEYS. Whoever has it and the database can read tokens: keep it as you keep a password."""
    typer.echo(Fernet.generate_key().decode())


@tokens.command(name="rotate")
def tokens_rotate() -> None:
    """Bring all tokens under the first of TOKEN_KEYS, after which the others can go; running processes go on."""
    with sentences():
        asyncio.run(_rotate(read(Home)))


async def _rotate(home: Home) -> None:
    if not home.keys:
        raise CannotStartError(
            "TOKEN_KEYS is missing: it names the keys, with commas between them; the first encrypts."
        )
    async with existing_database(await existing_url(home)) as engine, Sessions(engine).begin() as session:
        changed, total = await reencrypt(session, Cipher(home.keys))
    typer.echo(f"{changed} of {total} tokens were brought under the first key; now it opens all of them.")
