"""One browser tab: who sits in it, and what they look at."""

from collections.abc import Sequence
from urllib.parse import urlencode

from nicegui import ui

from playground.journey import Journey
from playground.page.acting import Acting, people_of, zone_of
from playground.page.clock_bar import ClockBar
from playground.page.conversation import Conversation
from playground.page.home import Home
from playground.page.modal import Modal
from playground.page.people import People
from playground.playground import Playground
from playground.workspace import Person

_TABS = {"messages": "Messages", "home": "Home"}


class Seat:
    """The whole page for whoever sits here; `refresh` brings it up to date after any change."""

    def __init__(
        self, playground: Playground, user: str, tab: str, *, suggestions: Sequence[str], journey: Journey
    ) -> None:
        self._playground = playground
        self._suggestions = suggestions
        self._person = next((p for p in people_of(playground) if user in (p.id, p.name)), people_of(playground)[0])
        self._tab = tab if tab in _TABS else "messages"
        self._content: Conversation | Home | None = None
        self._modal: Modal | None = None
        self._read = {person.id: len(playground.dm(person.id)) for person in people_of(playground)}
        with ui.element("div").classes("app"):
            with ui.element("aside").classes("side"):
                ui.label(playground.workspace.name).classes("workspace-name")
                ui.label("Act as").classes("side-title").props("aria-hidden=true")
                self._people = People(playground, self._choose)
            with ui.element("div").classes("main"):
                with ui.element("header").classes("top"):
                    self._tabs = ui.element("nav").classes("tabs").props("role=tablist")
                    self._clock = ClockBar(playground.clock.now, journey)
                self._place = ui.element("div").classes("place")
                self._complaint = ui.label().classes("complaint").props("role=alert")
                self._complaint.on("click", lambda: self._complain(""), [])
        self._complain("")

    def draw(self) -> None:
        """Draw everything for this person and tab."""
        acting = Acting(self._playground, self._person, self._complain)
        self._complain("")
        self._draw_tabs()
        if self._modal:
            self._modal.delete()
        self._place.clear()
        with self._place:
            self._modal = Modal(acting)
            self._content = Home(acting) if self._tab == "home" else Conversation(acting, self._suggestions)
        self.refresh()

    async def announce(self) -> None:
        """Tell the app that somebody opened its Home tab."""
        if self._tab == "home":
            acting = Acting(self._playground, self._person, self._complain)
            await acting.do("Opening Home", self._playground.open_home(self._person.id))

    def refresh(self) -> None:
        """Bring everything up to date."""
        if self._content and self._modal:
            self._content.refresh()
            self._modal.refresh()
        self._people.refresh(self._person, self._unread())
        self.tell_time()

    def tell_time(self) -> None:
        """Bring all times of day up to date."""
        self._clock.show(zone_of(self._person))
        self._people.tell_time(self._playground.clock.now())

    def _unread(self) -> dict[str, int]:
        counts = {person.id: len(self._playground.dm(person.id)) for person in people_of(self._playground)}
        if self._tab == "messages":
            self._read[self._person.id] = counts[self._person.id]
        return {user: count - self._read.setdefault(user, 0) for user, count in counts.items()}

    def _complain(self, sentence: str) -> None:
        self._complaint.set_text(sentence)
        self._complaint.set_visibility(bool(sentence))

    async def _choose(self, person: Person) -> None:
        self._person = person
        await self._move()

    async def _turn_to(self, tab: str) -> None:
        self._tab = tab
        await self._move()

    async def _move(self) -> None:
        ui.navigate.history.replace("/?" + urlencode({"user": self._person.name, "tab": self._tab}))
        self.draw()
        await self.announce()

    def _draw_tabs(self) -> None:
        self._tabs.clear()
        with self._tabs:
            for tab, name in _TABS.items():
                drawn = ui.element("button").classes("tab").on("click", lambda tab=tab: self._turn_to(tab), [])
                drawn.props.update({"type": "button", "role": "tab", "aria-selected": str(tab == self._tab).lower()})
                with drawn:
                    ui.label(name)
