"""Web API: modals and Home tabs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playground import modals
from playground.methods.arguments import Method, required
from playground.methods.people import person
from playground.refusal import Refusal
from playground.workspace import Json, View

if TYPE_CHECKING:
    from playground.playground import Playground


def open_view(slack: Playground, args: Json) -> Json:
    """views.open"""
    return _shown(slack, modals.open_modal(slack.workspace, body=_body(args), user=_triggered(slack, args)))


def push(slack: Playground, args: Json) -> Json:
    """views.push"""
    return _shown(slack, modals.push_modal(slack.workspace, body=_body(args), user=_triggered(slack, args)))


def update(slack: Playground, args: Json) -> Json:
    """views.update, by view_id or external_id"""
    view = _found(slack, args)
    return _shown(slack, modals.replace_view(slack.workspace, view, _body(args, view.type), args.get("hash")))


def publish(slack: Playground, args: Json) -> Json:
    """views.publish"""
    user = person(slack, required(args, "user_id"))
    return _shown(slack, modals.publish_home(slack.workspace, user.id, _body(args, "home"), args.get("hash")))


def _body(args: Json, surface: str = "modal") -> Json:
    """The view, looked at before any trigger is spent on it."""
    required(args, "view")
    body: Json = args["view"]
    modals.check(body, surface)
    return body


def _triggered(slack: Playground, args: Json) -> str:
    return slack.triggers.exchange(required(args, "trigger_id"))


def _found(slack: Playground, args: Json) -> View:
    for view in slack.workspace.views():
        if args.get("view_id") == view.id or args.get("external_id", "") == view.body.get("external_id"):
            return view
    raise Refusal("not_found")


def _shown(slack: Playground, view: View) -> Json:
    return {"view": modals.as_json(slack.workspace, view)}


METHODS: dict[str, Method] = {
    "views.open": open_view,
    "views.push": push,
    "views.update": update,
    "views.publish": publish,
}
