"""The picture of `/ladder progress`: evidence by criterion and week, where a gap is seen at a glance."""

import textwrap
from collections.abc import Iterator, Sequence
from io import BytesIO
from itertools import cycle
from pathlib import Path
from typing import Literal

import matplotlib
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.ft2font import FT2Font
from matplotlib.patches import FancyBboxPatch, Rectangle
from PIL import Image

from growth.coverage import Covered, Freshness, by_need
from growth.timeline import ROWS, WEEKS, Timeline, ago
from handlers.slack.position import MARKS
from handlers.slack.text import count
from ladder_content.model import Dimension, Ladder

SCALE = 2
POINTS = 72  # to the inch
SUBPIXELS = 64  # a font's widths are in these
COLOURS = 64  # of the palette; with all shades of all letters the file is four times as large

# Lengths are in points, which are the pixels of a picture shown at half its size.
WIDTH, MARGIN = 720, 16
HEAD, GROUP, ROW, LINE, FOOT = 92, 27, 36, 24, 48
LABEL, LABEL_WIDTH = MARGIN + 12, 258
WEEK, FIRST_WEEK = 11, LABEL + LABEL_WIDTH + 10
LAST_SEEN = FIRST_WEEK + WEEKS * WEEK + 10
SQUARE, STEP, DOT, HIGHEST = 8, 9.5, 2.3, 3
TEXT, SMALL, LARGE = 12, 11.5, 17
LEADING, RISE = 1.2, 0.36  # of the size: from line to line, and from a line's middle down to its baseline

CARD, EDGE, PAPER = "#eef0f3", "#b9c0ca", "#ffffff"
INK, QUIET, FAINT = "#1d232d", "#515b69", "#b4bcc7"
HUES = ("#0b5fa5", "#a8480b", "#00705a", "#85357f", "#695800", "#454f5e")  # each dark enough for text on the card


def draw(timeline: Timeline, ladder: Ladder, title: str) -> bytes:
    """A PNG, 1440 pixels wide, of the 18 criteria that need it most, by dimension. Up to a second; for any thread."""
    drawn = by_need(timeline.coverage)[:ROWS]
    shown = [each for each in timeline.coverage.criteria if each in drawn]
    groups = list(_by_dimension(shown, ladder))
    remark = _remark(timeline.coverage.total)
    card = Card(HEAD + GROUP * len(groups) + ROW * len(shown) + LINE * bool(remark) + FOOT)
    _head(card, timeline, title)
    y: float = HEAD
    for (dimension, rows), hue in zip(groups, cycle(HUES), strict=False):
        card.box(MARGIN, y + 5, 3, GROUP + ROW * len(rows) - 9, hue)
        card.text(LABEL, y + GROUP / 2 + 2, dimension.title, SMALL, hue, bold=True, width=WIDTH - LABEL - MARGIN)
        y += GROUP
        for row in rows:
            _row(card, y + ROW / 2, row, timeline, hue)
            y += ROW
    if remark:
        card.text(LABEL, y + LINE / 2, remark, TEXT, QUIET)
        y += LINE
    _legend(card, y + FOOT / 2)
    return card.png()


def _remark(total: int) -> str:
    if not total:
        return "No criteria to show yet"
    return f"and {total - ROWS} more" if total > ROWS else ""


def _by_dimension(criteria: Sequence[Covered], ladder: Ladder) -> Iterator[tuple[Dimension, list[Covered]]]:
    for dimension in ladder.dimensions:
        if rows := [each for each in criteria if each.criterion.dimension == dimension.id]:
            yield dimension, rows


def _head(card: "Card", timeline: Timeline, title: str) -> None:
    known = timeline.coverage
    card.text(MARGIN, 28, title, LARGE, INK, bold=True, width=WIDTH - 2 * MARGIN)
    summary = f"{known.covered} of {count(known.total, 'criterion', 'criteria')} with evidence"
    until = f"{timeline.today.day} {timeline.today:%B %Y}"
    card.text(MARGIN, 52, f"{summary}  ·  {WEEKS} weeks to {until}", TEXT, QUIET)
    for week, monday in enumerate(timeline.mondays):
        if monday.day <= (7 if week else 14):
            at_edge = week >= WEEKS - 2
            x = FIRST_WEEK + (WEEKS if at_edge else week) * WEEK
            card.text(x, HEAD - 10, f"{monday:%b}", SMALL, QUIET, align="right" if at_edge else "left")
    card.text(LAST_SEEN, HEAD - 10, "last evidence", SMALL, QUIET)


def _row(card: "Card", y: float, row: Covered, timeline: Timeline, hue: str) -> None:
    label = card.drawable(row.criterion.sentence)
    is_readable = 2 * len(label) > len(row.criterion.sentence)
    card.text(LABEL, y, label if is_readable else row.criterion.id, TEXT, INK, width=LABEL_WIDTH, lines=2)
    if row.evidence is None:
        card.hollow(FIRST_WEEK, y - 10, WEEKS * WEEK, 20)
        card.text(FIRST_WEEK + WEEKS * WEEK / 2, y, "no evidence yet", TEXT, INK, align="center")
    else:
        card.squares(FIRST_WEEK + WEEK / 2, y, timeline.weeks[row.criterion.id], hue)
    seen = ago(row.evidence.latest, timeline.today) if row.evidence else "none yet"
    card.text(LAST_SEEN, y, f"{MARKS[row.freshness]} {seen}", TEXT, INK)


def _legend(card: "Card", y: float) -> None:
    card.squares(LABEL + WEEK / 2, y, (1, 2, 3), QUIET)
    card.text(LABEL + 4 * WEEK, y, "1, 2, 3 or more entries in a week", SMALL, QUIET)
    fresh, stale, none = (MARKS[each] for each in (Freshness.FRESH, Freshness.STALE, Freshness.NONE))
    card.text(FIRST_WEEK, y, f"{fresh} in the last three months · {stale} longer ago · {none} none yet", SMALL, QUIET)


class Card:
    """A sheet to draw on, with its origin at the top left; what it is given in `y` is the middle of a line."""

    def __init__(self, height: float) -> None:
        self._figure = Figure(figsize=(WIDTH / POINTS, height / POINTS), dpi=POINTS * SCALE, facecolor=CARD)
        self._axes = self._figure.add_axes((0, 0, 1, 1), xlim=(0, WIDTH), ylim=(height, 0), autoscale_on=False)
        self._axes.set_axis_off()
        fonts = Path(matplotlib.get_data_path(), "fonts", "ttf")
        self._paths = {False: fonts / "DejaVuSans.ttf", True: fonts / "DejaVuSans-Bold.ttf"}
        self._faces = {bold: FT2Font(path) for bold, path in self._paths.items()}
        self.box(0.5, 0.5, WIDTH - 1, height - 1, "none", edge=EDGE)

    def drawable(self, words: str, *, bold: bool = False) -> str:
        """The words on one line, without the characters that the font lacks."""
        return "".join(c for c in " ".join(words.split()) if self._faces[bold].get_char_index(ord(c)))

    def text(
        self,
        x: float,
        y: float,
        words: str,
        size: float,
        colour: str,
        *,
        bold: bool = False,
        align: Literal["left", "center", "right"] = "left",
        width: float = WIDTH,
        lines: int = 1,
    ) -> None:
        """Words as they are, never as mathematics, wrapped and cut between words to fit `width` and `lines`."""
        found = self._wrapped(self.drawable(words, bold=bold), size, bold, width, lines)
        for n, line in enumerate(found):
            middle = y + (n - (len(found) - 1) / 2) * size * LEADING
            font = FontProperties(fname=self._paths[bold], size=size)
            baseline = middle + size * RISE
            self._axes.text(x, baseline, line, color=colour, fontproperties=font, ha=align, parse_math=False)

    def _wrapped(self, words: str, size: float, bold: bool, width: float, lines: int) -> list[str]:
        def measured(line: str) -> float:
            self._faces[bold].set_text(line)
            return self._faces[bold].get_width_height()[0] / SUBPIXELS / SCALE

        self._faces[bold].set_size(size, POINTS * SCALE)
        likely = len(words) * width / max(measured(words), 1)
        attempts = (
            textwrap.wrap(words, letters, max_lines=lines, placeholder="…")
            for letters in range(int(likely * 1.1) + 2, 1, -1)
        )
        return next(found for found in attempts if all(measured(line) <= width for line in found))

    def box(self, x: float, y: float, width: float, height: float, colour: str, *, edge: str = "none") -> None:
        """A rectangle."""
        self._axes.add_patch(Rectangle((x, y), width, height, facecolor=colour, edgecolor=edge, linewidth=1))

    def hollow(self, x: float, y: float, width: float, height: float) -> None:
        """A rounded dashed outline around nothing."""
        self._axes.add_patch(
            FancyBboxPatch(
                (x, y),
                width,
                height,
                boxstyle=f"round,pad=0,rounding_size={height / 2}",
                facecolor=PAPER,
                edgecolor=QUIET,
                linestyle=(0, (4, 3)),
                linewidth=1.2,
            )
        )

    def squares(self, x: float, y: float, counts: Sequence[int], colour: str) -> None:
        """A stack of up to three squares for each week, a faint dot for none; `x` is the middle of the first week."""
        centres = [x + WEEK * week for week in range(len(counts))]
        quiet = [centre for centre, each in zip(centres, counts, strict=True) if not each]
        stacks = [(centre, min(each, HIGHEST)) for centre, each in zip(centres, counts, strict=True)]
        squares = [(centre, y + (n - (high - 1) / 2) * STEP) for centre, high in stacks for n in range(high)]
        self._marks([(centre, y) for centre in quiet], DOT, FAINT)
        self._marks(squares, SQUARE, colour)

    def _marks(self, centres: Sequence[tuple[float, float]], side: float, colour: str) -> None:
        self._axes.scatter(
            [x for x, _ in centres], [y for _, y in centres], s=side**2, color=colour, marker="s", linewidths=0
        )

    def png(self) -> bytes:
        """What was drawn, the same bytes for the same strokes."""
        pixels, png = BytesIO(), BytesIO()
        self._figure.savefig(pixels, format="raw", dpi="figure")
        drawn = Image.frombytes("RGBA", self._figure.canvas.get_width_height(), pixels.getvalue()).convert("RGB")
        drawn.quantize(COLOURS, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE).save(png, "PNG")
        return png.getvalue()
