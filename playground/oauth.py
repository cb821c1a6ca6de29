"""One app that several workspaces install: OAuth v2, and a Web API that knows whose token it is given."""

from __future__ import annotations

import base64
import binascii
import contextlib
import secrets
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from html import escape
from urllib.parse import parse_qsl, urlencode

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.types import Receive, Scope, Send

from playground.clock import Clock
from playground.playground import Playground
from playground.refusal import Refusal
from playground.server import create_app, running
from playground.workspace import Json

CODE_LIFE = timedelta(minutes=10)


@dataclass
class Code:
    """What an installation is exchanged by, once."""

    playground: Playground
    scope: str
    redirect_uri: str | None
    expires: datetime
    used: bool = False


class Distribution:
    """The workspaces that may install the app, each a playground without a token until it does.

    Whoever comes to the address that asks for consent chooses the workspace by `team`, or cancels.
    """

    def __init__(
        self,
        *playgrounds: Playground,
        redirect_uri: str,
        client_id: str = "1000.2000",
        client_secret: str = "playground-client-secret",
    ) -> None:
        self.playgrounds = playgrounds
        self.client_id, self.client_secret, self.redirect_uri = client_id, client_secret, redirect_uri
        self._codes: dict[str, Code] = {}
        self._dead: dict[str, str] = {}
        for playground in playgrounds:
            playground.bot_token = ""

    @property
    def clock(self) -> Clock:
        return self.playgrounds[0].clock

    async def uninstall(self, playground: Playground) -> None:
        """As an administrator of that workspace does."""
        self._revoke(playground, "account_inactive")
        for event in ({"type": "tokens_revoked", "tokens": _revoked(playground)}, {"type": "app_uninstalled"}):
            await playground.event(event)

    @contextlib.asynccontextmanager
    async def serving(self) -> AsyncIterator[str]:
        """Serve all of it in this process; gives the base URL."""
        async with running(self._app()) as url:
            for playground in self.playgrounds:
                playground.url = f"{url}/{playground.workspace.team_id}"
            try:
                yield url
            finally:
                for playground in self.playgrounds:
                    await playground.aclose()

    def _app(self) -> Starlette:
        apps = {playground.workspace.team_id: create_app(playground) for playground in self.playgrounds}

        async def by_token(scope: Scope, receive: Receive, send: Send) -> None:
            token = _bearer(Request(scope))
            if token in self._dead:
                await JSONResponse({"ok": False, "error": self._dead[token]})(scope, receive, send)
                return
            owner = next((each for each in self.playgrounds if each.bot_token == token), self.playgrounds[0])
            await apps[owner.workspace.team_id](scope, receive, send)

        app = Starlette(
            routes=[
                Route("/oauth/v2/authorize", self._authorize),
                Route("/api/oauth.v2.access", self._access, methods=["POST"]),
                Route("/api/auth.revoke", self._auth_revoke, methods=["GET", "POST"]),
                Route("/api/apps.uninstall", self._apps_uninstall, methods=["GET", "POST"]),
                *(Mount(f"/{team}", app=each) for team, each in apps.items()),
            ]
        )
        app.router.default = by_token
        return app

    async def _authorize(self, request: Request) -> Response:
        asked = request.query_params
        uri = asked.get("redirect_uri") or self.redirect_uri
        if asked.get("client_id") != self.client_id or uri != self.redirect_uri:
            return PlainTextResponse("invalid_client_id or bad_redirect_uri", 400)
        if "cancel" in asked:
            return RedirectResponse(f"{uri}?{urlencode({'error': 'access_denied', 'state': asked.get('state', '')})}")
        chosen = next((each for each in self.playgrounds if each.workspace.team_id == asked.get("team")), None)
        if chosen is None:
            names = {each.workspace.name: f"{request.url}&team={each.workspace.team_id}" for each in self.playgrounds}
            links = (names | {"Cancel": f"{request.url}&cancel=1"}).items()
            return HTMLResponse("".join(f'<p><a href="{escape(url)}">{escape(name)}</a></p>' for name, url in links))
        code = secrets.token_hex(16)
        expires = self.clock.now() + CODE_LIFE
        self._codes[code] = Code(chosen, asked.get("scope", ""), asked.get("redirect_uri"), expires)
        return RedirectResponse(f"{uri}?{urlencode({'code': code, 'state': asked.get('state', '')})}")

    async def _access(self, request: Request) -> Response:
        try:
            args = await self._as_the_app(request)
            return JSONResponse({"ok": True, **self._installed(self._spent(args))})
        except Refusal as refusal:
            return JSONResponse(refusal.as_json())

    async def _auth_revoke(self, request: Request) -> Response:
        playground = self._owner(request)
        if playground is None:
            return JSONResponse({"ok": False, "error": "invalid_auth"})
        event = {"type": "tokens_revoked", "tokens": _revoked(playground)}
        self._revoke(playground, "token_revoked")
        playground.tell(event)
        return JSONResponse({"ok": True, "revoked": True})

    async def _apps_uninstall(self, request: Request) -> Response:
        playground = self._owner(request)
        try:
            args = dict(request.query_params) | dict(parse_qsl((await request.body()).decode()))
            self._is_the_app(args.get("client_id"), args.get("client_secret"))
        except Refusal as refusal:
            return JSONResponse(refusal.as_json())
        if playground is None:
            return JSONResponse({"ok": False, "error": "invalid_auth"})
        self._revoke(playground, "account_inactive")
        playground.tell({"type": "tokens_revoked", "tokens": _revoked(playground)})
        playground.tell({"type": "app_uninstalled"})
        return JSONResponse({"ok": True})

    async def _as_the_app(self, request: Request) -> Json:
        """The arguments, from somebody with the client id and secret."""
        args = dict(parse_qsl((await request.body()).decode()))
        scheme, _, both = request.headers.get("authorization", "").partition(" ")
        with contextlib.suppress(binascii.Error, UnicodeDecodeError):
            if scheme.lower() == "basic":
                args["client_id"], _, args["client_secret"] = base64.b64decode(both).decode().partition(":")
        self._is_the_app(args.get("client_id"), args.get("client_secret"))
        return args

    def _is_the_app(self, client_id: str | None, client_secret: str | None) -> None:
        if client_id != self.client_id:
            raise Refusal("invalid_client_id")
        if client_secret != self.client_secret:
            raise Refusal("bad_client_secret")

    def _spent(self, args: Json) -> Code:
        code = self._codes.get(args.get("code", ""))
        if code is None or code.expires <= self.clock.now():
            raise Refusal("invalid_code")
        if code.used:
            raise Refusal("code_already_used")
        if args.get("redirect_uri") != code.redirect_uri:
            raise Refusal("bad_redirect_uri")
        code.used = True
        return code

    def _installed(self, code: Code) -> Json:
        playground, workspace = code.playground, code.playground.workspace
        playground.bot_token = (
            f"xoxb-{secrets.randbelow(10**12):012}-{secrets.randbelow(10**13):013}-{secrets.token_hex(12)}"
        )
        enterprise = workspace.enterprise_id
        return {
            "access_token": playground.bot_token,
            "token_type": "bot",
            "scope": code.scope,
            "bot_user_id": workspace.bot.id,
            "app_id": workspace.app_id,
            "team": None if enterprise else {"id": workspace.team_id, "name": workspace.name},
            "enterprise": {"id": enterprise, "name": workspace.name} if enterprise else None,
            "authed_user": {"id": next(each.id for each in workspace.people.values() if not each.is_bot)},
            "is_enterprise_install": enterprise is not None,
        }

    def _owner(self, request: Request) -> Playground | None:
        token = _bearer(request)
        return next((each for each in self.playgrounds if token and each.bot_token == token), None)

    def _revoke(self, playground: Playground, word: str) -> None:
        """The token is none any more: Slack answers it with that word."""
        if playground.bot_token:
            self._dead[playground.bot_token] = word
        playground.bot_token = ""


def _revoked(playground: Playground) -> Json:
    return {"oauth": [], "bot": [playground.workspace.bot.id]}


def _bearer(request: Request) -> str:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token if scheme.lower() == "bearer" else ""
