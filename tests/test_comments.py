"""What mentors open, say and are shown; what members are told of it; and what is no longer shared."""

import copy
import json
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete, select

from db import members
from db.entries import entries
from db.entries.entries import NewEntry
from db.enums import Source
from db.members import UserRef
from db.mentoring import shares
from db.models import Comment, Disclosure, Member, Mentorship, Share
from playground.workspace import View
from tests.support.comments import WORDS, digested
from tests.support.digest import TUESDAY, WEEK, certain, mentoring, newest, shared, take_back
from tests.support.mentoring import ask
from tests.support.pause import slack_is_back
from tests.support.progress import uploaded
from tests.support.world import MAYA, SAM, World, text_of

GONE = "That is no longer shared with you"


def modal(world: World, user: str = SAM) -> View:
    found = world.playground.modal(user)
    assert found
    return found


def said_in(view: View) -> str:
    return str(view.blocks)


async def said(world: World) -> list[str | None]:
    return await world.rows(select(Comment.words).order_by(Comment.id))


@pytest.mark.parametrize("world", ["socket", "http"], indirect=True)
async def test_a_comment_reaches_the_member_and_stays_with_the_entry(world: World) -> None:
    digest = await digested(world)
    await world.click(SAM, "comments.write.1", on=digest)
    await world.submit(SAM, {"words": WORDS})
    assert "Your comment on <@U0MAYA>'s entry of 14 January: sent." in text_of(newest(world))
    await world.service.ticker.run()
    told = newest(world, MAYA)
    assert told.ephemeral_to is None
    assert told.text == "<@U0SAM> wrote something on your entry of 14 January.", "no words on lock screens"
    assert "> What made you choose &lt;!channel&gt; this?" in text_of(told)
    assert "> Entry 0" in text_of(told)
    listed = text_of(await world.ladder_command(MAYA, "logs"))
    assert "*<@U0SAM>:* What made you choose &lt;!channel&gt; this?" in listed


async def test_kudos_are_given_once(world: World) -> None:
    digest = await digested(world)
    before = copy.deepcopy(digest)
    await world.click(SAM, "comments.kudos.1", on=digest)
    assert "kudos from you" in text_of(digest)
    assert "comments.kudos" not in str(digest.blocks)
    await world.click(SAM, "comments.kudos.1", on=before)
    await world.service.ticker.run()
    assert await said(world) == [None]
    assert "<@U0SAM> sends you kudos for your entry of 14 January." in text_of(newest(world, MAYA))
    assert "Kudos from <@U0SAM>" in text_of(await world.ladder_command(MAYA, "logs"))


async def test_a_reply_to_a_digest_of_one_entry_is_for_that(world: World) -> None:
    digest = await digested(world)
    await world.say(SAM, WORDS, thread_ts=digest.ts)
    answer = newest(world)
    assert (answer.thread_ts, "sent." in text_of(answer)) == (digest.ts, True)
    assert await said(world) == [WORDS]
    await world.say(SAM, "help", thread_ts=digest.ts)
    assert len(await said(world)) == 1


async def test_where_it_is_not_plain_the_reply_asks_for_the_entry(world: World) -> None:
    digest = await digested(world, 2)
    await world.say(SAM, "Nice", thread_ts=digest.ts)
    asks = newest(world)
    assert "Which entry is this for?" in text_of(asks)
    assert "Entry" not in str(asks.blocks), "it stays when they are taken back"
    assert await said(world) == []
    await world.click(SAM, "comments.pick", on=asks, value="Maya Lindqvist · 14 January (2)")
    assert await world.rows(select(Comment.entry_id)) == [1], "the second of that day in the digest"
    assert await said(world) == ["Nice"]
    assert "sent." in text_of(asks)


async def second_mentee(world: World) -> None:
    """Sam mentors Priya too, who shares an entry of hers."""
    world.playground.workspace.add_person("priya", "Priya Raman", user="U0PRIYA", tz="Asia/Kolkata")
    await ask(world, "mentor @sam", mentee="U0PRIYA")
    await world.click(SAM, "mentoring.accept")
    now = world.playground.clock.now()
    async with world.sessions.begin() as session:
        priya = await members.lock(session, UserRef(world.playground.workspace.team_id, "U0PRIYA"))
        assert priya
        entry = await entries.add(session, priya, NewEntry("Priya's", now.date(), Source.FORM, "p"), now)
        hers = select(Mentorship.id).where(Mentorship.mentee_id == priya.id)
        await shares.put(session, entry, list(await session.scalars(hers)), now)


async def test_a_reply_is_never_for_another_person_because_the_first_entry_is_gone(world: World) -> None:
    await mentoring(world)
    await shared(world, "Entry 0")
    await second_mentee(world)
    await world.travel(TUESDAY)
    await slack_is_back(world)
    digest = newest(world)
    await take_back(world, "Entry 0")
    await world.travel(timedelta(minutes=20))  # gone for good
    await world.say(SAM, WORDS, thread_ts=digest.ts)
    menu = newest(world).blocks[0]["accessory"]
    assert [each["text"]["text"] for each in menu["options"]] == ["Priya Raman · 14 January"]
    assert await said(world) == []


async def test_a_reply_to_the_line_without_news_is_passed_on_to_nobody(world: World) -> None:
    await mentoring(world)
    await world.travel(TUESDAY)
    await world.travel(TUESDAY + WEEK)
    await world.say(SAM, WORDS, thread_ts=newest(world).ts)
    assert "I pass nothing on" in text_of(newest(world))
    assert await said(world) == []


async def test_a_comment_follows_the_reply_that_it_was_made_from(world: World) -> None:
    digest = await digested(world)
    await world.say(SAM, "You are bad", thread_ts=digest.ts)
    reply = [message for message in world.playground.dm(SAM) if message.user == SAM][-1]
    await world.edit(SAM, reply.ts, "You are great")
    assert await said(world) == ["You are great"]
    await world.service.ticker.run()
    told = newest(world, MAYA)
    await world.edit(SAM, reply.ts, "You are the best")
    assert "> You are the best" in text_of(told)
    await take_back(world, "Entry")
    await world.edit(SAM, reply.ts, "too late")
    assert GONE in text_of(newest(world))
    assert await said(world) == ["You are the best"]


async def test_what_brought_a_comment_quotes_the_entry_while_it_is_in_the_log(world: World) -> None:
    digest = await digested(world)
    await world.say(SAM, WORDS, thread_ts=digest.ts)
    await world.service.ticker.run()
    told = newest(world, MAYA)
    assert "> Entry 0" in text_of(told)
    await take_back(world, "Entry")
    assert "> What made you choose" in text_of(told)
    assert "Entry 0" not in text_of(told)
    await world.click(MAYA, "logs.restore.1")
    assert "> Entry 0" in text_of(told)


async def test_who_replies_to_a_comment_hears_that_its_author_does_not_read_that(world: World) -> None:
    digest = await digested(world)
    await world.say(SAM, WORDS, thread_ts=digest.ts)
    await world.service.ticker.run()
    await world.say(MAYA, "Because it is fast", thread_ts=newest(world, MAYA).ts)
    assert "They don't read replies here" in text_of(newest(world, MAYA))
    await world.click(MAYA, "log.save_message")
    assert "Because it is fast" in text_of(await world.ladder_command(MAYA, "logs"))
    await world.say(MAYA, "Out of the blue")
    assert "read replies" not in text_of(newest(world, MAYA))


async def test_the_count_opens_the_list_which_writes_down_what_it_shows(world: World) -> None:
    digest = await digested(world, 14)
    assert "Read 11 more" in str(digest.blocks)
    assert await certain(world) == [True] * 3
    await world.click(SAM, "reading.list.1", on=digest)
    shown = said_in(modal(world))
    assert [n for n in range(14) if f"> Entry {n}'" in shown] == list(range(4, 14))
    assert await certain(world) == [True] * 13
    await world.click(SAM, "reading.list.1.10", on=modal(world))
    assert [n for n in range(14) if f"> Entry {n}'" in said_in(modal(world))] == list(range(4))
    assert await certain(world) == [True] * 17
    assert "Nothing new has been shared" in text_of(await world.ladder_command(SAM, "digest"))


async def test_kudos_in_the_list_show_that_page_again(world: World) -> None:
    digest = await digested(world, 14)
    await world.click(SAM, "reading.list.1", on=digest)
    await world.click(SAM, "reading.list.1.10", on=modal(world))
    before = len(await certain(world))
    await world.click(SAM, "comments.kudos.2", on=modal(world))
    shown = said_in(modal(world))
    assert [n for n in range(14) if f"> Entry {n}'" in shown] == list(range(4))
    assert shown.count("kudos from you") == 1
    assert "comments.kudos.2" not in shown
    assert await certain(world) == [True] * (before + 4), "shown is written down, each time"


async def test_what_slack_did_not_show_may_have_been_seen(world: World) -> None:
    digest = await digested(world, 4)
    world.playground.faults.refuse("views.open", "internal_error")
    await world.playground.click(SAM, digest, "reading.list.1")
    assert await certain(world) == [True] * 3 + [False] * 4
    assert "*<@U0SAM>* may have seen your entry" in text_of(await world.ladder_command(MAYA, "seen"))


async def test_the_member_reads_what_was_seen_and_when(world: World) -> None:
    assert "nobody but you has seen anything" in text_of(await world.ladder_command(MAYA, "seen"))
    await digested(world, 12)
    for skip in ("", ".10"):
        if skip:
            await world.click(SAM, "reading.list.1.10", on=modal(world))
        else:
            await world.click(SAM, "reading.list.1")
    page = await world.ladder_command(MAYA, "seen")
    assert text_of(page).count("*<@U0SAM>* saw your entry of 14 January on 19 January") == 10
    await world.click(MAYA, "reading.seen", on=page)
    assert text_of(page).count("saw your entry") == 2
    assert "nobody but you" in text_of(await world.ladder_command(SAM, "seen"))


async def test_who_takes_something_back_hears_who_saw_it(world: World) -> None:
    await digested(world)
    await world.ladder_command(MAYA, "logs")
    await world.click(MAYA, "log.edit.1")
    await world.submit(MAYA, {"readers": []})
    assert "seen by <@U0SAM>" in text_of(await world.ladder_command(MAYA, "logs"))


async def revoke(world: World) -> None:
    await world.ladder_command(MAYA, "logs")
    await world.click(MAYA, "log.edit.1")
    await world.submit(MAYA, {"readers": []})


async def remove(world: World) -> None:
    await take_back(world, "Entry")


async def end(world: World) -> None:
    await world.ladder_command(MAYA, "mentors")
    await world.click(MAYA, "mentoring.end.1")


async def end_as_mentor(world: World) -> None:
    await world.ladder_command(SAM, "mentees")
    await world.click(SAM, "mentoring.end.1")


@pytest.mark.parametrize("take", [revoke, remove, end, end_as_mentor])
async def test_what_is_taken_back_goes_from_the_digest_and_old_buttons_say_so(world: World, take: Any) -> None:
    digest = await digested(world)
    await world.click(SAM, "reading.list.1", on=digest)
    old, open_list = copy.deepcopy(digest), copy.deepcopy(modal(world))
    await world.playground.close(SAM)
    await world.click(SAM, "comments.write.1", on=digest)
    form = copy.deepcopy(modal(world))
    await world.playground.close(SAM)

    await take(world)
    assert text_of(digest) == "What was here is no longer shared with you."
    for button in ("comments.write.1", "comments.kudos.1"):
        await world.click(SAM, button, on=old)
        assert GONE in text_of(newest(world)), button
    world.playground.workspace.modals[SAM] = [open_list]
    await world.click(SAM, "comments.kudos.1", on=open_list)
    assert GONE in said_in(modal(world))
    world.playground.workspace.modals[SAM] = []
    await world.click(SAM, "reading.list.1", on=old)
    assert "Nothing is shared with you here at the moment." in said_in(modal(world))
    world.playground.workspace.modals[SAM] = [form]
    await world.submit(SAM, {"words": WORDS})
    assert GONE in said_in(modal(world))
    await world.say(SAM, WORDS, thread_ts=digest.ts)
    assert GONE in text_of(newest(world))
    assert await said(world) == []


async def test_words_outlive_their_author_nameless(world: World) -> None:
    digest = await digested(world)
    await world.click(SAM, "comments.write.1", on=digest)
    await world.submit(SAM, {"words": "Well done"})
    async with world.sessions.begin() as session:
        await session.execute(delete(Member).where(Member.slack_user == SAM))
    assert "*somebody who has left Rung:* Well done" in text_of(await world.ladder_command(MAYA, "logs"))
    assert "somebody who has left Rung* saw" in text_of(await world.ladder_command(MAYA, "seen"))
    assert await world.rows(select(Disclosure.viewer_id)) == [None]


async def test_the_export_has_what_was_said(world: World) -> None:
    digest = await digested(world)
    await world.click(SAM, "comments.kudos.1", on=digest)
    await world.click(SAM, "comments.write.1", on=digest)
    await world.submit(SAM, {"words": "Well done"})
    await world.travel(timedelta(minutes=1))
    for kind in ("md", "csv", "json"):
        await world.ladder_command(MAYA, f"export {kind}")
    files = [file.content.decode() for _, file in uploaded(world) if file.content]
    assert len(files) == 3
    assert all("Well done" in each and "Sam Okafor" in each and "kudos" in each for each in files[:2])
    [entry] = json.loads(files[2])["entries"]
    assert [(each["by"], each["words"]) for each in entry["comments"]] == [
        ("Sam Okafor", None),
        ("Sam Okafor", "Well done"),
    ]


async def test_who_leaves_is_suspended_silently_and_old_shares_stay_revoked(world: World) -> None:
    await digested(world)
    told = len(world.playground.dm(MAYA)), len(world.playground.dm(SAM))
    await world.playground.change_person(SAM, deleted=True)
    await world.playground.change_person(SAM, deleted=False)
    await world.service.ticker.run()
    assert (len(world.playground.dm(MAYA)), len(world.playground.dm(SAM))) == told
    assert "You mentor nobody yet" in text_of(await world.ladder_command(SAM, "digest"))
    assert await world.rows(select(Share).where(Share.revoked_at.is_(None))) == []
