from models.card import card, plain
from models.shape import ModelShape

SHAPE = ModelShape(vocabulary=400, context=32, layers=2, heads=2, width=16)
HOSTILE = "红楼梦 <script>alert(1)</script> [x](javascript:y) {{7*7}} ${HOME}"


def test_a_card_says_what_it_is_how_good_and_from_what():
    facts = {"title": "石头记", "scores": {"bits_per_character": 5.25}, "made_from": {"run": "r-1", "novels": ["红楼梦"]}}
    text = card(SHAPE, facts)
    assert "# 石头记" in text
    assert f"{SHAPE.parameters:,} parameters, vocabulary 400, context 32, layers 2, heads 2, width 16" in text
    assert "| bits\\_per\\_character | 5.25 |" in text
    assert "红楼梦" in text
    assert "Made with" not in text


def test_a_persons_words_are_plain_text():
    text = card(SHAPE, {"title": HOSTILE, "made_from": {HOSTILE: HOSTILE}})
    assert "红楼梦 &lt;script&gt;" in text
    assert "<script>" not in text
    assert "](javascript" not in text
    assert r"\{\{7\*7\}\} \$\{HOME\}" in text


def test_no_word_of_a_person_is_in_the_front_matter():
    front = card(SHAPE, {"title": "a: b\n---\nlicense: x"}).split("---")[1]
    assert "license" not in front


def test_plain_text_is_one_line_and_short():
    assert plain("a\n---\n# b" + "x" * 1000).startswith("a --- \\# b")
    assert "\n" not in plain("a\n\nb")
    assert len(plain("x" * 1000)) == 500


def test_facts_of_other_types_do_not_break_the_card():
    assert "A model made by Moxu" in card(SHAPE, {"scores": [1], "made_from": None, "title": ""})
