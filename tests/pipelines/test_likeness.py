"""How alike texts are: exactly, nearly, not at all; whatever their layout and script."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.likeness import LEAST_CHARACTERS, NEAR, alike, folded, grams, sketch

LETTERS = "天地玄黄宇宙洪荒日月盈昃辰宿列张寒来暑往秋收冬藏"


def tale(seed, length=2_000):
    return "".join(random.Random(seed).choices(LETTERS, k=length))


def changed(text, every):
    return "".join("口" if place % every == 0 else letter for place, letter in enumerate(text, start=1))


def found(*texts):
    return [(one.one, one.other, one.exact) for one in alike([sketch(folded(text)) for text in texts])]


def test_layout_marks_and_script_make_no_difference():
    assert folded("　　說，「後 來…」\n１") == folded("说后来1".replace("1", "１"))
    body = "那後來的人，說：「萬里長風。」" * 30
    assert found(body, body.replace("，", "\n　　").replace("後", "后").replace("說", "说")) == [(0, 1, True)]


def test_near_texts_are_told_with_their_similarity():
    one, near, other = tale(1), changed(tale(1), 100), tale(2)
    (likeness,) = alike([sketch(text) for text in (one, other, near)])
    assert (likeness.one, likeness.other, likeness.exact) == (0, 2, False)
    assert NEAR <= likeness.similarity < 1.0


def test_each_copy_is_told_once_and_near_texts_are_near_to_the_first():
    one, near = tale(1), changed(tale(1), 150)
    assert found(one, one, one, near, near) == [(0, 1, True), (0, 2, True), (3, 4, True), (0, 3, False)]


def test_short_texts_are_like_none():
    short = tale(1, LEAST_CHARACTERS - 1)
    assert found(short, short) == []
    assert found() == []


def test_a_crowd_is_compared_with_its_first_only():
    crowd = [changed(tale(1), 400 + place) for place in range(30)]
    assert len(found(*crowd)) < 30 * 29 / 4


@pytest.mark.parametrize("every", [40, 80, 160])
def test_the_estimate_is_near_the_truth(every):
    one, other = tale(3, 5_000), changed(tale(3, 5_000), every)
    first, second = (set(grams(text, 5).tolist()) for text in (one, other))
    estimate = float((sketch(one).numbers == sketch(other).numbers).mean())
    assert abs(estimate - len(first & second) / len(first | second)) < 0.15


@given(st.text(max_size=300), st.integers(1, 20))
def test_equal_rows_have_equal_hashes_and_others_have_others(text, length):
    rows = [text[place : place + length] for place in range(len(text) - length + 1)]
    hashes = grams(text, length).tolist()
    assert len(hashes) == len(rows)
    assert len(set(hashes)) == len(set(rows)) == len(set(zip(rows, hashes, strict=True)))


def test_a_sketch_is_the_same_on_every_machine():
    assert sketch(tale(5)).numbers[:3].tolist() == [5509808, 405540, 2218936]
