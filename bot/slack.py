"""How Slack is reached: with which tokens, and by clients that wait and try again as their work allows."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from handlers.slack.patience import patient

REQUEST_TIMEOUT = 7  # seconds, for one call to Slack
NO_TOKEN = "no_token"  # a word of ours among Slack's
ReadToken = Callable[[], Awaitable[str | None]]


@dataclass(frozen=True)
class OAuth:
    """The app as Slack knows it, and the keys that tokens are encrypted with: the first encrypts, all decrypt."""

    client_id: str
    client_secret: str = field(repr=False)
    token_keys: Sequence[str] = field(repr=False)
    redirect_uri: str | None = None


def _no(word: str) -> AsyncSlackResponse:
    """An answer of Slack's that is none."""
    about: dict[str, Any] = {"http_verb": "POST", "api_url": "", "req_args": {}, "headers": {}, "status_code": 200}
    return AsyncSlackResponse(client=None, data={"ok": False, "error": word}, **about)


class WorkspaceClient(AsyncWebClient):
    """The one client there is, for the doctor as for the sender: every token goes in by the same way.

    Where it is given how, it reads the token before each call. Thus an uninstall and a new installation count at once,
    whichever process heard of them. A workspace without a token is not called: it fails as if Slack had answered
    NO_TOKEN.
    """

    def __init__(self, token: str | None, read_token: ReadToken | None, **about: Any) -> None:
        super().__init__(token, **about)
        self._read_token = read_token

    @property
    def token(self) -> str | None:
        """What is sent."""
        return self._token

    @token.setter
    def token(self, token: str | None) -> None:
        self._token = token and token.strip()

    async def api_call(self, api_method: str, **about: Any) -> AsyncSlackResponse:
        if self._read_token:
            self.token = await self._read_token()
            if not self.token:
                raise SlackApiError(f"{api_method} was not called", _no(NO_TOKEN))  # type: ignore[no-untyped-call]
        return await super().api_call(api_method, **about)


@dataclass(frozen=True)
class Slack:
    """How to reach Slack: with one workspace's token, or by OAuth in many, each with its own.

    An app token means Socket Mode, a signing secret HTTP mode.
    """

    bot_token: str | None
    app_token: str | None = None
    signing_secret: str | None = None
    api_url: str = "https://slack.com/api/"
    oauth: OAuth | None = None

    def patient_client(self, read_token: ReadToken | None = None) -> AsyncWebClient:
        """A Web API client that waits as long as Slack asks it to, for work that nobody waits for."""
        return patient(self.client(read_token))

    def client(self, read_token: ReadToken | None = None, *, retries: bool = True) -> AsyncWebClient:
        """A Web API client, by default with the token of the one workspace.

        The sender's has no retries of its own: they post twice when an answer is lost.
        """
        return WorkspaceClient(
            self.bot_token,
            read_token,
            base_url=self.api_url,
            timeout=REQUEST_TIMEOUT,
            retry_handlers=None if retries else [],
        )
