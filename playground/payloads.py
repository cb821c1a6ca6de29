"""What Slack sends to an app, in full: commands, interactions and events."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from playground import messages, modals
from playground.workspace import Channel, Json, Message, Person, View, Workspace

VERIFICATION_TOKEN = "playground-verification"


@dataclass(frozen=True)
class Sender:
    """Shapes payloads for one workspace; `url` is the playground's own base URL."""

    workspace: Workspace
    url: str

    def command(self, person: Person, channel: Channel, command: str, text: str, trigger: str, token: str) -> Json:
        """A slash command: every value is a string, as in a form."""
        return {
            "token": VERIFICATION_TOKEN,
            "team_id": self.workspace.team_id,
            "team_domain": self.workspace.domain,
            "channel_id": channel.id,
            "channel_name": channel.name,
            "user_id": person.id,
            "user_name": person.name,
            "command": command,
            "text": text,
            "api_app_id": self.workspace.app_id,
            **({"enterprise_id": self.workspace.enterprise_id} if self.workspace.enterprise_id else {}),
            "is_enterprise_install": "true" if self.workspace.enterprise_id else "false",
            "response_url": f"{self.url}/commands/{token}",
            "trigger_id": trigger,
        }

    def message_action(self, person: Person, message: Message, action: Json, trigger: str, token: str) -> Json:
        """block_actions from a message; an ephemeral one travels without its content."""
        container: Json = {
            "type": "message",
            "message_ts": message.ts,
            "channel_id": message.channel,
            "is_ephemeral": message.ephemeral_to is not None,
        }
        if message.thread_ts:
            container["thread_ts"] = message.thread_ts
        body = self._interaction("block_actions", person) | {
            "trigger_id": trigger,
            "container": container,
            "channel": self._channel(message),
            "state": {"values": message.values},
            "response_url": f"{self.url}/actions/{token}",
            "actions": [action],
        }
        return body if message.ephemeral_to else body | {"message": messages.as_json(self.workspace, message)}

    def view_action(self, person: Person, view: View, action: Json, trigger: str) -> Json:
        """block_actions from a modal or Home tab."""
        return self._interaction("block_actions", person) | {
            "trigger_id": trigger,
            "container": {"type": "view", "view_id": view.id},
            "view": modals.as_json(self.workspace, view),
            "actions": [action],
        }

    def submission(self, person: Person, view: View, trigger: str) -> Json:
        """view_submission."""
        shown = modals.as_json(self.workspace, view)
        return self._interaction("view_submission", person) | {
            "trigger_id": trigger,
            "view": shown,
            "response_urls": [],
        }

    def closed(self, person: Person, view: View, *, is_cleared: bool) -> Json:
        """view_closed."""
        shown = modals.as_json(self.workspace, view)
        return self._interaction("view_closed", person) | {"view": shown, "is_cleared": is_cleared}

    def shortcut(self, person: Person, callback_id: str, trigger: str) -> Json:
        """A global shortcut."""
        return self._interaction("shortcut", person) | {
            "callback_id": callback_id,
            "trigger_id": trigger,
            "action_ts": self.workspace.new_ts(),
        }

    def message_shortcut(self, person: Person, callback_id: str, message: Message, trigger: str, token: str) -> Json:
        """A message shortcut."""
        return self.shortcut(person, callback_id, trigger) | {
            "type": "message_action",
            "message_ts": message.ts,
            "message": messages.as_json(self.workspace, message),
            "channel": self._channel(message),
            "response_url": f"{self.url}/actions/{token}",
        }

    def event(self, event: Json) -> Json:
        """The envelope of the Events API around one event."""
        now = self.workspace.clock.now()
        return {
            "token": VERIFICATION_TOKEN,
            "team_id": self.workspace.team_id,
            "context_team_id": self.workspace.team_id,
            "context_enterprise_id": self.workspace.enterprise_id,
            "api_app_id": self.workspace.app_id,
            "event": {"event_ts": self.workspace.new_ts(), **event},
            "type": "event_callback",
            "event_id": self.workspace.new_id("Ev"),
            "event_time": int(now.timestamp()),
            "authorizations": [
                {
                    "enterprise_id": self.workspace.enterprise_id,
                    "team_id": self.workspace.team_id,
                    "user_id": self.workspace.bot.id,
                    "is_bot": True,
                    "is_enterprise_install": self.workspace.enterprise_id is not None,
                }
            ],
            "is_ext_shared_channel": False,
        }

    def _channel(self, message: Message) -> Json:
        return {"id": message.channel, "name": self.workspace.channel(message.channel).name}

    def _interaction(self, kind: str, person: Person) -> Json:
        team, enterprise = self.workspace.team_id, self.workspace.enterprise_id
        return {
            "type": kind,
            "token": VERIFICATION_TOKEN,
            "api_app_id": self.workspace.app_id,
            "team": {"id": team, "domain": self.workspace.domain},
            "enterprise": {"id": enterprise, "name": enterprise} if enterprise else None,
            "is_enterprise_install": enterprise is not None,
            "user": {"id": person.id, "username": person.name, "name": person.name, "team_id": team},
        }


def message_event(workspace: Workspace, message: Message) -> Json:
    """The `message` event of a new message."""
    shown = messages.as_json(workspace, message)
    return {"type": "message", **_place(workspace, message), **shown, "event_ts": message.ts}


def changed_event(workspace: Workspace, message: Message, before: Json) -> Json:
    """The `message_changed` event; `before` is the message as it was."""
    shown = messages.as_json(workspace, message)
    return _hidden(workspace, message, "message_changed") | {"message": shown, "previous_message": before}


def deleted_event(workspace: Workspace, message: Message) -> Json:
    """The `message_deleted` event."""
    gone = {"deleted_ts": message.ts, "previous_message": messages.as_json(workspace, message)}
    return _hidden(workspace, message, "message_deleted") | gone


def home_event(workspace: Workspace, person: Person, channel: Channel, tab: str) -> Json:
    """The `app_home_opened` event, with the view when one was published."""
    event: Json = {"type": "app_home_opened", "user": person.id, "channel": channel.id, "tab": tab}
    view = workspace.homes.get(person.id)
    return event | {"view": modals.as_json(workspace, view)} if view and tab == "home" else event


def user_json(workspace: Workspace, person: Person) -> Json:
    """A person as in users.info; of somebody who left Slack tells no zone."""
    now = _local(workspace.clock.now(), person.tz)
    offset = now.utcoffset()
    zone = {
        "tz": person.tz,
        "tz_label": now.tzname(),
        "tz_offset": int(offset.total_seconds()) if offset else 0,
    }
    return {
        "id": person.id,
        "team_id": person.team_id or workspace.team_id,
        "name": person.name,
        "real_name": person.real_name,
        "deleted": person.deleted,
        **({} if person.deleted else zone),
        "locale": "en-US",
        "is_admin": person.is_admin,
        "is_owner": person.is_owner,
        "is_bot": person.is_bot,
        "is_app_user": False,
        "is_restricted": person.is_restricted,
        "is_ultra_restricted": False,
        **_enterprise_user(workspace, person),
        "profile": {
            "real_name": person.real_name,
            "display_name": person.name,
            "email": person.email,
            "title": person.title,
        },
    }


def _enterprise_user(workspace: Workspace, person: Person) -> Json:
    """What an enterprise says of its people; of visitors it knows nothing."""
    if workspace.enterprise_id is None or person.team_id:
        return {}
    about = {"id": person.id, "enterprise_id": workspace.enterprise_id, "teams": [workspace.team_id]}
    return {"enterprise_user": about | {"is_admin": False, "is_owner": False}}


def _local(now: datetime, tz: str) -> datetime:
    try:
        return now.astimezone(ZoneInfo(tz))
    except ZoneInfoNotFoundError:
        return now


def _place(workspace: Workspace, message: Message) -> Json:
    kind = "im" if workspace.channel(message.channel).im_of else "channel"
    return {"channel": message.channel, "channel_type": kind}


def _hidden(workspace: Workspace, message: Message, subtype: str) -> Json:
    ts = workspace.new_ts()
    event = {"type": "message", "subtype": subtype, "hidden": True, "ts": ts, "event_ts": ts}
    return event | _place(workspace, message)
