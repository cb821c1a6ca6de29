"""What tests of picture share."""

from collections.abc import Sequence
from datetime import date

from handlers.ladder.picture import draw
from ladder_content.model import About, Criterion, Dimension, Ladder
from tests.support.selection import criterion
from tests.support.timeline import timeline

TODAY = date(2026, 3, 5)


def criteria(number: int, dimensions: Sequence[str] = ("impact",)) -> list[Criterion]:
    made = (criterion(f"criterion-{n}", ()) for n in range(number))
    return [each.model_copy(update={"dimension": dimensions[n % len(dimensions)]}) for n, each in enumerate(made)]


def picture(
    relevant: Sequence[Criterion],
    dated: Sequence[tuple[str, date]] = (),
    title: str = "L4 → L5",
    dimensions: Sequence[str] = ("impact", "design"),
) -> bytes:
    found = tuple(Dimension(id=name, title=name, summary="What is judged here.") for name in dimensions)
    about = About(id="tiny", title="Tiny", version="1.0.0", locale="en", sources=())
    ladder = Ladder(ladder=about, dimensions=found, levels=(), criteria=tuple(relevant))
    return draw(timeline(relevant, dated, TODAY), ladder, title)
