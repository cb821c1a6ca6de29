"""Avatars, and the column of people one can act as."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from zlib import crc32

from nicegui import ui

from playground.page.acting import people_of, zone_of
from playground.page.times import clock_time
from playground.playground import Playground
from playground.workspace import Person

_HUES = (198, 152, 268, 24, 338, 44, 228, 96)


def draw_avatar(person: Person) -> None:
    """A tile with the person's initials, in a colour of their own."""
    initials = "".join(word[0] for word in person.real_name.split()[:2]).upper()
    look = "avatar avatar-app" if person.is_bot else "avatar"
    with ui.element("div").classes(look).props("aria-hidden=true") as tile:
        tile.style(f"--hue: {_HUES[crc32(person.name.encode()) % len(_HUES)]}")
        ui.label(initials)


class People:
    """The list “Act as”; `choose(person)` is called when another one is picked."""

    def __init__(self, playground: Playground, choose: Callable[[Person], Awaitable[None]]) -> None:
        self._playground = playground
        self._choose = choose
        self._shown: Sequence[tuple[str, ...]] = ()
        self._times: dict[str, ui.label] = {}
        self._unread: dict[str, ui.label] = {}
        self._list = ui.element("ul").classes("people").props('aria-label="Act as"')

    def refresh(self, acting: Person, unread: Mapping[str, int]) -> None:
        """Bring the list up to date: who there is, who acts, and how many messages each has not seen."""
        shown = [(acting.id, p.id, p.real_name, p.title, p.tz) for p in people_of(self._playground)]
        if shown != self._shown:
            self._shown = shown
            self._draw(acting)
        for user, badge in self._unread.items():
            badge.set_text(str(unread[user]))
            badge.set_visibility(unread[user] > 0)
            badge.props["aria-label"] = f"{unread[user]} unread"

    def tell_time(self, now: datetime) -> None:
        """Bring everyone's local time up to date."""
        for user, label in self._times.items():
            label.set_text(clock_time(now.astimezone(zone_of(self._playground.workspace.people[user]))))

    def _draw(self, acting: Person) -> None:
        self._list.clear()
        self._times.clear()
        self._unread.clear()
        with self._list:
            for person in people_of(self._playground):
                with ui.element("li"):
                    self._draw_person(person, current=person is acting)

    def _draw_person(self, person: Person, *, current: bool) -> None:
        with ui.element("button").classes("person") as entry:
            entry.props.update({"type": "button", "aria-label": f"Act as {person.real_name}"})
            if current:
                entry.props["aria-current"] = "true"
            entry.on("click", lambda: self._choose(person), [])
            draw_avatar(person)
            with ui.element("span").classes("person-about"):
                ui.label(person.real_name).classes("person-name")
                ui.label(person.title or f"@{person.name}").classes("person-title")
            with ui.element("span").classes("person-side"):
                self._times[person.id] = ui.label().classes("person-time")
                self._times[person.id].props["title"] = person.tz
                self._unread[person.id] = ui.label().classes("unread")
