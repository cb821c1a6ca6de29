"""The playground's page in the browser."""

from collections.abc import Sequence
from pathlib import Path

from nicegui import Event, ui
from starlette.applications import Starlette

from playground.journey import Journey
from playground.page.seat import Seat
from playground.playground import Playground

_STYLE = Path(__file__).with_name("style.css")
_FAVICON = (
    "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 32 32'><rect width='32' height='32' rx='8' fill='#0f766e'/>\
<path d='M11 6v20M21 6v20M11 11h10M11 16h10M11 21h10' stroke='#fff' stroke-width='2.4' stroke-linecap='round'/></svg>"
)

# Nothing is fetched from elsewhere, whatever a message holds; links leave the page where it is.
_HEAD = """
<meta http-equiv="Content-Security-Policy" content="default-src 'self' 'unsafe-inline' 'unsafe-eval' data: blob:">
<base target="_blank">
"""


def mount(
    app: Starlette,
    playground: Playground,
    *,
    title: str,
    suggestions: Sequence[str] = (),
    journey: Journey,
) -> None:
    """Serve the page at `/` of this app, below the routes it already has; once per process.

    `suggestions` are offered in an empty conversation; by `journey` people move the clock.
    """
    changed = Event[[]]()
    playground.workspace.subscribe(changed.emit)
    playground.clock.subscribe(changed.emit)

    @ui.page("/")
    async def page(user: str = "", tab: str = "messages") -> None:
        ui.add_head_html(_HEAD)
        ui.add_css(_STYLE)
        ui.colors(primary="#0f766e")
        seat = Seat(playground, user, tab, suggestions=suggestions, journey=journey)
        seat.draw()
        changed.subscribe(seat.refresh)
        ui.timer(1, seat.tell_time)
        await ui.context.client.connected()
        await seat.announce()

    # NiceGUI asks for FastAPI but uses only what Starlette has.
    ui.run_with(app, title=title, favicon=_FAVICON, dark=None, tailwind=False, show_welcome_message=False)  # type: ignore[arg-type]
