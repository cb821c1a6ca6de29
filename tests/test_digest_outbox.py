"""Digests go the way of questions: counted, told, listed, held back; and nobody's words are in any of that."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.features import message_kinds
from bot.ops import deliveries
from db.enums import DeliveryKind
from db.models import Comment, Delivery, Disclosure
from db.workspaces import workspaces
from playground.workspace import Message
from tests.support.digest import TUESDAY, certain, mentoring, newest, shared, take_back
from tests.support.digest_outbox import WORDS, digests
from tests.support.pause import slack_is_back
from tests.support.playground_app import until
from tests.support.postgres_tools import dump
from tests.support.steps import figures, scrape
from tests.support.world import SAM, World, text_of


async def test_each_step_of_a_digest_is_counted_and_told(world: World, caplog: pytest.LogCaptureFixture) -> None:
    await mentoring(world)
    await shared(world, WORDS)
    caplog.set_level("INFO")
    world.playground.faults.rate_limit("chat.postMessage")
    await world.travel(TUESDAY)
    await slack_is_back(world)
    assert WORDS in text_of(newest(world))
    [delivery] = await world.rows(select(Delivery.id).where(Delivery.kind == DeliveryKind.DIGEST))
    said = [each.msg for each in caplog.records if isinstance(each.msg, dict) and each.msg.get("kind") == "digest"]
    assert [(each["event"], each.get("delivery", each.get("count"))) for each in said] == [
        ("delivery.planned", 1),
        ("delivery.retried", str(delivery)),
        ("delivery.sent", str(delivery)),
    ]
    exposition = (await scrape(world))[2]
    counted = {name: count for name, count in figures(exposition).items() if name.endswith(":digest")}
    assert counted == {"planned:digest": 1, "retried:digest": 1, "sent:digest": 1}
    for secret in (WORDS, SAM):
        assert secret not in exposition
    assert WORDS not in caplog.text


async def test_while_delivery_is_paused_a_digest_is_planned_listed_and_waits(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await mentoring(world)
    await shared(world, WORDS)
    before = newest(world)
    monkeypatch.setattr(world.service, "_sends", False)  # as DELIVERY_PAUSED has it
    await world.travel(TUESDAY)
    assert (await digests(world), newest(world)) == (["ready"], before)

    lines = await deliveries.outbox(world.sessions, message_kinds())
    would = await deliveries.dry_run(world.sessions, message_kinds(), world.ladder, TUESDAY)
    assert [lines[1].split()[3:], would[1].split()[3:]] == [
        [SAM, "digest", "-", "ready", "0"],
        [SAM, "digest", "-", "sent"],
    ]
    assert WORDS not in "\n".join([*lines, *would])
    assert await world.rows(select(Disclosure.id)) == [], "a dry run shows nothing to anybody"

    monkeypatch.undo()
    await world.service.ticker.run()
    assert (await digests(world), WORDS in text_of(newest(world))) == (["sent"], True)


async def test_a_dry_run_changes_no_row(world: World, database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    await mentoring(world)
    await shared(world, WORDS)
    monkeypatch.setattr(world.service, "_sends", False)
    await world.travel(TUESDAY)
    before = await rows(database_url)
    would = await deliveries.dry_run(world.sessions, message_kinds(), world.ladder, TUESDAY)
    assert would[1].split()[3:] == [SAM, "digest", "-", "sent"]
    assert await rows(database_url) == before


async def rows(database_url: str) -> list[str]:
    """All that is there. A sequence counts on past what was rolled back, and nobody minds."""
    return [line for line in await asyncio.to_thread(dump, database_url) if "pg_catalog.setval" not in line]


async def test_a_digest_that_is_not_wanted_any_more_is_said_to_be_cancelled(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await mentoring(world)
    await shared(world, WORDS)
    monkeypatch.setattr(world.service, "_sends", False)
    await world.travel(TUESDAY)
    await world.ladder_command(SAM, "digest off")
    would = await deliveries.dry_run(world.sessions, message_kinds(), world.ladder, TUESDAY)
    assert would[1].endswith(f"{SAM}  digest  -         cancelled: not wanted any more")


async def test_a_digest_that_failed_is_listed_with_its_reason_and_can_be_sent_again(world: World) -> None:
    await mentoring(world)
    await shared(world, WORDS)
    world.playground.faults.refuse("chat.postMessage", "msg_too_long")
    await world.travel(TUESDAY)
    assert (await deliveries.outbox(world.sessions, message_kinds()))[1].split()[3:] == [
        SAM,
        "digest",
        "-",
        "failed",
        "1",
        "msg_too_long",
    ]
    [delivery] = await world.rows(select(Delivery.id).where(Delivery.kind == DeliveryKind.DIGEST))
    assert await deliveries.requeue(world.sessions, message_kinds(), delivery)
    async with world.sessions.begin() as session:
        await workspaces.refill(session)
    await world.service.ticker.run()
    assert (await digests(world), WORDS in text_of(newest(world))) == (["sent"], True)


async def test_a_digest_that_has_nothing_left_to_say_while_it_is_sent_is_deleted(world: World) -> None:
    await mentoring(world)
    await shared(world, WORDS)
    posting = world.playground.faults.hold("chat.postMessage")
    sending = asyncio.create_task(world.travel(TUESDAY))
    await until(lambda: posting.waiting)
    await take_back(world, WORDS)
    posting.opened.set()
    await sending
    assert (await digests(world), await certain(world)) == (["cancelled"], [False])
    assert [each for each in world.playground.dm(SAM) if WORDS in str(each.blocks)] == []


async def test_after_a_lost_answer_there_is_one_digest_without_what_was_taken_back(world: World) -> None:
    await mentoring(world)
    await shared(world, WORDS), await shared(world, "kept")
    before = len(world.playground.dm(SAM))
    world.playground.faults.lose("chat.postMessage")
    await world.travel(TUESDAY)
    await take_back(world, WORDS)
    assert (await digests(world), WORDS in text_of(newest(world))) == (["unknown"], True)
    async with world.sessions.begin() as session:
        await workspaces.refill(session)
    await slack_is_back(world)
    assert (await digests(world), len(world.playground.dm(SAM))) == (["sent"], before + 1)
    assert "> kept" in text_of(newest(world))
    assert WORDS not in str(newest(world).blocks)


async def in_doubt(world: World, *shares: str) -> Message:
    """Sam's digest of these entries, of which nobody knows whether it was sent."""
    await mentoring(world)
    for what in shares:
        await shared(world, what)
    world.playground.faults.lose("chat.postMessage")
    world.playground.faults.refuse("conversations.history", "internal_error", times=400)
    await world.travel(TUESDAY)
    assert (await digests(world), set(await certain(world))) == (["unknown"], {False})
    return newest(world)


async def test_a_reply_in_its_thread_proves_a_digest_sent_and_is_for_its_entry(world: World) -> None:
    digest = await in_doubt(world, WORDS)
    await world.say(SAM, "Well done", thread_ts=digest.ts)
    assert (await digests(world), await certain(world)) == (["sent"], [True])
    assert await world.rows(select(Comment.words)) == ["Well done"]


@pytest.mark.parametrize("action", ["comments.write.1", "comments.kudos.1", "reading.list.1", "digest.change"])
async def test_a_click_on_it_proves_a_digest_sent(world: World, action: str) -> None:
    digest = await in_doubt(world, WORDS)
    await world.click(SAM, action, on=digest)
    assert (await digests(world), (await certain(world))[0]) == (["sent"], True)


@pytest.mark.parametrize("action", ["digest.pause", "digest.stop"])
async def test_so_does_one_on_its_settings(world: World, action: str) -> None:
    digest = await in_doubt(world, WORDS)
    await world.click(SAM, action, on=digest)
    assert (await digests(world), await certain(world)) == (["sent"], [True])


@pytest.mark.parametrize("action", ["comments.write.1", "comments.kudos.1"])
async def test_what_was_taken_back_meanwhile_goes_from_it_at_the_first_click(world: World, action: str) -> None:
    digest = await in_doubt(world, WORDS)
    await take_back(world, WORDS)
    await world.travel(timedelta(minutes=20))  # gone for good
    assert WORDS in text_of(digest), "nobody knows that it is there"
    await world.click(SAM, action, on=digest)
    assert "no longer shared with you" in text_of(newest(world))
    assert text_of(digest) == "What was here is no longer shared with you."


@pytest.mark.parametrize("action", ["comments.write.1", "comments.kudos.1"])
async def test_what_slack_did_not_let_go_from_a_digest_is_not_shared_at_a_click_and_goes_later(
    world: World, action: str
) -> None:
    await mentoring(world)
    await shared(world, WORDS)
    await world.travel(TUESDAY)
    digest = newest(world)
    world.playground.faults.refuse("chat.update", "internal_error")
    await take_back(world, WORDS)
    assert WORDS in text_of(digest)
    await world.click(SAM, action, on=digest)
    assert "no longer shared with you" in text_of(newest(world))
    await slack_is_back(world)
    assert text_of(digest) == "What was here is no longer shared with you."
