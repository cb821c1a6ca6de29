"""A rich_text block as HTML."""

from collections.abc import Callable
from html import escape

from playground.page.emoji import EMOJI
from playground.page.mrkdwn import Reader, link, mention, to_html
from playground.workspace import Json

_STYLE_TAGS = {"bold": "b", "italic": "i", "strike": "s", "code": "code"}


def rich_text_html(block: Json, reader: Reader) -> str:
    """Sections, lists, quotes and preformatted text, in order."""
    return "".join(_part(part, reader) for part in block["elements"])


def _part(part: Json, reader: Reader) -> str:
    kind = part["type"]
    if kind == "rich_text_list":
        return _list(part, reader)
    inner = "".join(_leaf(leaf, reader) for leaf in part["elements"])
    if kind == "rich_text_preformatted":
        return f"<pre>{inner}</pre>"
    inner = inner.replace("\n", "<br>")
    return f"<blockquote>{inner}</blockquote>" if kind == "rich_text_quote" else f"<p>{inner}</p>"


def _list(part: Json, reader: Reader) -> str:
    tag = "ol" if part.get("style") == "ordered" else "ul"
    items = ("".join(_leaf(leaf, reader) for leaf in item["elements"]) for item in part["elements"])
    indent = min(int(part.get("indent", 0)), 8)
    return f'<{tag} class="indent-{indent}">{"".join(f"<li>{item}</li>" for item in items)}</{tag}>'


def _leaf(leaf: Json, reader: Reader) -> str:
    html = _LEAVES.get(leaf["type"], _text)(leaf, reader)
    for style, tag in _STYLE_TAGS.items():
        if leaf.get("style", {}).get(style):
            html = f"<{tag}>{html}</{tag}>"
    return html


def _text(leaf: Json, reader: Reader) -> str:
    return escape(leaf.get("text", ""))


def _emoji(leaf: Json, reader: Reader) -> str:
    return escape(EMOJI.get(leaf["name"], f":{leaf['name']}:"))


def _date(leaf: Json, reader: Reader) -> str:
    return to_html(f"<!date^{leaf['timestamp']}^{leaf['format']}|{leaf.get('fallback', '')}>", reader)


_LEAVES: dict[str, Callable[[Json, Reader], str]] = {
    "text": _text,
    "emoji": _emoji,
    "date": _date,
    "link": lambda leaf, reader: link(leaf["url"], leaf.get("text")),
    "user": lambda leaf, reader: mention("@" + reader.name(leaf["user_id"])),
    "channel": lambda leaf, reader: mention("#" + reader.name(leaf["channel_id"])),
    "usergroup": lambda leaf, reader: mention("@" + leaf["usergroup_id"]),
    "broadcast": lambda leaf, reader: mention("@" + leaf["range"]),
}
