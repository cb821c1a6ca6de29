"""What a person said is saved, whatever Slack does not tell just then: names, zones, the message itself."""

import asyncio
from collections.abc import Callable

import pytest
from sqlalchemy import select

from db.enums import CheckInState, Source
from db.models import CheckIn, Comment, Entry, Member
from handlers.slack import display_names, patience
from handlers.slack.message import PLEASE_WAIT
from playground import payloads
from playground.faults import Faults
from playground.workspace import Message
from tests.support.checkin import MONDAY, asked, meet
from tests.support.comments import digested
from tests.support.digest import newest
from tests.support.messages import labels, said
from tests.support.playground_app import until
from tests.support.shortcuts import opened, praise
from tests.support.world import MAYA, SAM, World, text_of

TYPED = "Paired with @sam on R&D's <pipeline>, 40% faster"
WITH_ID = TYPED.replace("@sam", "@U0SAM")
ALWAYS = 50  # more often than anything is tried
INCIDENT = "something went wrong"
Trouble = Callable[[Faults, str], None]
TROUBLES: dict[str, Trouble] = {
    "limited": lambda faults, method: faults.rate_limit(method, 0, ALWAYS),
    "in trouble": lambda faults, method: faults.fail(method, ALWAYS),
    "refused": lambda faults, method: faults.refuse(method, "missing_scope", ALWAYS),
    "cut off": lambda faults, method: faults.lose(method, ALWAYS, accepted=False),
    "slow": lambda faults, method: faults.slow(method, 20, ALWAYS),
}
troubled = pytest.mark.parametrize("trouble", TROUBLES.values(), ids=TROUBLES.keys())


def troubled_by(*names: str) -> pytest.MarkDecorator:
    """By an answer that says no, and by none at all: the other troubles end in one of these two kinds of errors."""
    return pytest.mark.parametrize("trouble", [TROUBLES[name] for name in names], ids=names)


@pytest.fixture(autouse=True)
def not_for_so_long(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where Slack stays silent, it is given up sooner."""
    monkeypatch.setattr(patience, "LONG", 3.0)


async def settled(world: World) -> None:
    """Nothing is being followed up, and the messages show what came of it."""
    await world.service._answered()
    await world.settle()


async def words(world: World) -> list[str]:
    return await world.rows(select(Entry.what).order_by(Entry.id))


def told(world: World, user: str = MAYA) -> str:
    """All that stands in the DM and in the modal."""
    modal = world.playground.modal(user)
    return "\n".join(map(text_of, world.playground.dm(user))) + str(modal.blocks if modal else "")


def old(offer: Message) -> None:
    """The offer as it was before its buttons carried words."""
    for button in (each for block in offer.blocks for each in block.get("elements", []) if "value" in each):
        button["value"] = " ".join(button["value"].split(" ")[: 3 if button["action_id"] == "log.save_answer" else 1])


@troubled
async def test_an_answer_that_mentions_somebody_is_saved_whatever_slack_tells_of_them(
    world: World, trouble: Trouble
) -> None:
    question = await asked(world)
    trouble(world.playground.faults, "users.info")
    await world.say(MAYA, TYPED, thread_ts=question.ts)
    assert await words(world) == [WITH_ID]
    assert await world.rows(select(CheckIn.state)) == [CheckInState.ANSWERED]
    assert "@U0SAM on R&amp;D's &lt;pipeline&gt;" in text_of(question)
    assert INCIDENT not in told(world)


@pytest.mark.parametrize("world", ["socket", "http"], indirect=True)
async def test_it_is_saved_before_anybody_is_looked_up(world: World) -> None:
    question = await asked(world)
    before = len(world.playground.journal.of("users.info"))
    gate = world.playground.faults.hold("users.info")
    saying = asyncio.create_task(world.playground.say(MAYA, TYPED, thread_ts=question.ts))
    await until(lambda: gate.waiting)
    assert await words(world) == [WITH_ID]
    assert len(world.playground.journal.of("users.info")) == before, "and Slack has not answered yet"
    gate.opened.set()
    await saying
    await settled(world)
    assert await words(world) == [TYPED]
    assert "@sam on R&amp;D's" in text_of(question)


async def test_a_name_that_comes_late_follows(world: World) -> None:
    question = await asked(world)
    world.playground.faults.rate_limit("users.info", 0)
    await world.say(MAYA, f"{TYPED} and @guest", thread_ts=question.ts)
    await settled(world)
    assert await words(world) == [f"{TYPED} and @guest"]
    assert "@sam on R&amp;D's" in text_of(question)
    assert await world.rows(select(Entry.edited_at)) == [None], "nobody has edited it"


async def test_an_answer_of_mentions_asks_for_fifty_names(world: World) -> None:
    question, slack = await asked(world), world.playground
    text = " ".join(f"<@U{n}>" for n in range(1000))
    message = slack.workspace.post(slack.workspace.dm(MAYA), MAYA, text=text, thread_ts=question.ts)
    before = len(slack.journal.of("users.info"))
    await slack.event(payloads.message_event(slack.workspace, message))
    await settled(world)
    assert await words(world) == [" ".join(f"@U{n}" for n in range(1000))]
    assert 0 < len(slack.journal.of("users.info")) - before <= 60


async def test_a_name_that_comes_late_leaves_alone_what_was_changed_meanwhile(world: World) -> None:
    question = await asked(world)
    world.playground.faults.rate_limit("users.info", 1)
    await world.playground.say(MAYA, TYPED, thread_ts=question.ts)
    await world.service._beats["send"].run()
    await world.playground.click(MAYA, question, "log.edit")
    await world.submit(MAYA, {"what": f"{WITH_ID}, said better"})
    await settled(world)
    assert await words(world) == [f"{WITH_ID}, said better"]


async def test_a_name_that_comes_late_and_cannot_be_put_in_is_no_incident(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, offer = await said(world, TYPED)

    async def fail(*_: object) -> None:
        raise RuntimeError

    world.playground.faults.rate_limit("users.info", 0, ALWAYS)
    monkeypatch.setattr(display_names, "later", fail)
    await world.click(MAYA, "log.save_message", on=offer)
    await settled(world)
    assert await words(world) == [WITH_ID]
    assert INCIDENT not in told(world)


async def test_an_edit_is_followed_whatever_people_were_called_when_it_was_saved(world: World) -> None:
    question = await asked(world)
    await world.playground.change_person(SAM, name="Sam O. K.")
    await world.say(MAYA, "Paired with @U0SAM, once", thread_ts=question.ts)
    written = world.playground.dm(MAYA)[-1]
    assert await words(world) == ["Paired with @Sam O. K., once"]
    for n, (handle, limited) in enumerate((("sam.o", ALWAYS), ("sam", 0), ("sam2", ALWAYS))):
        await world.playground.change_person(SAM, name=handle)
        world.playground.faults.rate_limit("users.info", 0, limited)
        await world.edit(MAYA, written.ts, f"Paired with @U0SAM, {n}")
        await settled(world)
        world.playground.faults.clear()
        assert await words(world) == [f"Paired with @{'U0SAM' if limited else handle}, {n}"]


@pytest.mark.parametrize(
    ("polished", "limited"),
    [
        ("Reviewed @sam for a week on design", 0),
        ("Reviewed @sam's design", 0),
        ("Reviewed @sam's design", ALWAYS),
        ("Reviewed @sam-and-merged-it design", 0),
        ("Reviewed @guest design", 0),
    ],
)
async def test_what_was_polished_at_a_name_is_not_overwritten(world: World, polished: str, limited: int) -> None:
    question = await asked(world)
    await world.say(MAYA, "Reviewed @sam design", thread_ts=question.ts)
    written = world.playground.dm(MAYA)[-1]
    await world.click(MAYA, "log.edit", on=question)
    await world.submit(MAYA, {"what": polished})
    world.playground.faults.rate_limit("users.info", 0, limited)
    await world.edit(MAYA, written.ts, "Reviewed @sam design doc")
    await settled(world)
    assert await words(world) == [polished]


async def test_what_was_polished_elsewhere_leaves_a_name_a_name(world: World) -> None:
    question = await asked(world)
    await world.say(MAYA, "Reviewed @sam design", thread_ts=question.ts)
    written = world.playground.dm(MAYA)[-1]
    await world.click(MAYA, "log.edit", on=question)
    await world.submit(MAYA, {"what": "Reviewed @sam design", "impact": "It is simpler"})
    await world.edit(MAYA, written.ts, "Reviewed @sam design doc")
    assert await words(world) == ["Reviewed @sam design doc"]


@troubled_by("refused", "slow")
async def test_save_to_my_log_keeps_what_was_said_where_slack_does_not_show_it(world: World, trouble: Trouble) -> None:
    _, offer = await said(world, TYPED)
    trouble(world.playground.faults, "conversations.replies")
    await world.click(MAYA, "log.save_message", on=offer)
    await settled(world)
    assert await words(world) == [TYPED]
    assert await world.rows(select(Entry.source)) == [Source.MESSAGE]
    assert "*Saved to your growth log.*" in text_of(offer)
    assert INCIDENT not in told(world)


async def test_what_could_not_be_read_follows_as_soon_as_slack_shows_it(world: World) -> None:
    written, offer = await said(world, "Something with @sam")
    await world.edit(MAYA, written.ts, "Something better with @sam")
    world.playground.faults.rate_limit("conversations.replies", 0)
    await world.click(MAYA, "log.save_message", on=offer)
    await settled(world)
    assert await words(world) == ["Something better with @sam"]
    assert "Something better" in text_of(offer)
    await world.edit(MAYA, written.ts, "Something best with @sam")
    await settled(world)
    assert await words(world) == ["Something best with @sam"]


async def test_what_could_not_be_read_and_was_deleted_stays_saved(world: World) -> None:
    written, offer = await said(world, "Something with @sam")
    await world.playground.delete(MAYA, written.ts)
    world.playground.faults.rate_limit("conversations.replies", 0)
    await world.click(MAYA, "log.save_message", on=offer)
    await settled(world)
    assert await words(world) == ["Something with @sam"]
    assert INCIDENT not in told(world)


async def test_so_does_save_as_my_answer_and_twice_is_as_once(world: World) -> None:
    question = await asked(world)
    _, offer = await said(world, TYPED)
    world.playground.faults.fail("conversations.replies", ALWAYS)
    world.playground.faults.fail("users.info", ALWAYS)
    before = [dict(block) for block in offer.blocks]
    await world.click(MAYA, "log.save_answer", on=offer)
    offer.blocks = before
    await world.click(MAYA, "log.save_answer", on=offer)
    await settled(world)
    assert await words(world) == [WITH_ID]
    assert await world.rows(select(CheckIn.state)) == [CheckInState.ANSWERED]
    assert "@U0SAM on R&amp;D's" in text_of(question)


async def test_an_offer_without_words_waits_as_long_as_slack_asks_it_to(world: World) -> None:
    _, offer = await said(world, TYPED)
    old(offer)
    world.playground.faults.rate_limit("conversations.replies", 0, 2)
    await world.click(MAYA, "log.save_message", on=offer)
    await settled(world)
    assert await words(world) == [TYPED]
    assert PLEASE_WAIT in [message.text for message in world.playground.dm(MAYA)]
    assert "*Saved to your growth log.*" in text_of(offer)


async def test_where_slack_stays_silent_the_message_is_still_there_and_the_button_too(world: World) -> None:
    _, offer = await said(world, "Long. " * 400)
    world.playground.faults.refuse("conversations.replies", "missing_scope", 2)
    await world.click(MAYA, "log.save_message", on=offer)
    await settled(world)
    assert "It is still there and nothing is lost" in told(world)
    assert labels(offer) == ["Save to my log"]
    assert await words(world) == []
    await world.click(MAYA, "log.save_message", on=offer)
    assert await words(world) == [("Long. " * 400).strip()]


async def test_a_reply_in_a_thread_is_read_in_its_thread(world: World) -> None:
    written, _ = await said(world, "First")
    for n in range(3):
        reply, offer = await said(world, f"And {n}", thread_ts=written.ts)
        old(offer)
        await world.edit(MAYA, reply.ts, f"And {n}, corrected")
        await world.click(MAYA, "log.save_message", on=offer)
    assert await words(world) == [f"And {n}, corrected" for n in range(3)]


@troubled_by("limited", "cut off")
async def test_a_stranger_s_words_are_saved_whatever_slack_tells_of_their_zone(world: World, trouble: Trouble) -> None:
    _, offer = await said(world, "Nobody knows me yet")
    trouble(world.playground.faults, "users.info")
    await world.click(MAYA, "log.save_message", on=offer)
    await world.playground.command(MAYA, "/ladder log And this")
    await world.submit(MAYA, {})
    assert await words(world) == ["Nobody knows me yet", "And this"]
    assert INCIDENT not in told(world)


@troubled_by("in trouble", "slow")
async def test_a_member_s_wishes_hold_whatever_slack_tells_of_their_zone(world: World, trouble: Trouble) -> None:
    await meet(world)
    trouble(world.playground.faults, "users.info")
    answer = await world.ladder_command(MAYA, "set tuesday 10:00")
    assert "10:00 (Europe/Berlin)" in text_of(answer)
    await world.playground.command(MAYA, "/ladder set")
    assert world.playground.modal(MAYA)


async def test_the_zone_follows_with_the_profile(world: World) -> None:
    _, offer = await said(world, "Nobody knows me yet")
    world.playground.faults.fail("users.info", ALWAYS)
    await world.click(MAYA, "log.save_message", on=offer)
    assert await world.rows(select(Member.tz)) == ["UTC"]
    await world.service.people.run()
    assert await world.rows(select(Member.tz)) == ["Europe/Berlin"]


@troubled_by("refused", "cut off")
async def test_the_shortcut_s_form_opens_without_slack_s_help(world: World, trouble: Trouble) -> None:
    message = praise(world, text="Thanks <@U0MAYA>, and <@U0GUEST>")
    trouble(world.playground.faults, "users.info")
    trouble(world.playground.faults, "conversations.replies")
    form = await opened(world, message)
    assert "Thanks @U0MAYA, and @U0GUEST" in str(form.blocks)
    await world.submit(MAYA, {"what": "Mine"})
    assert await words(world) == ["Mine"]


@troubled_by("limited", "slow")
async def test_a_comment_on_one_of_several_is_asked_for_and_kept(world: World, trouble: Trouble) -> None:
    digest = await digested(world, 2)
    trouble(world.playground.faults, "users.info")
    await world.say(SAM, "Ask @guest", thread_ts=digest.ts)
    menu = newest(world)
    assert "Which entry is this for?" in text_of(menu)
    world.playground.faults.clear()
    world.playground.faults.rate_limit("conversations.replies", 0, 2)
    await world.click(SAM, "comments.pick", on=menu, value="U0MAYA · 14 January (2)")
    await settled(world)
    assert await world.rows(select(Comment.words)) == ["Ask @guest"]
    assert "sent." in text_of(menu)
    assert INCIDENT not in told(world, SAM)


async def test_what_is_to_be_asked_is_asked_as_soon_as_slack_lets(world: World) -> None:
    digest = await digested(world, 2)
    world.playground.faults.rate_limit("chat.postMessage", 0)
    await world.say(SAM, "Nice", thread_ts=digest.ts)
    await settled(world)
    menu = newest(world)
    assert ("Which entry is this for?" in text_of(menu), menu.thread_ts) == (True, digest.ts)
    await world.click(SAM, "comments.pick", on=menu, value="Maya Lindqvist · 14 January (2)")
    assert await world.rows(select(Comment.words)) == ["Nice"]


@troubled_by("in trouble", "cut off")
async def test_a_comment_is_kept_and_follows_its_message(world: World, trouble: Trouble) -> None:
    digest = await digested(world)
    trouble(world.playground.faults, "users.info")
    await world.say(SAM, "Ask @guest", thread_ts=digest.ts)
    [reply] = [each for each in world.playground.dm(SAM) if each.user == SAM]
    assert await world.rows(select(Comment.words)) == ["Ask @U0GUEST"]
    world.playground.faults.clear()
    await world.edit(SAM, reply.ts, "Do ask @guest")
    assert await world.rows(select(Comment.words)) == ["Do ask @guest"]
    await world.service.ticker.run()
    assert "> Do ask @guest" in text_of(newest(world, MAYA))


@troubled_by("refused", "slow")
async def test_where_it_cannot_be_told_what_a_reply_is_to_it_is_offered(world: World, trouble: Trouble) -> None:
    await meet(world)
    world.playground.faults.lose("chat.postMessage")
    await world.travel(MONDAY)
    question = next(each for each in world.playground.dm(MAYA) if each.metadata)
    trouble(world.playground.faults, "conversations.replies")
    _, offer = await said(world, TYPED, thread_ts=question.ts)
    assert INCIDENT not in told(world)
    await world.click(MAYA, "log.save_message", on=offer)
    assert await words(world) == [TYPED]


async def test_a_request_that_cannot_be_made_gives_its_words_back(world: World) -> None:
    await world.ladder_command(MAYA, "set L4")
    world.playground.faults.rate_limit("users.info", 0, ALWAYS)
    answer = await world.ladder_command(MAYA, "mentor @sam because you know <pipelines>")
    assert "I have asked nobody yet" in text_of(answer)
    assert "“because you know &lt;pipelines&gt;”" in text_of(answer)
