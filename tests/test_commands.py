"""Reading the ladder by command, and whatever else one may type."""

import copy

import pytest
from sqlalchemy import func, select, update

from db.models import Entry, Member
from tests.support.commands import labels
from tests.support.world import MAYA, World, text_of

ABSURD = {
    "a long word": "x" * 10_000,
    "many words": "word " * 2_000,
    "right to left": "\u200fמה השלב הבא\u200f؟ ما التالي",
    "emoji": "👩‍🔬🚀" * 50,
    "a null byte": "ne\0xt",
    "escaped": "R&D <3 & <@U1|sam> <!channel> &amp;",
    "mentions": "@sam @channel #general https://example.org",
    "quotes": "' OR 1=1; -- \" * NEAR( {title} : AND",
    "lines": "\n\n\tnext\n\n",
    "punctuation": "... ??? -- \\ %s {0} `",
}


async def test_next_names_both_levels_each_criterion_and_what_to_do(world: World) -> None:
    await world.ladder_command(MAYA, "set L4")
    answer = await world.ladder_command(MAYA, "next")
    shown = text_of(answer)
    assert "L4 · ML Engineer II  →  L5 · Senior ML Engineer" in shown
    assert all(each.sentence in shown for each in world.ladder.criteria_to("l5"))
    assert shown.count("nothing in your log yet") == 9
    assert answer.text == "You are at L4, on your way to L5."
    assert labels(answer)[-3:] == ["Log something", "Ask me a question", "Level and schedule"]
    assert answer.ephemeral_to == MAYA


async def test_a_higher_target_is_counted_after_the_next_step(world: World) -> None:
    await world.ladder_command(MAYA, "set L4")
    await world.ladder_command(MAYA, "set target L7")
    shown = text_of(await world.ladder_command(MAYA, "next"))
    assert "L4 · ML Engineer II  →  L7 · ML Tech Lead" in shown
    assert "0 of 27 criteria have evidence" in shown
    assert "*L6 · Staff ML Engineer*, 9 criteria, 0 with evidence. `/ladder L6` shows them." in shown
    assert world.ladder.criteria_to("l5")[0].sentence in shown
    assert world.ladder.criteria_to("l6")[0].sentence not in shown


async def test_at_the_top_next_turns_the_question_round(world: World) -> None:
    await world.ladder_command(MAYA, "set L8")
    shown = text_of(await world.ladder_command(MAYA, "next"))
    assert "who are you growing?" in shown
    assert "criteria have evidence" not in shown, "no progress bar at the top"
    assert world.ladder.criteria_to("l8")[0].sentence in shown
    await world.playground.open_home(MAYA)
    home = world.playground.home(MAYA)
    assert home is not None
    assert "L8 · Principal ML Engineer: the top" in str(home.blocks)
    assert "criteria have evidence" not in str(home.blocks)


async def test_a_level_that_left_the_ladder_is_asked_for_again_everywhere(world: World) -> None:
    await world.ladder_command(MAYA, "set L4")
    await world.playground.command(MAYA, "/ladder log Something old")
    await world.submit(MAYA)
    async with world.sessions.begin() as session:
        await session.execute(update(Member).values(level="l99", target="l100"))
    asked = await world.ladder_command(MAYA, "next")
    assert "The level you had is no longer on this ladder. Your log is untouched" in text_of(asked)
    await world.playground.open_home(MAYA)
    home = world.playground.home(MAYA)
    assert home is not None
    assert "no longer on this ladder" in str(home.blocks)
    assert "you are here" not in text_of(await world.ladder_command(MAYA, "levels"))
    assert "I don't know your level yet" in text_of(await world.ladder_command(MAYA, "checkin"))
    assert "I don't know your level yet" in text_of(await world.ladder_command(MAYA, "set friday 15:00"))
    await world.playground.command(MAYA, "/ladder log Something new")
    await world.submit(MAYA)
    assert await world.rows(select(func.count()).select_from(Entry)) == [2]
    await world.click(MAYA, "welcome.level.l5", on=asked)
    assert "L5 · Senior ML Engineer  →  L6" in text_of(asked)


async def test_levels_lists_them_top_first_and_says_where_one_is(world: World) -> None:
    await world.ladder_command(MAYA, "set L4")
    answer = await world.ladder_command(MAYA, "levels")
    shown = text_of(answer)
    places = [shown.index(f"*{code}") for code in ("L8", "L7", "L6", "L5", "L4", "L3")]
    assert places == sorted(places)
    assert "*L4 · ML Engineer II*  ←  you are here" in shown
    assert shown.count("you are here") == 1
    assert "`/ladder compare L7 L8`" in shown


async def test_a_level_by_any_of_its_names(world: World) -> None:
    for words in ("L5", "l5", "  l 5 ", "L-5", "E5", "senior", "Senior ML Engineer", "SENIOR  ml  engineer", "mle3"):
        assert (await world.ladder_command(MAYA, words)).text == "L5 · Senior ML Engineer", words
    shown = text_of(await world.ladder_command(MAYA, "L5"))
    level = world.ladder.level("l5")
    assert level is not None
    for sentence in (*level.role, *level.skills, *level.collaboration, *level.pitfalls, *level.success_measures):
        assert sentence.replace("&", "&amp;") in shown
    assert all(each.sentence in shown for each in world.ladder.criteria_to("l5"))


async def test_what_a_button_opens(world: World) -> None:
    await world.click(MAYA, "details.open", on=await world.ladder_command(MAYA, "L5"))
    modal = world.playground.modal(MAYA)
    assert modal is not None
    assert world.ladder.criteria_to("l5")[0].good in str(modal.blocks)
    assert "Nothing in your log on this yet." in str(modal.blocks)


async def test_compare_puts_two_levels_side_by_side_the_lower_first(world: World) -> None:
    for words in (
        "L4 L5",
        "l5 l4",
        "L4, L5",
        "L4 vs L5",
        "L4 and L5",
        "mle2 senior",
        "ML Engineer II senior ml engineer",
    ):
        answer = await world.ladder_command(MAYA, f"compare {words}")
        assert answer.text == "L4 · ML Engineer II  and  L5 · Senior ML Engineer", words
    far = await world.ladder_command(MAYA, "compare L3 L8")
    assert "What lies between them: 45 criteria" in text_of(far)


async def test_compare_says_what_it_needs(world: World) -> None:
    for words in ("", "L4", "L4 L4", "L4 L5 L6", "a " * 5_000):
        answer = text_of(await world.ladder_command(MAYA, f"compare {words}"))
        assert answer == "Name two different levels, for example `/ladder compare L4 L5`.", words
    answer = text_of(await world.ladder_command(MAYA, "compare L4 <!channel>"))
    assert answer == "I know no level called “&lt;!channel&gt;”. The levels are L3, L4, L5, L6, L7, L8."


async def test_find_ranks_criteria_levels_and_answers(world: World) -> None:
    answer = await world.ladder_command(MAYA, "find PhD")
    assert "phd" in text_of(answer).casefold()
    assert "_Answer_" in text_of(answer)
    await world.click(MAYA, "details.open", on=answer)
    modal = world.playground.modal(MAYA)
    assert modal is not None
    assert modal.body["title"]["text"] == "Growing"
    assert "_Criterion · L" in text_of(await world.ladder_command(MAYA, "find ambiguity"))
    assert "_Level_" in text_of(await world.ladder_command(MAYA, "find staff"))


async def test_find_says_what_it_needs_and_what_it_did_not_find(world: World) -> None:
    assert "Tell me what to look for" in text_of(await world.ladder_command(MAYA, "find"))
    answer = text_of(await world.ladder_command(MAYA, "find xylophones & <zithers>"))
    assert answer.startswith("Nothing on the ladder matches “xylophones &amp; &lt;zithers&gt;”.")


async def test_help_and_every_command_that_it_shows(world: World) -> None:
    asked = [await world.ladder_command(MAYA, words) for words in ("", "help", "?", "hi", "HELP")]
    assert {message.text for message in asked} == {"What Rung can do"}
    for words in ("next", "log", "checkin", "set", "levels", "L6", "compare L5 L6", "find ambiguity"):
        assert f"`/ladder {words}" in text_of(asked[0])
    assert "Only you can read it, unless you share it." in text_of(asked[0])


async def test_a_slip_is_met_with_what_was_meant(world: World) -> None:
    slips = {"nxt": "next", "Levls": "levels", "hlep": "help", "seniro": "senior", "cmopare": "compare"}
    for typed, meant in slips.items():
        answer = await world.ladder_command(MAYA, f"{typed} L4")
        assert f"`/ladder {meant}`" in answer.text, typed
        assert answer.text.startswith("Did you mean")
    assert "`/ladder E5`" in (await world.ladder_command(MAYA, "eE5")).text, "as people write it"


async def test_a_word_that_is_no_command_is_looked_for(world: World) -> None:
    answer = text_of(await world.ladder_command(MAYA, "stuck at senior"))
    assert answer.startswith("“stuck at senior” is no command I know, so I looked for it:")
    assert "_Answer_" in answer
    answer = text_of(await world.ladder_command(MAYA, "xylophone"))
    assert answer == "I don't know “xylophone”. `/ladder help` lists what I know."


async def test_absurd_words_are_answered_and_nothing_in_them_comes_alive(world: World) -> None:
    await world.ladder_command(MAYA, "set L4")
    for name, words in ABSURD.items():
        for command in ("", "find ", "compare ", "set ", "set zone ", "set level ", "levels ", "help ", "checkin "):
            answer = await world.ladder_command(MAYA, command + words)
            shown = text_of(answer)
            assert "went wrong" not in shown, (name, command)
            assert "<" not in shown + answer.text, (name, command)


async def test_words_may_be_apart_by_any_space(world: World) -> None:
    for words in ("find\u00a0ambiguity", "find\tambiguity", "find\nambiguity", "FIND   ambiguity"):
        assert "What the ladder says about “ambiguity”" in text_of(await world.ladder_command(MAYA, words)), words


@pytest.mark.parametrize("world", ["socket", "http"], indirect=True)
async def test_what_no_listener_knows_is_answered_all_the_same(world: World) -> None:
    answer = await world.ladder_command(MAYA, "next")
    old = copy.deepcopy(answer)
    for block in old.blocks:
        if "accessory" in block:
            block["accessory"]["action_id"] = "welcome.of_old"
    await world.click(MAYA, "welcome.of_old", on=old)
    assert "older version" in text_of(world.playground.dm(MAYA)[-1])
    world.playground.manifest.pop("settings")  # an app created by hand may hear of more
    assert (await world.playground.event({"type": "team_join", "user": {"id": "U1"}})).ok
