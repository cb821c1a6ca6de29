"""What a person types to search their log for, as Postgres asks for it."""

import re
from collections.abc import Sequence
from functools import reduce
from string import punctuation

from sqlalchemy import ColumnElement, Text, case, cast, func
from sqlalchemy.dialects.postgresql import TSQUERY

LEFT_OUT = 20  # words
TOKEN = re.compile(r'-?"[^"]*"?|[^\s"]+')
APART = str.maketrans(dict.fromkeys(punctuation, " "))


def query(typed: str) -> ColumnElement[str]:
    """All the words, by their stems or as they are typed, and none of those after a minus.

    The last one may be the beginning of a word. Where English drops a word as too frequent, only what is typed counts.
    """
    plain = typed.encode(errors="replace").decode().replace("\0", " ")  # Postgres takes neither half a pair nor NUL
    tokens = TOKEN.findall(plain)
    wanted = [each for each in tokens if not each.startswith("-")]
    unwanted = [each[1:] for each in tokens if each.startswith("-")]
    as_typed = cast(_simple(wanted), Text)
    begun = cast(func.regexp_replace(as_typed, "('[^']{2,}')$", r"\1:*"), TSQUERY)
    keeps_all = func.numnode(_english(wanted)) == func.numnode(_simple(wanted, split=False))
    found = case((keeps_all, _either(_english(wanted), begun)), else_=begun)
    left_out = [_either(_english([each]), _simple([each])) for each in unwanted[:LEFT_OUT]]
    return reduce(lambda query, each: query.op("&&", return_type=TSQUERY())(func.tsquery_not(each)), left_out, found)


def _english(tokens: Sequence[str]) -> ColumnElement[str]:
    return func.websearch_to_tsquery("english", " ".join(tokens), type_=TSQUERY())


def _simple(tokens: Sequence[str], *, split: bool = True) -> ColumnElement[str]:
    """As the index has them: what punctuation holds together is a phrase."""
    found = [" ".join(each.translate(APART).split()) for each in tokens] if split else tokens
    phrases = (f'"{each}"' if split and " " in each else each for each in found)
    return func.websearch_to_tsquery("simple", " ".join(phrases), type_=TSQUERY())


def _either(one: ColumnElement[str], other: ColumnElement[str]) -> ColumnElement[str]:
    return one.op("||", return_type=TSQUERY())(other)
