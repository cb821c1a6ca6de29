"""The thread below a message."""

from collections.abc import Sequence

from nicegui import ui

from playground.page.acting import Acting
from playground.page.composer import Composer
from playground.page.messages import MessageColumn
from playground.page.surface import button
from playground.page.tools import draw_tools
from playground.workspace import Message


class Thread:
    """Replies to one message and a box to write the next one; folded away until there is one or somebody opens it."""

    def __init__(self, acting: Acting, parent: Message) -> None:
        self._acting = acting
        self._parent = parent
        self._replies: Sequence[Message] = ()
        self._column: MessageColumn | None = None
        with ui.element("div").classes("thread"):
            self._toggle = button("", "link")
            self._body = ui.element("div").classes("thread-body")
        self._toggle.on_click(lambda: self._show(not self._body.visible))
        self._show(False)

    def open(self) -> None:
        """Unfold it, ready to write."""
        self._show(True)
        self._composer.focus()

    def update(self, replies: Sequence[Message]) -> None:
        """Show these replies; a new one unfolds the thread."""
        arrived = len(replies) > len(self._replies)
        self._replies = replies
        self._show(arrived or self._body.visible)

    def _show(self, unfolded: bool) -> None:
        if unfolded and not self._column:
            with self._body:
                self._column = MessageColumn(self._acting, lambda reply: draw_tools(reply, self._acting))
                self._composer = Composer(
                    "Reply in thread", self._reply, waiting=f"Waiting for {self._acting.app_name} …"
                )
        if self._column:
            self._column.update(self._replies, dated=False)
        self._body.set_visibility(unfolded)
        count = len(self._replies)
        self._toggle.set_visibility(count > 0)
        self._toggle.set_text(f"{'Hide' if unfolded else 'Show'} {count} {'reply' if count == 1 else 'replies'}")
        self._toggle.props["aria-expanded"] = str(unfolded).lower()

    async def _reply(self, text: str) -> bool:
        return await self._acting.enter(text, thread_ts=self._parent.ts)
