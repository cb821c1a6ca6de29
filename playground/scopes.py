"""What a bot token must be granted for each method of the Web API and each event, as Slack's pages about them say."""

from __future__ import annotations

from playground.workspace import Json

# None: any token will do. For conversations, what a DM with the app takes.
METHODS: dict[str, str | None] = {
    "api.test": None,
    "apps.connections.open": None,
    "auth.revoke": None,
    "auth.teams.list": None,
    "auth.test": None,
    "chat.delete": "chat:write",
    "chat.getPermalink": None,
    "chat.postEphemeral": "chat:write",
    "chat.postMessage": "chat:write",
    "chat.update": "chat:write",
    "conversations.history": "im:history",
    "conversations.info": "im:read",
    "conversations.list": "im:read",
    "conversations.members": "im:read",
    "conversations.open": "im:write",
    "conversations.replies": "im:history",
    "files.completeUploadExternal": "files:write",
    "files.delete": "files:write",
    "files.getUploadURLExternal": "files:write",
    "oauth.v2.access": None,
    "reactions.add": "reactions:write",
    "team.info": "team:read",
    "users.info": "users:read",
    "users.list": "users:read",
    "users.lookupByEmail": "users:read.email",
    "views.open": None,
    "views.publish": None,
    "views.push": None,
    "views.update": None,
}
EVENTS: dict[str, str | None] = {
    "app_home_opened": None,
    "app_uninstalled": None,
    "message.im": "im:history",
    "team_join": "users:read",
    "tokens_revoked": None,
    "user_change": "users:read",
}


def granted(manifest: Json) -> list[str] | None:
    """The bot scopes of an app's manifest; None where it says nothing of them, and everything is allowed."""
    scopes: list[str] | None = manifest.get("oauth_config", {}).get("scopes", {}).get("bot")
    return scopes
