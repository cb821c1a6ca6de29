"""`/ladder forget me`: what goes, from the database and from Slack; what stays; and who comes back."""

from typing import Any

import pytest
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse
from sqlalchemy import func, select, text

from db.models import Base, Comment, Member, Mentorship, Removal
from tests.support.architecture import submission
from tests.support.digest import mentoring, newest
from tests.support.forgetting import MARK, PRIYA, SAID, a_full_life, cleared, forget, form, member_id, ours, share
from tests.support.playground_app import until
from tests.support.progress import settled, uploaded
from tests.support.world import GUEST, MAYA, SAM, World, text_of, text_of_blocks

OWNED_BY = [
    key.parent
    for table in Base.metadata.tables.values()
    for key in table.foreign_keys
    if key.column is Base.metadata.tables["members"].c.id
]


async def rows(world: World) -> dict[str, list[str]]:
    """Every row of every table, as text."""
    async with world.engine.connect() as connection:
        return {
            name: list(await connection.scalars(text(f"SELECT CAST(t AS text) FROM {name} t")))
            for name in (*Base.metadata.tables, "alembic_version")
        }


async def naming(world: World, member: int) -> set[str]:
    """The columns in which a row points at the member."""
    async with world.engine.connect() as connection:
        found = {str(each): await connection.scalar(select(func.count()).where(each == member)) for each in OWNED_BY}
    return {name for name, rows in found.items() if rows}


async def about_maya(world: World) -> set[str]:
    """What names her or her things in the database."""
    async with world.sessions() as session:
        ids = [
            str(id_)
            for id_ in await session.scalars(
                text(
                    "SELECT d.id FROM deliveries d JOIN members m ON m.id = d.member_id WHERE m.slack_user = 'U0MAYA'"
                ).columns()
            )
        ]
    return {MARK, MAYA, world.playground.workspace.dm(MAYA).id, *ids}


async def nothing_is_left_in_slack(world: World) -> None:
    """Rung's messages are gone, and those to others say nothing of Maya."""
    [last] = ours(world, MAYA)
    assert text_of(last).startswith("Done: my earlier messages to you are gone from here")
    assert uploaded(world) == []
    assert world.playground.workspace.files == {}
    assert len([each for each in world.playground.dm(MAYA) if each.user == MAYA]) == 3, "their own are theirs"
    for other in (SAM, PRIYA):
        shown = [f"{each.text} {each.blocks}" for each in ours(world, other)]
        assert [each for each in shown if MARK in each] == []
        assert [each for each in shown if MAYA in each and not each.startswith("Your comment on")] == []
    over = [text_of(each) for each in ours(world, SAM) if "mentorship" in each.text]
    assert over == [text_of(each) for each in ours(world, PRIYA) if "mentorship" in each.text]
    assert [each.startswith("One of your mentorships has ended") for each in over] == [True]
    assert SAID in "".join(text_of(each) for each in ours(world, PRIYA)), "the words stay, nameless"
    assert await world.rows(select(Comment.author_id).where(Comment.words == SAID)) == [None]
    assert len(world.playground.journal.of("chat.delete")) == len(
        {(each.args["channel"], each.args["ts"]) for each in world.playground.journal.of("chat.delete")}
    ), "each once"


async def test_nothing_is_left(world: World) -> None:
    await a_full_life(world)
    signs = await about_maya(world)
    before = await rows(world)
    assert len(ours(world, MAYA)) > 8
    member = await member_id(world, MAYA)
    for table in ("entries", "deliveries", "mentorships", "members", "comments"):
        assert any(sign in row for row in before[table] for sign in signs), table
    assert {str(each) for each in OWNED_BY} == await naming(world, member)
    assert "Everything of yours is gone." in await forget(world)
    at_once = await rows(world)
    left = {name: [row for row in found if any(sign in row for sign in signs)] for name, found in at_once.items()}
    places = left.pop("removals")
    assert {name: found for name, found in left.items() if found} == {}, "at once"
    assert await naming(world, member) == set()
    assert not any(sign in row for row in places for sign in (MARK, MAYA)), "where, and nothing of who"
    await cleared(world)
    await nothing_is_left_in_slack(world)
    assert not any(sign in row for found in (await rows(world)).values() for row in found for sign in signs)
    for part in await world.rows(select(text("parts FROM digests"))):
        assert part == [] or {each["mentorship"] for each in part} <= set(await world.rows(select(Mentorship.id)))


async def test_the_own_messages_of_those_whom_they_mentored_name_them_no_more(world: World) -> None:
    await mentoring(world)
    await world.ladder_command(MAYA, "checkin")
    await world.service.ticker.run()
    await world.click(MAYA, "checkin.write")
    await world.playground.submit(MAYA, {"what": "An answer", "readers": ["1"]})
    await world.playground.say(MAYA, "A line")
    await world.click(MAYA, "log.save_message", on=newest(world, MAYA))
    await world.click(MAYA, "log.edit", on=newest(world, MAYA))
    await world.playground.submit(MAYA, {"readers": ["1"]})
    assert len([each for each in ours(world, MAYA) if f"<@{SAM}> can read it" in text_of(each)]) == 2
    await forget(world, SAM)
    await cleared(world)
    assert [text_of(each) for each in ours(world, MAYA) if SAM in str(each.blocks)] == []
    assert len([each for each in ours(world, MAYA) if "only you can read it" in text_of(each)]) == 2


async def test_afterwards_they_are_a_stranger_and_may_begin_anew(world: World) -> None:
    await world.ladder_command(MAYA, "set L4")
    await forget(world)
    home = world.playground.home(MAYA)
    assert home
    assert "I'm Rung." in text_of_blocks(home.blocks)
    assert "I'm Rung" in text_of(await world.ladder_command(MAYA, "next"))
    await world.click(MAYA, "welcome.level.l5")
    await world.ladder_command(MAYA, "checkin")
    await until(lambda: any(each.metadata for each in world.playground.dm(MAYA)[-3:]))
    question = newest(world, MAYA)
    await cleared(world)
    assert question in ours(world, MAYA), "what came after is not removed"
    assert len(await world.rows(select(Member.id).where(Member.slack_user == MAYA))) == 1


@pytest.mark.parametrize("typed", ["forget", "yes", "forget you", "do not forget me"])
async def test_it_is_not_done_by_mistake(world: World, typed: str) -> None:
    await world.ladder_command(MAYA, "set L4")
    await form(world)
    assert (await world.playground.submit(MAYA, {"confirm": typed})).error == "errors"
    assert world.playground.errors(MAYA) == {"confirm": "Nothing was removed. If you mean it, type: forget me"}
    assert len(await world.rows(select(Member.id))) == 1


@pytest.mark.parametrize("user", [MAYA, GUEST])
async def test_of_whom_nothing_is_known_is_told_so(world: World, user: str) -> None:
    assert "nothing to forget" in text_of(await world.ladder_command(user, "forget me"))
    assert await world.rows(select(Member.id)) == []


async def test_other_words_are_no_wish_to_be_forgotten(world: World) -> None:
    await world.ladder_command(MAYA, "set L4")
    assert "To take a single entry out" in text_of(await world.ladder_command(MAYA, "forget that entry"))
    assert world.playground.modal(MAYA) is None
    await world.playground.say(MAYA, "forget me")
    assert "type `/ladder forget me`" in text_of(newest(world, MAYA))


async def dispatch(world: World, body: dict[str, Any]) -> BoltResponse:
    return await world.service.app.async_dispatch(AsyncBoltRequest(mode="socket_mode", body=body))


async def test_a_second_click_answers_as_the_first_and_touches_nobody_new(world: World) -> None:
    await world.ladder_command(MAYA, "set L4")
    [member] = await world.rows(select(Member.id))
    body = submission("privacy.forget_form", member=member)
    body["view"]["state"]["values"] = {"confirm": {"value": {"value": "forget me"}}}
    first, second = await dispatch(world, body), await dispatch(world, body)
    assert "Everything of yours is gone" in first.body
    assert first.body == second.body
    assert len(await world.rows(select(Removal.id).where(Removal.kind == "conversation"))) == 1
    await world.ladder_command(MAYA, "set L5")
    third = await dispatch(world, body)
    assert "you have begun anew since" in third.body
    assert await world.rows(select(Member.level)) == ["l5"]


async def test_nobody_forgets_another_one(world: World) -> None:
    await world.ladder_command(MAYA, "set L4")
    [member] = await world.rows(select(Member.id))
    body = submission("privacy.forget_form", member=member)
    body["user"]["id"] = SAM
    body["view"]["state"]["values"] = {"confirm": {"value": {"value": "forget me"}}}
    await dispatch(world, body)
    assert await world.rows(select(Member.id)) == [member]


async def test_the_form_sends_the_export_and_stays_open(world: World) -> None:
    await world.ladder_command(MAYA, "set L4")
    empty = await form(world)
    assert "export.send" not in str(empty.blocks), "nothing to take along"
    await world.playground.close(MAYA)
    await share(world, MAYA, f"Shared {MARK}", MAYA)
    opened = await form(world)
    await world.click(MAYA, "export.send.md", on=opened)
    await settled(world)
    [(_, file)] = uploaded(world)
    assert MARK in (file.content or b"").decode()
    top = world.playground.modal(MAYA)
    assert top
    assert "is in our conversation" in text_of_blocks(top.blocks)
    await world.playground.close(MAYA)
    assert world.playground.modal(MAYA) == opened
    await world.click(MAYA, "export.send.md", on=opened)
    await settled(world)
    assert len(uploaded(world)) == 1, "a second click finds the file sent"
    await world.playground.close(MAYA)
    assert (await world.playground.submit(MAYA, {"confirm": "“forget me”"})).ok
    await world.service.ticker.run()
    assert uploaded(world) == []


async def test_it_is_offered_on_home_and_in_help(world: World) -> None:
    await world.ladder_command(MAYA, "set L4")
    await world.playground.open_home(MAYA)
    await world.click(MAYA, "privacy.forget", on=world.playground.home(MAYA))
    assert (await world.playground.submit(MAYA, {"confirm": "forget me"})).ok
    assert await world.rows(select(Member.id)) == []
    assert "`/ladder forget me`" in text_of(await world.ladder_command(MAYA, "help"))


async def test_all_or_nothing(world: World) -> None:
    await world.ladder_command(MAYA, "set L4")
    await share(world, MAYA, f"Shared {MARK}", SAM)
    before = await rows(world)
    async with world.engine.begin() as connection:
        await connection.execute(
            text("CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''no''; END'")
        )
        await connection.execute(
            text("CREATE TRIGGER refuse BEFORE DELETE ON level_changes FOR EACH ROW EXECUTE FUNCTION refuse()")
        )
    try:
        await form(world)
        await world.playground.submit(MAYA, {"confirm": "forget me"})
        assert await rows(world) == before
    finally:
        async with world.engine.begin() as connection:
            await connection.execute(text("DROP FUNCTION refuse CASCADE"))
    await world.playground.close(MAYA)
    assert (await world.playground.submit(MAYA, {"confirm": "forget me"})).ok
