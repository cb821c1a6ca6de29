"""The Web API: one table of methods, and the checks that come before each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playground.methods import chat, conversations, files, people, views
from playground.methods.arguments import Method, structured
from playground.refusal import Refusal
from playground.scopes import METHODS as SCOPES
from playground.scopes import granted
from playground.workspace import Json

if TYPE_CHECKING:
    from playground.playground import Playground

METHODS: dict[str, Method] = {
    **people.METHODS,
    **conversations.METHODS,
    **chat.METHODS,
    **views.METHODS,
    **files.METHODS,
}
WITHOUT_TOKEN = {"api.test"}
WITH_APP_TOKEN = {"apps.connections.open"}


def call(slack: Playground, method: str, token: str | None, args: Json) -> Json:
    """Carry a call out; the answer Slack would give, `ok` or not."""
    try:
        if method not in METHODS:
            raise Refusal("unknown_method")
        _authorise(slack, method, token)
        return {"ok": True, **METHODS[method](slack, structured(args))}
    except Refusal as refusal:
        return refusal.as_json()


def _authorise(slack: Playground, method: str, token: str | None) -> None:
    if method in WITHOUT_TOKEN:
        return
    if not token:
        raise Refusal("not_authed")
    if token not in (slack.bot_token, slack.app_token):
        raise Refusal("invalid_auth")
    if (token == slack.app_token) is not (method in WITH_APP_TOKEN):
        raise Refusal("not_allowed_token_type")
    provided, needed = granted(slack.manifest), SCOPES[method]
    if provided is not None and needed is not None and needed not in provided:
        raise Refusal("missing_scope", needed=needed, provided=",".join(provided))
