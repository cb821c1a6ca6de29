"""Many workspaces: how they install Rung by OAuth, and with which token each of them is served."""

import secrets
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urljoin

import aiohttp
import structlog
from slack_bolt.adapter.starlette.async_handler import to_async_bolt_request, to_starlette_response
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.authorization.async_authorize import AsyncAuthorize
from slack_bolt.context.async_context import AsyncBoltContext
from slack_bolt.oauth.async_callback_options import AsyncCallbackOptions, AsyncFailureArgs, AsyncSuccessArgs
from slack_bolt.oauth.async_oauth_flow import AsyncOAuthFlow
from slack_bolt.oauth.async_oauth_settings import AsyncOAuthSettings
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse
from slack_sdk.errors import SlackApiError
from slack_sdk.oauth.installation_store import Installation
from slack_sdk.oauth.state_store.async_state_store import AsyncOAuthStateStore
from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.failures import slacks_word
from bot.install import pages
from bot.install.manifest import SCOPES
from bot.slack import OAuth
from bot.tenancy import NOT_INSTALLED, NotServedError, workspace_key
from db.engine import Sessions
from db.workspaces import installations, workspaces
from db.workspaces.installations import Cipher, InstallationStore
from handlers.slack.blocks import Json

log = structlog.get_logger()
Clock = Callable[[], datetime]
REDIRECT = "/slack/oauth_redirect"
STATE_LIFE = timedelta(minutes=10)
OUR_FAULT = ("invalid_client_id", "bad_client_secret", "bad_redirect_uri")


class NotTakenError(Exception):
    """An installation that Slack gave and Rung does not take; its argument is a word of `install_pages.FAILURES`."""


class Installs:
    """What a Rung for many workspaces needs in place of one token; `client` has none."""

    def __init__(self, oauth: OAuth, client: AsyncWebClient, engine: AsyncEngine, clock: Clock) -> None:
        self._sessions = Sessions(engine)
        self._oauth = oauth
        self._cipher = Cipher(oauth.token_keys)
        self._store = InstallationStore(oauth.client_id, engine, self._cipher)
        self.authorize = Authorize(self._store)
        self.flow = Flow(oauth, client, self._store, States(self._sessions, clock), self._sessions, clock)

    async def check(self) -> None:
        """See that Slack answers, and that the keys open every token. Raises SlackApiError, UnreadableTokenError."""
        await self.flow.client.api_test()
        async with self._sessions() as session:
            await installations.check(session, self._cipher)

    async def token(self, workspace: str) -> str | None:
        """The token of the workspace of that key, as of now; none where Rung is not installed."""
        bot = await self._store.bot(workspace)
        return bot.bot_token if bot else None

    def routes(self) -> list[Route]:
        """Where people install Rung, and where Slack sends them back to."""
        begin, end = self.flow.handle_installation, self.flow.handle_callback
        return [Route(pages.INSTALL, _shown(begin)), Route(REDIRECT, _shown(end))]


def _shown(handle: Callable[[AsyncBoltRequest], Awaitable[BoltResponse]]) -> Callable[[Request], Awaitable[Response]]:
    """An endpoint that has a page for whatever happens."""

    async def endpoint(request: Request) -> Response:
        try:
            page = await handle(to_async_bolt_request(request, b""))
        except NotTakenError as error:
            page = _failed(str(error))
        except SlackApiError as error:
            word = slacks_word(error)
            page = _failed("misconfigured" if word in OUR_FAULT else word or "unreachable", said=word)
        except (aiohttp.ClientError, TimeoutError) as error:
            page = _failed("unreachable", said=type(error).__name__)
        except SQLAlchemyError as error:
            page = _failed("no_database", said=type(error).__name__)
        return to_starlette_response(page)

    return endpoint


def _failed(reason: str, **about: Any) -> BoltResponse:
    log.warning("workspace.install_failed", reason=reason, **about)
    return pages.failure(reason)


class States(AsyncOAuthStateStore):
    """The installations under way; each ends once, and in time."""

    def __init__(self, sessions: Sessions, clock: Clock) -> None:
        self._sessions, self._clock = sessions, clock

    async def async_issue(self, *_: Any, **__: Any) -> str:
        state, now = secrets.token_urlsafe(32), self._clock()
        async with self._sessions.begin() as session:
            await installations.begin(session, state, now, now + STATE_LIFE)
        return state

    async def async_consume(self, state: str) -> bool:
        async with self._sessions.begin() as session:
            return await installations.end(session, state, self._clock())


class Authorize(AsyncAuthorize):
    """With which token a request is served: one statement, and no call to Slack. Raises NotServedError."""

    def __init__(self, store: InstallationStore) -> None:
        self._store = store

    async def __call__(  # as Bolt calls it
        self,
        *,
        context: AsyncBoltContext,
        enterprise_id: str | None,
        team_id: str | None,
        user_id: str | None,
        **_: str | None,
    ) -> AuthorizeResult:
        workspace = workspace_key(context)
        bot = await self._store.bot(workspace) if workspace else None
        if bot is None:
            raise NotServedError(NOT_INSTALLED)
        return AuthorizeResult(
            enterprise_id=enterprise_id,
            team_id=team_id,
            bot_token=bot.bot_token,
            bot_id=bot.bot_id,
            bot_user_id=bot.bot_user_id,
            bot_scopes=bot.bot_scopes,
            user_id=user_id,
        )


class Flow(AsyncOAuthFlow):
    """Bolt's OAuth flow, with pages of our own. Of what Slack gives it keeps what Rung needs: no user's token."""

    def __init__(
        self,
        oauth: OAuth,
        client: AsyncWebClient,
        store: InstallationStore,
        states: AsyncOAuthStateStore,
        sessions: Sessions,
        clock: Clock,
    ) -> None:
        settings = AsyncOAuthSettings(
            client_id=oauth.client_id,
            client_secret=oauth.client_secret,
            scopes=list(SCOPES),
            user_scopes=(),
            redirect_uri=oauth.redirect_uri,
            install_path=pages.INSTALL,
            redirect_uri_path=REDIRECT,
            callback_options=AsyncCallbackOptions(success=_installed, failure=_not_installed),
            authorization_url=urljoin(client.base_url, "/oauth/v2/authorize"),
            installation_store=store,
            state_store=states,
            state_expiration_seconds=int(STATE_LIFE.total_seconds()),
        )
        super().__init__(client=client, settings=settings)
        self._store, self._sessions, self._clock = store, sessions, clock

    async def build_authorize_url(self, state: str, request: AsyncBoltRequest) -> str:
        return self.settings.authorize_url_generator.generate(state=state)

    async def append_set_cookie_headers(self, headers: Json, set_cookie_value: str | None) -> Json:
        headers |= pages.HEADERS
        return await super().append_set_cookie_headers(headers, set_cookie_value)  # type: ignore[no-any-return]

    async def build_install_page_html(self, url: str, request: AsyncBoltRequest) -> str:
        return pages.install(url)

    async def run_installation(self, code: str) -> Installation:
        """Bolt's own would write the code into the log where Slack refuses. Raises NotTakenError and SlackApiError."""
        about = {"code": code} | ({"redirect_uri": self.redirect_uri} if self.redirect_uri else {})
        who = aiohttp.encode_basic_auth(self.client_id, self.settings.client_secret)
        given = await self.client.api_call("oauth.v2.access", data=about, headers={"Authorization": who})
        if given.get("refresh_token"):
            raise NotTakenError("token_rotation")
        if not given.get("access_token"):
            raise NotTakenError("no_bot")
        team, enterprise = given.get("team") or {}, given.get("enterprise") or {}
        bot = await self.client.auth_test(token=given["access_token"])
        return Installation(
            app_id=given["app_id"],
            enterprise_id=enterprise.get("id"),
            enterprise_name=enterprise.get("name"),
            team_id=team.get("id"),
            team_name=team.get("name"),
            bot_token=given["access_token"],
            bot_id=bot["bot_id"],
            bot_user_id=given["bot_user_id"],
            bot_scopes=given["scope"],
            user_id=given["authed_user"]["id"],
            is_enterprise_install=given.get("is_enterprise_install"),
            token_type=given.get("token_type"),
            installed_at=self._clock(),
        )

    async def store_installation(self, request: AsyncBoltRequest, installation: Installation) -> None:
        """The workspace is on before it has its token: what comes late of an earlier uninstall changes neither."""
        key = installation.enterprise_id if installation.is_enterprise_install else installation.team_id
        assert key, "Slack names the team or the enterprise"
        at = datetime.fromtimestamp(installation.installed_at, UTC)
        async with self._sessions.begin() as session:
            await workspaces.add(session, key)
            await workspaces.installed(session, key, at)
        await self._store.async_save(installation)
        async with self._sessions.begin() as session:
            await installations.forget(session, key, at)
        log.info("workspace.installed", workspace=key)


async def _installed(args: AsyncSuccessArgs) -> BoltResponse:
    it = args.installation
    name = it.enterprise_name if it.is_enterprise_install else it.team_name
    return pages.success(name or "Slack", it.team_id, it.app_id)


async def _not_installed(args: AsyncFailureArgs) -> BoltResponse:
    return _failed(args.reason if args.reason in pages.FAILURES else "refused")
