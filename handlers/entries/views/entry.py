"""The growth log: what is said about an entry."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from growth.cadence import spoken_date
from growth.entry import Snippet, Written
from handlers.entries.views.sharing import ReadBy
from handlers.slack import action_ids
from handlers.slack.blocks import Block, actions, section, small
from handlers.slack.elements import Option, OptionGroup, button, option, option_group, select
from handlers.slack.message import Message, fullest, less
from handlers.slack.position import code
from handlers.slack.text import clip, cut, escape, quote, quoted, sent_length
from ladder_content.model import Criterion, Ladder

SHOWN, IMPACT_SHOWN = 2200, 700  # characters of an entry in a message; together they fit one block
ROOM, SNIPPET_ROOM, ABOUT_ROOM = 5500, 1500, 1800  # for an entry as it is sent, of that for a message; for criteria
PRIVATELY = ReadBy()
TITLE = "Your growth log"
LINKS_SHOWN = 2000  # characters
SUGGESTED = "Suggested from the words"
OFFERED = 85  # criteria; Slack takes a hundred options in all


@dataclass(frozen=True)
class TakenOut:
    """A deleted entry that can be brought back until that instant, local time. `seen`: by whom, in words."""

    entry_id: int
    until: datetime
    seen: str = ""


def saved(
    entry_id: int,
    written: Written,
    ladder: Ladder,
    offered: Sequence[Criterion],
    today: date,
    *,
    read_by: ReadBy = PRIVATELY,
    again: bool = False,
    suggested: Sequence[str] = (),
) -> Message:
    """The entry as it stands in the log now; one that has no criterion yet may be given one, the `suggested` first.

    `again`: it was there before this.
    """
    lead = "That is in your growth log already." if again else "Saved to your growth log."
    first = sorted(offered, key=lambda each: each.id not in suggested)
    choices = 0 if ladder.sentences(written.criteria) else min(len(first), OFFERED)

    def with_menu_of(options: int) -> Message:
        menu = select(
            f"{action_ids.LOG_TAG}.{entry_id}",
            groups=groups(ladder, first[:options], suggested),
            placeholder="What is it evidence of?",
        )
        more = [small("*Edit* has more to choose from.")] if options < choices else []
        return Message(
            lead,
            (
                section(f"*{lead}*"),
                *shown(written),
                small(meaning(written, ladder, today, read_by)),
                actions(
                    *([menu] if options else []),
                    *read_by.take_back,
                    button("Edit", action_ids.LOG_EDIT, str(entry_id)),
                    button("Undo", action_ids.LOG_UNDO, str(entry_id)),
                ),
                *more,
            ),
            TITLE,
        )

    return fullest(with_menu_of, less(choices, 0))


def saved_as_typed(
    entry_id: int, written: Written, today: date, *, read_by: ReadBy = PRIVATELY, again: bool = False
) -> Message:
    """To a command whose form did not open."""
    lead = "That is in your growth log already." if again else "Saved to your growth log."
    return Message(
        lead,
        (
            section(f"*{lead}* The form did not open, so I kept it as you typed it."),
            *shown(written),
            small(meaning(written, None, today, read_by)),
            actions(
                button("Add details", action_ids.LOG_DETAILS, str(entry_id), style="primary"),
                *read_by.take_back,
                button("Undo", action_ids.LOG_UNDO, str(entry_id)),
            ),
        ),
    )


def form_is_open() -> Message:
    """To a command that came twice."""
    return Message.of("The form for this is open already. *Save* in it keeps your words.")


def shown(written: Written) -> list[Block]:
    """The words themselves; long ones in part."""
    words = body(written)
    return [
        *([section(words)] if words else []),
        *([section(_from(written.snippet))] if written.snippet else []),
        *([small(_listed(written.links))] if written.links else []),
    ]


def _from(snippet: Snippet) -> str:
    return clip(taken_from(snippet), SNIPPET_ROOM)


def body(written: Written) -> str:
    """The person's own words, as a quotation, and what came of it; long ones in part."""
    what, impact = _words(written)
    return "\n".join(part for part in (what, f"*What came of it:* {impact}" if impact else "") if part)


def _words(written: Written) -> tuple[str, str]:
    """As much as there is room for beside the rest of the entry: what it was, and what came of it."""
    snippet = _from(written.snippet) if written.snippet else ""
    room = ROOM - sent_length(snippet) - (sent_length(_listed(written.links)) if written.links else 0)
    impact = clip(cut(escape(written.impact), IMPACT_SHOWN), room // 3) if written.impact else ""
    what = clip(quote(written.what, SHOWN), room - sent_length(impact)) if written.what else ""
    return what, impact


def taken_from(snippet: Snippet) -> str:
    """The message that an entry was made from."""
    link = f"\n{escape(snippet.permalink)}" if snippet.permalink else ""
    words = f"\n{quoted(snippet.text)}" if snippet.text else ""
    return f"*From a message by {escape(cut(snippet.author, 80))}*{words}{link}"


def meaning(written: Written, ladder: Ladder | None, today: date, read_by: ReadBy = PRIVATELY) -> str:
    """When it happened, what it is evidence of on the ladder, and who reads it."""
    sentences = ladder.sentences(written.criteria).values() if ladder else ()
    each_shown = ABOUT_ROOM // max(len(sentences), 1) - 20  # which quotation marks and the like take
    of = " and ".join(f"“{clip(escape(each), each_shown)}”" for each in sentences)
    rest = "" if _shown_whole(written) else " · kept whole, *Edit* shows all of it"
    return f"{spoken_date(written.happened_on, today)}{of and f' · evidence of {of}'} · {read_by.said}{rest}"


def _shown_whole(written: Written) -> bool:
    what, impact = _words(written)
    words = not written.what or what == quoted(written.what)
    return words and impact == escape(written.impact or "") and _whole(written.links) == len(written.links)


def _listed(links: Sequence[str]) -> str:
    """Links are of use only whole: as many as there is room for."""
    return "\n".join(f"•  {escape(link)}" for link in links[: _whole(links)]) or "•  …"


def _whole(links: Sequence[str]) -> int:
    lengths = (sent_length("\n".join(map(escape, links[:n]))) for n in range(1, len(links) + 1))
    return sum(length <= LINKS_SHOWN for length in lengths)


def undone(taken_out: TakenOut) -> Message:
    """After *Undo*, with the way back."""
    said = way_back("Taken out of your log again", taken_out)
    return Message("Taken out of your log again.", (said,), TITLE)


def way_back(lead: str, taken_out: TakenOut) -> Block:
    until = f"{taken_out.until:%H:%M} ({getattr(taken_out.until.tzinfo, 'key', 'UTC')})"
    seen = f", {taken_out.seen}" if taken_out.seen else ""
    text = f"{lead}{seen}. Until {until} you can bring it back; after that it is gone for good."
    return section(text, button("Bring it back", action_ids.LOG_RESTORE, str(taken_out.entry_id)))


def gone() -> Message:
    """Where an entry stood that cannot be brought back any more."""
    text = "Taken out of your log, and gone for good."
    return Message(text, (section(text),), TITLE)


def groups(ladder: Ladder, offered: Sequence[Criterion], suggested: Sequence[str] = ()) -> list[OptionGroup]:
    """The criteria by level, as a menu takes them, above them the suggested ones; of very many the first."""
    found: dict[str, list[Option]] = {SUGGESTED: []}
    for criterion in offered[:OFFERED]:
        level = ladder.level(criterion.level)
        label = f"Leads to {code(level)}" if level else criterion.level
        label = SUGGESTED if criterion.id in suggested else label
        found.setdefault(label, []).append(option(criterion.sentence, criterion.id))
    return [option_group(label, options) for label, options in found.items() if options]
