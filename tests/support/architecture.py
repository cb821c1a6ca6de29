"""What tests of architecture share."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from slack_bolt.listener.async_listener import AsyncCustomListener

from tests.support.world import GUEST, MAYA, SAM, World

ROOT = Path(__file__).parents[2]

Json = dict[str, Any]


def bolts(world: World) -> list[AsyncCustomListener]:
    """The listeners that Bolt knows."""
    return [each for each in world.service.app._async_listeners if isinstance(each, AsyncCustomListener)]


def listeners(world: World) -> list[Callable[..., Any]]:
    """Everything that a request may be for."""
    old = [each.ack_function for each in bolts(world)]
    return [*world.service.app.router, *(each for each in old if each.__module__.startswith("handlers."))]


WHO = {"team_id": "T0PLAYGROUND", "user_id": MAYA, "channel_id": "D1", "trigger_id": "1.2.3"}

STALE = "999999"


def command(text: str) -> Json:
    return {"command": "/ladder", "text": text, **WHO}


def action(action_id: str, value: str = STALE, **more: Any) -> Json:
    button = {"action_id": action_id, "block_id": "b", "type": "button", "value": value, "action_ts": "1.0", **more}
    return {
        "type": "block_actions",
        "team": {"id": WHO["team_id"]},
        "user": {"id": MAYA, "team_id": WHO["team_id"]},
        "channel": {"id": "D1"},
        "container": {"type": "message"},
        "trigger_id": WHO["trigger_id"],
        "actions": [button],
    }


def chosen(action_id: str, value: str) -> Json:
    """A choice in a menu."""
    return action(action_id, selected_option={"value": value})


def submission(callback_id: str, **memory: Any) -> Json:
    """A form with nothing filled in."""
    view = {"id": "V1", "callback_id": callback_id, "blocks": [], "state": {"values": {}}}
    return {
        "type": "view_submission",
        "team": {"id": WHO["team_id"]},
        "user": {"id": MAYA, "team_id": WHO["team_id"]},
        "view": {**view, "type": "modal", "private_metadata": json.dumps(memory)},
    }


def shortcut(kind: str, callback_id: str, **about: Any) -> Json:
    person = {"team": {"id": WHO["team_id"]}, "user": {"id": MAYA, "team_id": WHO["team_id"]}}
    return {"type": kind, "callback_id": callback_id, "trigger_id": WHO["trigger_id"], **person, **about}


def event(kind: str, **about: Any) -> Json:
    inner = {"type": kind, "user": MAYA, "channel": "D1", "channel_type": "im", "ts": "1.0", **about}
    return {"type": "event_callback", "team_id": WHO["team_id"], "event_id": "E1", "event": inner}


# For every listener at least one request, most of them for what is not there.
REQUESTS: dict[str, Json] = {
    "next_level.show_next": command("next"),
    "next_level.pick_level": action("welcome.level.l4", "l4"),
    "next_level.pick_level of a level that is gone": action("welcome.level.l4", "l99"),
    "next_level.pick_time": action("welcome.time.1", "1 09:00"),
    "next_level.decline_questions": action("welcome.no_questions"),
    "ladder.show_levels": command("levels"),
    "ladder.compare": command("compare L4 L5"),
    "ladder.compare without levels": command("compare"),
    "ladder.find": command("find"),
    "ladder.show_level": command("L5"),
    "ladder.open_details": action("details.open", "criterion:gone"),
    "ladder.open_details of a level": action("details.open", "level:l5"),
    "log.log": command("log words"),
    "log.log without words": command("log"),
    "log.open_form": action("log.open", "-"),
    "log.open_edit": action("log.edit"),
    "log.add_details": action("log.details"),
    "log.tag": action("log.tag.999999", selected_option={"value": "gone"}),
    "log.undo": action("log.undo"),
    "log.bring_back": action("log.restore"),
    "log.bring_back of an older version": action("log.restore", "?"),
    "log.keep_private": action("share.private"),
    "log.save_form": submission("log.form"),
    "log.save_edit": submission("log.edit_form", entry=999999),
    "progress.show": command("progress"),
    "export.by_command": command("export"),
    "export.by_command of a format": command("export md"),
    "export.by_command of an unknown format": command("export pdf"),
    "export.by_click": action("export.send.md", "md"),
    "export.choose": action("export.open"),
    "logs.show": command("logs"),
    "logs.show with words": command("logs drift"),
    "logs.open_list": action("logs.open", "{}"),
    "logs.open_list with garbage": action("logs.open"),
    "logs.turn": action("logs.older", "{}"),
    "logs.turn with garbage": action("logs.newer"),
    "logs.clear": action("logs.clear"),
    "logs.delete": action(f"logs.delete.{STALE}", f"{STALE} {{}}"),
    "logs.restore": action(f"logs.restore.{STALE}", f"{STALE} {{}}"),
    "logs.open_filter": action("logs.filter", "{}"),
    "logs.open_filter with garbage": action("logs.filter"),
    "logs.save_filter": submission("logs.filter_form"),
    "checkin.ask": command("checkin"),
    "checkin.ask_by_click": action("checkin.now"),
    "checkin.write": action("checkin.write"),
    "checkin.skip": action("checkin.skip"),
    "checkin.another": chosen("checkin.more", f"another {STALE}"),
    "checkin.another without a question": chosen("checkin.more", "another"),
    "checkin.later": chosen("checkin.later", f"tomorrow {STALE}"),
    "checkin.later of another time": chosen("checkin.later", f"in_a_year {STALE}"),
    "checkin.skip until next week": chosen("checkin.later", f"next_week {STALE}"),
    "checkin.save_answer": submission("checkin.form", check_in=999999),
    "checkin.save_answer of an older form": submission("checkin.form", check_in="?"),
    "schedule.set_by_command": command("set"),
    "schedule.set_by_command with words": command("set day never"),
    "schedule.open_form": action("schedule.open"),
    "schedule.open_form from a question": chosen("checkin.more", "change 1"),
    "pause.pause_by_command": command("pause"),
    "pause.pause_by_command with words": command("pause two weeks"),
    "pause.pause_by_command with other words": command("pause banana"),
    "pause.resume": command("resume"),
    "pause.resume_by_click": action("pause.resume"),
    "pause.open_form": action("pause.open"),
    "pause.open_form from a question": chosen("checkin.more", "pause 1"),
    "pause.save_form": submission("pause.form"),
    "admin.show": command("admin"),
    "privacy.ask_by_command": command("forget me"),
    "privacy.ask_by_command with other words": command("forget that"),
    "privacy.ask_by_click": action("privacy.forget"),
    "privacy.forget": submission("privacy.forget_form", member=999999),
    "privacy.forget of an older form": submission("privacy.forget_form"),
    "profile.follow": event("user_change", user={"id": MAYA, "tz": "Asia/Tokyo"}),
    "schedule.save_form": submission("schedule.form"),
    "mentoring.ask_by_command": command(f"mentor <@{SAM}|sam> because"),
    "mentoring.ask_by_command of nobody": command("mentor"),
    "mentoring.ask_by_command of a stranger": command("mentor <@U404|gone>"),
    "mentoring.ask_by_command of two": command(f"mentor <@{SAM}|sam> and <@{GUEST}|gil>"),
    "mentoring.open_ask": action("mentoring.ask"),
    "mentoring.ask_by_form": submission("mentoring.ask_form"),
    "mentoring.take_back": action("mentoring.take_back"),
    "mentoring.take_back in a list": action(f"mentoring.take_back.{STALE}"),
    "mentoring.accept": action("mentoring.accept"),
    "mentoring.tick": action("mentoring.ticked", selected_options=[{"value": STALE}]),
    "handover.open_form": action("handover.open"),
    "handover.share": submission("handover.form", mentorship=999999),
    "handover.share of an older form": submission("handover.form"),
    "handover.take_back": action("handover.take_back"),
    "mentoring.open_decline": action("mentoring.decline"),
    "mentoring.decline": submission("mentoring.decline_form", mentorship=999999),
    "mentoring.decline of an older form": submission("mentoring.decline_form"),
    "mentoring.end": action(f"mentoring.end.{STALE}"),
    "mentoring.show_mentors": command("mentors"),
    "mentoring.show_mentees": command("mentees"),
    "mentoring.show_mentees with a number": command("mentees 3"),
    "mentoring.show_mentees with a number too high": command("mentees 999"),
    "mentoring.open_mentors": action("mentoring.mentors"),
    "mentoring.open_mentees": action("mentoring.mentees"),
    "mentoring.want": action("mentoring.wanted", selected_option={"value": "3"}),
    "mentoring.want garbage": action("mentoring.wanted", selected_option={"value": "?"}),
    "invitation.accept": action("invitation.accept"),
    "invitation.accept garbage": action("invitation.accept", "?"),
    "invitation.open_form": action("invitation.change"),
    "invitation.decline": action("invitation.decline"),
    "invitation.save_form": submission("invitation.form", invitation=999999),
    "invitation.save_form of an older form": submission("invitation.form"),
    "digest.by_command": command("digest"),
    "digest.by_command preview": command("digest preview"),
    "digest.by_command off": command("digest off"),
    "digest.by_command with a day": command("digest friday 10:00"),
    "digest.by_command with other words": command("digest banana"),
    "digest.open_form": action("digest.change"),
    "digest.pause": action("digest.pause"),
    "digest.stop": action("digest.stop"),
    "digest.save_form": submission("digest.form"),
    "reading.open_list": action(f"reading.list.{STALE}", f"{STALE} 0"),
    "reading.open_list with garbage": action("reading.list.1"),
    "reading.show_seen": command("seen"),
    "reading.older_seen": action("reading.seen", "7"),
    "reading.older_seen with garbage": action("reading.seen", "?"),
    "comments.write": action(f"comments.write.{STALE}", STALE),
    "comments.give_kudos": action(f"comments.kudos.{STALE}", STALE),
    "comments.pick": chosen("comments.pick", f"{STALE} 1.0"),
    "comments.pick garbage": chosen("comments.pick", "?"),
    "comments.save": submission("comments.form", entry=999999),
    "comments.save of an older form": submission("comments.form"),
    "shortcuts.log_growth": shortcut("shortcut", "log_growth"),
    "shortcuts.save_message": shortcut(
        "message_action", "save_message", channel={"id": "D1"}, message={"ts": "1.0", "text": "<@U9>"}
    ),
    "messages.hear of an edit": event(
        "message", subtype="message_changed", message={"user": MAYA, "text": "b", "ts": "1.0"}
    ),
    "messages.hear of an edit of nothing": event(
        "message",
        subtype="message_changed",
        message={"user": MAYA, "text": "b", "ts": "1.0"},
        previous_message={"text": "b"},
    ),
    "messages.hear": event("message", text="words"),
    "messages.hear in a thread": event("message", text="words", thread_ts="0.1"),
    "messages.hear without words": event("message", text=""),
    "messages.hear of somebody who joins": event("message", subtype="channel_join"),
    "messages.save_as_answer": action("log.save_answer", f"1.0 {STALE}"),
    "messages.save_as_entry": action("log.save_message", "1.0"),
    "home.show_home": event("app_home_opened", tab="home"),
    "home.show_home of another tab": event("app_home_opened", tab="messages"),
    "usage.show": command("help"),
    "usage.did_you_mean": command("nxt"),
    "workspace.switch_off": event("app_uninstalled"),
    "workspace.switch_off_without_token": event("tokens_revoked", tokens={"bot": ["U0APP"]}),
    "workspace.switch_off_without_token of a person": event("tokens_revoked", tokens={"oauth": [MAYA]}),
}


def seen(world: World) -> list[str]:
    """The listeners that ran, in order, from now on."""
    ran: list[str] = []

    def counted(function: Callable[..., Any]) -> Callable[..., Any]:
        async def run(*given: Any, **named: Any) -> Any:
            ran.append(f"{function.__module__.removeprefix('handlers.')}.{function.__name__}")
            return await function(*given, **named)

        return run

    router = world.service.app.router
    wrapped = {listener: counted(listener) for listener in router}
    for name, command in router._commands.items():
        router._commands[name] = replace(command, listener=wrapped[command.listener])
    for word, command in router._by_word.items():
        router._by_word[word] = router._commands[command.name]
    if router._by_level:
        router._by_level = replace(router._by_level, listener=wrapped[router._by_level.listener])
    router._otherwise = router._otherwise and wrapped[router._otherwise]
    router._listeners = {key: wrapped[listener] for key, listener in router._listeners.items()}
    for old in bolts(world):
        if old.ack_function.__module__.startswith("handlers."):
            old.ack_function = counted(old.ack_function)
    return ran
