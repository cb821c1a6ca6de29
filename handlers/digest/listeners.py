"""The mentor's digest: on demand, and when it comes; and what a member would be read of."""

from functools import partial

from growth.cadence import Cadence
from growth.digest import usual_cadence
from handlers.digest import views
from handlers.schedule.views import preferences, schedule
from handlers.slack import action_ids, people, proof
from handlers.slack.inputs import Memory
from handlers.slack.interaction import Beside, Interaction, Modal
from handlers.slack.message import Message
from handlers.slack.router import Group, Router
from services import digests, schedules
from services.schedules import Set


def register(router: Router) -> None:
    router.command(
        "digest",
        by_command,
        Group.MENTORING,
        {
            "digest": "what is new from your mentees; `on`, `off` or `tue 9:00` says when it comes by itself",
            "digest preview": "what your mentors would read of you",
        },
    )
    router.action(action_ids.DIGEST_CHANGE, open_form)
    router.action(action_ids.DIGEST_PAUSE, pause)
    router.action(action_ids.DIGEST_STOP, stop)
    router.view(action_ids.DIGEST_FORM, save_form)


async def by_command(i: Interaction) -> Message:
    """Now; with a word, the preview, or when it comes."""
    match i.words.rest.casefold():
        case "":
            return await _now(i)
        case "preview":
            return await _preview(i)
        case "off":
            return await _stop(i)
        case "pause":
            return await _pause(i)
        case "on" | "resume":
            return await _start(i, "")
        case typed:
            return await _start(i, typed)


async def open_form(i: Interaction) -> Modal:
    await proof.of_clicked(i)
    cadence, on = await schedules.digest_cadence(i, usual_cadence(None))
    return Modal(views.form(cadence, Memory(**i.origin), on=on))


async def save_form(i: Interaction) -> Message:
    picked = views.read_form(i.view)
    return await (_start(i, picked) if picked else _stop(i))


async def pause(i: Interaction) -> Beside:
    await proof.of_clicked(i)
    return Beside(await _pause(i))


async def stop(i: Interaction) -> Beside:
    await proof.of_clicked(i)
    return Beside(await _stop(i))


async def _now(i: Interaction) -> Message:
    await people.known(i)
    asked = await digests.ask(i)
    return views.on_its_way(held_up=asked.held_up) if asked.on_its_way else views.nothing_new(asked.mentees, i.ladder)


async def _preview(i: Interaction) -> Message:
    today = (await people.local_time(i)).today
    preview = await digests.preview(i, views.PREVIEWED, views.has_room)
    return views.preview(preview.read, i.ladder, today, more=preview.more)


async def _start(i: Interaction, wanted: Cadence | str) -> Message:
    """The digest comes by itself from now on: as picked, or as typed; with nothing typed, as it did before."""
    await people.known(i)
    return _comes(await schedules.start_digest(i, partial(_cadence, wanted)))


def _cadence(wanted: Cadence | str, before: Cadence) -> Cadence:
    if isinstance(wanted, str):
        return preferences.cadence(wanted, before, views.WHEN) if wanted else before
    return wanted


async def _pause(i: Interaction) -> Message:
    await people.known(i)
    return _comes(await schedules.pause_digest(i))


async def _stop(i: Interaction) -> Message:
    await people.known(i)
    return _comes(await schedules.stop_digest(i))


def _comes(done: Set) -> Message:
    """When the digest comes by itself, if it does."""
    return Message.of(schedule.next_digest(done.upcoming, done.today))
