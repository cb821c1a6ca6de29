"""The doctor's look at Slack's history: whether it gives back what Rung knows its messages by after a lost answer."""

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy.exc import ArgumentError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.delivery.slack_messages import delivery_of
from bot.failures import slacks_word
from bot.ops.doctor import Finding, Findings, Mark
from bot.slack import Slack
from bot.unreachable import NOT_ANSWERED
from db import migrate
from db.engine import Sessions, create_engine
from db.migrate import Standing
from db.outbox import messages
from db.outbox.messages import Sent
from db.workspaces.installations import Cipher, InstallationStore, UnreadableTokenError

WHAT = "message metadata"
PAGE = 15  # messages: as many as Slack gives to any app
CLOSED = ("missing_scope", "not_allowed_token_type", "no_permission")
WITHOUT = (
    "Slack gives the history of a DM without the metadata that Rung knows its messages by. Nothing comes twice for it,"
    " but a message whose answer is lost is given up after 36 hours. If SLACK_API_URL is a proxy, let it pass"
    " `include_all_metadata` and `metadata` on; else ask Slack's support why conversations.history leaves them out."
)


async def look(url: str | None, slack: Slack) -> Findings:
    """What the history says of the newest message that was sent. `url`: the database, if it is up."""
    if url is None:
        return _open("not tried: there is no database yet")
    try:
        engine = create_engine(url)
    except (ArgumentError, ValueError):
        return _open("not tried: see the database")
    try:
        if await migrate.standing(engine) is not Standing.CURRENT:
            return _open("not tried: the tables are not the newest")
        return await _look(engine, slack)
    except (SQLAlchemyError, UnreadableTokenError):
        return _open("not tried: see the database")
    except SlackApiError as error:
        return _refused(slacks_word(error))
    except NOT_ANSWERED:
        return _open("not tried: Slack cannot be reached")
    finally:
        await engine.dispose()


def _open(words: str) -> Findings:
    return [Finding(Mark.OPEN, WHAT, words)]


def _refused(word: str | None) -> Findings:
    if word not in CLOSED:
        return _open(f"not known: Slack did not show the history ({word or 'no answer of its own'})")
    words = f"Slack does not let the history be read ({word}): see the scopes. Until then nothing is sent again."
    return [Finding(Mark.WRONG, WHAT, words)]


async def _look(engine: AsyncEngine, slack: Slack) -> Findings:
    key = await _own(slack)
    async with Sessions(engine).background() as session:  # no index knows what was sent last
        newest = await messages.newest(session, key)
    if newest is None:
        return _open("nothing was sent yet that it could be tried with")
    return await _read(await _client(engine, slack, newest.workspace), newest)


async def _own(slack: Slack) -> str | None:
    """The workspace of the one token; none where each has its own."""
    if slack.oauth:
        return None
    answer = await slack.client(retries=False).auth_test()
    return str(answer["enterprise_id"] if answer.get("is_enterprise_install") else answer["team_id"])


async def _client(engine: AsyncEngine, slack: Slack, workspace: str) -> AsyncWebClient:
    client = slack.client(retries=False)
    if slack.oauth:
        store = InstallationStore(slack.oauth.client_id, engine, Cipher(slack.oauth.token_keys))
        bot = await store.bot(workspace)
        client.token = bot.bot_token if bot else None
    return client


async def _read(client: AsyncWebClient, newest: Sent) -> Findings:
    """A click may have taken the metadata from the newest one: any other message that has it proves as much."""
    page = await client.conversations_history(
        channel=newest.channel, latest=newest.ts, inclusive=True, limit=PAGE, include_all_metadata=True
    )
    if any(delivery_of(message) for message in page["messages"]):
        return [Finding(Mark.FINE, WHAT, "Slack's history gives back what Rung knows its messages by")]
    if newest.ts in [message["ts"] for message in page["messages"]]:
        return [Finding(Mark.WRONG, WHAT, WITHOUT)]
    return _open("not known: the message that was sent last is not in Slack any more")
