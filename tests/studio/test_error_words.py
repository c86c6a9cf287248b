"""Every error that the project may raise has its sentence in both languages, and the values that the sentence names."""

import ast
import string
from collections import defaultdict
from pathlib import Path

import pytest

from pipelines import errors
from studio.words import LANGUAGES, load_words

ROOT = Path(__file__).parents[2]
SOURCES = [path for layer in ("models", "pipelines", "studio") for path in ROOT.glob(f"{layer}/**/*.py")] + [ROOT / "app.py"]
# Codes made of a variable: what they may be.
NOUNS = ("novel", "corpus", "encoding", "run", "bundle")
MADE = {"f'no_{noun}'": {f"no_{noun}" for noun in NOUNS}}
# Passes on another error, raised elsewhere: of a file, or of an engine that answered over HTTP.
PASSED_ON = {"error.code", "error['code']"}


def trees():
    return [(path, ast.parse(path.read_text(encoding="utf-8"))) for path in SOURCES]


def kinds():
    """The names of StudioError and of every class that comes of it, wherever it is made."""
    names = {"StudioError"}
    classes = [node for _, tree in trees() for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]
    before = 0
    while before < len(names):
        before = len(names)
        names |= {one.name for one in classes if any(last_name(base) in names for base in one.bases)}
    return names


def last_name(node):
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def raised():
    """For each code: where it is raised, and the names of the values it is raised with."""
    known = kinds()
    found = defaultdict(list)
    for path, tree in trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and last_name(node.func) in known and node.args:
                place = f"{path.relative_to(ROOT).as_posix()}:{node.lineno}"
                for code in codes_of(node.args[0], place):
                    found[code].append((place, values_of(node, tree, path)))
    return dict(found)


def codes_of(node, place):
    if isinstance(node, ast.Constant):
        return {node.value}
    text = ast.unparse(node)
    assert text in MADE or text in PASSED_ON, f"{place} raises the code {text}; say above what it may be"
    return MADE.get(text, set())


def values_of(call, tree, path):
    """The names of the keywords; of `**sizes`, the keys of the dictionary that the same function makes under that name."""
    names = {word.arg for word in call.keywords if word.arg}
    for word in call.keywords:
        if word.arg is None and isinstance(word.value, ast.Name):
            made = [
                node.value
                for node in ast.walk(tree)
                if isinstance(node, ast.Assign)
                and isinstance(node.value, ast.Dict)
                and any(last_name(target) == word.value.id for target in node.targets)
            ]
            names |= {key.value for one in made for key in one.keys if isinstance(key, ast.Constant)}
    return names


RAISED = raised()


def fields(sentence):
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name is not None}


def test_the_errors_of_the_project_are_found():
    assert kinds() >= {
        name for name, kind in vars(errors).items() if isinstance(kind, type) and issubclass(kind, errors.StudioError)
    }
    assert len(RAISED) > 80


def test_the_nouns_are_those_that_are_looked_for():
    calls = [node for _, tree in trees() for node in ast.walk(tree) if isinstance(node, ast.Call)]
    nouns = {ast.literal_eval(call.args[2]) for call in calls if last_name(call.func) == "find_folder"}
    assert nouns == set(NOUNS)


@pytest.mark.parametrize("code", sorted(RAISED))
@pytest.mark.parametrize("language", LANGUAGES)
def test_an_error_has_a_sentence_that_can_be_filled_in_wherever_it_is_raised(code, language):
    entries = load_words(language).entries
    places = ", ".join(place for place, _ in RAISED[code])
    assert f"error.{code}" in entries, f"error.{code} has no words in {language}; it is raised at {places}"
    sentence = entries[f"error.{code}"]
    for place, values in RAISED[code]:
        assert fields(sentence) <= values, f"error.{code} in {language} names what is not given at {place}"
    assert sentence == sentence.strip()
    assert not sentence.endswith(("。", "."))


@pytest.mark.parametrize("code", sorted(RAISED))
def test_the_chinese_sentence_is_chinese_with_chinese_marks(code):
    sentence = load_words("zh").entries[f"error.{code}"]
    assert any("\u4e00" <= character <= "\u9fff" for character in sentence)
    assert not set(sentence) & set(";!?\"'")


def test_no_sentence_stands_for_an_error_that_nobody_raises():
    # What the pages say themselves, of errors that are not ours.
    spoken = {"bug", "title", "read_only"}
    known = {key.removeprefix("error.") for key in load_words("zh").entries if key.startswith("error.")}
    assert known - spoken - set(RAISED) == set()
