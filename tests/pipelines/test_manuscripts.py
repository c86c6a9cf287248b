"""Manuscripts: that replaying the history gives the text, whatever was killed, and that nobody's words are overwritten."""

import errno
import itertools
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines import manuscripts, trash
from pipelines.errors import BadSettings, Conflict, NotFound
from pipelines.files import read_text, write_text
from pipelines.manuscripts import Change, Splice

HOSTILE = "${x} <img src=x onerror=alert(1)> </textarea>\n“𠮷”，🙂"
TEXTS = st.text(st.sampled_from("黛玉𠮷🙂\n<$ab"), max_size=6)


@st.composite
def histories(draw):
    """A list of (splice, whether a model's) that fit one after the other."""
    text, made = "", []
    for _ in range(draw(st.integers(0, 12))):
        at = draw(st.integers(0, len(text)))
        splice = Splice(at, draw(st.integers(0, len(text) - at)), draw(TEXTS))
        made.append((splice, draw(st.booleans())))
        text = splice.apply(text)
    return made


@pytest.fixture
def folder(workspace):
    return manuscripts.create(workspace, "local", "雪落长街")


def write(folder, *texts, base=0, by="writer", at=0):
    return manuscripts.save(folder, [Change(Splice(at, 0, text), by) for text in texts], base)


@given(histories())
def test_replayed_a_history_gives_the_text(made):
    text, rows = "", []
    for number, (splice, _) in enumerate(made, start=1):
        text = splice.apply(text)
        rows.append(Change(splice).row(number, text))
    assert manuscripts.replay("", rows) == text


@given(histories())
def test_the_models_ranges_are_where_its_words_are(made):
    text, rows = "", []
    for number, (splice, models) in enumerate(made, start=1):
        signed = Splice(splice.at, splice.removed, ("M" if models else "w") * len(splice.inserted))
        text = signed.apply(text)
        rows.append(Change(signed, "model" if models else "writer").row(number, text))
    ranges = manuscripts.models_ranges(rows)
    assert {place for start, end in ranges for place in range(start, end)} == {at for at, sign in enumerate(text) if sign == "M"}
    assert all(start < end for start, end in ranges)
    assert all(left[1] < right[0] for left, right in itertools.pairwise(ranges))


@given(TEXTS, TEXTS)
def test_a_difference_makes_the_new_text_of_the_old(old, new):
    assert manuscripts.difference(old, new).apply(old) == new


def test_what_is_saved_is_read_again_to_the_letter(folder):
    assert write(folder, HOSTILE) == 1
    assert write(folder, "model's ", base=1, by="model", at=3) == 2
    found = manuscripts.read(folder)
    assert (found.text, found.version, found.models) == (HOSTILE[:3] + "model's " + HOSTILE[3:], 2, ((3, 11),))
    assert manuscripts.text_at(folder, 1) == HOSTILE
    assert manuscripts.text_at(folder, 0) == ""


def test_a_change_that_does_not_fit_changes_nothing(folder):
    write(folder, "一二三")
    with pytest.raises(BadSettings, match="does not fit"):
        manuscripts.save(folder, [Change(Splice(0, 0, "好")), Change(Splice(9, 1, ""))], 1)
    with pytest.raises(BadSettings, match="half a character"):
        write(folder, "\ud83d", base=1)
    assert manuscripts.read(folder).text == "一二三"
    assert len(manuscripts.rows_of(folder)) == 1


@pytest.mark.parametrize("base", [0, 2, -1])
def test_another_windows_change_is_not_overwritten(folder, base):
    write(folder, "theirs")
    with pytest.raises(Conflict) as met:
        write(folder, "mine", base=base)
    assert (met.value.code, met.value.values["version"]) == ("manuscript_changed", 1)
    assert manuscripts.read(folder).text == "theirs"


def test_a_change_that_is_sent_twice_is_made_once(folder):
    first, second = Change(Splice(0, 0, "一"), mark="a"), Change(Splice(1, 0, "二"), mark="b")
    assert manuscripts.save(folder, [first], 0) == 1
    assert manuscripts.save(folder, [first, second], 0) == 2
    assert manuscripts.save(folder, [first], 0) == 1
    assert manuscripts.read(folder).text == "一二"
    with pytest.raises(Conflict):
        manuscripts.save(folder, [Change(Splice(0, 0, "别"), mark="c")], 0)


def test_a_kill_between_row_and_text_loses_nothing(folder):
    write(folder, "一")
    write(folder, "二", base=1, at=1)
    write_text(folder.text, "一")
    assert manuscripts.read(folder).text == "一二"
    assert read_text(folder.text) == "一二"


def test_a_kill_in_the_middle_of_a_row_loses_that_row_only(folder):
    write(folder, "一")
    with folder.history.open("a", encoding="utf-8") as file:
        file.write('{"version": 2, "at": 1, "remo')
    assert manuscripts.read(folder).text == "一"
    assert write(folder, "二", base=1, at=1) == 2
    assert manuscripts.read(folder).text == "一二" == manuscripts.text_at(folder, 2)


def test_a_text_that_another_program_changed_is_kept_and_noted(folder):
    write(folder, "一二三")
    write_text(folder.text, "一\r\n三四")
    found = manuscripts.read(folder)
    assert (found.text, found.version) == ("一\n三四", 2)
    assert manuscripts.rows_of(folder)[-1]["by"] == "outside"
    assert manuscripts.text_at(folder, 2) == found.text
    assert manuscripts.read(folder) == found


def test_a_lost_text_is_made_again_from_the_history(folder):
    write(folder, "一二三")
    folder.text.unlink()
    assert manuscripts.read(folder).text == "一二三"


def test_the_history_says_with_what_the_models_words_were_made(folder):
    origin = {"bundle": "石头记", "seed": 7, "settings": {"temperature": 0.7}}
    manuscripts.save(folder, [Change(Splice(0, 0, "玉"), "model", origin=origin)], 0)
    row = json.loads(read_text(folder.history))
    assert origin.items() <= row.items()


def test_titles_and_lists(workspace, folder):
    other = manuscripts.create(workspace, "local", "  第二\n部 ")
    assert manuscripts.title_of(other) == "第二 部"
    write(folder, "改过")
    assert [one.id for one in manuscripts.listed(workspace, "local")] == [folder.id, other.id]
    assert manuscripts.rename(folder, "新名") == "新名" == manuscripts.title_of(folder)
    assert manuscripts.listed(workspace, "nobody") == []
    with pytest.raises(BadSettings):
        manuscripts.rename(folder, " \n ")
    with pytest.raises(NotFound):
        manuscripts.find(workspace, "local", "..")


def test_what_is_discarded_comes_back_to_its_owner(workspace, folder):
    write(folder, "一")
    ticket = manuscripts.discard(workspace, folder)
    with pytest.raises(NotFound):
        manuscripts.read(folder)
    assert manuscripts.listed(workspace, "local") == []
    assert trash.restore(workspace, ticket) == folder.path
    assert manuscripts.read(folder).text == "一"


@pytest.mark.parametrize("trouble", [errno.ENOSPC, errno.EROFS, errno.EACCES])
def test_what_cannot_be_written_can_be_read(folder, monkeypatch, trouble):
    manuscripts.save(folder, [Change(Splice(0, 0, "雪落长街"))], 0)
    # As a kill leaves it: the row is there, the text is not.
    folder.text.write_text("", encoding="utf-8")

    def refuse(*_):
        raise OSError(trouble, "no")

    monkeypatch.setattr(manuscripts, "replace_text", refuse)
    monkeypatch.setattr(manuscripts.locks, "acquire", refuse)
    found = manuscripts.read(folder)
    assert (found.text, found.version) == ("雪落长街", 1)
    with pytest.raises(OSError, match="no"):
        manuscripts.save(folder, [Change(Splice(0, 0, "昨夜"))], 1)


def test_a_row_that_lacked_its_newline_only_and_came_again_counts_once(folder):
    first = Change(Splice(0, 0, "雪落长街"), mark="a")
    manuscripts.save(folder, [first], 0)
    text = folder.history.read_text(encoding="utf-8")
    # A disk that was full but for the last byte: the page was told no, and sends it again.
    folder.history.write_text(text.rstrip("\n"), encoding="utf-8")
    folder.text.write_text("", encoding="utf-8")
    assert manuscripts.save(folder, [first], 0) == 1
    assert manuscripts.save(folder, [Change(Splice(4, 0, "。"), mark="b")], 1) == 2
    assert (manuscripts.read(folder).text, manuscripts.text_at(folder, 1)) == ("雪落长街。", "雪落长街")
