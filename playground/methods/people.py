"""Web API: who is who, and the app's own connection."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playground.methods.arguments import Method, flag, page, required
from playground.payloads import user_json
from playground.refusal import Refusal
from playground.workspace import Json, Person

if TYPE_CHECKING:
    from playground.playground import Playground


def api_test(slack: Playground, args: Json) -> Json:
    """api.test"""
    return {"args": args}


def auth_test(slack: Playground, args: Json) -> Json:
    """auth.test"""
    workspace = slack.workspace
    return {
        "url": f"https://{workspace.domain}.slack.com/",
        "team": workspace.name,
        "team_id": workspace.team_id,
        "user": workspace.bot.name,
        "user_id": workspace.bot.id,
        "bot_id": workspace.bot_id,
        **({"enterprise_id": workspace.enterprise_id} if workspace.enterprise_id else {}),
        "is_enterprise_install": workspace.enterprise_id is not None,
    }


def users_info(slack: Playground, args: Json) -> Json:
    """users.info"""
    return {"user": user_json(slack.workspace, person(slack, required(args, "user")))}


def users_list(slack: Playground, args: Json) -> Json:
    """users.list"""
    if slack.workspace.enterprise_id and args.get("team_id") != slack.workspace.team_id:
        raise Refusal("missing_argument")
    people, more = page(list(slack.workspace.people.values()), args, default=1000)
    return {"members": [user_json(slack.workspace, each) for each in people], **more}


def teams_list(slack: Playground, args: Json) -> Json:
    """auth.teams.list"""
    workspace = slack.workspace
    return {"teams": [{"id": workspace.team_id, "name": workspace.name}], "response_metadata": {"next_cursor": ""}}


def users_lookup_by_email(slack: Playground, args: Json) -> Json:
    """users.lookupByEmail: of people who left Slack says that there is nobody"""
    email = required(args, "email").casefold()
    for each in slack.workspace.people.values():
        if each.email.casefold() == email and not each.deleted:
            return {"user": user_json(slack.workspace, each)}
    raise Refusal("users_not_found")


def team_info(slack: Playground, args: Json) -> Json:
    """team.info"""
    workspace = slack.workspace
    return {"team": {"id": workspace.team_id, "name": workspace.name, "domain": workspace.domain}}


def connections_open(slack: Playground, args: Json) -> Json:
    """apps.connections.open"""
    return {"url": f"{slack.url.replace('http', 'ws', 1)}/link/?ticket={slack.socket_mode.ticket()}"}


def conversations_open(slack: Playground, args: Json) -> Json:
    """conversations.open, for DMs"""
    if args.get("channel"):
        channel = slack.workspace.channels.get(args["channel"])
        if channel is None:
            raise Refusal("channel_not_found")
        return {"channel": {"id": channel.id}}
    someone = person(slack, required(args, "users"))
    if someone.deleted:
        raise Refusal("user_disabled")
    if someone.is_bot:
        raise Refusal("cannot_dm_bot")
    channel = slack.workspace.dm(someone.id)
    whole = {"user": someone.id, "is_im": True, "is_open": True} if flag(args, "return_im") else {}
    return {"channel": {"id": channel.id, **whole}}


def person(slack: Playground, user: str) -> Person:
    """The person with this id; Refusal when there is none."""
    found = slack.workspace.people.get(user)
    if found is None:
        raise Refusal("user_not_found")
    return found


METHODS: dict[str, Method] = {
    "api.test": api_test,
    "auth.test": auth_test,
    "auth.teams.list": teams_list,
    "users.info": users_info,
    "users.list": users_list,
    "users.lookupByEmail": users_lookup_by_email,
    "team.info": team_info,
    "apps.connections.open": connections_open,
    "conversations.open": conversations_open,
}
