"""What tests of architecture share."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from tests.support.world import GUEST, MAYA, SAM, World

ROOT = Path(__file__).parents[2]

Json = dict[str, Any]


def name_of(listener: Callable[..., Any]) -> str:
    """Module and function, as in REQUESTS."""
    return f"{listener.__module__.removeprefix('handlers.')}.{listener.__name__}"


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
    "ladder.next_level.show_next": command("next"),
    "ladder.next_level.pick_level": action("welcome.level.l4", "l4"),
    "ladder.next_level.pick_level of a level that is gone": action("welcome.level.l4", "l99"),
    "ladder.next_level.pick_time": action("welcome.time.1", "1 09:00"),
    "ladder.next_level.decline_questions": action("welcome.no_questions"),
    "ladder.listeners.show_levels": command("levels"),
    "ladder.listeners.compare": command("compare L4 L5"),
    "ladder.listeners.compare without levels": command("compare"),
    "ladder.listeners.find": command("find"),
    "ladder.listeners.show_level": command("L5"),
    "ladder.listeners.open_details": action("details.open", "criterion:gone"),
    "ladder.listeners.open_details of a level": action("details.open", "level:l5"),
    "log.listeners.log": command("log words"),
    "log.listeners.log without words": command("log"),
    "log.listeners.open_form": action("log.open", "-"),
    "log.listeners.open_edit": action("log.edit"),
    "log.listeners.add_details": action("log.details"),
    "log.listeners.tag": action("log.tag.999999", selected_option={"value": "gone"}),
    "log.listeners.undo": action("log.undo"),
    "log.listeners.bring_back": action("log.restore"),
    "log.listeners.bring_back of an older version": action("log.restore", "?"),
    "log.listeners.keep_private": action("share.private"),
    "log.listeners.save_form": submission("log.form"),
    "log.listeners.save_edit": submission("log.edit_form", entry=999999),
    "ladder.progress.show": command("progress"),
    "log.export.by_command": command("export"),
    "log.export.by_command of a format": command("export md"),
    "log.export.by_command of an unknown format": command("export pdf"),
    "log.export.by_click": action("export.send.md", "md"),
    "log.export.choose": action("export.open"),
    "log.browsing.show": command("logs"),
    "log.browsing.show with words": command("logs drift"),
    "log.browsing.open_list": action("logs.open", "{}"),
    "log.browsing.open_list with garbage": action("logs.open"),
    "log.browsing.turn": action("logs.older", "{}"),
    "log.browsing.turn with garbage": action("logs.newer"),
    "log.browsing.clear": action("logs.clear"),
    "log.browsing.delete": action(f"logs.delete.{STALE}", f"{STALE} {{}}"),
    "log.browsing.restore": action(f"logs.restore.{STALE}", f"{STALE} {{}}"),
    "log.browsing.open_filter": action("logs.filter", "{}"),
    "log.browsing.open_filter with garbage": action("logs.filter"),
    "log.browsing.save_filter": submission("logs.filter_form"),
    "checkins.listeners.ask": command("checkin"),
    "checkins.listeners.ask_by_click": action("checkin.now"),
    "log.answers.write": action("checkin.write"),
    "checkins.listeners.skip": action("checkin.skip"),
    "checkins.listeners.another": chosen("checkin.more", f"another {STALE}"),
    "checkins.listeners.another without a question": chosen("checkin.more", "another"),
    "checkins.listeners.later": chosen("checkin.later", f"tomorrow {STALE}"),
    "checkins.listeners.later of another time": chosen("checkin.later", f"in_a_year {STALE}"),
    "checkins.listeners.skip until next week": chosen("checkin.later", f"next_week {STALE}"),
    "log.answers.save_answer": submission("checkin.form", check_in=999999),
    "log.answers.save_answer of an older form": submission("checkin.form", check_in="?"),
    "schedule.listeners.set_by_command": command("set"),
    "schedule.listeners.set_by_command with words": command("set day never"),
    "schedule.listeners.open_form": action("schedule.open"),
    "schedule.listeners.open_form from a question": chosen("checkin.more", "change 1"),
    "schedule.pause.pause_by_command": command("pause"),
    "schedule.pause.pause_by_command with words": command("pause two weeks"),
    "schedule.pause.pause_by_command with other words": command("pause banana"),
    "schedule.pause.resume": command("resume"),
    "schedule.pause.resume_by_click": action("pause.resume"),
    "schedule.pause.open_form": action("pause.open"),
    "schedule.pause.open_form from a question": chosen("checkin.more", "pause 1"),
    "schedule.pause.save_form": submission("pause.form"),
    "account.admin.show": command("admin"),
    "account.privacy.ask_by_command": command("forget me"),
    "account.privacy.ask_by_command with other words": command("forget that"),
    "account.privacy.ask_by_click": action("privacy.forget"),
    "account.privacy.forget": submission("privacy.forget_form", member=999999),
    "account.privacy.forget of an older form": submission("privacy.forget_form"),
    "account.profile.follow": event("user_change", user={"id": MAYA, "tz": "Asia/Tokyo"}),
    "schedule.listeners.save_form": submission("schedule.form"),
    "mentoring.listeners.ask_by_command": command(f"mentor <@{SAM}|sam> because"),
    "mentoring.listeners.ask_by_command of nobody": command("mentor"),
    "mentoring.listeners.ask_by_command of a stranger": command("mentor <@U404|gone>"),
    "mentoring.listeners.ask_by_command of two": command(f"mentor <@{SAM}|sam> and <@{GUEST}|gil>"),
    "mentoring.listeners.open_ask": action("mentoring.ask"),
    "mentoring.listeners.ask_by_form": submission("mentoring.ask_form"),
    "mentoring.listeners.take_back": action("mentoring.take_back"),
    "mentoring.listeners.take_back in a list": action(f"mentoring.take_back.{STALE}"),
    "mentoring.listeners.accept": action("mentoring.accept"),
    "mentoring.listeners.tick": action("mentoring.ticked", selected_options=[{"value": STALE}]),
    "mentoring.handover.open_form": action("handover.open"),
    "mentoring.handover.share": submission("handover.form", mentorship=999999),
    "mentoring.handover.share of an older form": submission("handover.form"),
    "mentoring.handover.take_back": action("handover.take_back"),
    "mentoring.listeners.open_decline": action("mentoring.decline"),
    "mentoring.listeners.decline": submission("mentoring.decline_form", mentorship=999999),
    "mentoring.listeners.decline of an older form": submission("mentoring.decline_form"),
    "mentoring.listeners.end": action(f"mentoring.end.{STALE}"),
    "mentoring.listeners.show_mentors": command("mentors"),
    "mentoring.listeners.show_mentees": command("mentees"),
    "mentoring.listeners.show_mentees with a number": command("mentees 3"),
    "mentoring.listeners.show_mentees with a number too high": command("mentees 999"),
    "mentoring.listeners.open_mentors": action("mentoring.mentors"),
    "mentoring.listeners.open_mentees": action("mentoring.mentees"),
    "mentoring.listeners.want": action("mentoring.wanted", selected_option={"value": "3"}),
    "mentoring.listeners.want garbage": action("mentoring.wanted", selected_option={"value": "?"}),
    "account.invitation.accept": action("invitation.accept"),
    "account.invitation.accept garbage": action("invitation.accept", "?"),
    "account.invitation.open_form": action("invitation.change"),
    "account.invitation.decline": action("invitation.decline"),
    "account.invitation.save_form": submission("invitation.form", invitation=999999),
    "account.invitation.save_form of an older form": submission("invitation.form"),
    "digest.listeners.by_command": command("digest"),
    "digest.listeners.by_command preview": command("digest preview"),
    "digest.listeners.by_command off": command("digest off"),
    "digest.listeners.by_command with a day": command("digest friday 10:00"),
    "digest.listeners.by_command with other words": command("digest banana"),
    "digest.listeners.open_form": action("digest.change"),
    "digest.listeners.pause": action("digest.pause"),
    "digest.listeners.stop": action("digest.stop"),
    "digest.listeners.save_form": submission("digest.form"),
    "mentoring.reading.open_list": action(f"reading.list.{STALE}", f"{STALE} 0"),
    "mentoring.reading.open_list with garbage": action("reading.list.1"),
    "mentoring.reading.show_seen": command("seen"),
    "mentoring.reading.older_seen": action("reading.seen", "7"),
    "mentoring.reading.older_seen with garbage": action("reading.seen", "?"),
    "mentoring.comments.write": action(f"comments.write.{STALE}", STALE),
    "mentoring.comments.give_kudos": action(f"comments.kudos.{STALE}", STALE),
    "conversation.listeners.pick_entry": chosen("comments.pick", f"{STALE} 1.0"),
    "conversation.listeners.pick_entry garbage": chosen("comments.pick", "?"),
    "mentoring.comments.save": submission("comments.form", entry=999999),
    "mentoring.comments.save of an older form": submission("comments.form"),
    "log.shortcuts.log_growth": shortcut("shortcut", "log_growth"),
    "log.shortcuts.save_message": shortcut(
        "message_action", "save_message", channel={"id": "D1"}, message={"ts": "1.0", "text": "<@U9>"}
    ),
    "conversation.listeners.hear of an edit": event(
        "message", subtype="message_changed", message={"user": MAYA, "text": "b", "ts": "1.0"}
    ),
    "conversation.listeners.hear of an edit of nothing": event(
        "message",
        subtype="message_changed",
        message={"user": MAYA, "text": "b", "ts": "1.0"},
        previous_message={"text": "b"},
    ),
    "conversation.listeners.hear": event("message", text="words"),
    "conversation.listeners.hear in a thread": event("message", text="words", thread_ts="0.1"),
    "conversation.listeners.hear without words": event("message", text=""),
    "conversation.listeners.hear of somebody who joins": event("message", subtype="channel_join"),
    "conversation.listeners.save_as_answer": action("log.save_answer", f"1.0 {STALE}"),
    "conversation.listeners.save_as_entry": action("log.save_message", "1.0"),
    "home.listeners.show_home": event("app_home_opened", tab="home"),
    "home.listeners.show_home of another tab": event("app_home_opened", tab="messages"),
    "usage.listeners.show": command("help"),
    "usage.listeners.did_you_mean": command("nxt"),
    "account.workspace.switch_off": event("app_uninstalled"),
    "account.workspace.switch_off_without_token": event("tokens_revoked", tokens={"bot": ["U0APP"]}),
    "account.workspace.switch_off_without_token of a person": event("tokens_revoked", tokens={"oauth": [MAYA]}),
}


def seen(world: World) -> list[str]:
    """The listeners that ran, in order, from now on."""
    ran: list[str] = []

    def counted(function: Callable[..., Any]) -> Callable[..., Any]:
        async def run(*given: Any, **named: Any) -> Any:
            ran.append(name_of(function))
            return await function(*given, **named)

        return run

    router = world.service.app.router
    wrapped = {listener: counted(listener) for listener in router}
    for word, command in router._by_word.items():
        router._by_word[word] = replace(command, listener=wrapped[command.listener])
    if router._by_level:
        router._by_level = replace(router._by_level, listener=wrapped[router._by_level.listener])
    router._otherwise = router._otherwise and wrapped[router._otherwise]
    router._listeners = {key: wrapped[listener] for key, listener in router._listeners.items()}
    return ran
