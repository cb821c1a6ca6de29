"""`/ladder progress`: the evidence in words at once, and as a picture in the DM."""

import asyncio
import subprocess
import sys
from io import BytesIO

from PIL import Image

from handlers.slack.dedupe import REMEMBERED, Once
from playground.payloads import Sender
from playground.workspace import File, Message
from tests.support.commands import labels
from tests.support.progress import FRESH, PRIVATE, STALE, evidence, settled, uploaded
from tests.support.world import MAYA, World, text_of

MISSING_SCOPE = "missing_scope"


async def picture(world: World) -> tuple[Message, File]:
    """The one picture, which comes after the answer."""
    await settled(world)
    [found] = uploaded(world)
    return found


async def test_the_words_come_at_once_and_name_what_is_missing_first(world: World) -> None:
    l5 = [each.id for each in world.ladder.criteria_to("l5")]
    await evidence(world, (l5[0], FRESH), (l5[0], STALE), (l5[1], STALE))
    answer = await world.ladder_command(MAYA, "progress")
    shown = text_of(answer)
    assert answer.ephemeral_to == MAYA
    assert "L4 · ML Engineer II  →  L5 · Senior ML Engineer" in shown
    assert "2 of 9 criteria have evidence" in shown
    places = [shown.index(f"{words}: {n}*") for words, n in
              (("Nothing yet", 7), ("Longer than three months ago", 1), ("In the last three months", 1))]  # fmt: skip
    assert places == sorted(places)
    assert "2 entries, the latest on 11 January" in shown[places[2] :]
    assert "1 entry, the latest on 20 August" in shown[places[1] : places[2]]
    assert all(each.sentence in shown for each in world.ladder.criteria_to("l5"))
    assert "*Your next step*\nNothing yet on “" in shown
    assert "A picture of the last 26 weeks follows in our conversation" in shown
    assert "Your log is private, except what you share." in shown
    assert PRIVATE not in str(answer)
    assert labels(answer)[0] == "Log on this"


async def test_the_next_step_opens_the_form_on_what_is_missing(world: World) -> None:
    l5 = [each.id for each in world.ladder.criteria_to("l5")]
    await evidence(world, *((each, FRESH) for each in l5 if each != l5[3]))
    answer = await world.ladder_command(MAYA, "progress")
    await world.click(MAYA, "log.open", on=answer)
    assert l5[3] in str(world.playground.modal(MAYA))
    criterion = world.ladder.criterion(l5[3])
    assert criterion is not None
    modal = world.playground.modal(MAYA)
    assert modal is not None
    assert criterion.sentence[:60] in str(modal.values)


async def test_the_picture_comes_to_the_dm_and_says_in_words_what_it_shows(world: World) -> None:
    l5 = [each.id for each in world.ladder.criteria_to("l5")]
    await evidence(world, (l5[0], FRESH), (l5[1], STALE))
    await world.ladder_command(MAYA, "progress")
    message, file = await picture(world)
    assert message.ephemeral_to is None
    assert message.text == "Your evidence on the way to L5, week by week. Only you and I see this conversation."
    assert file.name == "progress-2027-01-14.png"
    assert file.title == "Evidence toward L5, 14 January 2027"
    assert file.alt_txt.startswith("Entries in the growth log by criterion and week")
    assert "2 of 9 criteria have evidence." in file.alt_txt
    assert file.content is not None
    assert Image.open(BytesIO(file.content), formats=["PNG"]).width == 1440
    assert PRIVATE not in str(message) + file.alt_txt
    assert world.playground.dm(MAYA)[-1] is message, "nothing answers to the picture"


async def test_asked_in_a_channel_the_picture_still_comes_to_the_dm(world: World) -> None:
    world.playground.workspace.add_channel("general", [MAYA])
    await evidence(world, (world.ladder.criteria_to("l5")[0].id, FRESH))
    await world.playground.command(MAYA, "/ladder progress", channel="general")
    await picture(world)
    [answer] = world.playground.workspace.channel("general").messages
    assert answer.ephemeral_to == MAYA
    assert not answer.files


async def test_a_longer_way_is_described_within_slack_s_limit(world: World) -> None:
    way = world.ladder.relevant("l3", "l8")
    await evidence(world, *((each.id, FRESH) for each in way), level="l3", target="l8")
    shown = text_of(await world.ladder_command(MAYA, "progress"))
    assert f"And {len(way) - 20} more on the way to L8." in shown
    _, file = await picture(world)
    assert len(file.alt_txt) <= 1000
    assert " more." in file.alt_txt


async def test_at_the_top_there_is_no_bar(world: World) -> None:
    await evidence(world, (world.ladder.criteria_to("l8")[0].id, FRESH), level="l8")
    shown = text_of(await world.ladder_command(MAYA, "progress"))
    assert "L8 · Principal ML Engineer: the top of this ladder" in shown
    assert "▰" not in shown
    message, file = await picture(world)
    assert (file.title, message.text[:22]) == ("Evidence at L8, 14 January 2027", "Your evidence at L8, w")


async def test_without_evidence_there_are_words_and_no_picture(world: World) -> None:
    await evidence(world)
    answer = await world.ladder_command(MAYA, "progress")
    assert "Every log starts with one line" in text_of(answer)
    assert "Once there is evidence, a picture of the last 26 weeks comes with this." in text_of(answer)
    await settled(world)
    assert not world.playground.workspace.files


async def test_without_a_level_one_is_asked_to_pick_it(world: World) -> None:
    answer = await world.ladder_command(MAYA, "progress")
    assert "Which level are you at now?" in text_of(answer)
    await evidence(world, level="l99")
    assert "no longer on this ladder" in text_of(await world.ladder_command(MAYA, "progress"))
    await world.click(MAYA, "welcome.level.l4", on=answer)
    assert "criteria" in text_of(await world.ladder_command(MAYA, "progress"))


async def test_where_rung_may_not_send_files_the_words_come_and_the_reason(world: World) -> None:
    await evidence(world, (world.ladder.criteria_to("l5")[0].id, FRESH))
    world.playground.faults.refuse("files.getUploadURLExternal", MISSING_SCOPE)
    answer = await world.ladder_command(MAYA, "progress")
    assert "1 of 9 criteria have evidence" in text_of(answer)
    await settled(world)
    told = world.playground.dm(MAYA)[-1]
    assert "I may not send files in this workspace yet." in text_of(told)
    assert "`files:write`" in text_of(told)
    assert told.ephemeral_to == MAYA
    assert "1 of 9" in text_of(answer), "the words stay"

    world.playground.faults.refuse("files.completeUploadExternal", "file_uploads_disabled")
    await world.ladder_command(MAYA, "progress")
    await settled(world)
    assert "Files are switched off in this workspace" in text_of(world.playground.dm(MAYA)[-1])


async def test_a_command_delivered_twice_sends_one_picture(world: World) -> None:
    await evidence(world, (world.ladder.criteria_to("l5")[0].id, FRESH))
    workspace, outbound = world.playground.workspace, world.playground.outbound
    sender = Sender(workspace, world.playground.url)
    body = sender.command(workspace.person(MAYA), workspace.dm(MAYA), "/ladder", "progress", "1.2.trigger", "token")
    first, second = await asyncio.gather(outbound.command(body), outbound.command(body))
    assert first.body == second.body
    await picture(world)
    await outbound.command(body | {"trigger_id": "1.3.trigger"})
    await settled(world)
    assert len(uploaded(world)) == 2, "asked for again"


async def test_once_remembers_what_came_of_it_but_not_for_ever_and_no_failure() -> None:
    once, done = Once(), list[str]()

    async def work(key: str) -> str:
        done.append(key)
        if key == "fails":
            raise ValueError(key)
        return f"{key}!"

    assert [await once("a", lambda: work("a")) for _ in range(2)] == ["a!", "a!"]
    for _ in range(2):
        failed = await asyncio.gather(once("fails", lambda: work("fails")), return_exceptions=True)
        assert isinstance(failed[0], ValueError)
    assert done == ["a", "fails", "fails"]
    for n in range(REMEMBERED):
        await once(str(n), lambda: work("x"))
    await once("a", lambda: work("a"))
    assert done.count("a") == 2


def test_no_other_command_pays_for_matplotlib() -> None:
    code = "import sys, bot.app, bot.service; sys.exit('matplotlib' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
