"""The picture of `/ladder progress`, down to its pixels."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from io import BytesIO

import matplotlib
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from growth.timeline import WEEKS
from handlers.ladder.picture import (
    CARD,
    FIRST_WEEK,
    HEAD,
    HUES,
    INK,
    LABEL,
    LABEL_WIDTH,
    LINE,
    QUIET,
    ROW,
    SCALE,
    WEEK,
    WIDTH,
)
from tests.support.picture import TODAY, criteria, picture


def image(png: bytes) -> Image.Image:
    return Image.open(BytesIO(png), formats=["PNG"])


def weeks(png: bytes) -> Image.Image:
    """The part with the weeks of the rows."""
    found = image(png).convert("RGB")
    return found.crop((FIRST_WEEK * SCALE, HEAD * SCALE, (FIRST_WEEK + WEEKS * WEEK) * SCALE, found.height))


def rgb(colour: str) -> tuple[int, int, int]:
    red, green, blue = bytes.fromhex(colour.removeprefix("#"))
    return red, green, blue


def area(found: Image.Image, colour: str) -> int:
    """How many pixels are as good as of that colour."""
    near = rgb(colour)
    return sum(
        how_often
        for how_often, pixel in found.getcolors(1 << 24) or ()
        if isinstance(pixel, tuple) and all(abs(a - b) < 12 for a, b in zip(pixel, near, strict=True))
    )


@pytest.mark.parametrize("number", [0, 1, 9, 18, 40])
def test_it_is_as_high_as_its_rows(number: int) -> None:
    one, drawn = image(picture(criteria(1))), image(picture(criteria(number)))
    rows = min(number, 18) - 1 if number else 0
    assert drawn.width == WIDTH * SCALE == 1440
    if number:
        assert drawn.height - one.height == (rows * ROW + LINE * (number > 18)) * SCALE


def test_a_full_one_is_small_enough_to_send() -> None:
    words = "Words that differ from row to row, from one margin to the other and on again: "
    relevant = [
        each.model_copy(update={"sentence": f"{words}{n}"})
        for n, each in enumerate(criteria(40, dimensions=("impact", "design")))
    ]
    dated = [(each.id, TODAY - timedelta(days=d)) for each in relevant for d in range(0, 180, 3)]
    assert len(picture(relevant, dated)) < 300_000


def test_the_same_log_gives_the_same_bytes_in_any_thread() -> None:
    relevant, dated = criteria(4, ("impact", "design")), [("criterion-1", TODAY)]
    expected = picture(relevant, dated)
    with ThreadPoolExecutor(4) as threads:
        assert set(threads.map(lambda _: picture(relevant, dated), range(8))) == {expected}


def test_the_style_of_the_host_does_not_show() -> None:
    expected = picture(criteria(1))
    with matplotlib.rc_context({"font.family": ["serif"], "font.size": 30, "lines.markersize": 40, "figure.dpi": 50}):
        assert picture(criteria(1)) == expected


def test_every_difference_is_seen() -> None:
    earlier = TODAY - timedelta(weeks=3)
    pictures = [
        picture(criteria(2)),
        picture(criteria(2), [("criterion-0", TODAY)]),
        picture(criteria(2), [("criterion-1", TODAY)]),
        picture(criteria(2), [("criterion-0", earlier)]),
        picture(criteria(2), [("criterion-0", TODAY), ("criterion-0", earlier)]),
        picture(criteria(2), [("criterion-0", TODAY - timedelta(weeks=30))]),
        picture(criteria(2), [("criterion-0", TODAY - timedelta(weeks=31))]),
        picture(criteria(2), title="L5 → L6"),
        picture(criteria(2, ("design",))),
    ]
    assert len(set(pictures)) == len(pictures)


def test_each_entry_of_a_week_adds_a_square_up_to_three() -> None:
    areas = [area(weeks(picture(criteria(1), [("criterion-0", TODAY)] * n)), HUES[0]) for n in (1, 2, 3, 4, 9)]
    square = areas[0]
    assert square > 150
    assert areas == [square, 2 * square, 3 * square, 3 * square, 3 * square]


def test_a_gap_is_hollow() -> None:
    gap, evidence = weeks(picture(criteria(1))), weeks(picture(criteria(1), [("criterion-0", TODAY)]))
    assert area(gap, "#ffffff") > 10_000 > 500 > area(evidence, "#ffffff")


def test_of_very_many_it_draws_those_that_need_it_most() -> None:
    most = [(each.id, TODAY) for each in criteria(40)[:30]]
    shown = [*criteria(40)[:8], *criteria(40)[30:]]
    rows, needy = weeks(picture(criteria(40), most)), weeks(picture(shown, most))
    assert area(rows, "#ffffff") == area(needy, "#ffffff") > 0
    assert area(rows, HUES[0]) == area(needy, HUES[0]) > 0


def test_the_month_that_has_just_begun_is_named_before_the_last_column() -> None:
    drawn = image(picture(criteria(1))).convert("RGB")
    right = FIRST_WEEK + WEEKS * WEEK
    label = drawn.crop(((right - 2 * WEEK) * SCALE, (HEAD - 18) * SCALE, right * SCALE, (HEAD - 2) * SCALE))
    assert area(label, QUIET) > 20
    beside = drawn.crop(((right + 1) * SCALE, (HEAD - 18) * SCALE, (right + 9) * SCALE, (HEAD - 2) * SCALE))
    assert area(beside, CARD) == beside.width * beside.height


def test_more_dimensions_than_colours_are_fine() -> None:
    names = [f"dimension-{n}" for n in range(len(HUES) + 2)]
    assert image(picture(criteria(10, names), dimensions=names)).width == 1440


@pytest.mark.parametrize(
    "words",
    [
        r"Saves $\notacommand$ a year",
        "Saves $1M, then $2M and in the end $3",
        r"Under_scores^carets {braces} \backslash % # & ~",
        "מוביל פרויקטים מקצה לקצה ומודד את התוצאה",
        "يقود المشاريع من البداية إلى النهاية ويقيس النتيجة",
        "\u202eReads backwards, as some would have it\u202c",
        "一" * 40,
        "🚀🎉 launches, as a custom ladder has them",
        "W" * 240,
        "WIDE WORDS " * 20,
        "i" * 240,
        "Breaks\nwhere\tit likes\u2028and on",
    ],
)
def test_any_words_stay_in_their_place(words: str) -> None:
    odd = criteria(1)[0].model_copy(update={"sentence": words})
    drawn = image(picture([odd], title=words)).convert("RGB")

    left, right = LABEL + LABEL_WIDTH + 2, FIRST_WEEK - 1
    between = drawn.crop((left * SCALE, HEAD * SCALE, right * SCALE, drawn.height - 4))
    assert area(between, CARD) == between.width * between.height
    assert area(drawn.crop((WIDTH * SCALE - 24, 4, WIDTH * SCALE - 4, HEAD)), CARD) == 20 * (HEAD - 4)


@settings(max_examples=15, deadline=None)
@given(words=st.text(max_size=240), title=st.text(max_size=80))
def test_no_words_at_all_can_break_it(words: str, title: str) -> None:
    odd = criteria(1)[0].model_copy(update={"sentence": words})
    assert image(picture([odd], title=title)).width == 1440


def test_words_the_font_cannot_write_give_way_to_the_id() -> None:
    foreign, named = (criteria(1)[0].model_copy(update={"sentence": words}) for words in ("一" * 12, "criterion-0"))
    assert picture([foreign]) == picture([named])


def luminance(colour: str) -> float:
    """Relative luminance as WCAG defines it."""
    channels = (each / 255 for each in rgb(colour))
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("colour", [INK, QUIET, *HUES])
def test_every_colour_of_a_text_has_contrast_enough(colour: str) -> None:
    assert (luminance(CARD) + 0.05) / (luminance(colour) + 0.05) >= 4.5


def test_pyplot_with_its_global_figures_stays_out() -> None:
    code = (
        "import sys; from tests.support.picture import criteria, picture; picture(criteria(2));"
        "sys.exit('matplotlib.pyplot' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
