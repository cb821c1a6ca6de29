"""Why Slack does not work for Rung, in a sentence for whoever runs it."""

import aiohttp
from slack_sdk.errors import SlackApiError

from bot.failures import slacks_word
from bot.slack import REQUEST_TIMEOUT, Slack

NOT_ANSWERED = (aiohttp.ClientError, TimeoutError)
TROUBLE = ("fatal_error", "internal_error", "ratelimited", "request_timeout", "service_unavailable")


def why(error: Exception, slack: Slack) -> str:
    """What a call's SlackApiError, or one of NOT_ANSWERED, means for the settings."""
    if not isinstance(error, SlackApiError):
        words = str(error) or f"no answer within {REQUEST_TIMEOUT} s"
        return f"Slack cannot be reached at {slack.api_url}, see SLACK_API_URL: {words}."
    reason = slacks_word(error)
    if reason is None:
        return f"What answers at {slack.api_url} is not Slack, see SLACK_API_URL."
    if reason in TROUBLE:
        return f"Slack at {slack.api_url} has trouble of its own ({reason}): try again in a minute."
    if slack.oauth:
        return f"Slack at {slack.api_url} answered {reason}: try again in a minute."
    if "apps.connections.open" in str(error.response.api_url):
        return (
            f"Slack refused SLACK_APP_TOKEN ({reason}): generate one with the scope connections:write, on your Slack"
            " app's page Basic Information, App-Level Tokens."
        )
    return f"Slack at {slack.api_url} refused SLACK_BOT_TOKEN ({reason}): copy it anew from OAuth & Permissions."
