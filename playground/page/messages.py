"""Messages in a column, each drawn again only when it changed."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from nicegui import ui

from playground.page.acting import Acting
from playground.page.blocks import draw_blocks
from playground.page.elements import draw_file
from playground.page.mrkdwn import plain, to_html
from playground.page.people import draw_avatar
from playground.page.times import clock_time, long_date
from playground.workspace import Message

# What redraws a message; the state of its elements is left to the browser.
_SHOWN = ("text", "blocks", "attachments", "edited", "files", "reactions")


@dataclass
class _Row:
    root: ui.element
    separator: ui.element
    body: ui.element
    shown: str = ""


class MessageColumn:
    """A column of messages; `draw_foot(message)` may put something below each of them, once."""

    def __init__(self, acting: Acting, draw_foot: Callable[[Message], None] | None = None) -> None:
        self._acting = acting
        self._draw_foot = draw_foot
        self._rows: dict[str, _Row] = {}
        self._column = ui.element("div").classes("messages")

    def update(self, messages: Sequence[Message], *, dated: bool = True) -> None:
        """Show these messages, with the date above the first of each day where `dated`."""
        current = {message.ts for message in messages}
        for ts in [ts for ts in self._rows if ts not in current]:
            self._rows.pop(ts).root.delete()
        previous = None
        for place, message in enumerate(messages):
            row = self._rows.get(message.ts) or self._add(message, place)
            day = self._acting.local(message.ts).date()
            row.separator.set_visibility(dated and day != previous)
            previous = day
            shown = json.dumps([getattr(message, name) for name in _SHOWN])
            if shown != row.shown:
                row.shown = shown
                row.body.clear()
                with row.body:
                    _draw_message(message, self._acting)

    def _add(self, message: Message, place: int) -> _Row:
        with self._column, ui.element("div").classes("message-row") as root:
            with ui.element("div").classes("day") as separator:
                ui.label(long_date(self._acting.local(message.ts).date()))
            body = ui.element("article").classes("message")
            body.props["aria-label"] = _describe(message, self._acting)
            if self._draw_foot:
                self._draw_foot(message)
        if place < len(self._rows):
            root.move(target_index=place)
        row = self._rows[message.ts] = _Row(root, separator, body)
        return row


def _describe(message: Message, acting: Acting) -> str:
    return f"{acting.person_named(message.user).real_name}, {clock_time(acting.local(message.ts))}"


def _draw_message(message: Message, acting: Acting) -> None:
    draw_avatar(acting.person_named(message.user))
    with ui.element("div").classes("message-main"):
        _draw_head(message, acting)
        _draw_content(message, acting)


def _draw_head(message: Message, acting: Acting) -> None:
    author, local = acting.person_named(message.user), acting.local(message.ts)
    with ui.element("div").classes("message-head"):
        ui.label(author.real_name).classes("message-author")
        if author.is_bot:
            ui.label("APP").classes("tag")
        ui.label(clock_time(local)).classes("message-time").props["title"] = (
            f"{long_date(local.date())}, {local:%H:%M:%S}"
        )
        if message.ephemeral_to:
            ui.label("Only visible to you").classes("message-private")


def _draw_content(message: Message, acting: Acting) -> None:
    surface = acting.surface(message)
    if message.blocks:
        draw_blocks(message.blocks, surface)
    elif message.text:
        ui.html(to_html(message.text, surface.reader)).classes("words")
    for attachment in message.attachments:
        with ui.element("div").classes("attachment"):
            draw_blocks(attachment.get("blocks", []), surface)
            ui.html(to_html(attachment.get("text", ""), surface.reader)).classes("words")
    if message.edited:
        ui.label("(edited)").classes("message-edited")
    for file in message.files:
        draw_file(file)
    with ui.element("div").classes("reactions"):
        for name, users in message.reactions.items():
            ui.label(f"{plain(f':{name}:')} {len(users)}").classes("reaction")
