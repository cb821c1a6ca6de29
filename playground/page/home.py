"""The app's Home tab."""

from nicegui import ui

from playground.page.acting import Acting
from playground.page.blocks import draw_blocks
from playground.page.snapshot import snapshot


class Home:
    """What the app published for this person."""

    def __init__(self, acting: Acting) -> None:
        self._acting = acting
        self._shown = ""
        self._root = ui.element("div").classes("home").props('role=region aria-label="Home tab"')

    def refresh(self) -> None:
        """Bring what is shown up to date."""
        view = self._acting.playground.home(self._acting.person.id)
        shown = snapshot(view)
        if shown == self._shown:
            return
        self._shown = shown
        self._root.clear()
        with self._root:
            if view is None:
                ui.label(f"{self._acting.app_name} has published nothing here yet.").classes("nothing")
            else:
                draw_blocks(view.blocks, self._acting.surface(view))
