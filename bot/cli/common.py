"""What commands share: sentences instead of tracebacks, the clock, the database, the way to Slack."""

import asyncio
import contextlib
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import typer
from pydantic import SecretStr

from bot.environment import leave_nothing_of_ours
from bot.features import routes
from bot.ops.invite import NotInvitedError
from bot.roles import Role
from bot.settings import Home, Settings, SettingsError, WorkerSettings
from bot.slack import OAuth, Slack
from bot.startup import EVERYWHERE, HERE, CannotStartError
from db.embedded import server
from db.embedded.server import EmbeddedError
from db.workspaces.installations import UnreadableTokenError
from ladder_content.loader import ContentErrors, default_folder, load
from ladder_content.model import Ladder


@contextlib.contextmanager
def sentences() -> Iterator[None]:
    """What a person can mend is told in a sentence, with exit code 2 and without a traceback."""
    try:
        yield
    except (SettingsError, CannotStartError, EmbeddedError, NotInvitedError, UnreadableTokenError) as error:
        sys.stderr.write(f"{error}\n")
    except ContentErrors as error:
        sys.stderr.write(f"{error}\nLADDER_DIR names a ladder with faults: mend them, or leave it out.\n")
    else:
        return
    raise typer.Exit(2)


def now() -> datetime:
    return datetime.now(UTC)


def ladder_of(home: Home) -> Ladder:
    """The ladder that is set, else the shipped one. Raises ContentErrors."""
    return load(home.ladder_dir or default_folder(), routes().reserved)


async def database_url(home: Home) -> str:
    """The address that is set, else that of the embedded Postgres, which is made where there is none."""
    return home.database_url.get_secret_value() if home.database_url else await embedded_url(home, "rung")


async def existing_url(home: Home) -> str:
    """The address that is set, else that of the embedded Postgres, which is started when it is not up.

    Raises CannotStartError where there is none.
    """
    if home.database_url:
        return home.database_url.get_secret_value()
    folder = postgres_home(home)
    if url := await asyncio.to_thread(server.start_existing, folder):
        return url
    raise CannotStartError(
        f"There is no database yet: DATABASE_URL is not set, and {folder} holds no Postgres of Rung's."
        " `python -m bot migrate` makes one. Nothing was changed."
    )


async def embedded_url(home: Home, name: str) -> str:
    """The address of a database in the embedded Postgres, which is started when it is not up."""
    return await asyncio.to_thread(server.start, postgres_home(home), name)


def postgres_home(home: Home) -> Path:
    """The folder of the embedded Postgres."""
    return server.default_home(home.rung_home, home.xdg_data_home)


def slack_of(settings: WorkerSettings) -> Slack:
    """How to reach Slack, and where its requests are taken how it reaches us. From here on nobody reads it anew."""
    leave_nothing_of_ours()
    app_token = settings.slack_app_token if isinstance(settings, Settings) else None
    signing_secret = settings.slack_signing_secret if isinstance(settings, Settings) else None
    return Slack(
        _open(settings.slack_bot_token),
        _open(app_token),
        _open(signing_secret),
        settings.slack_api_url,
        _oauth(settings),
    )


def host_of(settings: WorkerSettings, role: Role) -> str:
    """Where a process listens: everywhere where Slack or people call it, else for this machine alone."""
    in_socket_mode = isinstance(settings, Settings) and settings.slack_app_token is not None
    return settings.host or (EVERYWHERE if role.answers and not in_socket_mode else HERE)


def _open(secret: SecretStr | None) -> str | None:
    return secret.get_secret_value() if secret else None


def _oauth(settings: WorkerSettings) -> OAuth | None:
    """With what workspaces install Rung; none where one token serves one."""
    secret = _open(settings.slack_client_secret)
    if settings.slack_client_id is None or secret is None:
        return None
    return OAuth(settings.slack_client_id, secret, settings.keys, settings.slack_redirect_uri)
