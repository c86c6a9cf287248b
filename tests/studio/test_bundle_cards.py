from datetime import UTC, datetime
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.shape import ModelShape
from pipelines.errors import BrokenArtifact
from studio import bundle_cards
from studio.services.shelf import Curve, Details, Sample, Volume
from studio.words import LANGUAGES, load_words

ENGLISH = load_words("en")
MADE = datetime(2026, 11, 21, 18, 42, tzinfo=UTC)
EVIL = '"><img src=x onerror=alert(1)>'
finite = st.floats(-1e6, 1e6)
points = st.lists(st.tuples(st.integers(0, 10**9), finite), min_size=2, max_size=30)


def volume(title="Story", **more):
    return Volume(
        **({"id": "story", "title": title, "made": MADE, "size": 3_801_234, "parameters": 944_128, "bits": 7.4237} | more)
    )


def details(**more):
    known = {"scores": {"bits_per_character": 7.4237, "characters": 2945, "other": None}}
    values = {
        "volume": volume(),
        "shape": ModelShape(1040, 128, 4, 4, 128),
        "facts": known,
        "novels": [],
        "run": "",
        "curve": Curve([], []),
        "samples": [],
    }
    return Details(**(values | more))


def parsed(markup):
    """The markup as XML, which it is but for attributes without a value and void elements."""
    return ElementTree.fromstring(f"<root>{markup.html}</root>")


def text(markup):
    return " ".join("".join(parsed(markup).itertext()).split())


@pytest.mark.parametrize(("number", "said"), [(7, "7 B"), (20_007, "20.0 kB"), (3_801_234, "3.8 MB"), (4_200_000_000, "4.2 GB")])
def test_sizes_are_said_as_people_say_them(number, said):
    assert bundle_cards.size(number) == said


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_model_is_a_button_and_one_is_chosen(language):
    made = bundle_cards.listing(load_words(language), [volume(), volume("Other", id="other")], "other")
    buttons = {button.get("data-bundle"): button for button in parsed(made).iter("button")}
    assert [buttons[name].get("aria-pressed") for name in ("story", "other")] == ["false", "true"]
    assert "7.42" in text(made)


def test_every_figure_has_a_sentence_that_explains_it():
    made = parsed(bundle_cards.listing(ENGLISH, [volume()], ""))
    explained = {"".join(node.itertext()): node.get("title") for node in made.iter("span") if node.get("title")}
    assert set(explained) == {"7.42 bits per character", "0.9 million parameters"}
    assert "944,128" in explained["0.9 million parameters"]


def test_a_damaged_model_says_so_and_why():
    broken = volume(trouble=BrokenArtifact("no_such_code", "its weights are gone", "take the whole folder"))
    assert "damaged" in text(bundle_cards.listing(ENGLISH, [broken], ""))
    assert "its weights are gone; take the whole folder" in text(bundle_cards.trouble(ENGLISH, broken))


@pytest.mark.parametrize("language", LANGUAGES)
def test_words_of_people_stay_words(language):
    facts = {
        "scores": {EVIL: 1.0},
        "made_from": {"run": EVIL, "corpus": EVIL, "imported": EVIL},
        "made_with": {"moxu": EVIL, "preset": EVIL, "settings": {EVIL: EVIL}},
    }
    found = details(volume=volume(EVIL, id=EVIL, corpus=EVIL), facts=facts, novels=[EVIL], samples=[Sample(2, EVIL, EVIL)])
    words = load_words(language)
    for made in (bundle_cards.details(words, found), bundle_cards.listing(words, [found.volume], "")):
        assert "<img" not in made.html
        assert EVIL in text(made)
    assert "<img" not in bundle_cards.download(words, found.volume).html


def test_facts_of_any_kind_can_be_shown():
    facts = {
        "scores": {"loss": None},
        "made_from": {"run": 7, "corpus": ["a", "b"]},
        "made_with": {"settings": [1], "moxu": {"x": 1}},
    }
    assert "a, b" in text(bundle_cards.details(ENGLISH, details(facts=facts)))


def test_a_long_value_is_cut():
    facts = {"made_with": {"settings": {"prompt": ["雨" * 900]}}}
    assert len(text(bundle_cards.details(ENGLISH, details(facts=facts)))) < 1000


def test_the_models_words_are_told_from_the_prompts():
    made = parsed(bundle_cards.details(ENGLISH, details(samples=[Sample(44, "冬麦", "应了。")])))
    sheet = next(node for node in made.iter("blockquote"))
    assert [(node.get("class"), node.text) for node in sheet] == [(None, "冬麦"), ("models", "应了。")]


def test_the_curve_says_in_words_what_it_shows_and_marks_what_was_kept():
    made = bundle_cards.curve(ENGLISH, Curve([(0, 11.3), (40, 7.4), (60, 7.9)], [(0, 11.0), (60, 3.0)]), 40)
    assert made is not None
    picture = next(parsed(made).iter("svg"))
    assert picture.get("aria-label") == "On unseen chapters it went from 11.30 to 7.90 bits per character in 60 steps."
    assert len(list(picture.iter("circle"))) == 1
    assert picture.get("aria-label") in text(made)


@given(points, points, st.integers(0, 10**9))
def test_no_curve_leaves_its_picture(held_out, training, kept):
    made = bundle_cards.curve(ENGLISH, Curve(held_out, training), kept)
    assert made is not None
    for line in parsed(made).iter("polyline"):
        places = [tuple(map(float, pair.split(","))) for pair in (line.get("points") or "").split()]
        assert all(0 <= x <= bundle_cards.WIDTH and 0 <= y <= bundle_cards.HEIGHT for x, y in places)


def test_one_point_is_no_curve():
    assert bundle_cards.curve(ENGLISH, Curve([(0, 11.3)], []), 0) is None


def test_the_download_is_a_link_to_a_quoted_address():
    link = next(parsed(bundle_cards.download(ENGLISH, volume(id="梦 1?"))).iter("a"))
    assert (link.get("href"), link.get("download")) == ("/api/bundles/%E6%A2%A6%201%3F/download", "梦 1?.zip")
