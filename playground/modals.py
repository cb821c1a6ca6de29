"""Views: the stack of modals and the Home tab of each person."""

from __future__ import annotations

from collections.abc import Mapping

from playground.blockkit import too_large, view_faults
from playground.elements import state, with_ids
from playground.refusal import Refusal
from playground.workspace import MODAL_STACK, Json, View, Workspace


def open_modal(workspace: Workspace, user: str, body: Json) -> View:
    """Open a first modal for this person (id)."""
    view = _new(workspace, user, body, "modal")
    workspace.modals[user] = [view]
    workspace.changed()
    return view


def push_modal(workspace: Workspace, user: str, body: Json) -> View:
    """Put a modal on top of the one that is open."""
    stack = workspace.modals.get(user, [])
    if not stack:
        raise Refusal("invalid_trigger_id")
    if len(stack) >= MODAL_STACK:
        raise Refusal("push_limit_reached")
    view = _new(workspace, user, body, "modal")
    view.root_view_id, view.previous_view_id = stack[0].id, stack[-1].id
    stack.append(view)
    workspace.changed()
    return view


def publish_home(workspace: Workspace, user: str, body: Json, expected_hash: str | None = None) -> View:
    """Put a Home tab in place for this person (id)."""
    home = workspace.homes.get(user)
    if home:
        return replace_view(workspace, home, body, expected_hash)
    workspace.homes[user] = _new(workspace, user, body, "home")
    workspace.changed()
    return workspace.homes[user]


def replace_view(workspace: Workspace, view: View, body: Json, expected_hash: str | None = None) -> View:
    """Show something else in an open view; what is filled in stays where block_id and action_id do."""
    if expected_hash and expected_hash != view.hash:
        raise Refusal("hash_conflict")
    view.body = _checked(workspace, body, view.type)
    view.values = state(view.blocks, view.values)
    view.hash = _new_hash(workspace)
    view.errors = {}
    workspace.changed()
    return view


def close_modal(workspace: Workspace, user: str, *, everything: bool = False) -> None:
    """Take the top modal away, or all of them."""
    stack = workspace.modals.get(user, [])
    if everything:
        stack.clear()
    elif stack:
        stack.pop()
    workspace.changed()


def answer_submission(workspace: Workspace, view: View, answer: Json) -> str | None:
    """Do what the app's answer to view_submission says; returns `errors` when the form stays with errors on it."""
    match answer.get("response_action"):
        case None if not answer:
            close_modal(workspace, view.user)
        case "clear":
            close_modal(workspace, view.user, everything=True)
        case "update":
            replace_view(workspace, view, answer.get("view") or {})
        case "push":
            push_modal(workspace, view.user, answer.get("view") or {})
        case "errors" if _fits(view, answer.get("errors")):
            view.errors = dict(answer["errors"])
            workspace.changed()
            return "errors"
        case _:
            raise Refusal("invalid_response")
    return None


def as_json(workspace: Workspace, view: View) -> Json:
    """A view as Slack sends it to the app."""
    defaults = {
        "private_metadata": "",
        "callback_id": "",
        "external_id": "",
        "title": None,
        "submit": None,
        "close": None,
    }
    return {
        **defaults,
        "clear_on_close": False,
        "notify_on_close": False,
        **view.body,
        "id": view.id,
        "team_id": workspace.team_id,
        "app_id": workspace.app_id,
        "app_installed_team_id": workspace.team_id,
        "bot_id": workspace.bot_id,
        "hash": view.hash,
        "root_view_id": view.root_view_id,
        "previous_view_id": view.previous_view_id,
        "state": {"values": view.values},
    }


def _new(workspace: Workspace, user: str, body: Json, surface: str) -> View:
    checked = _checked(workspace, body, surface)
    view_id = workspace.new_id("V")
    return View(
        id=view_id,
        user=user,
        body=checked,
        hash=_new_hash(workspace),
        root_view_id=view_id,
        values=state(checked["blocks"]),
    )


def check(body: Json, surface: str) -> None:
    """Refusal of a view that Slack would not show as a `modal` or `home`."""
    if faults := list(view_faults(body, surface)):
        raise Refusal("invalid_arguments", faults)
    if too_large(body):
        raise Refusal("view_too_large")


def _checked(workspace: Workspace, body: Json, surface: str) -> Json:
    check(body, surface)
    return body | {"blocks": with_ids(body["blocks"], workspace.new_id)}


def _new_hash(workspace: Workspace) -> str:
    return f"{workspace.new_ts()}.{workspace.new_id('h')}"


def _fits(view: View, errors: object) -> bool:
    """Slack takes errors only for the input blocks of the view."""
    inputs = {block["block_id"] for block in view.blocks if block["type"] == "input"}
    return isinstance(errors, Mapping) and bool(errors) and errors.keys() <= inputs
