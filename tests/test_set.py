"""`/ladder set`: level, target, day, time, rhythm and zone, in words and in the form."""

from datetime import UTC, datetime, time, timedelta

import pytest
from sqlalchemy import func, select, update

from db.enums import CheckInState, DeliveryState
from db.models import CheckIn, Delivery, LevelChange, Member, Schedule, Workspace
from growth.cadence import Cadence
from growth.errors import PersonError
from growth.preferences import Preferences
from handlers.schedule.views.preferences import typed
from ladder_content.model import Ladder
from playground.workspace import View
from tests.support.checkin import MONDAY, asked, meet
from tests.support.world import GUEST, MAYA, SAM, World, text_of

USUAL = Cadence(1, time(9))
NOW = Preferences("l4", "l7", Cadence(3, time(12, 30), 2), "Asia/Tokyo")


async def schedule(world: World) -> Schedule:
    [found] = await world.rows(select(Schedule))
    assert isinstance(found, Schedule)
    return found


async def member(world: World) -> Member:
    [found] = await world.rows(select(Member))
    assert isinstance(found, Member)
    return found


async def said(world: World, words: str) -> str:
    return text_of(await world.ladder_command(MAYA, f"set {words}"))


async def form(world: World) -> View:
    assert (await world.playground.command(MAYA, "/ladder set")).ok
    modal = world.playground.modal(MAYA)
    assert modal is not None
    return modal


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("L5", Preferences("l5", "l7", NOW.cadence, NOW.zone)),
        ("level senior", Preferences("l5", "l7", NOW.cadence, NOW.zone)),
        ("Staff ML Engineer", Preferences("l6", "l7", NOW.cadence, NOW.zone)),
        ("l7", Preferences("l7", None, NOW.cadence, NOW.zone)),
        ("target L6", Preferences("l4", "l6", NOW.cadence, NOW.zone)),
        ("target next", Preferences("l4", None, NOW.cadence, NOW.zone)),
        ("friday 15:00", Preferences("l4", "l7", Cadence(5, time(15), 2), NOW.zone)),
        ("Fri, 3 pm", Preferences("l4", "l7", Cadence(5, time(15), 2), NOW.zone)),
        ("fridays at 8.30", Preferences("l4", "l7", Cadence(5, time(8, 30), 2), NOW.zone)),
        ("on thurs 8h05", Preferences("l4", "l7", Cadence(4, time(8, 5), 2), NOW.zone)),
        ("friday 15", Preferences("l4", "l7", Cadence(5, time(15), 2), NOW.zone)),
        ("friday 12am", Preferences("l4", "l7", Cadence(5, time(0), 2), NOW.zone)),
        ("12pm", Preferences("l4", "l7", Cadence(3, time(12), 2), NOW.zone)),
        ("TUESDAY", Preferences("l4", "l7", Cadence(2, time(12, 30), 2), NOW.zone)),
        ("0:15", Preferences("l4", "l7", Cadence(3, time(0, 15), 2), NOW.zone)),
        ("day sunday", Preferences("l4", "l7", Cadence(7, time(12, 30), 2), NOW.zone)),
        ("time 17", Preferences("l4", "l7", Cadence(3, time(17), 2), NOW.zone)),
        ("weekly", Preferences("l4", "l7", Cadence(3, time(12, 30), 1), NOW.zone)),
        ("every week", Preferences("l4", "l7", Cadence(3, time(12, 30), 1), NOW.zone)),
        ("every other week on monday 10:00", Preferences("l4", "l7", Cadence(1, time(10), 2), NOW.zone)),
        ("every 4 weeks", Preferences("l4", "l7", Cadence(3, time(12, 30), 4), NOW.zone)),
        ("off", Preferences("l4", "l7", None, NOW.zone)),
        ("on", NOW),
        ("zone Europe/Berlin", Preferences("l4", "l7", NOW.cadence, "Europe/Berlin")),
        ("zone europe/berlin", Preferences("l4", "l7", NOW.cadence, "Europe/Berlin")),
        ("tz new york", Preferences("l4", "l7", NOW.cadence, "America/New_York")),
        ("timezone Kolkata", Preferences("l4", "l7", NOW.cadence, "Asia/Kolkata")),
        ("zone auto", Preferences("l4", "l7", NOW.cadence, None)),
        ("zone", Preferences("l4", "l7", NOW.cadence, None)),
    ],
)
def test_what_the_words_mean(ladder: Ladder, words: str, expected: Preferences) -> None:
    assert typed(words, ladder, NOW, USUAL) == expected


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("level", "Which one? The levels are L3, L4, L5, L6, L7, L8."),
        ("level L9", "I know no level called “L9”. The levels are"),
        ("target banana", "I know no level called “banana”."),
        ("target L4", "Your target has to be above L4. Pick L5 or higher."),
        ("target l3", "Your target has to be above L4."),
        ("banana", "I don't know how to set “banana”. You can set a level, a day and time"),
        ("5", "I don't know how to set “5”."),
        ("frday 15:00", "I don't understand “frday” as a day or a time. Say when like this:"),
        ("friday 25:00", "I don't understand “25:00”"),
        ("friday 13pm", "I don't understand “13pm”"),
        ("every three weeks", "I don't understand “three”"),
        ("day", "Say when like this: `/ladder set friday 15:00`"),
        ("zone Tokio", "I know no time zone “Tokio”. Did you mean Asia/Tokyo"),
        ("zone Europe/Berln", "Did you mean Europe/Berlin"),
        ("zone nowhere at all", "Write it like Europe/Berlin or Asia/Tokyo."),
        ("zone GMT+2", "Name a city instead"),
    ],
)
def test_what_cannot_be_set_is_said_with_a_way_on(ladder: Ladder, words: str, sentence: str) -> None:
    with pytest.raises(PersonError) as refused:
        typed(words, ladder, NOW, USUAL)
    assert sentence in refused.value.sentence


def test_on_starts_the_usual_rhythm_again(ladder: Ladder) -> None:
    off = Preferences("l4", None, None, None)
    assert typed("on", ladder, off, USUAL) == Preferences("l4", None, USUAL, None)
    assert typed("friday", ladder, off, USUAL) == Preferences("l4", None, Cadence(5, time(9)), None)


async def test_a_confirmation_names_level_date_time_rhythm_and_zone(world: World) -> None:
    assert await said(world, "L4") == (
        "*Saved.* You are at L4 · ML Engineer II, on your way to L5 · Senior ML Engineer.\n"
        "No weekly question is set; `/ladder set on` starts it.\n"
        "Time zone: Europe/Berlin, as in your Slack profile."
    )
    answer = await said(world, "friday 15:00")
    assert "Your next question comes on Friday 15 January at 15:00 (Europe/Berlin). After that: every week." in answer
    answer = await said(world, "every two weeks")
    assert "Friday 15 January at 15:00 (Europe/Berlin). After that: every two weeks." in answer
    answer = await said(world, "zone Tokyo")
    assert "Friday 15 January at 15:00 (Asia/Tokyo)." in answer
    assert "Time zone: Asia/Tokyo, pinned by you; `/ladder set zone auto` follows Slack again." in answer
    assert "Europe/Berlin, as in your Slack profile." in await said(world, "zone auto")
    assert "on your way to L7 · ML Tech Lead." in await said(world, "target L7")
    assert "You are at L8 · Principal ML Engineer, the top of this ladder." in await said(world, "L8")


async def test_before_the_level_is_known_it_is_asked_for(world: World) -> None:
    assert "I don't know your level yet" in await said(world, "friday 15:00")
    assert await world.rows(select(Member)) == []
    assert "full members" in text_of(await world.ladder_command(GUEST, "set L4"))


async def test_a_refusal_brings_nothing_to_life(world: World) -> None:
    assert "“&lt;!channel&gt;”" in await said(world, "<!channel>")
    assert "“&lt;@U1|x&gt;”" in await said(world, "zone <@U1|x>")


async def test_a_day_still_ahead_this_week_is_taken(world: World) -> None:
    await said(world, "L4")
    await said(world, "friday 15:00")
    assert (await schedule(world)).due_at == datetime(2027, 1, 15, 14, tzinfo=UTC)
    await said(world, "thursday 10:00")  # an hour ago in Berlin
    assert (await schedule(world)).due_at == datetime(2027, 1, 21, 9, tzinfo=UTC)


async def test_after_a_question_the_next_one_keeps_four_days_and_its_week(world: World) -> None:
    await asked(world)
    answer = await said(world, "tuesday 9:00")
    assert "Tuesday 26 January at 09:00 (Europe/Berlin)" in answer, "this week was asked already"
    await world.travel(MONDAY + timedelta(days=1, hours=1))
    assert len(await world.rows(select(CheckIn))) == 1

    await said(world, "friday 9:00")
    await world.travel(datetime(2027, 1, 29, 8, 1, tzinfo=UTC))
    assert "Friday 5 February" in await said(world, "friday 10:00")
    answer = await said(world, "monday 9:00")
    assert "Monday 8 February" in answer, "the Monday three days after the question is too soon"


async def test_a_change_of_zone_keeps_week_and_date(world: World) -> None:
    await meet(world)
    before = await schedule(world)
    for zone, due in (
        ("Pacific/Kiritimati", datetime(2027, 1, 17, 19, tzinfo=UTC)),
        ("Pacific/Pago_Pago", datetime(2027, 1, 18, 20, tzinfo=UTC)),
        ("America/New_York", datetime(2027, 1, 18, 14, tzinfo=UTC)),
    ):
        assert f"Monday 18 January at 09:00 ({zone})" in await said(world, f"zone {zone}")
        after = await schedule(world)
        assert (after.due_at, after.next_week, after.local_time) == (due, before.next_week, time(9))
    assert (await member(world)).tz_pinned


async def test_a_slot_that_was_past_when_it_was_chosen_does_not_come_back_further_west(world: World) -> None:
    await meet(world)
    assert "Thursday 21 January at 09:00 (Europe/Berlin)" in await said(world, "thursday 9:00")
    assert "Thursday 21 January at 09:00 (Pacific/Honolulu)" in await said(world, "zone Pacific/Honolulu")


async def test_a_zone_where_the_slot_is_past_already_drops_no_week(world: World) -> None:
    await meet(world)
    await world.travel(MONDAY - timedelta(hours=6))
    await said(world, "zone Pacific/Kiritimati")  # where it is four in the afternoon
    await world.travel(timedelta(minutes=1))
    assert [str(question.week) for question in await world.rows(select(CheckIn))] == ["2027-01-18"]


async def test_off_and_on_again_keeps_day_and_time(world: World) -> None:
    await meet(world)
    await said(world, "wednesday 16:45")
    assert "No weekly question is set; `/ladder set on` starts it." in await said(world, "off")
    await world.travel(MONDAY + timedelta(weeks=2))
    assert await world.rows(select(CheckIn)) == []
    view = await form(world)
    assert view.values["day"]["value"]["selected_option"]["value"] == "off"
    assert view.values["time"]["value"]["selected_time"] == "16:45"
    assert "Wednesday 3 February at 16:45 (Europe/Berlin)" in await said(world, "on")


async def test_the_form_shows_what_is_set_and_sets_each_field(world: World) -> None:
    await world.ladder_command(MAYA, "set L4")
    view = await form(world)
    assert view.values["zone"]["value"]["value"] is None
    assert view.values["level"]["value"]["selected_option"]["value"] == "l4"
    assert view.values["target"]["value"]["selected_option"]["value"] == "next"
    assert "now Europe/Berlin" in str(view.blocks)
    values = {"level": "l5", "target": "l7", "day": "4", "time": "08:15", "rhythm": "4", "zone": "tokyo"}
    await world.submit(MAYA, values)
    assert world.playground.modal(MAYA) is None

    shown = text_of(world.playground.dm(MAYA)[-1])
    assert "You are at L5 · Senior ML Engineer, on your way to L7 · ML Tech Lead." in shown
    assert "Thursday 21 January at 08:15 (Asia/Tokyo). After that: every four weeks." in shown
    found, asks = await member(world), await schedule(world)
    assert (found.level, found.target, found.tz, found.tz_pinned) == ("l5", "l7", "Asia/Tokyo", True)
    assert (asks.weekday, asks.local_time, asks.every_weeks) == (4, time(8, 15), 4)

    view = await form(world)
    assert view.values["zone"]["value"]["value"] == "Asia/Tokyo"
    assert view.values["target"]["value"]["selected_option"]["value"] == "l7"
    await world.submit(MAYA, {"day": "off", "zone": None, "target": "next"})
    found, asks = await member(world), await schedule(world)
    assert (found.target, found.tz, found.tz_pinned, asks.due_at) == (None, "Europe/Berlin", False, None)


async def test_the_form_refuses_on_the_field_and_stays(world: World) -> None:
    await form(world)
    await world.playground.submit(MAYA, {"level": "l5", "target": "l5", "day": "1"})
    assert world.playground.errors(MAYA) == {"target": "Your target has to be above L5. Pick L6 or higher."}
    await world.playground.submit(MAYA, {"target": "l4"})
    assert "above L5" in world.playground.errors(MAYA)["target"]
    await world.playground.submit(MAYA, {"target": "l6", "zone": "Europe/Berln"})
    assert "Did you mean Europe/Berlin" in world.playground.errors(MAYA)["zone"]
    await world.playground.submit(MAYA, {"zone": "R&D"})
    assert "“R&D”" in world.playground.errors(MAYA)["zone"], "plain text is not escaped"
    assert await world.rows(select(Member)) == []
    await world.submit(MAYA, {"zone": None})
    assert (await member(world)).target == "l6"


async def test_the_form_from_home_redraws_the_tab(world: World) -> None:
    await world.ladder_command(MAYA, "set L4")
    await world.playground.open_home(MAYA)
    home = world.playground.home(MAYA)
    assert home is not None
    await world.click(MAYA, "schedule.open", on=home)
    await world.submit(MAYA, {"day": "5"})
    assert "Friday 15 January at 09:00 (Europe/Berlin)" in str(world.playground.home(MAYA))


async def test_the_level_picked_on_home_brings_the_offer_of_times_there(world: World) -> None:
    await world.playground.open_home(MAYA)
    for action, expected in (
        ("welcome.level.l4", "May I ask you one question a week?"),
        ("welcome.time.1", "Your next question comes on Monday 18 January at 09:00 (Europe/Berlin)."),
    ):
        home = world.playground.home(MAYA)
        assert home is not None
        await world.click(MAYA, action, on=home)
        assert expected in str(world.playground.home(MAYA))
    assert "May I ask" not in str(world.playground.home(MAYA))


@pytest.mark.parametrize("by", ["command", "button"])
async def test_a_promotion_cancels_the_question_that_was_planned(world: World, by: str) -> None:
    await world.ladder_command(MAYA, "next")
    picker = world.playground.dm(MAYA)[-1]
    await world.ladder_command(MAYA, "set L4")
    await world.ladder_command(MAYA, "set monday 09:00")
    world.playground.faults.rate_limit("chat.postMessage", retry_after=3600)
    await world.travel(MONDAY)
    [question] = await world.rows(select(CheckIn))
    assert question.state == CheckInState.PLANNED, "Slack asked to wait"

    if by == "command":
        await world.ladder_command(MAYA, "set L5")
    else:
        await world.click(MAYA, "welcome.level.l5", on=picker)
    assert await world.rows(select(CheckIn.state)) == [CheckInState.CANCELLED]
    assert await world.rows(select(LevelChange.to_level).order_by(LevelChange.id)) == ["l4", "l5"]
    async with world.sessions.begin() as session:  # the hour is over
        await session.execute(update(Delivery).values(run_at=func.now()))
        await session.execute(update(Workspace).values(paused_until=None))
    await world.service.ticker.run()
    assert await world.rows(select(Delivery.state)) == [DeliveryState.CANCELLED]
    assert not any(message.metadata for message in world.playground.dm(MAYA))
    answer = await world.ladder_command(MAYA, "next")
    assert "Monday 25 January at 09:00" in text_of(answer), "the next week is asked about the next step"


async def test_a_promotion_lets_an_open_question_stand(world: World) -> None:
    question = await asked(world)
    await said(world, "L5")
    assert await world.rows(select(CheckIn.state)) == [CheckInState.ASKED]
    await world.say(MAYA, "Still true", thread_ts=question.ts)
    assert await world.rows(select(CheckIn.state)) == [CheckInState.ANSWERED]


async def test_a_target_that_was_reached_gives_way_to_the_next(world: World) -> None:
    await said(world, "L4")
    await said(world, "target L6")
    assert "on your way to L6" in await said(world, "L5")
    assert "on your way to L7" in await said(world, "L6")
    assert (await member(world)).target is None


async def test_picking_the_level_one_has_keeps_the_target(world: World) -> None:
    await world.ladder_command(MAYA, "next")
    picker = world.playground.dm(MAYA)[-1]
    await said(world, "L4")
    await said(world, "target L6")
    await world.click(MAYA, "welcome.level.l4", on=picker)
    assert (await member(world)).target == "l6"
    assert await world.rows(select(LevelChange.to_level)) == ["l4"]


async def test_a_zone_that_puts_the_slot_in_the_past_is_confirmed_with_a_time_to_come(world: World) -> None:
    world.playground.clock.set_to(datetime(2027, 1, 18, 14, 30, tzinfo=UTC))  # Monday 09:30 in New York
    await world.ladder_command(SAM, "set L6")
    await world.ladder_command(SAM, "set monday 10:00")
    told = text_of(await world.ladder_command(SAM, "set zone Asia/Tokyo"))
    assert "Tuesday 19 January at 08:00 (Asia/Tokyo)" in told
