"""The box one writes in."""

from collections.abc import Awaitable, Callable

from nicegui import ui

from playground.page.surface import button

_ENTER = "(e) => { if (!e.shiftKey && !e.isComposing) { e.preventDefault(); emit(); } }"


class Composer:
    """A text box; Enter sends, Shift+Enter breaks the line. Where `send(text)` is False the text comes back."""

    def __init__(self, placeholder: str, send: Callable[[str], Awaitable[bool]], *, waiting: str) -> None:
        self._send = send
        self._under_way = 0
        with ui.element("div").classes("composer"):
            self._field = (
                ui.textarea(placeholder=placeholder).props("autogrow borderless dense").classes("composer-field")
            )
            self._field.props["aria-label"] = placeholder
            self._field.on("keydown.enter", self._submit, [], js_handler=_ENTER)
            button("Send", "primary").on_click(self._submit)
        self._waiting = waiting
        self._status = ui.label().classes("waiting").props("role=status")

    def focus(self) -> None:
        """Put the cursor into the box."""
        self._field.run_method("focus")

    async def send(self, text: str) -> None:
        """Send this text as if it had been typed."""
        if not text.strip():
            return
        self._count(1)
        try:
            arrived = await self._send(text)
        finally:
            self._count(-1)
        if not arrived and not self._field.is_deleted:
            self._field.set_value("\n".join(filter(None, (text, self._field.value))))

    async def _submit(self) -> None:
        text = self._field.value or ""
        self._field.set_value("")
        await self.send(text)

    def _count(self, more: int) -> None:
        self._under_way += more
        if not self._status.is_deleted:
            self._status.set_text(self._waiting if self._under_way else "")
