"""The demo as a newcomer meets it: `python -m bot demo`, in a real browser."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.support.browser import browser as browser
from tests.support.browser import demo as demo
from tests.support.browser import page as page
from tests.support.browser import say, visit

pytestmark = pytest.mark.browser


def test_next_then_monday_then_an_answer_then_home(page: Page, demo: str) -> None:
    visit(page, demo)
    say(page, "/ladder next")
    expect(page.get_by_text("5 of 9 criteria have evidence")).to_be_visible()

    page.get_by_role("button", name="Next Monday 09:00").click()
    expect(page.get_by_role("button", name="Write reflection")).to_be_in_viewport()
    page.get_by_role("button", name="Write reflection").click()
    dialog = page.get_by_role("dialog", name="Your reflection")
    dialog.get_by_role("button", name="Save").click()
    expect(dialog.get_by_role("alert")).to_have_text("Please complete this required field.")
    dialog.get_by_label("Your answer").fill("Explained <why> in every comment & asked for the same.")
    dialog.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Explained <why> in every comment & asked for the same.")).to_be_visible()
    expect(page.get_by_text("Saved to your growth log")).to_be_visible()

    page.get_by_role("tab", name="Home").click()
    expect(page.get_by_role("region", name="Home tab").get_by_text("6 of 9 criteria have evidence")).to_be_visible()


def test_a_newcomer_is_asked_for_the_level_and_goes_on(page: Page, demo: str) -> None:
    visit(page, f"{demo}/?user=jonas")
    say(page, "/ladder next")
    page.get_by_role("button", name="L6 · Staff ML Engineer", exact=True).click()
    expect(page.get_by_text("May I ask you one question a week?")).to_be_visible()
    page.get_by_role("button", name="Friday 15:00").click()
    expect(page.get_by_text(re.compile(r"I'll ask you on Friday .* at 15:00 \(Europe/Berlin\)"))).to_be_visible()


def test_a_reply_in_the_thread_is_saved(page: Page, demo: str) -> None:
    visit(page, f"{demo}/?user=sam")
    say(page, "/ladder checkin")
    question = page.get_by_role("article").filter(has_text="Write reflection")
    question.hover()
    page.get_by_role("button", name="Reply in thread").click()
    reply = page.get_by_placeholder("Reply in thread")
    reply.fill("Got two teams to agree on one registry")
    reply.press("Enter")
    expect(page.get_by_text("Saved to your growth log")).to_be_visible()


def test_what_one_types_stands_in_the_form_and_a_message_is_kept_with_a_shortcut(page: Page, demo: str) -> None:
    visit(page, demo)
    say(page, "/ladder log shipped the drift monitor, cut pages by 40%")
    dialog = page.get_by_role("dialog", name="Log growth")
    expect(dialog.get_by_label("What happened?")).to_have_value("shipped the drift monitor, cut pages by 40%")
    expect(dialog.get_by_text("Suggested from the words; change as you like.")).to_be_visible()
    dialog.get_by_role("button", name="Save").click()
    saved = page.get_by_role("article").filter(has_text="shipped the drift monitor").last
    expect(saved.get_by_text("only you can read it")).to_be_visible()

    say(page, "The monitor caught its first one")
    said = page.get_by_role("article").filter(has_text="caught its first one")
    said.hover()
    said.locator("..").get_by_role("button", name="Message actions").click()
    page.get_by_text("Save to growth log", exact=True).click()
    expect(dialog.get_by_text("From a message by maya")).to_be_visible()
    dialog.get_by_role("button", name="Save").click()
    expect(page.get_by_role("dialog").get_by_text("Saved to your growth log.")).to_be_visible()
    page.get_by_role("dialog").get_by_role("button", name="Close", exact=True).click()
    page.get_by_role("button", name="Log growth").click()
    expect(dialog.get_by_label("What happened?")).to_have_value("")


def test_slack_itself_refuses_what_is_no_command_and_any_command_in_a_thread(page: Page, demo: str) -> None:
    visit(page, f"{demo}/?user=priya")
    say(page, "hello")
    hello = page.get_by_role("article").filter(has_text="hello").first
    expect(hello).to_be_visible()
    say(page, "/laddr next")
    refusal = page.get_by_role("article").filter(has_text="/laddr is not a valid command.")
    expect(refusal.get_by_text("Slackbot")).to_be_visible()
    composer = page.get_by_placeholder("Message Rung")
    expect(composer).to_have_value("/laddr next")
    expect(page.get_by_role("article").filter(has_text="older version")).to_have_count(0)
    expect(page.get_by_role("alert")).to_be_hidden()

    hello.hover()
    page.get_by_role("button", name="Reply in thread").first.click()
    reply = page.get_by_placeholder("Reply in thread")
    reply.fill("/ladder next")
    reply.press("Enter")
    expect(page.get_by_text("/ladder cannot be used in a thread.")).to_be_visible()
    expect(reply).to_have_value("/ladder next")
