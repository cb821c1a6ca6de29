"""The readers of a ladder: every fault is found where it stands, look-ups agree, and words lead to what they mean."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from bot.cli.content import content
from bot.features import routes
from ladder_content.loader import ContentErrors, check, default_folder, load
from ladder_content.model import Ladder
from ladder_content.search import MAX_SNIPPET, Hit, Index
from tests.support.ladder_content_files import criterion, tiny, write


@pytest.fixture(scope="module")
def shipped() -> Ladder:
    return load(default_folder())


@pytest.fixture(scope="module")
def index(shipped: Ladder) -> Index:
    return Index(shipped)


@pytest.fixture
def ladder(tmp_path: Path) -> Ladder:
    return load(write(tmp_path, tiny()))


def broken(old: str, new: str) -> dict[str, str]:
    """The tiny ladder with one edit, of a text that stands in it once."""
    texts = tiny()
    assert sum(text.count(old) for text in texts.values()) == 1, old
    return {name: text.replace(old, new) for name, text in texts.items()}


def said(folder: Path) -> list[str]:
    return [str(fault) for fault in check(folder)]


# An edit (old text, new text) of the tiny ladder, and how the only fault it makes begins.
SHAPE = [
    (
        "pitfalls: [Asks",
        "pitfals: [x]\n    pitfalls: [Asks",
        "levels.yaml:10: l1: `pitfals` is unknown here: remove it ",
    ),
    ("    pitfalls: [Asks too late.]\n", "", "levels.yaml:2: l1: `pitfalls` is missing: add it"),
    ("Asks too late.", "x" * 241, "levels.yaml:10: l1: `pitfalls` has 241 characters: at most 240 fit"),
    ("Asks too late.", "Too late", "levels.yaml:10: l1: `pitfalls` is too short: write at least 10 characters"),
    ("[L1, beginner]", "[]", "levels.yaml:5: l1: `aliases` has 0 of at least 1 items: write more"),
    ("[L1, beginner]", "L1", "levels.yaml:5: l1: `aliases` must be a list"),
    ("order: 1", "order: one", "levels.yaml:3: l1: `order` must be a whole number"),
    ("top: true", "top: maybe", "levels.yaml:22: l2: `top` must be true or false"),
    ("title: Apprentice", "title:", "levels.yaml:4: l1: `title` must be text"),
    ("id: l2.k2", "id: L2 K2", "criteria/l2.yaml:29: L2 K2: `id` cannot be “L2 K2”: write lower-case letters"),
    ("version: 1.0.0", "version: 1.0", "ladder.yaml:4: tiny: `version` cannot be “1.0”: write three numbers"),
    ("locale: en", "locale: English", "ladder.yaml:5: tiny: `locale` cannot be “English”: write a language"),
    (
        "research: Wrote the paper about k2",
        "art: Painted k2 in oil",
        "criteria/l2.yaml:35: l2.k2: `art` must be 'research'",
    ),
    ("status: retired", "status: gone", "criteria/l2.yaml:218: l2.old: `status` must be 'active' or 'retired'"),
    ("  - id: impact", "  - impact\n  - id: impact", "ladder.yaml:8: `dimension` must be made of `key: value` lines"),
    ("order: 1", "id: l1\n    order: 1", "levels.yaml:3: l1: `id` stands twice, first on line 2: keep one"),
    (
        "product: Shipped the feature k2",
        "product: x\n      product: Shipped k2",
        "criteria/l2.yaml:37: l2.k2: `product` stands",
    ),
    ("order: 1", "order: 1\n    ? [a]\n    : b", "levels.yaml:4: l1: a key must be a plain word"),
    ("title: App", "title: !!python/name:os.system App", "levels.yaml:4: l1: the tag tag:yaml.org,2002:python/name"),
    ("title: App", "title: !mine App", "levels.yaml:4: l1: the tag !mine is not understood: remove it"),
]
FILES = [
    ("order: 1", "order: a: b", "levels.yaml:3: this is not YAML: mapping values are not allowed in this context"),
    ("    order: 1", "\torder: 1", "levels.yaml:3: this is not YAML: "),
    ("[Learns by doing.]", "[Learns by doing.", "levels.yaml:8: this is not YAML: "),
    ("  - id: l2\n    order", "---\n  - id: l2\n    order", "levels.yaml:12: this is not YAML: "),
    ("title: Apprentice", "title: \x07", "levels.yaml: this is not YAML: "),
    ("[L1, beginner]", "&x [L1]\n    role: *x", "levels.yaml:6: *x is an alias: write out what it stands for"),
    ("[L1, beginner]", "&x [*x]", "levels.yaml:5: *x is an alias"),
    (
        "levels:\n",
        "levles:\n",
        "levels.yaml:1: `levles` is unknown here: the keys are ladder, dimensions, levels, criteria",
    ),
    ("answers:\n  -", "answers:\n   ", "answers.yaml:1: `answers` must be a list: start each item with a hyphen"),
    ("dimensions:\n", "dimensions: []\ndimensions:\n", "ladder.yaml:8: `dimensions` stands twice, first on line 7"),
    ("answers:\n", "", "answers.yaml:1: the file must start with one of ladder, dimensions, levels, criteria, answers"),
    ("answers:\n", "? [answers]\n:\n", "answers.yaml:1: a key must be a plain word"),
]
RULES = [
    (
        "id: l2.k3",
        "id: l2.k2",
        "criteria/l2.yaml:56: l2.k2: `id` l2.k2 is taken: choose another (first at criteria/l2.yaml:29)",
    ),
    ("easy about k2", "hard about  K2", "criteria/l2.yaml:41: l2.k2: the same question stands elsewhere: reword one"),
    ("hard about k2", "HARD about k1", "criteria/l2.yaml:39: l2.k2: the same question stands elsewhere: reword one"),
    (
        "hard about k2",
        "hard on {date}",
        "criteria/l2.yaml:39: l2.k2: {date} cannot stand in prompt a: none, as it is no",
    ),
    (
        "[l2, l2.k1]",
        "[l2, l2.kk1]",
        "answers.yaml:6: how-long: there is no criterion or level l2.kk1 (did you mean l2.k1?)",
    ),
    (
        "      - Where do they avoid k2?\n",
        "",
        "criteria/l2.yaml:52: l2.k2: 1 of at least 2 mentor questions: write more",
    ),
    (
        "“{excerpt}” on {date}. Is k2",
        "it on {date}. Is k2",
        "criteria/l2.yaml:50: l2.k2: prompt f is a follow-up: its text",
    ),
    (
        "“{excerpt}” on {date}. Is k2",
        "“{excerpt}”. Is k2",
        "criteria/l2.yaml:50: l2.k2: prompt f is a follow-up: its text",
    ),
    (
        "Is k2 done",
        "Is {name} done",
        "criteria/l2.yaml:50: l2.k2: {name} cannot stand in prompt f: only {date} and {excerpt}",
    ),
    ("Is k2 done", "Is } k2 done", "criteria/l2.yaml:50: l2.k2: } cannot stand in prompt f: only {date} and {excerpt}"),
    (
        "second-level",
        "Be Ginner",
        "levels.yaml:15: l2: “Be Ginner” already means l1: each name needs one level (first at l",
    ),
    ("second-level", "L 1", "levels.yaml:15: l2: “L 1” already means l1: "),
    ("second-level", "apprentice", "levels.yaml:15: l2: “apprentice” already means l1: "),
    ("    top: true\n", "", "levels.yaml:12: l2: this is the highest level: add `top: true`"),
    ("role: [Learns", "top: true\n    role: [Learns", "levels.yaml:7: l1: only the highest level, l2, is the top"),
    ("order: 2", "order: 1", "levels.yaml:13: l2: `order` 1 is taken: choose another (first at levels.yaml:3)"),
    ("    replaced_by: l2.k1\n", "", "criteria/l2.yaml:218: l2.old: a retired criterion needs `replaced_by`"),
    ("    status: retired\n", "", "criteria/l2.yaml:218: l2.old: only a retired criterion has `replaced_by`"),
    (
        "replaced_by: l2.k1",
        "replaced_by: l2.k11",
        "criteria/l2.yaml:219: l2.old: there is no criterion l2.k11 (did you mean",
    ),
    ("replaced_by: l2.k1", "replaced_by: l2.old", "criteria/l2.yaml:219: l2.old: l2.old is retired itself: name a"),
]


@pytest.mark.parametrize(("old", "new", "says"), SHAPE + FILES + RULES)
def test_one_edit_makes_one_fault(tmp_path: Path, old: str, new: str, says: str) -> None:
    (fault,) = said(write(tmp_path, broken(old, new)))
    assert fault.startswith(says)


FOLLOW_UP = "        text: You wrote “{excerpt}” on {date}. Is k2 done?\n        follow_up: true\n"


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        (
            criterion("k2", "impact"),
            "",
            ["levels.yaml:12: l2: 6 of at least 7 active criteria lead to this level: write more"],
        ),
        (
            criterion("k1", "design"),
            criterion("k1", "impact"),
            ["levels.yaml:12: l2: no active criterion of dimension design leads here: write one"],
        ),
        (
            "      - id: a\n        text: What was hard about k2?\n",
            "",
            ["criteria/l2.yaml:37: l2.k2: 5 of at least 6 prompts: write more"],
        ),
        (
            FOLLOW_UP,
            "        text: Is k2 done by now?\n",
            ["criteria/l2.yaml:37: l2.k2: 1 of at least 2 prompts with `follow_up: true`: write more"],
        ),
        (
            "      - id: b\n        text: What was easy about k2?",
            "      - id: a\n        text: What was easy about k2?",
            ["criteria/l2.yaml:40: l2.k2: `id` a is taken: choose another (first at criteria/l2.yaml:38)"],
        ),
        (
            "l2.k2\n    level: l2",
            "l2.k2\n    level: l1",
            [
                "criteria/l2.yaml:30: l2.k2: l1 is the lowest level, and nothing leads there: name the level above",
                "levels.yaml:12: l2: 6 of at least 7 active criteria lead to this level: write more",
            ],
        ),
        (
            "l2.k2\n    level: l2",
            "l2.k2\n    level: l22",
            [
                "criteria/l2.yaml:30: l2.k2: there is no level l22 (did you mean l2?)",
                "levels.yaml:12: l2: 6 of at least 7 active criteria lead to this level: write more",
            ],
        ),
        (
            "l2.k2\n    level: l2\n    dimension: impact",
            "l2.k2\n    level: l2\n    dimension: impakt",
            ["criteria/l2.yaml:31: l2.k2: there is no dimension impakt (did you mean impact?)"],
        ),
        (
            "    see: [l2, l2.k1]\n",
            "  - id: how-long\n    question: Is it long?\n    answer: Not so very long, I think.\n",
            ["answers.yaml:6: how-long: `id` how-long is taken: choose another (first at answers.yaml:2)"],
        ),
    ],
)
def test_what_several_lines_must_add_up_to(tmp_path: Path, old: str, new: str, says: list[str]) -> None:
    assert said(write(tmp_path, broken(old, new))) == says


def test_a_retired_criterion_may_have_fewer_prompts(tmp_path: Path) -> None:
    fewer = broken("      - id: a\n        text: What was hard about old?\n", "")
    assert said(write(tmp_path, fewer)) == []


@pytest.mark.parametrize("word", sorted(routes().reserved))
def test_no_level_is_called_like_a_command(tmp_path: Path, word: str) -> None:
    folder = write(tmp_path, broken("second-level", f'"{word.title()}"'))
    fault = f"levels.yaml:15: l2: “{word.title()}” is a command: a level cannot be called that"
    assert [str(each) for each in check(folder, routes().reserved)] == [fault]


@pytest.mark.parametrize("word", ["snooze", "unpause", "settings", "schedule", "check-in", "hi", "?"])
def test_what_means_a_command_without_being_its_name_is_reserved_too(word: str) -> None:
    assert word in routes().reserved


@pytest.mark.parametrize("name", ["SETTINGS", "Settings", "set-tings"])
def test_a_title_is_no_command_either_however_it_is_written(tmp_path: Path, name: str) -> None:
    folder = write(tmp_path, broken("title: Journeyman", f"title: {name}"))
    with pytest.raises(ContentErrors) as refused:
        load(folder, ["Settings"])
    assert str(refused.value) == f"levels.yaml:14: l2: “{name}” is a command: a level cannot be called that"
    assert load(folder).find_level("settings"), "where nobody takes the word"


def test_content_check_refuses_it_and_reads_an_older_version_that_has_it(tmp_path: Path) -> None:
    old = write(tmp_path / "old", broken("title: Journeyman", "title: Settings"))
    refused = CliRunner().invoke(content, ["check", str(old)])
    assert (refused.exit_code, refused.stderr.splitlines()[0]) == (
        1,
        "levels.yaml:14: l2: “Settings” is a command: a level cannot be called that",
    )
    texts = tiny()
    texts["ladder.yaml"] = texts["ladder.yaml"].replace("version: 1.0.0", "version: 1.0.1")
    renamed = CliRunner().invoke(content, ["check", str(write(tmp_path / "new", texts)), "--against", str(old)])
    assert renamed.exit_code == 0, renamed.output


def test_the_shipped_ladder_and_the_starter_keep_clear_of_the_commands() -> None:
    for folder in (default_folder(), default_folder().with_name("starter")):
        assert check(folder, routes().reserved) == []


def test_the_same_level_twice(tmp_path: Path) -> None:
    texts = tiny()
    head, tail = texts["levels.yaml"].split("  - id: l2\n")
    again = tail.replace("Journeyman", "Master").replace("L2, second-level", "L3")
    texts["levels.yaml"] = head + "  - id: l2\n" + tail.replace("    top: true\n", "") + "  - id: l2\n" + again
    assert "levels.yaml:22: l2: `id` l2 is taken: choose another (first at levels.yaml:12)" in said(
        write(tmp_path, texts)
    )


def test_one_level_is_no_ladder(tmp_path: Path) -> None:
    texts = tiny() | {"levels.yaml": tiny()["levels.yaml"].split("  - id: l2\n")[0]}
    assert f"{tmp_path}: a ladder needs at least two levels, and this one has 1: add to `levels`" in said(
        write(tmp_path, texts)
    )


def test_one_ladder_key(tmp_path: Path) -> None:
    head, tail = tiny()["ladder.yaml"].split("dimensions:")
    assert said(write(tmp_path / "none", tiny() | {"ladder.yaml": "dimensions:" + tail})) == [
        f"{tmp_path / 'none'}: no file has the key `ladder`: add it, with id, title, version, locale and sources"
    ]
    assert said(write(tmp_path / "two", tiny() | {"more.yaml": head})) == [
        "more.yaml:2: tiny: `ladder` stands twice: keep one (first at ladder.yaml:2)"
    ]


def test_a_folder_that_is_none(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("no YAML here")
    assert said(tmp_path / "absent") == [f"{tmp_path / 'absent'}: there is no such folder"]
    assert said(tmp_path / "README.md") == [f"{tmp_path / 'README.md'}: there is no such folder"]
    (fault,) = said(tmp_path)
    assert fault.startswith(f"{tmp_path}: there is no YAML file in this folder")


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "x.yaml: the file is empty: give it one of ladder, dimensions, "),
        (b"# later\n", "x.yaml: the file is empty"),
        (b"levels:\n  - id: caf\xe9\n", "x.yaml:2: this is not UTF-8: save the file with that encoding"),
        (b"just words", "x.yaml:1: the file must start with one of ladder"),
        (b"answers:\n  " + b"[" * 99_999 + b"]" * 99_999, "x.yaml:2: this is nested too deeply: a ladder"),
    ],
)
def test_a_file_that_is_none(tmp_path: Path, data: bytes, says: str) -> None:
    write(tmp_path, tiny())
    (tmp_path / "x.yaml").write_bytes(data)
    (fault,) = said(tmp_path)
    assert fault.startswith(says)


def test_a_folder_called_yaml_is_said_to_be_unreadable(tmp_path: Path) -> None:
    (write(tmp_path, tiny()) / "x.yaml").mkdir()
    assert said(tmp_path) == ["x.yaml: cannot be read: Is a directory"]


def test_all_faults_are_collected_and_sorted(tmp_path: Path) -> None:
    texts = broken("second-level", "beginner")
    texts["criteria/l2.yaml"] = texts["criteria/l2.yaml"].replace("replaced_by: l2.k1", "replaced_by: l2.no")
    texts["ladder.yaml"] = texts["ladder.yaml"].replace("  locale: en\n", "")
    write(tmp_path, texts)
    with pytest.raises(ContentErrors) as caught:
        load(tmp_path)
    assert [(fault.file, fault.line, fault.id) for fault in caught.value.faults] == [
        ("criteria/l2.yaml", 219, "l2.old"),
        ("ladder.yaml", 2, "tiny"),
        ("levels.yaml", 15, "l2"),
    ]
    assert str(caught.value).splitlines() == said(tmp_path)
    assert "ladder.yaml:2: tiny: `locale` is missing: add it" in str(caught.value)


def test_a_broken_part_still_counts_for_those_that_refer_to_it(tmp_path: Path) -> None:
    (fault,) = said(write(tmp_path, broken("summary: Does the work without help.", "summary: no")))
    assert fault == "levels.yaml:16: l2: `summary` is too short: write at least 20 characters"


def test_of_a_key_that_stands_twice_the_last_one_is_read(tmp_path: Path) -> None:
    texts = broken("text: What was easy about k2?", "txet: What was easy about k2?")
    texts["criteria/l2.yaml"] = texts["criteria/l2.yaml"].replace(
        "    prompts:\n", "    prompts: []\n    prompts:\n", 2
    )
    assert said(write(tmp_path, texts)) == [
        "criteria/l2.yaml:11: l2.k1: `prompts` stands twice, first on line 10: keep one",
        "criteria/l2.yaml:39: l2.k2: `prompts` stands twice, first on line 38: keep one",
        "criteria/l2.yaml:42: l2.k2: `text` is missing: add it",
        "criteria/l2.yaml:43: l2.k2: `txet` is unknown here: remove it (did you mean text?)",
    ]


def test_keys_may_be_spread_over_files_and_dots_hide(tmp_path: Path) -> None:
    texts = tiny()
    criteria = texts.pop("criteria/l2.yaml").replace("criteria:\n", "")
    cut = criteria.index("  - id: l2.k4")
    texts |= {"b/2.yml": "criteria:\n" + criteria[cut:], "a/1.yaml": "\ufeffcriteria:\n" + criteria[:cut]}
    texts |= {"..data/levels.yaml": texts["levels.yaml"], ".github/ci.yml": "on: push"}
    ladder = load(write(tmp_path, texts))
    assert [c.id for c in ladder.criteria] == [*(f"l2.k{n}" for n in range(1, 8)), "l2.old"]


def test_words_that_yaml_takes_for_something_else_stay_words(tmp_path: Path) -> None:
    ladder = load(write(tmp_path, broken("[years, timeline]", "[on, no, 2024-05-01, 1.10, 0x1f, '~']")))
    assert ladder.answers[0].keywords == ("on", "no", "2024-05-01", "1.10", "0x1f", "~")


def test_it_reads_without_the_c_library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, tiny())
    fast = load(tmp_path)
    monkeypatch.delattr("yaml.CSafeLoader")
    assert load(tmp_path) == fast


def test_the_shipped_ladder_is_sound() -> None:
    assert said(default_folder()) == []


def test_the_shipped_ladder_has_a_year_of_questions_for_each_step(shipped: Ladder) -> None:
    assert [level.id for level in shipped.levels] == ["l3", "l4", "l5", "l6", "l7", "l8"]
    for level in shipped.levels[1:]:
        assert sum(len(each.prompts) for each in shipped.criteria_to(level.id)) >= 52, level.id


# Look-ups


def test_levels_stand_lowest_first_whatever_the_file_says(tmp_path: Path) -> None:
    texts = tiny()
    _, first, second = texts["levels.yaml"].split("  - id:")
    ladder = load(write(tmp_path, texts | {"levels.yaml": f"levels:\n  - id:{second}  - id:{first}"}))
    assert [level.id for level in ladder.levels] == ["l1", "l2"]


def test_look_up_by_id(ladder: Ladder) -> None:
    assert [ladder.level("l1"), ladder.level("l2")] == list(ladder.levels)
    assert all(ladder.criterion(each.id) is each for each in ladder.criteria)
    assert all(ladder.dimension(each.id) is each for each in ladder.dimensions)
    assert all(ladder.answer(each.id) is each for each in ladder.answers)
    assert [ladder.level("l9"), ladder.level(None), ladder.criterion("l2"), ladder.dimension("l2")] == [None] * 4
    assert ladder.answer("l2") is None


def test_criteria_to_leaves_out_what_is_retired(ladder: Ladder) -> None:
    assert [each.id for each in ladder.criteria_to("l2")] == [f"l2.k{n}" for n in range(1, 8)]
    assert ladder.criteria_to("l1") == ladder.criteria_to("l9") == ()


def test_next_level(shipped: Ladder) -> None:
    above = [shipped.next_level(level) for level in shipped.levels]
    assert above == [*shipped.levels[1:], None]


@pytest.mark.parametrize(
    ("current", "target", "levels"),
    [
        ("l4", None, ["l5"]),
        ("l4", "l5", ["l5"]),
        ("l4", "l7", ["l5", "l6", "l7"]),
        ("l4", "l4", ["l5"]),
        ("l4", "l3", ["l5"]),
        ("l4", "l99", ["l5"]),
        ("l8", None, ["l8"]),
        ("l8", "l8", ["l8"]),
        ("l8", "l5", ["l8"]),
        ("l99", "l5", []),
    ],
)
def test_relevant(shipped: Ladder, current: str, target: str | None, levels: list[str]) -> None:
    expected = [each for level in levels for each in shipped.criteria_to(level)]
    assert list(shipped.relevant(current, target)) == expected
    assert len(expected) >= 7 * len(levels)


@pytest.mark.parametrize(
    ("words", "level"),
    [
        ("l5", "l5"),
        ("L5", "l5"),
        (" L 5 ", "l5"),
        ("L-5", "l5"),
        ("Ｌ５", "l5"),
        ("E5", "l5"),
        ("senior ml engineer", "l5"),
        ("Senior  ML\tEngineer", "l5"),
        ("SeniorMLEngineer", "l5"),
        ("staff", "l6"),
        ("mle2", "l4"),
        ("MLE 2", "l4"),
        ("tech lead", "l7"),
        ("principal ml-engineer", "l8"),
        ("l9", None),
        ("l", None),
        ("", None),
        (" - ", None),
        ("\0", None),
    ],
)
def test_find_level(shipped: Ladder, words: str, level: str | None) -> None:
    found = shipped.find_level(words)
    assert (found and found.id) == level


# Search

FINDS = [
    ("how long does it take to reach staff", "how-long"),
    ("How many years until tech lead?", "how-long"),
    ("phd", "phd"),
    ("do I need a PhD to become staff?", "phd"),
    ("I feel stuck", "stuck-at-senior"),
    ("stuck at senior", "stuck-at-senior"),
    ("leading without being a manager", "lead-without-managing"),
    ("how do promotions work", "what-promotions-measure"),
    ("what's the difference between senior and staff", "senior-or-staff"),
    ("startup vs big company", "startup-or-large-company"),
    ("system design interview", "design-interviews"),
    ("fairness", "ethics"),
    ("L5", "l5"),
    ("senior ml engineer", "l5"),
    ("tech lead", "l7"),
    ("principal", "l8"),
    ("code review", "l5.teaching-reviews"),
    ("pull requests", "l5.teaching-reviews"),
    ("mentoring an intern", "l4.first-mentoring"),
    ("mentor junior engineers", "l5.mentors-engineers"),
    ("latency", "l5.lean-serving"),
    ("cut serving cost", "l5.lean-serving"),
    ("reproducible pipelines", "l4.reproducible-pipelines"),
    ("A/B test", "l4.product-metric"),
    ("end-to-end design", "l5.end-to-end-design"),
    ("vague problem", "l5.ambiguity-to-structure"),
    ("model card", "l5.accountable-models"),
    ("shared platform", "l6.shared-framework"),
    ("technical strategy", "l6.technical-strategy"),
    ("technical debt", "l7.innovation-and-debt"),
    ("roadmap", "l7.ambition-to-roadmap"),
    ("company standards", "l7.company-standards"),
    ("conference talk", "l8.external-voice"),
    ("explain to executives", "l8.executive-clarity"),
    ("explaining trade-offs to non-technical people", "l4.plain-trade-offs"),
]


@pytest.mark.parametrize(("words", "wanted"), FINDS)
def test_words_lead_to_what_they_mean(index: Index, words: str, wanted: str) -> None:
    assert wanted in [hit.id for hit in index.find(words)[:3]]


@pytest.mark.parametrize(
    ("words", "first"),
    [("mentoring an intern", "l4.first-mentoring"), ("explain to executives", "l8.executive-clarity")],
)
def test_what_is_about_all_the_words_comes_before_what_mentions_them(index: Index, words: str, first: str) -> None:
    assert index.find(words)[0].id == first


@pytest.mark.parametrize("words", ["L5", "l 5", "Senior", "senior ml engineer", "E5"])
def test_a_level_by_name_comes_first_and_once(index: Index, words: str) -> None:
    hits = index.find(words)
    assert hits[0].id == "l5"
    assert len({(hit.kind, hit.id) for hit in hits}) == len(hits)


def test_every_part_is_found_by_its_own_title(shipped: Ladder, index: Index) -> None:
    titles = {each.id: each.sentence for each in shipped.criteria} | {a.id: a.question for a in shipped.answers}
    for id_, title in titles.items():
        assert index.find(title)[0].id == id_


def test_the_last_word_may_be_unfinished(index: Index) -> None:
    assert index.find("code rev")[0].id == "l5.teaching-reviews"


def test_a_hit_says_what_was_found(tmp_path: Path) -> None:
    index = Index(load(write(tmp_path, tiny())))
    assert index.find("k3") == [
        Hit("criterion", "l2.k3", "Does what k3 asks for.", "One sees in a review that k3 is done well.", "l2")
    ]
    assert index.find("timeline") == [
        Hit("answer", "how-long", "How long does it take to become a Journeyman?",
            "About three years, if one is given real work.", None)
    ]  # fmt: skip
    assert [(hit.kind, hit.id, hit.level_id) for hit in index.find("apprentice")] == [("level", "l1", "l1")]


def test_ties_keep_the_order_of_the_ladder_and_the_retired_are_left_out(tmp_path: Path) -> None:
    index = Index(load(write(tmp_path, tiny())))
    assert [hit.id for hit in index.find("what was hard", limit=20)] == [f"l2.k{n}" for n in range(1, 8)]


def test_limit(index: Index) -> None:
    assert len(index.find("model")) == 8
    assert index.find("model", limit=3) == index.find("model")[:3]
    assert index.find("L5", limit=0) == index.find("L5", limit=-1) == []


@pytest.mark.parametrize(
    "words", ["", " ", "?!", "_", "\0", "🚀🚀", "\ud800", "zzzz", "—", "'", '"', "*", "שלום", "مرحبا بالعالم", "नमस्ते"]
)
def test_what_means_nothing_here_finds_nothing(index: Index, words: str) -> None:
    assert index.find(words) == []


@pytest.mark.parametrize(
    "words",
    [
        '"model',
        "model*",
        "title:model",
        "{title} : model",
        "model AND NOT",
        "NEAR(model, 2)",
        "model) OR (",
        "-model ^model +model",
        "model; DROP TABLE part",
        "model\0",
        "🚀 model 🚀",
        "مودل model",
        "MODÈL model",
        "model " * 2_000,
        "model " + "x" * 10_000,
    ],
)
def test_what_a_person_types_is_never_syntax(index: Index, words: str) -> None:
    assert index.find(words)


@given(words=st.text(max_size=80))
def test_any_text_is_a_query(index: Index, words: str) -> None:
    for hit in index.find(words):
        assert len(hit.snippet) <= MAX_SNIPPET
        assert "\n" not in hit.snippet
