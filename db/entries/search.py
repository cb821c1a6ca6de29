"""What a person types to search their log for, as Postgres asks for it."""

import re
from collections.abc import Sequence
from functools import reduce
from string import punctuation
from typing import NamedTuple

from sqlalchemy import ColumnElement, String, Text, bindparam, case, cast, func
from sqlalchemy.dialects.postgresql import TSQUERY

LEFT_OUT = 20  # words
TOKEN = re.compile(r'-?"[^"]*"?|[^\s"]+')
APART = str.maketrans(dict.fromkeys(punctuation, " "))


class Words(NamedTuple):
    """The words that entries are to have, and those that they are not to have."""

    wanted: Sequence[str]
    left_out: Sequence[str] = ()

    def values(self) -> dict[str, str]:
        """What the parameters of `query` are bound to."""
        values = {"words": " ".join(self.wanted), "words_apart": _apart(self.wanted)}
        for n, each in enumerate(self.left_out):
            values |= {f"left_out_{n}": each, f"left_out_{n}_apart": _apart([each])}
        return values


def words(typed: str) -> Words:
    """What somebody typed, word by word; what stands after a minus is left out."""
    plain = typed.encode(errors="replace").decode().replace("\0", " ")  # Postgres takes neither half a pair nor NUL
    tokens = TOKEN.findall(plain)
    wanted = [each for each in tokens if not each.startswith("-")]
    unwanted = [each[1:] for each in tokens if each.startswith("-")]
    return Words(wanted, unwanted[:LEFT_OUT])


def query(left_out: int) -> ColumnElement[str]:
    """All the words, by their stems or as they are typed, and none of those left out, which are so many.

    The last one may be the beginning of a word. Where English drops a word as too frequent, only what is typed counts.
    """
    as_typed = cast(_query("simple", "words_apart"), Text)
    begun = cast(func.regexp_replace(as_typed, "('[^']{2,}')$", r"\1:*"), TSQUERY)
    stems = _query("english", "words")
    keeps_all = func.numnode(stems) == func.numnode(_query("simple", "words"))
    found = case((keeps_all, _either(stems, begun)), else_=begun)
    unwanted = (
        _either(_query("english", f"left_out_{n}"), _query("simple", f"left_out_{n}_apart")) for n in range(left_out)
    )
    return reduce(lambda query, each: query.op("&&", return_type=TSQUERY())(func.tsquery_not(each)), unwanted, found)


def _query(dictionary: str, parameter: str) -> ColumnElement[str]:
    return func.websearch_to_tsquery(dictionary, bindparam(parameter, type_=String), type_=TSQUERY())


def _apart(tokens: Sequence[str]) -> str:
    """As the index has them: what punctuation holds together is a phrase."""
    found = (" ".join(each.translate(APART).split()) for each in tokens)
    return " ".join(f'"{each}"' if " " in each else each for each in found)


def _either(one: ColumnElement[str], other: ColumnElement[str]) -> ColumnElement[str]:
    return one.op("||", return_type=TSQUERY())(other)
