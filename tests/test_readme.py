"""The README's "Things to try", all six of them in their order, in a real browser."""

import contextlib
import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.support.browser import browser as browser
from tests.support.browser import demo as demo
from tests.support.browser import page as page
from tests.support.browser import say, visit

pytestmark = pytest.mark.browser
README = (Path(__file__).parents[1] / "README.md").read_text()
TRY = README.partition("Things to try:")[2].partition("Each demo starts")[0]
A_WEEK = 60_000  # milliseconds; 168 hours with all that Rung does in each


class Reader:
    """Somebody who does what stands there, as one person after the other."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.typed: list[str] = []

    def act_as(self, person: str) -> None:
        """Choose somebody on the left who is not chosen."""
        self.page.get_by_role("button", name=person).click()
        expect(self.page.get_by_role("button", name=person)).to_have_attribute("aria-current", "true")

    def type(self, command: str) -> Locator:
        """Type it; the answer."""
        articles = self.page.get_by_role("article")
        before = articles.count()
        say(self.page, command)
        self.typed.append(command)
        expect(articles.nth(before)).to_be_visible()
        return articles.nth(before)

    def press(self, name: str) -> None:
        """Press the newest button on which that stands."""
        self.page.get_by_role("button").filter(has_text=re.compile(f"^{re.escape(name)}$")).last.click()

    def open(self, name: str) -> None:
        """Press the newest such button, again where a busy machine was too late for Slack's three seconds."""
        for _ in range(5):
            self.press(name)
            with contextlib.suppress(AssertionError):
                expect(self.dialog).not_to_have_count(0)
                return
        expect(self.dialog).not_to_have_count(0)

    @property
    def newest(self) -> Locator:
        return self.page.get_by_role("article").last

    @property
    def dialog(self) -> Locator:
        return self.page.get_by_role("dialog")


def test_things_to_try(page: Page, demo: str) -> None:
    visit(page, f"{demo}/?user=maya")
    reader = Reader(page)
    for step in (look, meet, answer_the_question, log, ask_a_mentor, read_the_digest):
        step(reader)
    assert set(reader.typed) == set(re.findall(r"`(/ladder [^`]+)`", TRY)) - {"/ladder digest"}  # it came by itself


def look(reader: Reader) -> None:
    expect(reader.type("/ladder next")).to_contain_text("5 of 9 criteria have evidence")
    expect(reader.type("/ladder find ambiguity")).to_contain_text("ambiguity")
    expect(reader.type("/ladder compare L4 L5")).to_contain_text("What lies between them")


def meet(reader: Reader) -> None:
    reader.act_as("Jonas")
    expect(reader.type("/ladder next")).to_contain_text("Which level are you at now?")
    reader.press("L3")
    asked = reader.page.get_by_role("article").filter(has_text="May I ask you one question a week?")
    expect(asked).to_contain_text("What you write is for you alone")
    expect(asked.get_by_role("button", name=re.compile(r"day \d\d:\d\d"))).to_have_count(3)


def answer_the_question(reader: Reader) -> None:
    reader.act_as("Maya")
    reader.press("Next Monday 09:00")
    expect(reader.page.get_by_text("Moved to Monday 09:00")).to_be_visible(timeout=A_WEEK)
    expect(reader.newest).to_have_accessible_name("Rung, 09:00")
    reader.open("Write reflection")
    reader.dialog.get_by_label("Your answer").fill("Explained the why in every comment")
    reader.dialog.get_by_role("button", name="Save").click()
    expect(reader.page.get_by_text("Saved to your growth log").last).to_be_visible()


def log(reader: Reader) -> None:
    say(reader.page, "/ladder log shipped the drift monitor")
    reader.typed.append("/ladder log shipped the drift monitor")
    expect(reader.dialog.get_by_text("Who may read this?")).to_be_visible()
    reader.dialog.get_by_text("Sam Okafor").click()
    reader.dialog.get_by_role("button", name="Save").click()
    reader.press("Keep private")
    expect(reader.newest).to_contain_text("only you can read it")
    expect(reader.type("/ladder logs")).to_contain_text("shipped the drift monitor")
    expect(reader.type("/ladder progress")).to_contain_text("of 9 criteria have evidence")
    expect(reader.type("/ladder export md")).to_be_visible()
    reader.page.get_by_role("tab", name="Home").click()
    expect(reader.page.get_by_role("region", name="Home tab")).to_contain_text("shipped the drift monitor")
    reader.page.get_by_role("tab", name="Messages").click()


def ask_a_mentor(reader: Reader) -> None:
    reader.type("/ladder mentor @priya you know serving")
    reader.act_as("Priya")
    expect(reader.newest).to_contain_text("you know serving")
    reader.press("Accept")
    expect(reader.newest).to_contain_text("Maya Lindqvist")
    reader.act_as("Maya")
    reader.open("Share earlier entries")
    expect(reader.dialog.get_by_text("Share earlier entries").first).to_be_visible()
    reader.dialog.get_by_label("Which entries?").click()
    reader.page.get_by_role("option").first.click()
    reader.page.keyboard.press("Escape")  # folds the list
    expect(reader.page.get_by_role("option")).to_have_count(0)
    reader.dialog.get_by_role("button", name="Share", exact=True).click()
    expect(reader.dialog).to_have_count(0)
    expect(reader.type("/ladder mentors")).to_contain_text("Priya Raman")
    reader.act_as("Priya")
    expect(reader.type("/ladder mentees")).to_contain_text("Maya Lindqvist")


def read_the_digest(reader: Reader) -> None:
    reader.act_as("Maya")
    expect(reader.type("/ladder digest preview")).to_contain_text("Sam Okafor")
    reader.act_as("Sam")
    digest = reader.page.get_by_role("article").filter(has_text="New from your mentees")
    for _ in range(7):
        if digest.count():
            break
        reader.press("+1 day")
        expect(reader.page.get_by_text("Moving …")).to_have_count(0)
        expect(reader.page.get_by_text("Moved to")).to_be_visible(timeout=A_WEEK)
    expect(digest).to_have_accessible_name("Rung, 09:00")
    expect(reader.page.get_by_text(re.compile("Tuesday, "))).to_be_visible()
    reader.press("Kudos")
    reader.open("Comment")
    reader.dialog.get_by_role("textbox").fill("The numbers convince me")
    reader.dialog.get_by_role("button", name="Send").click()
    reader.act_as("Maya")
    expect(reader.page.get_by_role("article").filter(has_text="sends you kudos")).to_be_visible()
    expect(reader.page.get_by_role("article").filter(has_text="The numbers convince me")).to_be_visible()
    expect(reader.type("/ladder seen")).to_contain_text("Sam Okafor")
