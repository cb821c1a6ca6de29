"""Sharing an entry with mentors: asked in the form, said in every answer, taken back with one click."""

import copy
import csv
import io
import json
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from db.entries import entries
from db.log.deletion import UNDO_FOR
from db.mentoring import shares
from db.models import Entry, Mentorship, Share
from growth.mentoring import MentorshipState
from handlers.entries.views.sharing import MOST
from handlers.slack import action_ids
from playground.payloads import Sender
from playground.workspace import Message, View
from tests.support.checkin import asked, shown
from tests.support.log import log_it, opened
from tests.support.log_queries import statements
from tests.support.progress import uploaded
from tests.support.shares import mentorship
from tests.support.sharing import ADA, mentored, who
from tests.support.world import MAYA, SAM, World, text_of

WHAT = "Shipped the drift monitor"
SOON = "<@U0SAM> can read it from 12:00 (Europe/Berlin)"
NOT_YOUR_MENTOR = "Somebody you ticked is no longer your mentor"


async def shared(world: World) -> Message:
    """Maya logs something that Sam may read; the answer."""
    [sam] = await mentored(world)
    return await log_it(world, WHAT, readers=[str(sam)])


async def live(world: World) -> list[int]:
    """The mentorships by which something is shared."""
    return await world.rows(select(Share.mentorship_id).where(Share.revoked_at.is_(None)).order_by(Share.mentorship_id))


def modal(world: World) -> View:
    found = world.playground.modal(MAYA)
    assert found
    return found


def home(world: World, user: str = MAYA) -> View:
    found = world.playground.home(user)
    assert found
    return found


def ticked(form: View, group: str = "readers") -> list[str]:
    return [option["value"] for option in form.values[group]["value"]["selected_options"]]


async def listed(world: World, words: str = "") -> str:
    return text_of(await world.ladder_command(MAYA, f"logs {words}".strip()))


async def test_without_a_mentor_there_is_nobody_to_choose(world: World) -> None:
    form = await opened(world)
    assert "readers" not in form.values
    assert "Only you can read this." in str(form.blocks)


@pytest.mark.parametrize("world", ["socket", "http"], indirect=True)
async def test_the_form_names_people_and_the_answer_says_who_and_from_when(world: World) -> None:
    [sam, _] = await mentored(world, SAM, ADA)
    form = await opened(world, WHAT)
    [field] = [block for block in form.blocks if block["block_id"] == "readers"]
    assert field["label"]["text"] == "Who may read this?"
    assert [option["text"]["text"] for option in field["element"]["options"]] == ["<@U0SAM>", "<@U0ADA>"]
    assert ticked(form) == [], "private unless shared"

    await world.submit(MAYA, {"readers": [str(sam)]})
    answer = world.playground.dm(MAYA)[-1]
    assert SOON in text_of(answer)
    assert answer.text == "Saved to your growth log."
    assert await live(world) == [sam]

    for _ in range(2):  # the second click changes nothing
        await world.click(MAYA, "share.private", on=copy.deepcopy(answer))
        assert await live(world) == []
    await world.click(MAYA, "share.private", on=answer)
    assert "only you can read it" in text_of(answer)
    assert "share.private" not in str(answer.blocks)


async def test_unticked_it_is_private(world: World) -> None:
    await mentored(world)
    answer = await log_it(world, WHAT)
    assert "only you can read it" in text_of(answer)
    assert "share.private" not in str(answer.blocks)
    assert await live(world) == []


async def test_the_day_is_named_where_it_is_another_one(world: World) -> None:
    [sam] = await mentored(world)
    world.playground.clock.set_to(world.playground.clock.now().replace(hour=22, minute=15))
    answer = await log_it(world, WHAT, readers=[str(sam)])
    assert "can read it from Friday 15 January at 00:15 (Europe/Berlin)" in text_of(answer)


async def test_an_edit_shows_who_may_read_and_changes_it(world: World) -> None:
    [sam, ada] = await mentored(world, SAM, ADA)
    answer = await log_it(world, WHAT, readers=[str(sam)])
    world.playground.clock.advance(timedelta(hours=1))
    await world.click(MAYA, "log.edit", on=answer)
    assert ticked(modal(world)) == [str(sam)]
    await world.submit(MAYA, {"readers": [str(sam), str(ada)]})
    said = text_of(answer)
    assert "<@U0SAM> can read it, <@U0ADA> can read it from 13:00 (Europe/Berlin)" in said
    assert "Make private" in str(answer.blocks)

    await world.click(MAYA, "log.edit", on=answer)
    await world.submit(MAYA, {"readers": [str(ada)]})
    assert await live(world) == [ada]
    assert "· <@U0ADA> can read it from 13:00" in text_of(answer), "its hour goes on"
    assert "Keep private" in str(answer.blocks)


async def test_a_form_that_was_open_does_not_share_again_what_was_taken_back(world: World) -> None:
    answer = await shared(world)
    await world.click(MAYA, "log.edit", on=answer)
    await world.click(MAYA, "share.private", on=copy.deepcopy(answer))
    await world.submit(MAYA, {"what": f"{WHAT}, and its runbook"})
    assert await live(world) == []
    assert "only you can read it" in text_of(answer)


async def test_a_form_that_comes_twice_shares_once(world: World) -> None:
    [sam] = await mentored(world)
    view = await opened(world, WHAT)
    world.playground.fill(view, {"readers": [str(sam)]})
    workspace = world.playground.workspace
    body = Sender(workspace, world.playground.url).submission(workspace.person(MAYA), view, "1.2.trigger")
    for _ in range(2):
        assert (await world.playground.outbound.interaction(body)).ok
    assert await live(world) == [sam]
    first, second = world.playground.dm(MAYA)[-2:]
    assert second.text == "That is in your growth log already."
    assert SOON in text_of(first)
    assert SOON in text_of(second)


@pytest.mark.parametrize("forged", ["another one's", "nobody's", "words", "9" * 30])
async def test_nobody_shares_by_a_mentorship_that_is_not_theirs(world: World, forged: str) -> None:
    await mentored(world)
    other = await mentorship(world.sessions, who(world, SAM), who(world, ADA))
    view = await opened(world, WHAT)
    workspace = world.playground.workspace
    body: Any = Sender(workspace, world.playground.url).submission(workspace.person(MAYA), view, "1.2.trigger")
    value = {"another one's": str(other), "nobody's": str(other + 1)}.get(forged, forged)
    body["view"]["state"]["values"]["readers"]["value"]["selected_options"] = [{"value": value}]
    answer = await world.playground.outbound.interaction(body)
    assert answer.body["response_action"] == "errors"
    assert answer.body["errors"]["readers"].startswith(NOT_YOUR_MENTOR)
    assert await world.rows(select(Entry)) == []


async def test_whose_mentorship_ended_meanwhile_is_said_at_the_field(world: World) -> None:
    [sam] = await mentored(world)
    view = await opened(world, WHAT)
    async with world.sessions.begin() as session:
        await session.execute(
            update(Mentorship).values(state=MentorshipState.ENDED, ended_at=world.playground.clock.now())
        )
    await world.playground.submit(MAYA, {"readers": [str(sam)]})
    assert view.errors["readers"].startswith(NOT_YOUR_MENTOR)
    await world.submit(MAYA, {"readers": []})
    assert "only you can read it" in text_of(world.playground.dm(MAYA)[-1])


async def test_nobody_takes_back_what_is_not_theirs(world: World) -> None:
    answer = await shared(world)
    await world.ladder_command(SAM, "set L6")
    theirs = await world.ladder_command(SAM, "next")
    theirs.blocks = copy.deepcopy(answer.blocks)
    await world.click(SAM, "share.private", on=theirs)
    assert "no longer there" in text_of(world.playground.dm(SAM)[-1])
    assert len(await live(world)) == 1


async def test_an_answer_in_the_form_can_be_shared_and_one_in_the_thread_is_private(world: World) -> None:
    question = await asked(world)
    [sam] = await mentored(world)
    await world.click(MAYA, "checkin.write", on=question)
    await world.submit(MAYA, {"what": WHAT, "readers": [str(sam)]})
    assert "<@U0SAM> can read it from 10:00 (Europe/Berlin)" in await shown(world, question)
    answered = world.playground.workspace.message(question.channel, question.ts)
    await world.click(MAYA, "share.private", on=answered)
    assert "only you can read it" in await shown(world, question)
    assert await live(world) == []

    await world.click(MAYA, "log.undo", on=answered)
    await world.say(MAYA, "Said in the thread", thread_ts=question.ts)
    assert "only you can read it" in await shown(world, question)
    assert await live(world) == []


async def test_typed_without_the_form_it_is_private_and_the_form_offers_to_share(world: World) -> None:
    [sam] = await mentored(world)
    world.playground.faults.refuse("views.open", "expired_trigger_id")
    answer = await world.ladder_command(MAYA, f"log {WHAT}")
    world.playground.faults.clear()
    assert "only you can read it" in text_of(answer)
    await world.click(MAYA, "log.details", on=answer)
    await world.submit(MAYA, {"readers": [str(sam)]})
    assert SOON in text_of(answer)


async def test_of_a_message_only_ones_own_words_are_shared_and_the_form_says_so(world: World) -> None:
    [sam] = await mentored(world)
    workspace = world.playground.workspace
    message = workspace.post(workspace.add_channel("ranking", (MAYA, SAM)), SAM, text="Saved our weekend")
    await world.playground.shortcut(MAYA, "save_message", message)
    assert "They see your own words and the link, not the message." in str(modal(world).blocks)
    await world.submit(MAYA, {"what": WHAT, "readers": [str(sam)]})
    assert SOON in str(modal(world).blocks)
    await world.click(MAYA, "share.private", on=modal(world))
    assert "only you can read it" in str(modal(world).blocks)


async def test_every_line_of_the_list_says_who_can_read_it(world: World) -> None:
    await shared(world)
    await log_it(world, "For me alone")
    said = await listed(world)
    assert "*14 January* · only you\n> For me alone" in said
    assert f"*14 January* · shared with <@U0SAM> from 12:00 (Europe/Berlin)\n> {WHAT}" in said
    world.playground.clock.advance(timedelta(hours=1))
    async with statements(world.engine) as seen:
        await world.playground.command(MAYA, "/ladder logs")
    assert len(seen) == 5, seen
    assert f"*14 January* · shared with <@U0SAM>\n> {WHAT}" in text_of(world.playground.dm(MAYA)[-1])


@pytest.mark.parametrize(
    ("readers", "there"), [("yes", [WHAT]), ("no", ["For me alone"]), ("-", ["For me alone", WHAT])]
)
async def test_the_list_is_filtered_by_who_can_read(world: World, readers: str, there: list[str]) -> None:
    await shared(world)
    await log_it(world, "For me alone")
    answer = await world.ladder_command(MAYA, "logs")
    await world.click(MAYA, action_ids.LOGS_FILTER, on=answer)
    await world.submit(MAYA, {"shared": readers})
    assert [line for line in text_of(answer).splitlines() if line.startswith("> ")] == [f"> {each}" for each in there]


async def test_without_a_mentor_the_filter_does_not_ask(world: World) -> None:
    await log_it(world, WHAT)
    await world.click(MAYA, action_ids.LOGS_FILTER, on=await world.ladder_command(MAYA, "logs"))
    assert "shared" not in modal(world).values


async def test_what_is_deleted_is_taken_back_and_comes_back_private(world: World) -> None:
    await shared(world)
    [entry_id] = await world.rows(select(Entry.id))
    answer = await world.ladder_command(MAYA, "logs")
    await world.click(MAYA, f"{action_ids.LOGS_DELETE}.{entry_id}", on=answer)
    assert await live(world) == []
    world.playground.clock.advance(UNDO_FOR - timedelta(minutes=2))
    await world.click(MAYA, f"{action_ids.LOGS_RESTORE}.{entry_id}", on=answer)
    assert "It is back in your log, and only you can read it." in text_of(answer)
    assert f"· only you\n> {WHAT}" in text_of(answer)
    assert await live(world) == []


async def test_undone_it_is_taken_back(world: World) -> None:
    answer = await shared(world)
    old = copy.deepcopy(answer)
    await world.click(MAYA, "log.undo", on=answer)
    assert await live(world) == []
    await world.click(MAYA, "share.private", on=old)
    assert "Taken out of your log again." in text_of(old)


async def test_home_names_mentors_and_mentees_and_opens_what_is_shared(world: World) -> None:
    await shared(world)
    await log_it(world, "For me alone")
    await world.ladder_command(SAM, "set L6")
    async with statements(world.engine) as seen:
        await world.playground.open_home(MAYA)
    assert len(seen) == 3, seen
    said = text_of_view(home(world))
    assert "*My mentors*\n•  <@U0SAM> · 1 entry shared" in said
    assert "*My mentees*\nNobody yet." in said
    assert f"14 January · shared with <@U0SAM> from 12:00 (Europe/Berlin)\n> {WHAT}" in said
    assert "14 January · only you\n> For me alone" in said

    [button] = [block for block in home(world).blocks if "See what I share" in str(block)]
    await world.playground.click(MAYA, home(world), action_ids.LOGS_OPEN, block_id=button["block_id"])
    assert WHAT in str(modal(world).blocks)
    assert "For me alone" not in str(modal(world).blocks)


async def test_a_mentor_sees_who_and_where_they_stand_and_not_a_word_of_theirs(world: World) -> None:
    await shared(world)
    world.playground.clock.advance(timedelta(days=1))
    await world.playground.open_home(SAM)
    said = text_of_view(home(world, SAM))
    assert "<@U0MAYA>\nL4 · ML Engineer II  →  L5 · Senior ML Engineer" in said, "a mentor needs no level"
    await world.ladder_command(SAM, "set L6")
    await world.playground.open_home(SAM)
    said = text_of_view(home(world, SAM))
    assert "<@U0MAYA>\nL4 · ML Engineer II  →  L5 · Senior ML Engineer" in said
    assert "*My mentors*\nNobody yet: what you write is for you alone." in said
    [row] = [block for block in home(world, SAM).blocks if "<@U0MAYA>" in str(block)]
    await world.playground.click(SAM, home(world, SAM), "details.open", block_id=row["block_id"])
    opened_level = world.playground.modal(SAM)
    assert opened_level
    assert "Senior ML Engineer" in str(opened_level.blocks)
    assert WHAT not in str([said, opened_level.blocks, world.playground.dm(SAM)])


async def test_very_many_mentors_fit_the_form(world: World) -> None:
    ids = await mentored(world, *(f"U{n:03}" for n in range(MOST + 1)))
    form = await opened(world, WHAT)
    groups = [block for block in form.blocks if block["block_id"].startswith("readers")]
    assert [len(group["element"]["options"]) for group in groups] == [10] * (MOST // 10)
    await world.submit(MAYA, {"readers": [str(ids[0])], "readers.10": [str(each) for each in ids[10:20]]})
    assert await live(world) == [ids[0], *ids[10:20]]
    answer = world.playground.dm(MAYA)[-1]
    assert "<@U000>, <@U010>, <@U011>, <@U012>, <@U013> and 6 others can read it from" in text_of(answer)
    await world.click(MAYA, "log.edit", on=answer)
    assert ticked(modal(world), "readers.10") == [str(each) for each in ids[10:20]]

    async with world.sessions.begin() as session:
        entry = await entries.lock(session, who(world, MAYA), (await session.scalars(select(Entry.id))).one())
        assert entry
        await shares.put(session, entry, [ids[0], ids[MOST]], world.playground.clock.now())
    await world.playground.close(MAYA)
    await world.click(MAYA, "log.edit", on=answer)
    await world.submit(MAYA, {"readers": []})
    assert await live(world) == [ids[MOST]], "whom the form does not show it does not touch"


async def test_the_files_tell_whom_it_is_shared_with_and_what_message_it_was_made_from(world: World) -> None:
    await shared(world)
    link = "https://northwind.slack.com/archives/C1/p1"
    taken = {"snippet": "Saved our weekend", "snippet_author": "sam", "permalink": link, "links": ["https://a.example"]}
    async with world.sessions.begin() as session:
        await session.execute(update(Entry).values(happened_on=date(2027, 1, 14), **taken))
    for kind in ("json", "csv", "md"):
        await world.ladder_command(MAYA, f"export {kind}")
    as_json, as_csv, as_md = (file.content.decode() for _, file in uploaded(world) if file.content)
    [entry] = json.loads(as_json)["entries"]
    assert {key: entry[key] for key in ("what", "shared_with", *taken)} == {
        "what": WHAT,
        "shared_with": ["Sam Okafor"],
        **taken,
    }
    [row] = csv.DictReader(io.StringIO(as_csv.removeprefix("\ufeff")))
    about = ("What happened", "Links", "From a message", "Message by", "Message link", "Shared with")
    assert [row[each] for each in about] == [WHAT, "https://a.example", "Saved our weekend", "sam", link, "Sam Okafor"]
    assert "*Shared with:* Sam Okafor" in as_md
    assert "@sam wrote: “Saved our weekend”" in as_md


def text_of_view(view: View) -> str:
    return "\n".join(block["text"]["text"] for block in view.blocks if "text" in block)
