"""The settings, read from the environment (and a `.env` file) once, at the edge."""

import re
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal, Self, TypeVar
from urllib.parse import urlsplit

from cryptography.fernet import Fernet
from pydantic import (
    Field,
    SecretStr,
    ValidationError,
    ValidationInfo,
    ValidatorFunctionWrapHandler,
    field_validator,
    model_validator,
)
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from bot.environment import Normalised, stripped, unseen

WHERE = {"token_keys": "make a key with `python -m bot tokens key`, and keep it as you keep a password"}
ONE_TOKEN = (
    "SLACK_BOT_TOKEN serves one workspace, and SLACK_CLIENT_ID with SLACK_CLIENT_SECRET many, each with a token of its"
    " own: leave out the one or the others"
)
NO_SOCKET = (
    "SLACK_APP_TOKEN is for Socket Mode, and many workspaces are served over HTTP: leave it out, and set"
    " SLACK_SIGNING_SECRET"
)
WRITE = {
    "DELIVERY_PAUSED": "write true or false",
    "LOG_FORMAT": "write console or json",
    "MESSAGES_PER_MINUTE": "write a number from 10 to 60000",
}
TOKEN = re.compile(r"[!-~]+")
BROKEN = (
    "has a space, a line break or a character that cannot be seen inside: copy it anew, in one piece (in an address a"
    " space is written %20)"
)
S = TypeVar("S", bound="Home")


def _lacking(name: str) -> str:
    where = WHERE.get(name, "copy it from your Slack app's page Basic Information")
    return f"{name.upper()} is missing, and many workspaces need it: {where}"


def _token(token: SecretStr | None, start: str, to_do: str) -> SecretStr | None:
    """A token of Slack's. Raises ValueError where it is another kind, or no whole one."""
    if token is None:
        return None
    words = token.get_secret_value()
    if not words.startswith(start):
        raise ValueError(f"does not start with {start}: {to_do}")
    if not TOKEN.fullmatch(words, len(start)):
        raise ValueError(f"has nothing behind {start} that is of a token: {to_do}")
    return token


class SettingsError(Exception):
    """What is missing or wrong in the environment, a sentence each by the setting's name ("" where it is several)."""

    def __init__(self, faults: Sequence[tuple[str, str]]) -> None:
        self.faults = faults
        super().__init__("\n".join(sentence for _, sentence in faults))


class Home(BaseSettings):
    """Where things live on this machine; enough for `demo` and for work on the database."""

    model_config = SettingsConfigDict(env_file=".env", env_file_encoding="utf-8-sig", extra="ignore")

    database_url: SecretStr | None = None
    rung_home: Path | None = None
    xdg_data_home: Path | None = None
    ladder_dir: Path | None = None
    playground_journal: Path | None = None
    log_format: Literal["console", "json"] = "console"
    token_keys: SecretStr | None = None

    @property
    def keys(self) -> list[str]:
        """What tokens are encrypted with: by the first; all of them decrypt."""
        joined = self.token_keys.get_secret_value() if self.token_keys else ""
        return [key for key in map(stripped, joined.split(",")) if key]

    @classmethod
    def settings_customise_sources(
        cls, settings_cls: type[BaseSettings], *args: PydanticBaseSettingsSource, **sources: PydanticBaseSettingsSource
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Every value is normalised here, wherever it comes from, before anything else looks at it."""
        return tuple(Normalised(source) for source in (*args, *sources.values()))

    @field_validator("*")
    @classmethod
    def _in_one_piece(cls, value: object) -> object:
        """Paths may hold a space; tokens, ids and addresses hold nothing that cannot be seen."""
        text = value.get_secret_value() if isinstance(value, SecretStr) else value
        if isinstance(text, str) and any(unseen(part) for part in map(stripped, text.split(","))):
            raise ValueError(BROKEN)
        return value

    @model_validator(mode="after")
    def _fernet(self) -> Self:
        for number, key in enumerate(self.keys, 1):
            try:
                Fernet(key)
            except ValueError:
                raise ValueError(
                    f"TOKEN_KEYS has no key at place {number}: it is a list of keys, with commas between them, each"
                    " made with `python -m bot tokens key`"
                ) from None
        return self

    @field_validator("database_url")
    @classmethod
    def _postgres(cls, url: SecretStr | None) -> SecretStr | None:
        scheme = urlsplit(url.get_secret_value()).scheme if url else "postgresql"
        if scheme.partition("+")[0] not in {"postgres", "postgresql"}:
            raise ValueError(
                "is not a Postgres address: write it like postgresql://user:password@host/database,"
                " or leave it out and Rung starts a Postgres of its own"
            )
        if url and "@" in url.get_secret_value().partition("?")[0].partition("://")[2].rpartition("@")[0]:
            raise ValueError("has an @ within its user name or password: write that one as %40")
        return url

    @field_validator("ladder_dir")
    @classmethod
    def _folder(cls, folder: Path | None) -> Path | None:
        if folder and not folder.is_dir():
            raise ValueError(f"names a folder that is not there ({folder}): leave it out to use the shipped ladder")
        return folder


class WorkerSettings(Home):
    """What a worker needs to write to Slack: the token of one workspace, or the app's client id and keys for many."""

    slack_bot_token: SecretStr | None = None
    slack_client_id: str | None = None
    slack_client_secret: SecretStr | None = None
    slack_redirect_uri: str | None = None
    slack_api_url: str = "https://slack.com/api/"
    host: str | None = None
    port: int = 3000
    messages_per_minute: int = Field(default=240, ge=10, le=60_000)
    delivery_paused: bool = False
    keep_left_members_days: Annotated[int, Field(ge=1, le=36_500)] | Literal["forever"] = 365

    @property
    def keep_left(self) -> timedelta | None:
        """How long what belongs to those who left is kept; None for ever."""
        days = self.keep_left_members_days
        return None if days == "forever" else timedelta(days=days)

    @field_validator("keep_left_members_days", mode="before")
    @classmethod
    def _days(cls, days: object) -> object:
        if days == "forever" or (str(days).isascii() and str(days).isdigit() and 0 < int(str(days)) <= 36_500):
            return days
        raise ValueError(
            f"is {days}: write for how many days, 1 or more, what belongs to people who left is kept, or forever"
        )

    @field_validator("slack_bot_token")
    @classmethod
    def _bot_token(cls, token: SecretStr | None) -> SecretStr | None:
        return _token(token, "xoxb-", "copy the Bot User OAuth Token from your Slack app's page OAuth & Permissions")

    @field_validator("slack_api_url")
    @classmethod
    def _api_url(cls, url: str) -> str:
        if urlsplit(url).scheme not in {"http", "https"} or not urlsplit(url).netloc:
            raise ValueError("is not an http or https address: leave it out to use Slack's own")
        return url.rstrip("/") + "/"

    @field_validator("slack_redirect_uri")
    @classmethod
    def _redirect(cls, uri: str | None) -> str | None:
        if uri and not (urlsplit(uri).netloc and uri.endswith("/slack/oauth_redirect")):
            raise ValueError(
                "is not where Slack sends people back to: write it like https://rung.example.com/slack/oauth_redirect,"
                " or leave it out and Slack takes the first Redirect URL of your app"
            )
        return uri

    @field_validator("host")
    @classmethod
    def _host(cls, host: str | None) -> str | None:
        return host and host.removeprefix("[").removesuffix("]")  # as addresses of IPv6 stand before a port

    @field_validator("port", mode="before")
    @classmethod
    def _port(cls, port: object) -> object:
        if not str(port).isascii() or not str(port).isdigit() or not 0 < int(str(port)) < 65536:
            raise ValueError(f"is {port}, which is no port: use a number from 1 to 65535, for example 3000")
        return port

    @property
    def many(self) -> bool:
        """Whether workspaces install Rung by OAuth."""
        return bool(self.slack_client_id or self.slack_client_secret)

    @property
    def _for_many(self) -> dict[str, object]:
        """What many workspaces need, by name."""
        return {
            "slack_client_id": self.slack_client_id,
            "slack_client_secret": self.slack_client_secret,
            "token_keys": self.keys,
        }

    @model_validator(mode="after")
    def _one_or_many(self) -> Self:
        if self.many:
            if self.slack_bot_token:
                raise ValueError(ONE_TOKEN)
            if missing := [name for name, value in self._for_many.items() if not value]:
                raise ValueError("; ".join(map(_lacking, missing)))
        elif not self.slack_bot_token:
            raise ValueError(
                "SLACK_BOT_TOKEN is missing: copy the Bot User OAuth Token from your Slack app's page OAuth &"
                " Permissions; or set SLACK_CLIENT_ID to serve many workspaces"
            )
        return self


class Settings(WorkerSettings):
    """All that `run` needs to answer Slack, too."""

    slack_app_token: SecretStr | None = None
    slack_signing_secret: SecretStr | None = None

    @field_validator("slack_app_token")
    @classmethod
    def _app_token(cls, token: SecretStr | None) -> SecretStr | None:
        return _token(
            token,
            "xapp-",
            "create an app-level token with connections:write on your Slack app's page Basic Information, or leave it"
            " out and set SLACK_SIGNING_SECRET for HTTP mode",
        )

    @property
    def _for_many(self) -> dict[str, object]:
        return {**super()._for_many, "slack_signing_secret": self.slack_signing_secret}

    @model_validator(mode="after")
    def _a_transport(self) -> Self:
        if self.many and self.slack_app_token:
            raise ValueError(NO_SOCKET)
        if self.slack_app_token is None and self.slack_signing_secret is None:
            raise ValueError(
                "Set SLACK_APP_TOKEN (xapp-…) for Socket Mode or SLACK_SIGNING_SECRET for HTTP mode:"
                " both are on your Slack app's page Basic Information"
            )
        return self


class Forgiving(Settings):
    """The settings with the default in place of what is wrong, for the doctor to look at the rest."""

    @field_validator("*", mode="wrap")
    @classmethod
    def _or_default(cls, value: object, check: ValidatorFunctionWrapHandler, about: ValidationInfo) -> object:
        try:
            return check(value)
        except ValueError:
            return cls.model_fields[str(about.field_name)].default

    @model_validator(mode="after")
    def _fernet(self) -> Self:
        return self

    @model_validator(mode="after")
    def _one_or_many(self) -> Self:
        return self

    @model_validator(mode="after")
    def _a_transport(self) -> Self:
        return self


def read(kind: type[S]) -> S:
    """The settings of that kind, or a SettingsError that says which are wrong, why and where to find them."""
    try:
        return kind()
    except ValidationError as error:
        raise SettingsError([_fault(fault["loc"], fault["msg"]) for fault in error.errors()]) from None
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError([("", f"The file .env cannot be read ({error}).")]) from None


def _fault(loc: tuple[int | str, ...], message: str) -> tuple[str, str]:
    ours = message.startswith("Value error, ")
    name = str(loc[0]).upper() if loc else ""
    to_do = WRITE.get(name, message[0].lower() + message[1:])
    words = message.removeprefix("Value error, ") if ours else f"is wrong: {to_do}"
    return name, " ".join(f"{name} {words}.".split())
