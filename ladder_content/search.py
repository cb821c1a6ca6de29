"""Look-up by words over a ladder: offline, ranked, and the same every time."""

import re
import sqlite3
import weakref
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import log
from textwrap import shorten
from typing import Literal, NamedTuple

from ladder_content.model import Criterion, Ladder

Kind = Literal["criterion", "level", "answer"]
MAX_WORDS = 32
MAX_ENTRY_WORDS = 500
MAX_SNIPPET = 200
# Lower scores are chance: an everyday word or two that the ladder holds too. In logarithms of the number of parts,
# as is the weight of a word that only one part has. What is far below the best score is chance as well.
EVIDENCE = 1.15
NEAR = 0.3
# Words of a question that say nothing about what is asked.
STOP_WORDS = frozenset(
    "a about am an and any are as at be been but by can could did do does for "  # noqa: SIM905 (a list: a line a word)
    "from get had has have how i if in into is it its me my of on or our should take "
    "so than that the their them there they this to until was we were what when where which "
    "who why will with would you your".split()
)
SCHEMA = """
CREATE VIRTUAL TABLE part USING fts5(
    title, keywords, summary, rest, kind UNINDEXED, id UNINDEXED, level_id UNINDEXED,
    tokenize = 'porter unicode61 remove_diacritics 2'
)
"""
FIND = """
SELECT kind, id, title, snippet(part, 2, '', '', '…', 30), level_id
FROM part WHERE part MATCH ? ORDER BY bm25(part, 8.0, 4.0, 1.5, 0.3), rowid LIMIT ?
"""
WEIGH = """
SELECT id, -bm25(part, 4.0, 4.0, 1.5, 1.0) AS score
FROM part WHERE part MATCH ? AND kind = 'criterion' ORDER BY score DESC, rowid
"""


@dataclass(frozen=True)
class Hit:
    """One thing found; `snippet` is plain text, at most 200 characters; `level_id` is its level, if it has one."""

    kind: Kind
    id: str
    title: str
    snippet: str
    level_id: str | None


class Row(NamedTuple):
    """What is indexed of one part, in the order of the table's columns."""

    title: str
    keywords: str
    summary: str
    rest: str
    kind: Kind
    id: str
    level_id: str | None


class Index:
    """A full-text index of the levels, active criteria and answers of a ladder, in memory; for one thread at a time."""

    def __init__(self, ladder: Ladder) -> None:
        self._ladder = ladder
        rows = list(_rows(ladder))
        keywords = (keyword for criterion in ladder.criteria for keyword in criterion.keywords)
        self._phrases = frozenset(pair for keyword in keywords for pair in pairwise(_words(keyword)))
        self._database = sqlite3.connect(":memory:", check_same_thread=False)
        weakref.finalize(self, self._database.close)
        self._database.execute(SCHEMA)
        self._database.executemany("INSERT INTO part VALUES (?, ?, ?, ?, ?, ?, ?)", rows)
        self._evidence = EVIDENCE * log(len(rows))

    def find(self, words: str, limit: int = 8) -> list[Hit]:
        """What the words name, then what is about all of them, then what has any, best first; any text will do."""
        found: dict[tuple[str, str], Hit] = {}
        if level := self._ladder.find_level(words):
            found["level", level.id] = Hit("level", level.id, level.title, _cut(level.summary), level.id)
        for query in _queries(words):
            for hit in self._match(query, limit):
                found.setdefault((hit.kind, hit.id), hit)
        return list(found.values())[: max(limit, 0)]

    def suggest(self, words: str, relevant: Sequence[Criterion], limit: int = 3) -> list[Criterion]:
        """The relevant criteria that an entry in these words is most likely evidence of, best first; often none."""
        if not (query := self._telling(words)):
            return []
        by_id = {criterion.id: criterion for criterion in relevant}
        rows = [row for row in self._database.execute(WEIGH, (query,)) if row[0] in by_id]
        return [by_id[id_] for id_, score in rows if score >= max(self._evidence, NEAR * rows[0][1])][: max(limit, 0)]

    def _telling(self, words: str) -> str:
        """The FTS5 query for any word that tells something; two words that a keyword joins count as one more."""
        said = _words(words)[:MAX_ENTRY_WORDS]
        telling = [word for word in said if word not in STOP_WORDS and not word.isdecimal()]
        phrases = [" ".join(pair) for pair in pairwise(said) if pair in self._phrases]
        return " OR ".join(f'"{each}"' for each in dict.fromkeys(telling + phrases))

    def _match(self, query: str, limit: int) -> Iterator[Hit]:
        for kind, id_, title, snippet, level_id in self._database.execute(FIND, (query, limit)):
            yield Hit(kind, id_, title, _cut(snippet), level_id)


def _words(text: str) -> list[str]:
    return re.findall(r"[^\W_]+", text.lower())


def _queries(words: str) -> Iterator[str]:
    """The FTS5 queries to try in turn; each word goes in as a string, the last one as the beginning of a word."""
    asked = _words(words)[:MAX_WORDS]
    telling = list(dict.fromkeys(word for word in asked if word not in STOP_WORDS)) or asked
    if not telling:
        return
    terms = [f'"{word}"' for word in telling[:-1]] + [f'"{telling[-1]}"*']
    yield f"{{title keywords}} : ({' AND '.join(terms)})"
    # Pairs tell "how long" from "long".
    pairs = [f'"{one} {two}"' for one, two in pairwise(asked) if not STOP_WORDS.issuperset((one, two))]
    yield " OR ".join(terms + pairs)


def _rows(ladder: Ladder) -> Iterator[Row]:
    for level in ladder.levels:
        rest = (*level.role, *level.skills, *level.collaboration, *level.pitfalls, *level.success_measures)
        names = _lines(level.id, *level.aliases)
        yield Row(level.title, names, level.summary, _lines(*rest), "level", level.id, level.id)
    for level in ladder.levels:
        for each in ladder.criteria_to(level.id):
            prompts = (prompt.text for prompt in each.prompts if not prompt.follow_up)
            rest = (*level.names, *each.examples.values(), *prompts, *each.mentor_questions)
            yield Row(each.sentence, _lines(*each.keywords), each.good, _lines(*rest), "criterion", each.id, level.id)
    for answer in ladder.answers:
        yield Row(answer.question, _lines(*answer.keywords), answer.answer, "", "answer", answer.id, None)


def _lines(*texts: str) -> str:
    return "\n".join(texts)


def _cut(text: str) -> str:
    return shorten(text, MAX_SNIPPET, placeholder="…")
