"""Comments and kudos on what mentees share."""

from handlers.mentoring import shared_list
from handlers.mentoring.views import comments as views
from handlers.mentoring.views.comments import CommentMemory
from handlers.slack import action_ids, people, proof
from handlers.slack.interaction import Beside, Interaction, Modal
from handlers.slack.message import Message
from handlers.slack.people import SlackActor, number
from handlers.slack.router import Router
from services import comments


def register(router: Router) -> None:
    router.action(action_ids.COMMENTS_WRITE, write)
    router.action(action_ids.COMMENTS_KUDOS, give_kudos)
    router.view(action_ids.COMMENTS_FORM, save)


async def write(i: Interaction) -> Modal:
    await proof.of_clicked(i)
    item = await comments.readable(i, number(i.value))
    memory = CommentMemory(entry=item.id, **i.origin)
    return Modal(views.form(item, memory, (await people.local_time(i)).today))


async def save(i: Interaction) -> Message:
    return await keep(i, CommentMemory.of(i.view).entry, views.read(i.view), f"view:{i.view['id']}")


async def give_kudos(i: Interaction) -> Beside | Modal:
    await proof.of_clicked(i)
    item = await comments.give_kudos(i, number(i.value))
    place = shared_list.place_of(i)
    return (
        await shared_list.at(i, place) if place else Beside(views.sent(item, (await people.local_time(i)).today, None))
    )


async def keep(actor: SlackActor, entry_id: int, words: str, key: str) -> Message:
    """Keep words, and say that they are on their way. Raises NoLongerShared."""
    item = await comments.keep(actor, entry_id, words, key)
    return views.sent(item, (await people.local_time(actor)).today, words)
