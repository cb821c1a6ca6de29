"""Comments and kudos on what mentees share."""

from db.mentoring import comments
from handlers import original, pages, people, remarks, renaming, showing
from handlers.people import number
from handlers.slack.interaction import Beside, Interaction, Modal
from handlers.slack.router import Router
from handlers.views import comments as views
from handlers.views import reading
from handlers.views.comments import CommentMemory
from handlers.views.message import Message


def register(router: Router) -> None:
    router.action(reading.COMMENT, write)
    router.action(reading.KUDOS, give_kudos)
    router.action(views.PICK, pick)
    router.view(views.FORM, save)


async def write(i: Interaction) -> Modal:
    await showing.prove_clicked(i, i.body)
    item = await remarks.readable(i, number(i.value))
    memory = CommentMemory(entry=item.id, **i.origin)
    return Modal(views.form(item, memory, (await people.here(i)).today))


async def save(i: Interaction) -> Message:
    entry_id = CommentMemory.of(i.view).entry
    return await remarks.keep(i, entry_id, views.read(i.view), f"view:{i.view['id']}")


async def give_kudos(i: Interaction) -> Beside | Modal:
    await showing.prove_clicked(i, i.body)
    sent = await remarks.keep(i, number(i.value), None, comments.KUDOS)
    place = pages.place_of(i)
    return await pages.at(i, place) if place else Beside(sent)


async def pick(i: Interaction) -> Message:
    """Which entry a reply in the digest's thread is for."""
    entry_id, _, ts = i.value.partition(" ")
    await remarks.readable(i, number(entry_id))
    said = await original.clicked(i, i.body, ts, i.replies.wait)
    sent = await remarks.keep(i, number(entry_id), views.checked(said.text), said.key)
    await renaming.follow(i, said, None)
    return sent
