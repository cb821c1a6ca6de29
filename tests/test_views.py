"""Everything that is shown, on the largest ladder and the nastiest words: within Slack's limits, and nothing alive."""

import re
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bot.features import routes
from growth.backoff import Remark
from growth.cadence import Cadence
from growth.coverage import Evidence, coverage
from growth.digest import Item
from growth.entry import Snippet, Written
from growth.errors import PersonError
from growth.mentoring import Bond, MentorshipState
from growth.preferences import Preferences
from growth.sharing import REGRET, Mentee, Mentor, Shared
from growth.standing import LadderPosition, Upcoming
from handlers.account.views import invitation, privacy
from handlers.account.views.invitation import InvitationMemory
from handlers.account.views.privacy import ForgetMemory, Possessions
from handlers.checkins import views
from handlers.checkins.views import Question
from handlers.conversation import views as offer
from handlers.digest import views as digest
from handlers.entries.views import entry as log
from handlers.entries.views import sharing
from handlers.home import views as home
from handlers.home.views import Company, Noted
from handlers.ladder.views import details, next_level, progress, welcome
from handlers.log.views import entry_form, export
from handlers.log.views.entry_form import LogMemory
from handlers.mentoring.views import comments, handover, mentorship, shared_list
from handlers.mentoring.views.comments import CommentMemory
from handlers.mentoring.views.handover import Earlier
from handlers.mentoring.views.mentorship import DeclineMemory
from handlers.schedule.views import pause, schedule
from handlers.schedule.views.schedule import ScheduleMemory
from handlers.slack.blocks import View
from handlers.slack.inputs import INPUT, Memory
from handlers.slack.message import Message, notice
from handlers.usage import views as usage
from ladder_content.model import Criterion, Ladder
from ladder_content.search import Hit
from playground import elements
from tests.support import views as support
from tests.support.blockkit import faults
from tests.support.views import (
    HUGE,
    LINKS,
    LOG,
    NAME,
    SECRET,
    SENTENCE,
    SNIPPET,
    TODAY,
    ladder_of,
    nasty,
    texts,
)

Shown = Message | View
ZONE = ZoneInfo("America/Argentina/ComodRivadavia")
AT = datetime(2027, 1, 18, 9, tzinfo=UTC)
UPCOMING = Upcoming(True, AT, ZONE, paused_until=date(2028, 2, 29), unknown_zone="<!channel>" * 30)
HELD_UP = replace(UPCOMING, at=None, held_up=True)
OFF = Upcoming(False, None, ZONE)
MEMORY = {"response_url": "https://hooks.slack.com/actions/" + "x" * 200, "message_ts": "1800000000.000001"}


TAKEN_OUT = log.TakenOut(2**62, datetime(2027, 1, 18, 10, 10, tzinfo=ZoneInfo("Europe/Berlin")))
LONE = ladder_of(1, 0, 0)


def standing(ladder: Ladder, at: int, target: int, *, known: bool = True) -> LadderPosition:
    here, there = ladder.levels[at], ladder.levels[target]
    relevant = ladder.relevant(here.id, there.id)
    evidence = {each.id: Evidence(1_000_000, TODAY) for each in relevant[::2]} if known else {}
    return LadderPosition(here, there, coverage(relevant, evidence, TODAY), TODAY, UPCOMING)


def question(criterion: Criterion | None) -> Question:
    return Question(2**62, nasty(SENTENCE + 100) + SECRET, nasty(100), criterion)


IDS = [2**62 + n for n in range(60)]
MENTORS = [Mentor(id_, f"U{id_}") for id_ in IDS]
SHARED = [Shared(id_, f"U{id_}", AT + n % 2 * REGRET) for n, id_ in enumerate(IDS)]
COMPANY = Company({each.user: 10**6 for each in MENTORS}, [Mentee(id_, f"U{id_}", "level-1", None) for id_ in IDS])


def entries() -> Iterator[tuple[str, Shown]]:
    by = sharing.read_by(2**62, SHARED, AT + REGRET, ZONE)
    for n, written in enumerate(LOG):
        relevant = HUGE.relevant("level-1", "level-25")
        memory = LogMemory(entry=2**62, check_in=2**62, key="message:" + "C" * 40, after=2**62, **MEMORY)
        filled = replace(written, readers=tuple(IDS))
        form = entry_form.form(HUGE, relevant, filled, memory, mentors=MENTORS, question=nasty(400), suggested=True)
        yield f"form {n}", form
        yield f"saved as typed {n}", log.saved_as_typed(2**62, written, TODAY, read_by=by, again=True)
        for choices in (relevant, ()):
            yield f"saved {n}, {len(choices)} criteria", log.saved(2**62, written, HUGE, choices, TODAY, read_by=by)
        meaning = log.meaning(written, HUGE, TODAY, by)
        asked = question(HUGE.criteria[0])
        yield f"answered {n}", views.answered(asked, 2**62, log.shown(written), meaning, by.take_back)
    yield "empty form", entry_form.form(HUGE, (), Written("", TODAY))
    yield "form is open", log.form_is_open()
    yield "undone", log.undone(TAKEN_OUT)
    yield "gone", log.gone()
    yield "asked again", views.question(question(HUGE.criteria[0]), taken_out=TAKEN_OUT)
    yield "offer", offer.to_save("1800000000.000001", nasty(3000), f"{2**62} {'p' * 60}", nasty(3000))
    yield "offer that carries words", offer.to_save("1800000000.000001", nasty(300), f"{2**62} {'p' * 60}")
    yield "offer without a question", offer.to_save("1800000000.000001", nasty(900))


def questions() -> Iterator[tuple[str, Shown]]:
    for criterion_ in (HUGE.criteria[0], None):
        asked = question(criterion_)
        for remark in (None, *Remark):
            yield f"question {remark}", views.question(asked, remark=remark, unknown_zone=nasty(NAME))
        yield "skipped", views.skipped(asked, UPCOMING, TODAY)
        for held_up in (False, True):
            yield f"put off {held_up}", views.snoozed(asked, AT, ZONE, held_up=held_up)
        yield "open", views.already_open(asked)
    for held_up in (False, True):
        yield f"on its way {held_up}", views.on_its_way(held_up=held_up)
    yield "nothing to ask", views.nothing_to_ask()


def standings() -> Iterator[tuple[str, Shown]]:
    places = [(HUGE, 0, 1), (HUGE, 0, 24), (HUGE, 1, 24), (HUGE, 24, 24), (LONE, 0, 0)]
    for ladder, at, target in places:
        now = standing(ladder, at, target)
        name = f"{len(ladder.levels)}: {at} → {target}"
        yield f"next {name}", next_level.next_level(now, ladder)
        yield f"progress {name}", progress.progress(now, ladder)
        yield f"progress without evidence {name}", progress.progress(standing(ladder, at, target, known=False), ladder)
        yield f"quiet {name}", welcome.quiet(next_level.next_level(now, ladder))
        yield f"started {name}", welcome.started(UPCOMING, Cadence(1, time(9)), next_level.next_level(now, ladder))
        yield f"home {name}", home.member(now, ladder, question(None), noted(), COMPANY, offer=True)
        yield f"empty home {name}", home.member(now, ladder, None, [])
    for at in (0, 23, 24):  # right after the level was picked, the target is the next one
        near = standing(HUGE, at, min(at + 1, 24))
        yield f"placed {at}", welcome.placed(UPCOMING, next_level.next_level(near, HUGE))


def noted() -> list[Noted]:
    return [Noted(2**62, written, sharing.mark(SHARED, AT, ZONE)) for written in LOG]


def ladders() -> Iterator[tuple[str, Shown]]:
    for ladder in (HUGE, LONE):
        name = len(ladder.levels)
        yield f"levels {name}", details.levels(ladder, ladder.levels[0])
        yield f"pick {name}", welcome.pick_level(ladder, gone=True)
        yield f"stranger {name}", home.stranger(ladder, COMPANY.mentees, noted(), TODAY)
        yield f"help {name}", usage.overview(list(routes().usage(ladder)))
        for rung in ladder.levels[:3]:
            yield f"card {name} {rung.id}", details.level_card(rung, ladder)
        keys = ["level:level-1", "level:level-2", "criterion:level-2.1", "answer:a"]
        for key in keys if ladder is HUGE else keys[:1]:
            view = details.opened(ladder, key, LOG[:3], TODAY)
            assert view
            yield f"opened {name} {key}", view
    yield "compare", details.compare(HUGE.levels[0], HUGE.levels[24], HUGE)
    hits = [Hit("criterion", each.id, each.sentence, nasty(200), each.level) for each in HUGE.criteria[:8]]
    yield "found", details.found(nasty(10_000), hits)
    yield "found instead", details.found(nasty(10_000), hits[:4], guessed=True)
    yield "nothing found", details.found(nasty(10_000), [])
    yield "did you mean", usage.did_you_mean(nasty(10_000), [nasty(NAME), "next"])
    yield "unknown", usage.did_you_mean(nasty(10_000), [])
    yield "mute", usage.mute(nasty(10_000))


def exports() -> Iterator[tuple[str, Shown]]:
    yield "choose a format", export.choose()
    yield "unknown format", export.unknown(nasty(10_000))
    yield "nothing to take along", export.nothing_yet()
    yield "file sent", export.sent("md", "growth-log-2027-01-18.md", 1_000_000)


def settings() -> Iterator[tuple[str, Shown]]:
    memory = ScheduleMemory(slack_zone=ZONE.key, **MEMORY)
    wishes = [
        Preferences(None, None, None, None),
        Preferences("level-1", "level-25", Cadence(7, time(23, 59), 4), ZONE.key),
        Preferences("gone", "gone too", None, None),
        Preferences("level-25", None, Cadence(1, time(0)), None),
    ]
    for n, each in enumerate(wishes):
        yield f"schedule {n}", schedule.form(HUGE, each, memory, paused="Saturday 2 January")
        for upcoming in (UPCOMING, HELD_UP, OFF):
            yield f"confirmed {n} {upcoming.is_on} {upcoming.at}", schedule.confirmed(HUGE, each, upcoming, TODAY)
    yield "schedule of a lone level", schedule.form(LONE, wishes[0], memory)
    for upcoming in (UPCOMING, HELD_UP, OFF):
        yield f"paused {upcoming.is_on} {upcoming.at}", pause.paused(TODAY, upcoming, TODAY, stands=True)
        yield f"resumed {upcoming.is_on} {upcoming.at}", pause.resumed(upcoming, TODAY, upcoming)
    yield "stopped", pause.stopped()
    yield "pause", pause.form(Memory(**MEMORY), TODAY)


def handed_over() -> Iterator[tuple[str, Shown]]:
    for before in (True, False):
        earlier = [Earlier(2**62 + n, nasty(3000), TODAY, before or n % 2 == 0) for n in range(handover.OFFERED)]
        for mentors in (MENTORS, MENTORS[:1]):
            named = f"hand over {before} {len(mentors)}"
            yield named, handover.form(mentors, MENTORS[0], earlier, TODAY, Memory(**MEMORY))
    for ids in ([each.id for each in earlier], []):
        yield f"handed over {len(ids)}", handover.shared(MENTORS[0], ids, AT, ZONE)
    yield "nothing to hand over", handover.nothing(MENTORS[0])
    yield "handed over and taken back", handover.taken_back(len(earlier))


def forms() -> Iterator[tuple[str, Shown]]:
    item = Item(2**62, 2**62, MENTORS[0].user, nasty(3000), nasty(3000), LINKS, TODAY, [])
    yield "comment", comments.form(item, CommentMemory(entry=2**62, **MEMORY), TODAY)
    yield "entries of a mentee", shared_list.page(shared_list.Shown(2**62, [item] * shared_list.PAGE, 10, 10**6), TODAY)
    yield "no entries of a mentee", shared_list.page(shared_list.Shown(2**62, [], 0, 0), TODAY)
    bond = Bond(2**62, MentorshipState.REQUESTED, MENTORS[0].user, TODAY, "level-1", None)
    yield "ask", mentorship.ask_form(Memory(**MEMORY), nasty(1000), unknown=nasty(1000))
    yield "decline", mentorship.decline_form(bond, DeclineMemory(mentorship=2**62, **MEMORY))
    for on in (True, False):
        yield f"digest {on}", digest.form(Cadence(7, time(23, 59), 4), Memory(**MEMORY), on=on)
    invited = InvitationMemory(invitation=2**62, slack_zone=ZONE.key, **MEMORY)
    for mentor in (MENTORS[0].user, None):
        wishes = Preferences("level-1", "level-25", None, ZONE.key)
        yield f"invitation {mentor}", invitation.form(HUGE, wishes, invited, Cadence(1, time(9)), mentor)
    for count in (0, 10**6):
        has = Possessions(count, count, count, count)
        yield f"forget {count}", privacy.form(has, ForgetMemory(member=2**62, **MEMORY))
    yield "forgotten", privacy.forgotten()
    yield "home of a guest", home.guest("Rung is for full members.")


def everything() -> list[tuple[str, Shown]]:
    return [*handed_over(), *entries(), *questions(), *standings(), *ladders(), *exports(), *settings(), *forms()]


ALL = everything()
EVERYTHING = pytest.mark.parametrize("shown", [shown for _, shown in ALL], ids=[name for name, _ in ALL])
MESSAGES = [(name, shown) for name, shown in ALL if isinstance(shown, Message)]


def payload(shown: Shown) -> dict[str, Any]:
    """As it goes to Slack."""
    return shown.payload() if isinstance(shown, Message) else shown


@EVERYTHING
def test_slack_would_show_it(shown: Shown) -> None:
    assert faults(shown) == []
    if isinstance(shown, Message):
        assert shown.fits(), shown.size
        assert 0 < len(shown.text) <= 3000
        assert faults(notice("Rung", shown)) == [], "a form may end with it"


@pytest.mark.parametrize("letters", ["ж", "👩‍🔬", '"\\', "&"])
def test_a_message_fits_whatever_it_is_written_in(letters: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Letters that take two to twelve characters as they are sent."""

    def let(name: str, value: object) -> None:
        for module in (sys.modules[__name__], support):
            monkeypatch.setattr(module, name, value, raising=False)

    let("NASTY", letters)
    let("HUGE", ladder_of(25, 11, 47))
    let("SNIPPET", Snippet(nasty(300), nasty(200), SNIPPET.permalink))
    words = [(nasty(3000), nasty(3000)), (nasty(1000), None), ("", nasty(3000)), ("x", nasty(100))]
    criteria = tuple(f"level-2.{n}" for n in range(10))
    written = [Written(what, TODAY, (), impact) for what, impact in words]
    written += [replace(each, criteria=criteria, links=LINKS, snippet=SNIPPET) for each in written]
    let("LOG", written)
    messages = [(name, shown) for name, shown in everything() if isinstance(shown, Message)]
    assert [(name, message.size) for name, message in messages if not message.fits()] == []
    assert len(messages) > 100


@EVERYTHING
def test_nothing_that_people_or_ladders_say_comes_alive(shown: Shown) -> None:
    body = payload(shown)
    said = map(_bare, (*texts(body, "mrkdwn"), body.get("text", "")))
    assert [text for text in said if "<" in text or ">" in text] == []


@EVERYTHING
def test_a_menu_offers_no_more_than_slack_takes_in_all(shown: Shown) -> None:
    for _, element in elements.pairs(payload(shown)["blocks"]):
        groups = element.get("option_groups") or []
        assert len([*(element.get("options") or []), *(each for group in groups for each in group["options"])]) <= 100


def _bare(text: str) -> str:
    """Without the marks that make a line a quotation, and without the mentors and mentees above."""
    named = re.sub(rf"<@U{2**62 // 1000}\d+>", "", text)
    return "\n".join(line.removeprefix(">") for line in named.split("\n"))


@pytest.mark.parametrize("message", [shown for _, shown in MESSAGES], ids=[name for name, _ in MESSAGES])
def test_no_lock_screen_shows_what_somebody_wrote(message: Message) -> None:
    assert SECRET not in message.text


def test_the_secret_is_shown_where_it_belongs() -> None:
    """Else the test above proves nothing."""
    shown = {name for name, message in MESSAGES if SECRET in str(payload(message))}
    assert {"saved 0, 0 criteria", "answered 4", "question None", "skipped"} <= shown


@pytest.mark.parametrize("written", LOG)
def test_of_a_long_entry_both_parts_are_seen_and_the_rest_is_promised(written: Written) -> None:
    body, meaning = log.body(written), log.meaning(written, None, TODAY)
    assert len(body) <= 3000
    assert ("What came of it" in body) is (written.impact is not None)
    assert ("shows all of it" in meaning) is ("…" in body)
    assert meaning.startswith(("18 January · only you can read it", "29 February 2020 · only you can read it"))


def test_links_are_shown_whole_and_what_has_no_room_is_promised() -> None:
    long = tuple(f"https://example.org/{n}/{'x' * 700}" for n in range(4))
    written = Written("Moved it", TODAY, links=long)
    text = "\n".join(texts(log.shown(written), "mrkdwn"))
    assert [link in text for link in long] == [True, True, False, False]
    assert "…" not in text
    assert "shows all of it" in log.meaning(written, None, TODAY)
    assert "shows all of it" not in log.meaning(Written("Moved it", TODAY, links=long[:2]), HUGE, TODAY)


def test_of_several_criteria_each_is_named() -> None:
    criteria = tuple(each.id for each in HUGE.criteria[:10])
    meaning = log.meaning(Written("x", TODAY, criteria), HUGE, TODAY)
    assert meaning.count("“") == 10
    assert meaning.endswith("only you can read it")
    assert len(meaning) <= 3000


@pytest.mark.parametrize("written", LOG[:2] + LOG[3:])
def test_a_form_left_as_it_was_changes_nothing(written: Written) -> None:
    known = (HUGE.criteria[0], HUGE.criteria[1])
    view = entry_form.form(HUGE, known, written, LogMemory(entry=1))
    assert entry_form.read(filled(view), TODAY) == written


def test_the_menu_has_the_target_first_then_the_own_level_then_glue_work() -> None:
    offered = (*HUGE.criteria_to("level-4"), *HUGE.criteria_to("level-3"))
    view = entry_form.form(HUGE, offered, Written("", TODAY, ("level-9.1", "level-4.2")))
    [menu] = [element for _, element in elements.pairs(view["blocks"]) if element["type"] == "multi_static_select"]
    labels = [group["label"]["text"] for group in menu["option_groups"]]
    levels = [HUGE.level("level-4"), HUGE.level("level-3")]
    assert labels[0] == "What you opened"
    assert [label[:30] for label in labels[1:3]] == [f"Leads to {each.aliases[0]}"[:30] for each in levels if each]
    last = menu["option_groups"][-1]["options"]
    assert [each["text"]["text"] for each in last] == ["Other work that keeps things running"]
    assert [each["value"] for each in menu["initial_options"]] == ["level-9.1", "level-4.2"]


@pytest.mark.parametrize(
    ("typed", "links"),
    [
        ("", ()),
        ("https://a.example/x?y=1&z=2#f", ("https://a.example/x?y=1&z=2#f",)),
        ("\n  http://a.example \r\n\nhttps://b.example\nhttp://a.example", ("http://a.example", "https://b.example")),
        ("https://a.example/" + "x" * 1982, ("https://a.example/" + "x" * 1982,)),
        ("\n".join(f"https://{n}.example" for n in range(10)), tuple(f"https://{n}.example" for n in range(10))),
    ],
)
def test_links_one_a_line_each_once(typed: str, links: tuple[str, ...]) -> None:
    assert entry_form.read_links(typed) == links


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("see the doc", "“see the doc” is no link"),
        ("https://a.example\nftp://b.example", "“ftp://b.example” is no link"),
        ("https://", "is no link"),
        ("javascript:alert(1)", "is no link"),
        ("https://a.example https://b.example", "give each its own line"),
        ("https://[a", "is no link"),
        ("https://a.example/<b>", "is no link"),
        ('https://a.example/"b"', "is no link"),
        ("https://a.example/" + "x" * 1983, "2000 characters"),
        ("\n".join(f"https://{n}.example" for n in range(11)), "10 links at most"),
    ],
)
def test_what_is_no_link_is_refused_on_its_field(typed: str, sentence: str) -> None:
    with pytest.raises(PersonError, match=re.escape(sentence)) as refused:
        entry_form.read_links(typed)
    assert refused.value.field == "links"


def test_a_form_of_forty_thousand_characters_changes_nothing() -> None:
    told = "\n".join(f"{n}: " + "and so on " * 20 for n in range(190)).strip()
    view = entry_form.form(HUGE, (), Written(told, TODAY), LogMemory(entry=1))
    assert faults(view) == []
    assert entry_form.read(filled(view), TODAY).what == told


def filled(view: dict[str, Any]) -> dict[str, Any]:
    """The view as it is submitted when nothing was touched."""
    values = {}
    for block in view["blocks"]:
        if block["type"] == "input":
            element = block["element"]
            value = element.get("initial_value")
            state = {"value": value, "selected_date": element.get("initial_date")}
            state["selected_option"] = element.get("initial_option")
            state["selected_options"] = element.get("initial_options", [])
            values[block["block_id"]] = {INPUT: state}
    return view | {"state": {"values": values}}
