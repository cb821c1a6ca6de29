"""What Slack's refusals mean for a delivery, its member and its workspace.

The words are those of Slack's reference for chat.postMessage, conversations.open, conversations.history and
chat.delete. A word that is not here fails the one delivery that it was said of.
"""

import math
from datetime import timedelta
from enum import Enum, auto

import aiohttp
from slack_sdk.errors import SlackApiError

from bot.failures import slacks_word
from bot.slack import NO_TOKEN

NO_ANSWER = (aiohttp.ClientError, TimeoutError)


class Meaning(Enum):
    SLOW_DOWN = auto()  # nothing was done; the workspace waits for Retry-After
    LOST = auto()  # part of it may have been done
    CLOSED = auto()  # nothing was done, for reasons of the workspace, and of that method, that pass or can be mended
    SHUT_OUT = auto()  # as CLOSED, whatever the method: Slack does not take the token, or the workspace, for now
    NO_SUCH_DM = auto()  # the channel that was stored is none any more
    MEMBER_GONE = auto()
    WORKSPACE_GONE = auto()  # for good: what comes back has another token
    REFUSED = auto()  # this message, for good


MEANINGS = {
    "ratelimited": Meaning.SLOW_DOWN,
    "rate_limited": Meaning.SLOW_DOWN,
    "internal_error": Meaning.LOST,  # "some aspect of the operation" may have succeeded
    "fatal_error": Meaning.LOST,
    "service_unavailable": Meaning.LOST,
    "request_timeout": Meaning.LOST,
    "ekm_access_denied": Meaning.CLOSED,  # administrators have suspended posting
    "enterprise_is_restricted": Meaning.CLOSED,
    "messages_tab_disabled": Meaning.CLOSED,  # both: a matter of the app's configuration
    "missing_scope": Meaning.CLOSED,
    "account_inactive": Meaning.SHUT_OUT,  # said of the token's account, never of the member
    "accesslimited": Meaning.SHUT_OUT,  # not from this network
    "invalid_auth": Meaning.SHUT_OUT,
    "not_allowed_token_type": Meaning.SHUT_OUT,
    "not_authed": Meaning.SHUT_OUT,
    "org_login_required": Meaning.SHUT_OUT,  # both: on its way into an Enterprise organisation
    "team_added_to_org": Meaning.SHUT_OUT,
    "team_access_not_granted": Meaning.SHUT_OUT,
    "token_expired": Meaning.SHUT_OUT,
    "two_factor_setup_required": Meaning.SHUT_OUT,
    "channel_not_found": Meaning.NO_SUCH_DM,
    "is_archived": Meaning.NO_SUCH_DM,
    "not_in_channel": Meaning.NO_SUCH_DM,
    "user_disabled": Meaning.MEMBER_GONE,
    "user_not_found": Meaning.MEMBER_GONE,
    "cannot_dm_bot": Meaning.MEMBER_GONE,
    "token_revoked": Meaning.WORKSPACE_GONE,
    NO_TOKEN: Meaning.WORKSPACE_GONE,
}
RETRY_AFTER = 30  # seconds, where Slack does not say


def meaning(error: SlackApiError) -> Meaning:
    """What an answer with an error means; one that is not in Slack's own words may hide that it was done."""
    if status(error) == 429:
        return Meaning.SLOW_DOWN
    said = slacks_word(error)
    return MEANINGS.get(said, Meaning.REFUSED) if said else Meaning.LOST


class UnreadableHistoryError(Exception):
    """Slack's history does not tell whether a message stands in it."""


def word(error: Exception) -> str:
    """What went wrong, in a word."""
    if isinstance(error, SlackApiError):
        return slacks_word(error) or "no answer of Slack's"
    if isinstance(error, UnreadableHistoryError):
        return str(error)
    return type(error).__name__


def retry_after(error: SlackApiError) -> timedelta:
    """How long Slack asks to wait."""
    try:
        seconds = float(error.response.headers.get("Retry-After", RETRY_AFTER))
    except ValueError:
        seconds = RETRY_AFTER
    return timedelta(seconds=seconds if math.isfinite(seconds) and seconds > 0 else RETRY_AFTER)


def status(error: SlackApiError) -> int | None:
    """The HTTP status, also of an answer that slack_sdk could not read."""
    code: int | None = getattr(error.response, "status_code", getattr(error.response, "status", None))
    return code
