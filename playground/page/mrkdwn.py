"""Slack's mrkdwn as HTML in which nothing a person wrote comes alive."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from html import escape

from playground.page.emoji import replace_shortcodes
from playground.page.times import format_date_token


@dataclass(frozen=True)
class Reader:
    """Who reads: the names behind ids (people and channels) and the zone that dates are shown in."""

    zone: tzinfo
    names: Mapping[str, str] = field(default_factory=dict)

    def name(self, entity: str, fallback: str = "") -> str:
        """The name behind an id, else the fallback, else the id."""
        return self.names.get(entity) or fallback or entity


# A finished piece of HTML is set aside under a mark of two private-use characters, so that no later rule touches it.
_MARK = re.compile("\ue000(\\d+)\ue001")
_PRIVATE = str.maketrans("", "", "\ue000\ue001")
_PIECES = re.compile(
    r"\n?```(?P<block>.+?)```\n?|`(?P<code>[^`\n]+)`|<(?P<angle>[^<>\n]+)>|(?P<bare>https?://[^\s<>|]*[\w/#=])", re.S
)
_STYLES = [
    (re.compile(rf"(?<![\w{mark}]){mark}(?=\S)([^\n{mark}]*[^\s{mark}]){mark}(?![\w{mark}])"), tag)
    for mark, tag in ((r"\*", "b"), ("_", "i"), ("~", "s"))
]
_QUOTE = re.compile(r"(?:(?:\A|\n)&gt;.*)+\n?")
# Schemes a link may have.
HARMLESS = re.compile(r"(?i)(?:https?|mailto|tel):")


def unescape(text: str) -> str:
    """Undo Slack's escaping of the three control characters, once."""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def plain(text: str) -> str:
    """A plain_text as a person reads it; not HTML."""
    return replace_shortcodes(unescape(text))


def plain_html(text: str) -> str:
    """A plain_text as HTML."""
    return escape(plain(text)).replace("\n", "<br>")


def to_html(text: str, reader: Reader) -> str:
    """mrkdwn as it comes over the wire, as HTML."""
    finished: list[str] = []

    def set_aside(html: str) -> str:
        finished.append(html)
        return f"\ue000{len(finished) - 1}\ue001"

    def piece(match: re.Match[str]) -> str:
        if match["block"] is not None:
            return set_aside(f"<pre>{escape(unescape(match['block'].strip(chr(10))))}</pre>")
        if match["code"] is not None:
            return set_aside(f"<code>{escape(unescape(match['code']))}</code>")
        return set_aside(link(match["bare"]) if match["bare"] else _angle(match["angle"], reader))

    html = _PIECES.sub(piece, text.translate(_PRIVATE))
    html = _styled(escape(replace_shortcodes(unescape(html)), quote=False))
    return _MARK.sub(lambda match: finished[int(match[1])], html)


def link(url: str, label: str | None = None) -> str:
    """A link where the scheme is a harmless one, else its label as text."""
    url = unescape(url)
    shown = plain_html(label) if label else escape(url.removeprefix("mailto:"))
    if not HARMLESS.match(url):
        return shown
    return f'<a href="{escape(url)}" rel="noopener noreferrer nofollow">{shown}</a>'


def mention(text: str) -> str:
    """A name in the colours of a mention."""
    return f'<span class="mention">{escape(text)}</span>'


def _styled(html: str) -> str:
    for pattern, tag in _STYLES:
        html = pattern.sub(rf"<{tag}>\1</{tag}>", html)
    html = _QUOTE.sub(_quote, html)
    return html.replace("\n", "<br>")


def _quote(match: re.Match[str]) -> str:
    lines = [line.removeprefix("&gt;").removeprefix(" ") for line in match[0].strip("\n").split("\n")]
    return f"<blockquote>{'<br>'.join(lines)}</blockquote>"


def _angle(inside: str, reader: Reader) -> str:
    target, _, label = inside.partition("|")
    for prefix, render in _ANGLES.items():
        if target.startswith(prefix):
            return render(target.removeprefix(prefix), label, reader)
    return link(target, label) if HARMLESS.match(target) else escape(unescape(f"<{inside}>"))


def _user(user: str, label: str, reader: Reader) -> str:
    return mention("@" + reader.name(user, label))


def _channel(channel: str, label: str, reader: Reader) -> str:
    return mention("#" + reader.name(channel, label))


def _group(group: str, label: str, reader: Reader) -> str:
    return mention(label or f"@{group}")


def _broadcast(word: str, label: str, reader: Reader) -> str:
    return mention(f"@{word}")


def _date(inside: str, label: str, reader: Reader) -> str:
    stamp, _, rest = inside.partition("^")
    pattern, _, url = rest.partition("^")
    try:
        instant = datetime.fromtimestamp(int(stamp), UTC).astimezone(reader.zone)
    except (ValueError, OverflowError, OSError):
        return escape(unescape(label))
    shown = format_date_token(unescape(pattern), instant)
    return link(url, shown) if url else escape(shown)


_ANGLES: dict[str, Callable[[str, str, Reader], str]] = {
    "@": _user,
    "#": _channel,
    "!date^": _date,
    "!subteam^": _group,
    "!": _broadcast,
}
