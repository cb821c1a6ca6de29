"""The conversation of one person with the app."""

from collections import defaultdict
from collections.abc import Sequence

from nicegui import ui

from playground.page.acting import Acting
from playground.page.composer import Composer
from playground.page.messages import MessageColumn
from playground.page.people import draw_avatar
from playground.page.surface import button
from playground.page.thread import Thread
from playground.page.tools import draw_tools, use_shortcut
from playground.slash import is_command
from playground.workspace import Message

# A long answer is read from its beginning, not from its end.
_SHOW_FROM_THE_TOP = """setTimeout(() => {
    const newest = [...document.querySelectorAll('[role=log] article')].at(-1), view = newest?.closest('.scroller');
    if (newest && newest.offsetHeight > view.clientHeight) newest.scrollIntoView({block: 'start'});
}, 80)"""
_AT_ONCE = 40  # messages; a year of them would take seconds to draw


class Conversation:
    """Messages with their threads, and the composer; `suggestions` are offered while there is no message yet."""

    def __init__(self, acting: Acting, suggestions: Sequence[str]) -> None:
        self._acting = acting
        self._threads: dict[str, Thread] = {}
        self._limit = _AT_ONCE
        self._newest = ""
        # Reversed by the style sheet: a column that is anchored to its end needs no script to show the newest.
        self._scroller = ui.element("div").classes("scroller")
        self._scroller.props('role=log aria-label="Conversation" tabindex=0')
        with self._scroller, ui.element("div").classes("scrolled"):
            self._earlier = button("Show earlier messages", "link").on_click(self._show_earlier)
            self._column = MessageColumn(acting, self._draw_foot)
            self._welcome = ui.element("div").classes("welcome")
        with ui.element("div").classes("writing"):
            example = suggestions[0] if suggestions else "a /command"
            placeholder = f"Message {acting.app_name} or type {example}"
            self._composer = Composer(placeholder, self._send, waiting=f"Waiting for {acting.app_name} …")
            self._draw_shortcuts()
        with self._welcome:
            self._draw_welcome(suggestions)

    def refresh(self) -> None:
        """Bring what is shown up to date."""
        tops, replies = _by_thread(self._acting.playground.dm(self._acting.person.id))
        self._earlier.set_visibility(len(tops) > self._limit)
        tops = tops[-self._limit :]
        self._column.update(tops)
        self._welcome.set_visibility(not tops)
        self._threads = {message.ts: self._threads[message.ts] for message in tops if message.ts in self._threads}
        for ts, thread in self._threads.items():
            thread.update(replies[ts])
        newest = tops[-1].ts if tops else ""
        if newest != self._newest:
            self._newest = newest
            self._scroll_to_the_end()

    def _show_earlier(self) -> None:
        self._limit += _AT_ONCE
        self.refresh()

    def _scroll_to_the_end(self) -> None:
        self._scroller.run_method("scrollTo", {"top": 0})

    async def _send(self, text: str) -> bool:
        self._scroll_to_the_end()
        arrived = await self._acting.enter(text)
        if is_command(text) and not self._scroller.is_deleted:  # whoever waits may have left the page
            self._scroller.client.run_javascript(_SHOW_FROM_THE_TOP)
        return arrived

    def _draw_welcome(self, suggestions: Sequence[str]) -> None:
        draw_avatar(self._acting.playground.workspace.bot)
        ui.label(f"Say hello to {self._acting.app_name}").classes("welcome-title").props("role=heading aria-level=2")
        ui.label("Write a message, type a command, or try one of these:" if suggestions else "Write a message below.")
        with ui.element("div").classes("chips"):
            for suggestion in suggestions:
                button(suggestion, "chip").on_click(lambda text=suggestion: self._composer.send(text))

    def _draw_foot(self, message: Message) -> None:
        thread = Thread(self._acting, message)
        self._threads[message.ts] = thread
        draw_tools(message, self._acting, thread.open)

    def _draw_shortcuts(self) -> None:
        with ui.element("div").classes("shortcuts"):
            for shortcut in self._acting.shortcuts("global"):
                drawn = button(f"⚡ {shortcut['name']}", "quiet")
                drawn.props["title"] = shortcut.get("description", "")
                drawn.on_click(lambda s=shortcut: use_shortcut(s, self._acting))


def _by_thread(messages: Sequence[Message]) -> tuple[list[Message], dict[str, list[Message]]]:
    tops: list[Message] = []
    replies: dict[str, list[Message]] = defaultdict(list)
    for message in messages:
        if message.thread_ts in (None, message.ts):
            tops.append(message)
        else:
            replies[str(message.thread_ts)].append(message)
    return tops, replies
