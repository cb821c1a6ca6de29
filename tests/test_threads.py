"""Threads in the DM: under whatever message somebody writes, they are answered there, and nothing is lost."""

import pytest
from sqlalchemy import select

from db.models import Comment, Entry
from playground.workspace import Message
from tests.support.checkin import asked
from tests.support.comments import WORDS, digested
from tests.support.digest import newest, take_back
from tests.support.world import MAYA, SAM, World, text_of

# What is written, and how the answer to it begins.
HELLO = "What you can ask me"
COMMAND = "That is a command"
OFFERED = "Shall I"
TALK = {"help": HELLO, "hi": HELLO, "/ladder next": COMMAND, "next": COMMAND}


async def thread_of(world: World, what: str) -> tuple[str, Message]:
    """Somebody, and a message of Rung's to them of that kind."""
    match what:
        case "question":
            return MAYA, await asked(world)
        case "digest":
            return SAM, await digested(world, 2)
        case "comment":
            digest = await digested(world)
            await world.say(SAM, WORDS, thread_ts=digest.ts)
            await world.service.ticker.run()
            return MAYA, newest(world, MAYA)
        case "notice":
            await world.say(MAYA, "hello")
            return MAYA, newest(world, MAYA)
    raise ValueError(what)


async def answered(world: World, user: str, words: str, parent: Message) -> str:
    """What is said to a reply, in its thread."""
    before = len(world.playground.dm(user))
    await world.say(user, words, thread_ts=parent.ts)
    said, *answers = world.playground.dm(user)[before:]
    [answer] = answers
    assert (said.user, answer.thread_ts) == (user, parent.ts)
    return text_of(answer)


@pytest.mark.parametrize("what", ["question", "digest", "comment", "notice"])
async def test_small_talk_in_a_thread_is_answered_there(world: World, what: str) -> None:
    user, parent = await thread_of(world, what)
    entries, comments = await world.rows(select(Entry.id)), await world.rows(select(Comment.id))
    for words, answer in TALK.items():
        assert (await answered(world, user, words, parent)).startswith(answer), words
    assert await world.rows(select(Entry.id)) == entries, "nothing of it is kept"
    assert await world.rows(select(Comment.id)) == comments


@pytest.mark.parametrize("what", ["comment", "notice"])
async def test_what_answers_nothing_is_offered_to_be_saved_in_its_thread(world: World, what: str) -> None:
    user, parent = await thread_of(world, what)
    assert OFFERED in await answered(world, user, "Because it is fast", parent)
    await world.click(user, "log.save_message")
    assert (await world.rows(select(Entry.what).order_by(Entry.id)))[-1] == "Because it is fast"


async def test_each_reply_in_a_thread_is_for_its_digest(world: World) -> None:
    digest = await digested(world)
    for words in ("First", "Second"):
        assert "sent." in await answered(world, SAM, words, digest)
    assert await world.rows(select(Comment.words).order_by(Comment.id)) == ["First", "Second"]


async def edited(world: World, words: str) -> list[str]:
    """What is said to an edit of the first thing that Sam wrote."""
    before = len(world.playground.dm(SAM))
    reply = next(each for each in world.playground.dm(SAM) if each.user == SAM)
    await world.edit(SAM, reply.ts, words)
    return [text_of(each) for each in world.playground.dm(SAM)[before:] if each.thread_ts == reply.thread_ts]


@pytest.mark.parametrize(("first", "answer"), [("hi", HELLO), ("help", HELLO), ("x" * 1001, "That is a little long")])
async def test_an_edit_makes_a_comment_of_a_reply_that_was_none(world: World, first: str, answer: str) -> None:
    digest = await digested(world)
    await world.say(SAM, first, thread_ts=digest.ts)
    assert answer in text_of(newest(world))
    assert "That is a little long" in "".join(await edited(world, "y" * 1001))
    assert await world.rows(select(Comment.id)) == []
    [sent] = await edited(world, "Good choice, @maya")
    assert "sent." in sent
    assert await world.rows(select(Comment.words)) == ["Good choice, @maya"]
    assert await edited(world, "Very good choice") == []
    assert await world.rows(select(Comment.words)) == ["Very good choice"]


async def test_an_edit_asks_which_entry_a_reply_is_for_where_that_was_not_asked(world: World) -> None:
    digest = await digested(world, 2)
    await world.say(SAM, "hi", thread_ts=digest.ts)
    [which] = await edited(world, "Great")
    assert "Which entry is this for?" in which
    menu = newest(world)
    for words in ("Great work", "hi", "Great work, really"):
        assert await edited(world, words) == [], "it is asked already"
    await world.click(SAM, "comments.pick", on=menu, value="Maya Lindqvist · 14 January (2)")
    assert await world.rows(select(Comment.words)) == ["Great work, really"]


async def test_an_edit_brings_no_second_menu(world: World) -> None:
    digest = await digested(world, 2)
    assert "Which entry" in await answered(world, SAM, "Great", digest)
    assert await edited(world, "Great work") == []
    await world.click(SAM, "comments.pick", on=newest(world), value="Maya Lindqvist · 14 January")
    assert await world.rows(select(Comment.words)) == ["Great work"]


async def test_an_edit_of_what_was_offered_to_be_saved_offers_it_no_second_time(world: World) -> None:
    user, comment = await thread_of(world, "comment")
    assert OFFERED in await answered(world, user, "Because it is fast", comment)
    before = len(world.playground.dm(user))
    reply = next(each for each in world.playground.dm(user) if each.text == "Because it is fast")
    await world.edit(user, reply.ts, "Because it is faster")
    assert len(world.playground.dm(user)) == before


async def test_a_reply_to_a_digest_of_which_nothing_is_left_is_told_so(world: World) -> None:
    digest = await digested(world)
    await take_back(world, "Entry")
    await world.say(SAM, WORDS, thread_ts=digest.ts)
    answer = newest(world)
    assert "no longer shared with you" in text_of(answer)
    assert answer.thread_ts == digest.ts
    assert await world.rows(select(Comment.id)) == []
