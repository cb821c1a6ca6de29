"""The modal on top, if one is open."""

from nicegui import ui

from playground.page.acting import Acting
from playground.page.blocks import draw_blocks
from playground.page.snapshot import snapshot
from playground.page.surface import button, text_of
from playground.workspace import View


class Modal:
    """Shows the acting person's top modal; submitting and closing go to the app."""

    def __init__(self, acting: Acting) -> None:
        self._acting = acting
        self._shown = snapshot(None)
        self._dialog = ui.dialog().props("no-backdrop-dismiss no-refocus transition-duration=120")
        self._dialog.on("escape-key", self._close, [])

    def refresh(self) -> None:
        """Bring what is shown up to date."""
        view = self._acting.playground.modal(self._acting.person.id)
        shown = snapshot(view)
        if shown == self._shown:
            return
        self._shown = shown
        self._dialog.clear()
        if view is None:
            self._dialog.close()
            return
        with self._dialog:
            self._draw(view)
        self._dialog.open()
        if view.errors:
            ui.run_javascript("document.querySelector('.input-error')?.scrollIntoView({block: 'center'})")

    def delete(self) -> None:
        """Take it off the page; for the person it stays open."""
        self._dialog.delete()

    def _draw(self, view: View) -> None:
        title = text_of(view.body["title"])
        with ui.element("div").classes("sheet") as sheet:
            sheet.props.update({"role": "dialog", "aria-modal": "true", "aria-label": title})
            with ui.element("div").classes("sheet-head"):
                ui.label(title).classes("sheet-title").props("role=heading aria-level=2")
                button("✕", "quiet").on_click(self._close).props["aria-label"] = "Close this window"
            with ui.element("div").classes("sheet-body"):
                if "" in view.errors:
                    ui.label(view.errors[""]).classes("input-error").props("role=alert")
                draw_blocks(view.blocks, self._acting.surface(view))
            with ui.element("div").classes("sheet-foot"):
                button(text_of(view.body.get("close")) or "Cancel").on_click(self._close)
                if "submit" in view.body:
                    self._draw_submit(text_of(view.body["submit"]))

    def _draw_submit(self, text: str) -> None:
        drawn = button(text, "primary")

        async def submit() -> None:
            drawn.props("loading")
            await self._acting.do("Submitting", self._acting.playground.submit(self._acting.person.id))
            if not drawn.is_deleted:
                drawn.props(remove="loading")

        drawn.on_click(submit)

    async def _close(self) -> None:
        if self._acting.playground.modal(self._acting.person.id):
            await self._acting.do("Closing", self._acting.playground.close(self._acting.person.id))
