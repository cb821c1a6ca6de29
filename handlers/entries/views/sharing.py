"""Who can read an entry: how it is asked, how it is said, and the way back."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from growth.cadence import spoken
from growth.errors import NotYourMentor
from growth.sharing import Mentor, Seen, Shared
from handlers.slack import action_ids
from handlers.slack.blocks import Block, Json, field, small
from handlers.slack.elements import Element, button, checkboxes, mrkdwn_option
from handlers.slack.inputs import INPUT, values
from handlers.slack.text import count

YOURS = "Your log is private, except what you share."
FIELD = "readers"
TICKS, MOST = 10, 20  # checkboxes in a group, as Slack allows; mentors offered
NAMED = 5
HINT = "Only you, unless you tick a name. They can read it an hour after you save."
NOT_THE_MESSAGE = " They see your own words and the link, not the message."


def question(mentors: Sequence[Mentor], readers: Collection[int], *, of_message: bool) -> list[Block]:
    """Who may read it: the person's mentors by name; without one, that nobody else can."""
    if not mentors:
        return [small("Only you can read this.")]
    hint = HINT + NOT_THE_MESSAGE if of_message else HINT
    return [
        field(
            _name(n),
            "And who else?" if n else "Who may read this?",
            _checkboxes(mentors[n : n + TICKS], readers),
            hint=None if n else hint,
            optional=True,
        )
        for n in range(0, len(mentors[:MOST]), TICKS)
    ]


def read(view: Json) -> tuple[int, ...]:
    """The mentorships that were ticked. Raises NotYourMentor for what is none."""
    picked = [each for n in range(0, MOST, TICKS) for each in values(view, _name(n))]
    return row_ids(picked)


def row_ids(texts: Sequence[str]) -> tuple[int, ...]:
    """Ids as Slack brings them back. Raises NotYourMentor for what is none."""
    if not all(each.isascii() and each.isdigit() and len(each) < 19 for each in texts):
        raise NotYourMentor
    return tuple(map(int, texts))


def ticked(mentors: Sequence[Mentor], readers: Collection[int]) -> tuple[int, ...]:
    """The mentorships that the form opens with as ticked."""
    return tuple(each.mentorship_id for each in mentors[:MOST] if each.mentorship_id in readers)


def _name(n: int) -> str:
    return f"{FIELD}.{n}" if n else FIELD


def _checkboxes(mentors: Sequence[Mentor], readers: Collection[int]) -> Element:
    """People by their mentions, which Slack shows as names."""
    options = [mrkdwn_option(named(each.user), str(each.mentorship_id)) for each in mentors]
    return checkboxes(INPUT, options, ticked=[str(each) for each in readers])


def named(user: str) -> str:
    """A mention, which nobody is notified of where they cannot read."""
    return f"<@{user}>"


@dataclass(frozen=True)
class ReadBy:
    """Who can read an entry and who has `seen` it, as the ends of sentences, and the button that takes it back."""

    said: str = "only you can read it"
    take_back: tuple[Element, ...] = ()
    seen: str = ""


def read_by(
    entry_id: int, shared: Sequence[Shared], now: datetime, zone: ZoneInfo, seen: Sequence[Seen] = ()
) -> ReadBy:
    """Who can read an entry and from when, who was shown it, and the button for second thoughts."""
    people = seen_by(seen)
    already = f" · {people}" if people else ""
    if not shared:
        return ReadBy(ReadBy().said + already, seen=people)
    kept = all(each.readable_at > now for each in shared)
    label = "Keep private" if kept else "Make private"
    said = (f"{_names(users)} can read it{since}" for since, users in _by_time(shared, now, zone).items())
    return ReadBy(", ".join(said) + already, (button(label, action_ids.SHARE_PRIVATE, str(entry_id)),), people)


def seen_by(seen: Sequence[Seen]) -> str:
    """Who was shown an entry, as the end of a sentence; nothing for nobody."""
    said = []
    for lead, certain in (("seen by", True), ("perhaps seen by", False)):
        people = [someone(each.user) for each in seen if each.confirmed is certain]
        said += [f"{lead} {and_others(people)}"] if people else []
    return ", ".join(said)


def someone(user: str | None) -> str:
    """A mention; of one who has left Rung not even that is known."""
    return named(user) if user else "somebody who has left Rung"


def mark(shared: Sequence[Shared], now: datetime, zone: ZoneInfo, seen: Sequence[Seen] = ()) -> str:
    """As `read_by`, in a word or two."""
    already = f" · {seen_by(seen)}" if seen else ""
    if not shared:
        return f"only you{already}"
    by_time = _by_time(shared, now, zone).items()
    return "shared with " + ", ".join(f"{_names(users)}{since}" for since, users in by_time) + already


def _by_time(shared: Sequence[Shared], now: datetime, zone: ZoneInfo) -> dict[str, list[str]]:
    """From when, in words, empty for those who can read it already → Slack ids."""
    found: dict[str, list[str]] = {}
    for each in shared:
        since = f" from {_spoken(each.readable_at, now, zone)}" if each.readable_at > now else ""
        found.setdefault(since, []).append(each.user)
    return found


def _spoken(at: datetime, now: datetime, zone: ZoneInfo) -> str:
    local = at.astimezone(zone)
    today = local.date() == now.astimezone(zone).date()
    return f"{local:%H:%M} ({zone.key})" if today else spoken(at, zone)


def _names(users: Sequence[str]) -> str:
    return and_others([named(user) for user in users])


def and_others(names: Sequence[str]) -> str:
    """Names as a sentence has them; of many the first."""
    shown, rest = list(names[:NAMED]), len(names) - NAMED
    if rest > 0:
        shown.append(count(rest, "other"))
    return " and ".join(filter(None, (", ".join(shown[:-1]), *shown[-1:])))
