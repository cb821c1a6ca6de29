"""Comments and kudos on what mentees share."""

from handlers import pages, people, proof, remarks
from handlers.people import number
from handlers.slack import action_ids
from handlers.slack.interaction import Beside, Interaction, Modal
from handlers.slack.router import Router
from handlers.views import comments as views
from handlers.views.comments import CommentMemory
from handlers.views.message import Message
from services import comments


def register(router: Router) -> None:
    router.action(action_ids.COMMENTS_WRITE, write)
    router.action(action_ids.COMMENTS_KUDOS, give_kudos)
    router.view(action_ids.COMMENTS_FORM, save)


async def write(i: Interaction) -> Modal:
    await proof.of_clicked(i)
    item = await comments.readable(i, number(i.value))
    memory = CommentMemory(entry=item.id, **i.origin)
    return Modal(views.form(item, memory, (await people.here(i)).today))


async def save(i: Interaction) -> Message:
    return await remarks.keep(i, CommentMemory.of(i.view).entry, views.read(i.view), f"view:{i.view['id']}")


async def give_kudos(i: Interaction) -> Beside | Modal:
    await proof.of_clicked(i)
    item = await comments.give_kudos(i, number(i.value))
    place = pages.place_of(i)
    return await pages.at(i, place) if place else Beside(views.sent(item, (await people.here(i)).today, None))
