"""The vocabulary of blockkit's tables: checks that yield what Slack would complain of."""

from __future__ import annotations

from collections.abc import Callable, Iterator

Faults = Iterator[str]
Check = Callable[[object, str], Faults]


def fault(message: str, path: str) -> str:
    """A complaint as Slack words it, about the place a JSON pointer names."""
    return f"[ERROR] {message} [json-pointer:{path}]"


def anything(value: object, path: str) -> Faults:
    """Not looked at."""
    yield from ()


def flag(value: object, path: str) -> Faults:
    """true or false."""
    if not isinstance(value, bool):
        yield fault("must be a boolean", path)


def number(value: object, path: str) -> Faults:
    """A whole number, not negative."""
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        yield fault("must be a positive integer", path)


def string(most: int, least: int = 1) -> Check:
    """A string of so many characters."""

    def check(value: object, path: str) -> Faults:
        if not isinstance(value, str):
            yield fault("must be a string", path)
        elif len(value) < least:
            yield fault(f"must be more than {least - 1} characters", path)
        elif len(value) > most:
            yield fault(f"must be less than {most + 1} characters", path)

    return check


def choice(*allowed: str) -> Check:
    """One of these strings."""

    def check(value: object, path: str) -> Faults:
        if value not in allowed:
            yield fault(f"must be one of: {', '.join(allowed)}", path)

    return check


def many(inner: Check, least: int, most: int) -> Check:
    """A list of so many."""

    def check(value: object, path: str) -> Faults:
        if not isinstance(value, list):
            yield fault("must be an array", path)
            return
        if len(value) < least:
            yield fault(f"no fewer than {least} items allowed", path)
        if len(value) > most:
            yield fault(f"no more than {most} items allowed", path)
        for index, item in enumerate(value):
            yield from inner(item, f"{path}/{index}")

    return check


def shape(**fields: Check) -> Check:
    """An object with these fields and no others; a name that ends in `_` is required."""
    required = {name.rstrip("_") for name in fields if name.endswith("_")}
    checks = {name.rstrip("_"): check for name, check in fields.items()}

    def check(value: object, path: str) -> Faults:
        if not isinstance(value, dict):
            yield fault("must provide an object", path)
            return
        for name in sorted(required - value.keys()):
            yield fault(f"missing required field: {name}", path)
        for name, inner in value.items():
            if name in checks:
                yield from checks[name](inner, f"{path}/{name}")
            elif name != "type":
                yield fault(f"invalid additional property: {name}", path)

    return check


def text(most: int, *kinds: str) -> Check:
    """A text object of one of these kinds."""
    plain = shape(text_=string(most), emoji=flag)
    mrkdwn = shape(text_=string(most), verbatim=flag)
    return typed({kind: plain if kind == "plain_text" else mrkdwn for kind in kinds or ("plain_text", "mrkdwn")})


def typed(table: dict[str, Check]) -> Check:
    """An object whose `type` stands in this table."""

    def check(value: object, path: str) -> Faults:
        if not isinstance(value, dict):
            yield fault("must provide an object", path)
        elif value.get("type") not in table:
            yield fault(f"unsupported type: {value.get('type')}", f"{path}/type")
        else:
            yield from table[value["type"]](value, path)

    return check


def plain(most: int) -> Check:
    """A plain_text object."""
    return text(most, "plain_text")
