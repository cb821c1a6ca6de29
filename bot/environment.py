"""What comes from the environment, and what is left there for libraries to read by themselves."""

import os
import unicodedata
from typing import Any, Literal, get_args, get_origin

from pydantic.fields import FieldInfo
from pydantic_settings import PydanticBaseSettingsSource

UNSEEN = {"Cc", "Cf", "Zl", "Zp", "Zs"}  # Unicode's categories of controls, marks without a width, and spaces
PROXIES = ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy")  # as slack_sdk knows them


def unseen(text: str) -> set[str]:
    """The characters of a text that nobody sees: spaces, line breaks, marks of encodings and the like."""
    return {character for character in text if unicodedata.category(character) in UNSEEN}


def stripped(text: str) -> str:
    """A text without what nobody sees at its ends."""
    return text.strip("".join(unseen(text)))


class Normalised(PydanticBaseSettingsSource):
    """A source of settings: every text in it stripped, and a word to choose from in the case in which it is known.

    What is empty once it is stripped is not there.
    """

    def __init__(self, source: PydanticBaseSettingsSource) -> None:
        super().__init__(source.settings_cls)
        self._source = source

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        return self._source.get_field_value(field, field_name)

    def __call__(self) -> dict[str, Any]:
        given = {name: self._normalised(name, value) for name, value in self._source().items()}
        return {name: value for name, value in given.items() if value != ""}

    def _normalised(self, name: str, value: object) -> object:
        if not isinstance(value, str):
            return value
        bare = stripped(value)
        field = self.settings_cls.model_fields.get(name)
        return bare.casefold() if field and bare.casefold() in _words(field.annotation) else bare


def _words(kind: object) -> list[object]:
    """The words that a setting of that kind may be."""
    if get_origin(kind) is Literal:
        return list(get_args(kind))
    return [word for part in get_args(kind) for word in _words(part)]


def leave_nothing_of_ours() -> None:
    """Once the settings are read: take out what Bolt would read anew, unstripped, and strip the address of a proxy.

    Bolt takes a SLACK_CLIENT_ID for many workspaces even where it is empty.
    """
    for name in [name for name in os.environ if name.startswith("SLACK_")]:
        del os.environ[name]
    for name in PROXIES:
        if name in os.environ:
            os.environ[name] = stripped(os.environ[name])
