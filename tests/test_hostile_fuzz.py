"""Thousands of requests that Slack would not send, each followed by a look at what came of it."""

import asyncio
import copy
import json
import time
from collections.abc import Callable, Coroutine, Iterator
from functools import partial
from random import Random
from typing import Any, TypeVar

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from bot.features import routes
from db.engine import create_engine
from ladder_content.model import Ladder
from tests.support.architecture import REQUESTS, command
from tests.support.edge_cases import (
    EVE,
    FORM,
    JSON,
    Edge,
    Reply,
    complaints,
    complaints_of,
    edge_of,
    emptied,
    encoded,
    owned_by,
    request,
    rows,
    signed,
    week,
)
from tests.support.hostile_fuzz import HERS, MARK, Json, sender
from tests.support.world import MAYA, SAM

TYPED, WORDS, FORGED, RAW = 200, 100, 200, 3000
Path = tuple[str | int, ...]
T = TypeVar("T")
HOW = settings(
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.generate],  # the world remembers what was sent before
)
ODD_TEXTS = (
    *(
        "",
        " ",
        "\0",
        "a\0b",
        "\ud800",
        "\udfff x",
        "\u202egnp.exe",
        "😀👩‍🔬" * 900,
        "x" * 100_000,
        "\n" * 3000,
        "&" * 3000,
    ),
    *("<!channel>", "<!here|x>", "<!everyone>", "<!subteam^S1|x>", "<@U0EVIL>", "<#C0EVIL|x>", "&lt;!channel&gt;"),
    *(
        "<javascript:alert(1)|x>",
        "javascript:alert(1)",
        "<https://evil.example|https://good.example>",
        "<>",
        "<",
        "*_~`",
    ),
    *(
        "-",
        "0",
        "1",
        "2",
        "3",
        "4",
        "-1",
        "9" * 18,
        "9" * 19,
        "9" * 400,
        "1e400",
        "NaN",
        "１",
        "1.0",
        "1 0",
        "2 {}",
        "3 1.0",
    ),
    *(
        "{}",
        "[]",
        "null",
        "{",
        '{"entry":1}',
        '{"entry":"x","key":"\\u0000"}',
        '{"before":"2027-02-30.1"}',
        '{"words":1}',
    ),
    *(
        '{"mentorship":1}',
        '{"check_in":2,"asked":"x"}',
        '{"entry":2,"readers":[1,9]}',
        '{"listing":"{}"}',
        '{"below":"V1"}',
    ),
    *(
        "2027-02-30",
        "0000-00-00",
        "0001-01-01",
        "9999-12-31",
        "2027-1-1",
        "25:61",
        "24:00",
        "09:00:00.1",
        "1 25:00",
        "9 09:00",
    ),
    *(
        "Europe/Nowhere",
        "../../etc/passwd",
        "U0MAYA",
        "U0EVIL",
        "T0EVIL",
        "l4",
        "l99",
        "off",
        "next",
        "tomorrow 1",
        "another 2",
    ),
)
ODD_VALUES: tuple[Any, ...] = (
    None,
    True,
    0,
    -1,
    2**63,
    10**30,
    1.5,
    float("nan"),
    [],
    {},
    [None],
    {"id": None},
    {"value": {}},
    [[]],
    "x",
    "1",
)
KINDS = (FORM, JSON, "", "text/plain", "application/json; charset=utf-8", "multipart/form-data", "\xff", "a" * 5000)
STAMPS = (0, 0, 0, 3600, -3600, 10**9)  # seconds ago
NUMBER, DEEP = b"9" * 5000, 50_000
BOMBS = (
    *(
        b"",
        b"{",
        b"[]",
        b"{}",
        b"null",
        b"1",
        b'"x"',
        b"NaN",
        b"\xff\xfe",
        b"\0",
        b"payload",
        b"payload=",
        b"&&&===",
        b"ssl_check=1",
    ),
    *(b"payload=" + each for each in (b"null", b"[]", b"{}", b"1", b"NaN", NUMBER, b"[" * DEEP, b'{"a":' * DEEP)),
    *(
        b'{"a":' * DEEP,
        b'{"a":' * 900 + b"1" + b"}" * 900,
        b"{" + b'"a":1,' * 9000 + b'"a":2}',
        b'{"type":"event_callback","event":[]}',
    ),
    *(
        b'{"type":"event_callback","event":{"type":' + each + b"}}"
        for each in (NUMBER, b"NaN", b'"\\ud800"', b"1e999", b"{}")
    ),
    *(b'{"type":"block_actions","actions":' + each + b"}" for each in (b"[]", b"{}", b"[1]", b'[{"action_id":[]}]')),
)
DEAR = {"progress", "export"}  # a picture and a file each
SURE, LIKELY = 0.7, 0.45  # of those that reach a listener
odd_texts = st.sampled_from(ODD_TEXTS) | st.text(max_size=30)
odd_values = st.sampled_from(ODD_VALUES) | odd_texts


class Fuzzed:
    """A world in which a week has passed, and what was sent to it since."""

    def __init__(self, url: str, ladder: Ladder, caplog: pytest.LogCaptureFixture) -> None:
        self.loop, self.engine, self.caplog = asyncio.Runner(), create_engine(url), caplog
        self.context = edge_of(self.engine, ladder)
        self.count = self.reached = 0
        self.told_eve: list[str] = []

    def __enter__(self) -> "Fuzzed":
        async def begin() -> Edge:
            await emptied(self.engine)
            return await self.context.__aenter__()

        self.edge = self.run(begin())
        self.world = self.edge.world
        self.calls = self.world.playground.journal.calls
        return self

    def __exit__(self, *_: object) -> None:
        self.run(self.context.__aexit__(None, None, None))
        self.run(self.engine.dispose())
        self.loop.close()

    def live_a_week(self) -> None:
        async def live() -> None:
            async for _ in week(self.edge):
                pass

        self.run(live())
        self.payloads = [each.payload for each in self.edge.sent]
        self.calls.clear()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return self.loop.run(work)

    def send(self, payload: Json, user: str) -> None:
        """Send it with tickets of today, and see that all is well."""
        self.caplog.clear()
        reply = self.run(self.sent(payload, user))
        told = str(payload)[:3000]
        assert not complaints(reply, payload), told
        assert not [line for call in self.calls for line in complaints_of(call)], told
        assert not [each.getMessage() for each in self.caplog.records if each.levelname == "ERROR"], told
        theirs = {self.world.playground.workspace.dm(each).id for each in (MAYA, SAM)}
        self.told_eve += [str(call.args) for call in self.calls if call.args.get("channel") not in theirs]
        self.told_eve.append(reply.body.decode())
        self.calls.clear()
        self.count += 1
        self.reached += reply.status == 200

    async def sent(self, payload: Json, user: str) -> Reply:
        reply = await self.edge.send(payload, user)
        await self.world.service._answered()
        return reply


def paths(node: Any, here: Path = ()) -> Iterator[Path]:
    """The way to each part of a payload."""
    children = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for name, child in children:
        yield (*here, name)
        yield from paths(child, (*here, name))


def put(payload: Json, path: Path, change: Callable[[Any, Any], None]) -> None:
    parent: Any = payload
    for name in path[:-1]:
        parent = parent[name]
    change(parent, path[-1])


@pytest.fixture
def fuzzed(database_url: str, ladder: Ladder, caplog: pytest.LogCaptureFixture) -> Iterator[Fuzzed]:
    with Fuzzed(database_url, ladder, caplog) as fuzzed:
        fuzzed.live_a_week()
        yield fuzzed


@pytest.fixture
def idle(database_url: str, ladder: Ladder, caplog: pytest.LogCaptureFixture) -> Iterator[Fuzzed]:
    with Fuzzed(database_url, ladder, caplog) as fuzzed:
        yield fuzzed


def test_other_words_in_what_people_do(fuzzed: Fuzzed) -> None:
    """A text of any payload of the week is another one: odd, old, forged or alive."""
    before = fuzzed.run(rows(fuzzed.world, of_eve := whose(EVE)))

    @settings(HOW, max_examples=WORDS)
    @given(
        st.sampled_from([each for each in fuzzed.payloads if sender(each) != EVE]),
        st.randoms(use_true_random=False),
        odd_texts,
    )
    def send(original: Json, random: Random, words: str) -> None:
        payload = copy.deepcopy(original)
        put(payload, random.choice(list(texts(payload))), lambda parent, name: parent.__setitem__(name, words))
        fuzzed.send(payload, sender(original))

    send()
    assert fuzzed.count >= WORDS
    assert fuzzed.reached >= WORDS * SURE
    assert fuzzed.run(rows(fuzzed.world, of_eve)) == before


def test_somebody_else_with_the_same_ids_and_payloads_of_other_shapes(fuzzed: Fuzzed) -> None:
    """Eve sends what Maya and Sam sent, as it was or bent: nothing of theirs changes, and she reads none of it."""
    theirs = [each for each in fuzzed.payloads if sender(each) in (MAYA, SAM)]
    as_eve = [
        json.loads(json.dumps(each).replace(MAYA, EVE).replace(SAM, EVE).replace("MARK", "MINE")) for each in theirs
    ]
    before = fuzzed.run(rows(fuzzed.world, of_both := whose(MAYA, SAM)))

    @settings(HOW, max_examples=FORGED)
    @given(
        st.sampled_from(as_eve), st.randoms(use_true_random=False), st.lists(st.tuples(bends, odd_values), max_size=2)
    )
    def send(original: Json, random: Random, changes: list[tuple[Callable[..., None], Any]]) -> None:
        payload = copy.deepcopy(original)
        for bend, value in changes:
            if ways := list(paths(payload)):
                put(payload, random.choice(ways), partial(bend, value=copy.deepcopy(value)))
        fuzzed.send(payload, EVE)

    send()
    assert fuzzed.count >= FORGED
    assert fuzzed.reached >= FORGED * LIKELY
    assert fuzzed.run(rows(fuzzed.world, of_both)) == before
    assert fuzzed.told_eve
    assert {mark for each in fuzzed.told_eve for mark in MARK.findall(each)} <= HERS


def test_anything_after_the_slash(idle: Fuzzed) -> None:
    """Commands with words that are odd, and those of every feature with odd ones after them."""
    first = st.sampled_from((*sorted({*routes().words} - DEAR), "log", "find", "compare L4", "set zone", "pause until"))
    idle.send(command("set L4"), MAYA)

    @settings(HOW, max_examples=TYPED)
    @given(first, odd_texts)
    def send(first: str, words: str) -> None:
        idle.send(command(f"{first} {words}"), MAYA)

    send()
    assert idle.reached == idle.count >= TYPED


def test_bytes(idle: Fuzzed) -> None:
    """Whatever the bytes are, and whoever signed them: refused, and no fault of ours."""
    valid = [encoded(each)[0] for each in REQUESTS.values()]
    truncated = st.tuples(st.sampled_from(valid), st.integers(0, 200)).map(lambda both: both[0][: -both[1] - 1])
    nothing_of_slacks = st.recursive(
        odd_values,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(odd_texts, inner, max_size=3),
        max_leaves=4,
    )
    bodies = (
        st.binary(max_size=300)
        | truncated
        | st.sampled_from(BOMBS)
        | nothing_of_slacks.map(lambda each: encoded(each)[0])
    )

    def send(body: bytes, kind: str, age: int, by_slack: bool) -> None:
        headers = signed(idle.world, body, kind, at=time.time() - age)
        if not by_slack:
            headers["x-slack-signature"] = headers["x-slack-signature"][:-1] + "x"
        reply = idle.run(request(idle.edge.app, [body], headers))
        as_slack_would = by_slack and not age and decodes(body)
        assert reply.status in ((200, 400) if as_slack_would else (401,)), body[:200]
        assert not [each.getMessage() for each in idle.caplog.records if each.levelname == "ERROR"], body[:200]
        idle.caplog.clear()
        idle.count += 1

    @settings(HOW, max_examples=RAW // 6)
    @given(bodies, st.lists(st.sampled_from(KINDS), min_size=3, max_size=3), st.sampled_from(STAMPS))
    def send_in_turn(body: bytes, kinds: list[str], age: int) -> None:
        for kind in kinds:
            send(body, kind, age, by_slack=True)
            send(body, kind, age, by_slack=False)

    send_in_turn()
    assert idle.count >= RAW


def test_there_are_thousands() -> None:
    assert TYPED + WORDS + FORGED + RAW >= 3500
    assert TYPED + WORDS * SURE + FORGED * LIKELY >= 350, "reach a listener"


def decodes(body: bytes) -> bool:
    try:
        body.decode()
    except UnicodeDecodeError:
        return False
    return True


def drop(parent: Any, name: str | int, value: Any) -> None:
    del parent[name]


def replace(parent: Any, name: str | int, value: Any) -> None:
    parent[name] = value


def retype(parent: Any, name: str | int, value: Any) -> None:
    parent[name] = [parent[name]] if value else {"id": parent[name]}


def nest(parent: Any, name: str | int, value: Any) -> None:
    for _ in range(100):
        parent[name] = {"value": parent[name]}


bends = st.sampled_from((drop, replace, replace, retype, nest))


def whose(*users: str) -> dict[str, str]:
    """The rows of these members, by table."""
    named = ", ".join(f"'{user}'" for user in users)
    ids = f"SELECT id FROM members WHERE slack_user IN ({named})"
    return owned_by(ids) | {"deliveries": f"member_id IN ({ids}) AND kind NOT LIKE 'mentor%'"}


def texts(payload: Json) -> Iterator[Path]:
    """Where words stand that a listener may read; the rest only has to be of its kind."""
    for path in paths(payload):
        leaf: Any = payload
        for name in path:
            leaf = leaf[name]
        if isinstance(leaf, str) and "blocks" not in path and path[-1] not in IDENTITY:
            yield path


IDENTITY = ("user_id", "team_id", "trigger_id", "response_url", "token", "api_app_id", "type", "command", "app_id")
