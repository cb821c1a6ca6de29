"""Who installed Rung by OAuth: slack_sdk's store, with tokens that only the operator's keys open."""

from collections.abc import Sequence
from datetime import UTC, datetime

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from slack_sdk.oauth.installation_store import Bot, Installation
from slack_sdk.oauth.installation_store.sqlalchemy import AsyncSQLAlchemyInstallationStore
from sqlalchemy import Dialect, Text, delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession
from sqlalchemy.types import TypeDecorator

from db.models import BOTS, INSTALLATIONS, SECRETS, OAuthState

TABLES = (BOTS, INSTALLATIONS)


class UnreadableTokenError(Exception):
    """No key in TOKEN_KEYS opens a token in the database: add the key that it was encrypted with, at the end."""


class Cipher:
    """The first key encrypts, all of them decrypt. ValueError for a key that is none, and without any."""

    def __init__(self, keys: Sequence[str]) -> None:
        self._first, *_ = fernets = [Fernet(key) for key in keys]
        self._all = MultiFernet(fernets)

    def encrypt(self, secret: str) -> str:
        return self._first.encrypt(secret.encode()).decode()

    def decrypt(self, hidden: str) -> str:
        try:
            return self._all.decrypt(hidden).decode()
        except InvalidToken as error:
            raise UnreadableTokenError(UnreadableTokenError.__doc__) from error

    def renewed(self, hidden: str) -> str | None:
        """The same secret under the first key; none where it is under that already."""
        try:
            self._first.decrypt(hidden)
        except InvalidToken:
            return self.encrypt(self.decrypt(hidden))
        return None


class Encrypted(TypeDecorator[str]):
    """Text that is readable in the process only."""

    impl = Text
    cache_ok = True

    def __init__(self, cipher: Cipher) -> None:
        super().__init__()
        self.cipher = cipher

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else self.cipher.encrypt(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else self.cipher.decrypt(value)


class InstallationStore(AsyncSQLAlchemyInstallationStore):
    """slack_sdk's store, with its tokens encrypted, and without a word of who installed the app.

    An enterprise's installation has its id alone, and any other that of its team alone, which stays the same when a
    team joins an enterprise or leaves it.
    """

    def __init__(self, client_id: str, engine: AsyncEngine, cipher: Cipher) -> None:
        # For reading, mostly: one statement for each request of Slack's.
        super().__init__(client_id, engine.execution_options(isolation_level="AUTOCOMMIT"))
        for table in (self.bots, self.installations):
            for name in SECRETS:
                if name in table.c:
                    table.c[name].type = Encrypted(cipher)

    async def async_save(self, installation: Installation) -> None:
        if not installation.is_enterprise_install:
            installation.enterprise_id = None
        installation.user_id = installation.bot_user_id or ""
        await super().async_save(installation)

    async def bot(self, workspace: str) -> Bot | None:
        """The latest installation in the workspace of that key."""
        is_enterprise = workspace.startswith("E")
        return await self.async_find_bot(
            enterprise_id=workspace if is_enterprise else None, team_id=None if is_enterprise else workspace
        )


async def forget(session: AsyncSession, workspace: str, before: datetime) -> int:
    """Delete what was installed there before that instant; how many tokens of Rung's own are gone."""
    naive = before.astimezone(UTC).replace(tzinfo=None)  # as the store writes it
    gone = [
        await session.execute(
            delete(table)
            .where(func.coalesce(table.c.team_id, table.c.enterprise_id) == workspace, table.c.installed_at < naive)
            .returning(table.c.id)
        )
        for table in TABLES
    ]
    return len(gone[0].all())


async def reencrypt(session: AsyncSession, cipher: Cipher) -> tuple[int, int]:
    """Bring every token under the first key: how many were not yet, and how many there are.

    Held from others meanwhile, so that nothing is lost that is installed or uninstalled at the same time. Raises
    UnreadableTokenError.
    """
    changed = total = 0
    for table in TABLES:
        columns = [table.c[name] for name in SECRETS if name in table.c]
        rows = await session.execute(select(table.c.id, *columns).order_by(table.c.id).with_for_update())
        for row in rows.mappings().all():
            hidden = {name: text for name, text in row.items() if name != "id" and text is not None}
            renewed = {name: text for name, old in hidden.items() if (text := cipher.renewed(old))}
            if renewed:
                await session.execute(update(table).where(table.c.id == row["id"]).values(renewed))
            changed, total = changed + len(renewed), total + len(hidden)
    return changed, total


async def check(session: AsyncSession, cipher: Cipher) -> None:
    """Open every workspace's token. Raises UnreadableTokenError."""
    for hidden in await session.scalars(select(BOTS.c.bot_token).where(BOTS.c.bot_token.is_not(None))):
        cipher.decrypt(hidden)


async def begin(session: AsyncSession, state: str, now: datetime, until: datetime) -> None:
    """Remember an installation that somebody begins; those that nobody ended in time are forgotten."""
    await session.execute(delete(OAuthState).where(OAuthState.expires_at <= now))
    session.add(OAuthState(state=state, expires_at=until))
    await session.flush()


async def end(session: AsyncSession, state: str, now: datetime) -> bool:
    """Whether that installation was begun in time, and not ended before. Of several at once, for one alone."""
    found = await session.execute(delete(OAuthState).where(OAuthState.state == state).returning(OAuthState.expires_at))
    expires_at = found.scalar()
    return expires_at is not None and expires_at > now
