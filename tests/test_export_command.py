"""`/ladder export`: the log as a file in the DM, in three formats."""

import asyncio
import csv
import json
from io import StringIO

import pytest
from sqlalchemy import text, update

from db.models import Entry, Member
from playground.payloads import Sender
from playground.workspace import Message
from tests.support.commands import labels
from tests.support.progress import FRESH, PRIVATE, STALE, evidence, settled, uploaded
from tests.support.world import MAYA, SAM, World, text_of


async def two_entries(world: World) -> None:
    l5 = world.ladder.criteria_to("l5")
    await evidence(world, (l5[0].id, FRESH), (l5[1].id, STALE))


def the_file(world: World) -> tuple[Message, str, str]:
    """The one file in Maya's DM: its message, its name, what is in it."""
    [(message, file)] = uploaded(world)
    assert file.content is not None
    return message, file.name, file.content.decode()


@pytest.mark.parametrize("words", ["md", "Markdown", " .MD ", "as markdown"])
async def test_markdown_is_a_packet_with_name_levels_evidence_and_links(world: World, words: str) -> None:
    await two_entries(world)
    answer = await world.ladder_command(MAYA, f"export {words}")
    message, name, content = the_file(world)
    assert name == "growth-log-2027-01-14.md"
    assert content.startswith("# Maya Lindqvist: L4 ML Engineer II → L5 Senior ML Engineer\n")
    assert "2 entries · 2 of 9 criteria have evidence" in content
    assert content.count("*Links:* <https://example.org/run>") == 2
    assert "## No evidence yet" in content
    assert message.text == (
        "Your growth log, 2 entries, in Markdown: a promotion packet, with dated evidence by criterion and what"
        " is missing. It holds your private words; only you and I see this conversation."
    )
    answer = world.playground.dm(MAYA)[-1]
    assert "`growth-log-2027-01-14.md` is in our conversation, under *Messages*: 2 entries." in text_of(answer)
    assert answer.ephemeral_to == MAYA
    assert PRIVATE not in str(answer) + message.text


async def test_csv_has_a_row_an_entry_and_the_mark_that_excel_wants(world: World) -> None:
    await two_entries(world)
    await world.ladder_command(MAYA, "export csv")
    _, name, content = the_file(world)
    assert name.endswith(".csv")
    assert content.startswith("\ufeff")
    rows = list(csv.DictReader(StringIO(content.removeprefix("\ufeff"))))
    assert [(row["Date"], row["What happened"], row["Links"]) for row in rows] == [
        ("2027-01-11", PRIVATE, "https://example.org/run"),
        ("2026-08-20", PRIVATE, "https://example.org/run"),
    ]


async def test_json_has_everything(world: World) -> None:
    await two_entries(world)
    await world.ladder_command(MAYA, "export json")
    _, name, content = the_file(world)
    assert name.endswith(".json")
    log = json.loads(content)
    assert (log["person"], log["level"]["id"], len(log["entries"])) == ("Maya Lindqvist", "l4", 2)
    assert log["entries"][0]["criteria"][0]["criterion"] == world.ladder.criteria_to("l5")[0].id


async def test_without_a_word_there_are_three_buttons_which_a_click_replaces(world: World) -> None:
    await two_entries(world)
    answer = await world.ladder_command(MAYA, "export")
    assert labels(answer) == ["Markdown", "CSV", "JSON"]
    await world.click(MAYA, "export.send.csv", on=answer)
    _, name, _ = the_file(world)
    assert name.endswith(".csv")
    assert f"`{name}` is in our conversation" in text_of(answer)
    assert labels(answer) == []


async def test_a_double_click_and_a_command_delivered_twice_send_one_file(world: World) -> None:
    await two_entries(world)
    answer = await world.ladder_command(MAYA, "export")
    clicks = (world.playground.click(MAYA, answer, "export.send.json") for _ in range(2))
    assert all(each.ok for each in await asyncio.gather(*clicks))
    await settled(world)
    assert len(uploaded(world)) == 1

    workspace, outbound = world.playground.workspace, world.playground.outbound
    sender = Sender(workspace, world.playground.url)
    body = sender.command(workspace.person(MAYA), workspace.dm(MAYA), "/ladder", "export md", "1.2.trigger", "token")
    first, second = await outbound.command(body), await outbound.command(body)
    assert first.body == second.body
    assert len(uploaded(world)) == 2


async def test_the_buttons_open_from_progress(world: World) -> None:
    await two_entries(world)
    await world.click(MAYA, "export.open", on=await world.ladder_command(MAYA, "progress"))
    await settled(world)
    shown = [labels(message) for message in world.playground.dm(MAYA)]
    assert ["Markdown", "CSV", "JSON"] in shown


async def test_what_was_saved_from_a_message_goes_along_with_author_and_link(world: World) -> None:
    await two_entries(world)
    link = "https://northwind.slack.com/archives/C1/p1"
    from_message = {"what": "", "snippet": "Saved us a week", "snippet_author": "sam", "permalink": link}
    async with world.sessions.begin() as session:
        await session.execute(update(Entry).where(Entry.happened_on == FRESH).values(**from_message))
    await world.ladder_command(MAYA, "export json")
    _, _, content = the_file(world)
    newest = json.loads(content)["entries"][0]
    assert {key: newest[key] for key in from_message} == from_message


async def test_an_address_of_before_is_whole_in_the_packet(world: World) -> None:
    await two_entries(world)
    async with world.sessions.begin() as session:
        await session.execute(update(Entry).values(links=['https://a.example/<b> "c"']))
    await world.ladder_command(MAYA, "export md")
    _, _, content = the_file(world)
    assert content.count("*Links:* <https://a.example/%3Cb%3E%20%22c%22>") == 2


async def test_an_empty_log_is_no_file(world: World) -> None:
    await evidence(world)
    for user in (MAYA, SAM):
        for words in ("export", "export md"):
            answer = await world.ladder_command(user, words)
            assert "There is nothing to take along yet" in text_of(answer)
            assert labels(answer) == []
    assert not world.playground.workspace.files


async def test_an_unknown_format_names_the_three(world: World) -> None:
    answer = text_of(await world.ladder_command(MAYA, "export <!channel> pdf"))
    assert "I can't write “&lt;!channel&gt; pdf”" in answer or "I can't write “@channel pdf”" in answer
    for kind in ("md", "csv", "json"):
        assert f"`/ladder export {kind}`" in answer


async def test_one_may_take_along_what_one_wrote_without_a_level(world: World) -> None:
    await two_entries(world)
    async with world.sessions.begin() as session:
        await session.execute(update(Member).values(level=None))
    await world.ladder_command(MAYA, "export md")
    _, _, content = the_file(world)
    assert content.startswith("# Maya Lindqvist: Growth log\n")


async def test_a_refused_upload_is_said_and_the_next_click_tries_again(world: World) -> None:
    await two_entries(world)
    answer = await world.ladder_command(MAYA, "export")
    world.playground.faults.refuse("files.getUploadURLExternal", "missing_scope")
    await world.click(MAYA, "export.send.md", on=answer)
    assert "`files:write`" in text_of(world.playground.dm(MAYA)[-1])
    assert labels(answer) == ["Markdown", "CSV", "JSON"], "to be tried again"
    await world.click(MAYA, "export.send.md", on=answer)
    assert len(uploaded(world)) == 1


async def test_what_takes_long_is_said_when_it_is_there(world: World) -> None:
    await two_entries(world)
    world.playground.faults.slow("files.completeUploadExternal", 2.6)
    answer = await world.ladder_command(MAYA, "export md")
    assert answer.text == "One moment…"
    await settled(world)
    assert "is in our conversation" in text_of(world.playground.dm(MAYA)[-1])


async def test_a_log_of_megabytes_goes_along_whole(world: World) -> None:
    await two_entries(world)
    async with world.sessions.begin() as session:
        await session.execute(text("SET LOCAL statement_timeout = 0"))
        await session.execute(update(Entry).values(what="word " * 300_000))  # aiohttp minds more than a megabyte
    await world.ladder_command(MAYA, "export json")
    _, _, content = the_file(world)
    assert len(content) > 3_000_000
