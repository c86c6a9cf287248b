import ast
import dataclasses
import json
import re
import string
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.errors import BadSettings, NotFound
from pipelines.sampling_settings import SamplingSettings
from pipelines.training_settings import TrainingSettings
from studio.words import LANGUAGES, PLACE, Words, load_words, preferred

ROOT = Path(__file__).parents[2]
SOURCES = list(ROOT.glob("studio/**/*.py"))
# Held by test_error_words.py.
ERRORS = "error."
# Keys that no code names one by one: the editor's script gets all of these.
HANDED_OVER = ("writing.say_",)
# What studio/forms.py makes of the fields of a settings dataclass.
FIELDS = {f"writing.{field.name}{end}" for field in dataclasses.fields(SamplingSettings) for end in ("", "_info")}
# A key as it stands in the code, also where a table maps something to it.
KEY = re.compile(r"[a-z]+(?:\.[a-z0-9_]+)+")


def used():
    """The keys that the code asks for: exact ones, those that may be asked for, and the beginnings of those it puts together."""
    exact, mentioned, patterns = set(), set(), set()
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and asks_for_words(node.func) and node.args and isinstance(node.args[0], ast.Constant):
                exact.add(node.args[0].value)
            elif isinstance(node, ast.JoinedStr):
                patterns.add(pattern_of(node))
            elif isinstance(node, ast.Constant) and isinstance(node.value, str) and KEY.fullmatch(node.value):
                mentioned.add(node.value)
    return exact, mentioned, {pattern for pattern in patterns if re.match(r"[a-z]+\\\.", pattern)}


def asks_for_words(function):
    return (isinstance(function, ast.Name) and function.id == "words") or (
        isinstance(function, ast.Attribute) and function.attr == "words"
    )


def pattern_of(joined):
    """f"shelf.score.{name}" as a regular expression."""
    return "".join(re.escape(part.value) if isinstance(part, ast.Constant) else r"[a-z0-9_.-]+" for part in joined.values)


def placeholders(sentence):
    return sorted(name for _, name, _, _ in string.Formatter().parse(sentence) if name is not None)


EXACT, MENTIONED, PATTERNS = used()
ENTRIES = {language: load_words(language).entries for language in LANGUAGES}
ALL = sorted(set().union(*ENTRIES.values()))


def test_both_languages_have_the_same_keys():
    first, *others = (set(entries) for entries in ENTRIES.values())
    assert [first ^ other for other in others] == [set() for _ in others]


def test_words_name_the_same_values_in_both_languages():
    for key in ALL:
        first, *others = (placeholders(entries[key]) for entries in ENTRIES.values())
        # A sentence of an error may leave away a value that is English: test_error_words.py.
        assert key.startswith(ERRORS) or all(other == first for other in others), key
        assert all(name.isidentifier() for name in first), key


def test_no_words_are_empty():
    assert [key for entries in ENTRIES.values() for key in entries if not entries[key].strip()] == []


@pytest.mark.parametrize("key", sorted(EXACT))
def test_what_the_code_asks_for_has_words(key):
    assert key in ENTRIES["zh"]


def test_no_words_wait_for_nobody():
    unnamed = [key for key in ALL if key not in EXACT | MENTIONED | FIELDS and not key.startswith((ERRORS, *HANDED_OVER))]
    assert [key for key in unnamed if not any(re.fullmatch(pattern, key) for pattern in PATTERNS)] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_files_are_sorted_so_that_changes_can_be_read(language):
    text = (PLACE / f"{language}.json").read_text(encoding="utf-8")
    assert list(json.loads(text)) == sorted(json.loads(text))


def test_an_error_is_said_in_the_pages_language_and_in_english_where_that_has_no_words():
    words = Words("zh", {"error.known": "没有“{wanted}”", "error.short": "{other}"})
    assert words.error(NotFound("known", "there is none", wanted="<b>")) == "没有“<b>”"
    assert words.error(NotFound("unknown", "there is none", "look again")) == "there is none; look again"
    assert words.error(NotFound("short", "there is none")) == "there is none"


def test_a_key_that_is_not_there_is_a_bug():
    with pytest.raises(KeyError):
        load_words("en")("no.such.key")


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        ("en-US,en;q=0.9,zh;q=0.8", "en"),
        ("fr-FR, en;q=0.5", "en"),
        ("fr", "zh"),
        ("", "zh"),
        ("EN", "en"),
        ("english", "zh"),
        ("*", "zh"),
    ],
)
def test_the_first_language_that_we_have_is_preferred(header, language):
    assert preferred(header) == language


@given(st.text())
def test_any_header_chooses_a_language(header):
    assert preferred(header) in LANGUAGES


def test_a_setting_in_a_sentence_has_the_name_it_has_on_the_page():
    error = BadSettings("out_of_range", "learning rate must be at least 1", name="learning_rate", allowed="at least 1", value=0)
    assert "学习率" in load_words("zh").error(error)
    assert "learning_rate" not in load_words("en").error(error)


def test_every_setting_has_a_name_in_both_languages():
    fields = {field.name for kind in (TrainingSettings, SamplingSettings) for field in dataclasses.fields(kind)}
    assert {f"setting.{name}" for name in fields} <= set(ALL)
