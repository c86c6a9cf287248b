"""What each rule does and leaves, the laws of cleaning, and the command on novels and on loose files."""

import json
import os
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines import clean as step
from pipelines.errors import BadSettings, BadText, BrokenArtifact, Conflict, NotFound
from pipelines.files import read_json, read_text
from pipelines.ingest import ingest_file
from pipelines.rules import BY_NAME, RULES, Edit, clean, undo

NAMES = [rule.name for rule in RULES]
DIRT = st.text(
    alphabet=st.one_of(
        st.sampled_from(
            "\r\n\t \u3000\xa0\u2003\u200b\u200c\u200d\ufeff\ufe0f\U000e0100\x00\x1b[m31\x85\u2028\x0b\x0c\x9b\x7f\xad"
        ),
        st.sampled_from("中。，“❤👩क्\u0645aZ\u20e3\ud800\udc00"),
        st.characters(codec=None),
    ),
    max_size=40,
)
SUBSETS = st.lists(st.sampled_from(NAMES), unique=True)


def only(name, text):
    return clean(text, [name])[0]


@pytest.mark.parametrize(
    ("rule", "dirty", "cleaned"),
    [
        ("newlines", "a\r\nb\rc\x85d\u2028e\u2029f\x0bg\x0ch", "a\nb\nc\nd\ne\nf\ng\nh"),
        ("newlines", "a\r\r\nb\n\r\nc\r\r\r\nd", "a\nb\n\nc\n\nd"),
        ("controls", "杨\x00过\x1b[31m红\x1b[0m\x7f\x9b\x08", "杨过红"),
        ("controls", "a\tb\nc\rd\x0ce\x85f", "a\tb\nc\rd\x0ce\x85f"),
        ("controls", "\x1b]0;title\x07半\ud800个", "半个"),
        ("invisible", "杨\u200b过\ufeff\u2060小\u200e龙\u202e女\u00ad\u2066", "杨过小龙女"),
        ("invisible", "葛\U000e0100城\ufe00。\ufe01", "葛城。"),
        (
            "invisible",
            "👩\u200d👧 ❤\ufe0f\u200d🔥 ❤\ufe0f क्\u200dष می\u200cخ",
            "👩\u200d👧 ❤\ufe0f\u200d🔥 ❤\ufe0f क्\u200dष می\u200cخ",
        ),
        ("invisible", "中\u200d文 中\u200b\ufe0f文", "中文 中文"),
        ("indents", "　　话说\n \t\xa0天下\n大势 分", "话说\n天下\n大势 分"),
        ("line_ends", "话说 \n天下\u3000\t\n  大势 分 ", "话说\n天下\n  大势 分"),
        ("blank_lines", "\n \n一\n\n二\n\n\n\n三\n \u3000\n四\n五\n \n\n", "一\n\n二\n\n三\n\n四\n五\n"),
        ("blank_lines", "一  ", "一  \n"),
        ("blank_lines", " \n\u3000", ""),
        ("blank_lines", "", ""),
    ],
)
def test_what_each_rule_does(rule, dirty, cleaned):
    assert only(rule, dirty) == cleaned


def test_paragraphs_and_punctuation_are_kept():
    text = "第一回\n\n“好，那就再去找他。”小龙女道：“是……”——《书》；！？\n一梦．\n"
    assert clean(text) == (text, [])


def test_an_edit_says_what_was_removed_where():
    assert clean("一\r\n\n\n\n二")[1] == [
        Edit("newlines", 1, "\r", ""),
        Edit("blank_lines", 3, "\n\n"),
        Edit("blank_lines", 6, "", "\n"),
    ]


@given(DIRT, SUBSETS)
def test_cleaning_twice_is_cleaning_once(text, names):
    once, _ = clean(text, names)
    assert clean(once, names) == (once, [])


@given(DIRT, SUBSETS)
def test_undo_restores_the_text(text, names):
    cleaned, edits = clean(text, names)
    assert undo(cleaned, edits) == text


@given(DIRT)
def test_no_rules_change_nothing(text):
    assert clean(text, []) == (text, [])


@given(DIRT)
def test_the_default_rules_leave_no_blank_space_behind(text):
    cleaned, _ = clean(text)
    assert "\n\n\n" not in cleaned
    assert not cleaned.startswith("\n")
    assert cleaned == "" or (cleaned.endswith("\n") and not cleaned.endswith("\n\n"))
    assert "\r" not in cleaned
    cleaned.encode()


@pytest.mark.parametrize(
    "text",
    [
        "天地玄黄，宇宙洪荒。" * 100_000,
        "a" + " " * 500_000 + "b",
        ("\n" + " " * 500) * 1000 + "x",
        "\x1b[" * 100_000,
        "\r" * 200_000,
    ],
    ids=["one line", "spaces", "indented blanks", "escapes", "carriage returns"],
)
def test_long_and_odd_texts_are_cleaned_in_linear_time(text):
    # A quadratic rule would run into the test's time limit.
    cleaned, edits = clean(text)
    assert undo(cleaned, edits) == text


def test_every_rule_has_a_sentence_and_a_place():
    assert NAMES == ["newlines", "controls", "invisible", "indents", "line_ends", "blank_lines"]
    assert all(rule.default and rule.sentence.endswith(".") for rule in RULES)


def test_real_novels_keep_their_ideographs_and_come_back(novels):
    for path in novels.glob("zh*/*_utf8*.txt"):
        text = read_text(path)
        cleaned, edits = clean(text)
        assert [c for c in cleaned if "\u4e00" <= c <= "\u9fff"] == [c for c in text if "\u4e00" <= c <= "\u9fff"]
        assert all(cleaned.count(mark) == text.count(mark) for mark in "。，：；！？“”．")
        assert undo(cleaned, edits) == text
        assert clean(cleaned) == (cleaned, [])


RAW = "　　第一回\r\n\r\n\r\n　　话说天下大势。\r\n　　分久必合。  \r\n"
CLEANED = "第一回\n\n话说天下大势。\n分久必合。\n"


@pytest.fixture
def novel(workspace, tmp_path):
    source = tmp_path / "三国.txt"
    source.write_bytes(RAW.encode())
    return workspace.novel(ingest_file(workspace, source)["id"])


def run(*argv):
    return step.main(list(argv))


def test_a_novel_is_cleaned_into_a_numbered_folder(novel, capsys):
    assert run(novel.id, "--json") == 0
    report = json.loads(capsys.readouterr().out)
    assert (report["novel"], report["cleaning"]) == (novel.id, 1)
    assert (report["characters_before"], report["characters_after"]) == (len(RAW), len(CLEANED))
    assert report["rules"] == {"newlines": 5, "controls": 0, "invisible": 0, "indents": 3, "line_ends": 1, "blank_lines": 1}
    assert {"rule": "line_ends", "at": 19, "text": "  ", "inserted": ""} in report["removed"]
    assert read_text(novel.clean_text(1)) == CLEANED
    saved = read_json(novel.report(1))
    assert saved["format"] == 1
    assert {key: saved[key] for key in report} == report
    assert saved["made_from"] == {"novel": novel.id, "sha256": read_json(novel.manifest)["raw_sha256"]}
    assert saved["made_with"]["rules"] == NAMES
    assert [row["title"] for row in read_json(novel.chapters(1))["chapters"]] == ["第一回"]
    assert read_json(novel.meta)["cleaning"] == 1


def test_an_earlier_cleaning_and_the_original_never_change(novel):
    run(novel.id)
    before = {
        path: path.read_bytes() for path in novel.path.rglob("*") if path.is_file() and path.name not in ("meta.json", "lock")
    }
    assert run(novel.id, "--rules", "newlines,indents", "--no-rule", "indents") == 0
    assert {path: path.read_bytes() for path in before} == before
    assert read_text(novel.clean_text(2)) == RAW.replace("\r\n", "\n")
    assert step.read_cleaning(novel).number == 2


def test_a_preview_writes_nothing(novel, capsys):
    before = sorted(novel.path.rglob("*"))
    assert run(novel.id, "--preview", "--json") == 0
    report = json.loads(capsys.readouterr().out)
    assert (report["cleaning"], report["characters_after"]) == (None, len(CLEANED))
    assert sorted(novel.path.rglob("*")) == before
    with pytest.raises(Conflict, match="has not been cleaned"):
        step.read_cleaning(novel)


def test_a_difference_gives_both_texts_and_the_edits_between_them(novel):
    before = sorted(novel.path.rglob("*"))
    raw, text, edits = step.difference(novel)
    assert (raw, text) == (RAW, CLEANED)
    assert undo(text, edits) == raw
    assert step.difference(novel, []) == (RAW, RAW, [])
    assert sorted(novel.path.rglob("*")) == before


def test_an_earlier_cleaning_becomes_the_current_one_again(novel):
    step.clean_novel(novel)
    step.clean_novel(novel, [])
    assert step.cleanings(novel) == [1, 2]
    step.use_cleaning(novel, 1)
    assert step.read_cleaning(novel).text == CLEANED
    step.use_cleaning(novel, None)
    with pytest.raises(Conflict, match="has not been cleaned"):
        step.read_cleaning(novel)
    with pytest.raises(NotFound):
        step.use_cleaning(novel, 3)


def test_two_cleanings_at_once_get_two_numbers(novel):
    threads = [threading.Thread(target=step.clean_novel, args=(novel,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(path.name for path in novel.cleanings.iterdir()) == ["1", "2", "3", "4"]
    assert read_json(novel.meta)["cleaning"] == 4


def test_a_changed_text_is_found_out(novel):
    step.clean_novel(novel)
    novel.clean_text(1).write_text("something else", encoding="utf-8")
    with pytest.raises(BrokenArtifact):
        step.read_cleaning(novel)
    novel.raw_text.write_text("something else", encoding="utf-8")
    with pytest.raises(BrokenArtifact):
        step.clean_novel(novel)


def test_cleaning_to_nothing_is_refused(novel, monkeypatch):
    monkeypatch.setattr(step, "clean", lambda text, names: ("\n", []))
    with pytest.raises(BadText) as caught:
        step.clean_novel(novel)
    assert caught.value.code == "nothing_left"
    assert not novel.cleanings.exists()


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        (["x", "--rules", "newlines,polish"], "there is no rule 'polish'; the rules are newlines, controls"),
        (["x", "--no-rule", "polish"], "there is no rule 'polish'"),
        ([], "nothing is named"),
        (["x", "--file", "a.txt", "--out", "b.txt"], "both a novel (x) and a file"),
        (["--file", "a.txt"], "--file needs --out"),
        (["x", "--out", "b.txt"], "--out goes with --file"),
        (["nobody"], "there is no novel 'nobody'"),
    ],
)
def test_wrong_flags_are_a_sentence(argv, words, capsys):
    assert run(*argv) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert words in captured.err
    assert captured.err.count("\n") == 1


def test_a_bad_rule_name_raises_bad_settings():
    with pytest.raises(BadSettings):
        clean("x", ["polish"])
    assert list(BY_NAME) == NAMES


def test_a_loose_file_is_cleaned_without_a_workspace(tmp_path, monkeypatch, capsys):
    home = tmp_path / "never"
    monkeypatch.setenv("MOXU_HOME", str(home))
    source, out, report = tmp_path / "in.txt", tmp_path / "out.txt", tmp_path / "r.json"
    source.write_bytes(RAW.encode("gb18030"))
    assert run("--file", str(source), "--out", str(out), "--report", str(report), "--encoding", "gbk", "--json") == 0
    printed = json.loads(capsys.readouterr().out)
    assert out.read_bytes() == CLEANED.encode()
    assert read_json(report) == printed
    assert (printed["encoding"], printed["characters_before"]) == ("gb18030", len(RAW))
    assert printed["rules"]["indents"] == 3
    assert source.read_bytes() == RAW.encode("gb18030")
    assert not home.exists()
    assert sorted(path.name for path in tmp_path.iterdir() if path.is_file()) == ["in.txt", "out.txt", "r.json"]


def test_a_loose_preview_writes_nothing(tmp_path, capsys):
    source = tmp_path / "in.txt"
    source.write_text(RAW, encoding="utf-8", newline="")
    assert run("--file", str(source), "--preview", "--json") == 0
    assert json.loads(capsys.readouterr().out)["characters_after"] == len(CLEANED)
    assert list(tmp_path.iterdir()) == [source]


@pytest.mark.parametrize(
    ("out", "words"),
    [("in.txt", "is named twice"), ("link.txt", "is named twice"), (".", "is a folder"), ("no/where.txt", "there is no folder")],
)
def test_a_loose_file_is_never_overwritten(tmp_path, monkeypatch, out, words, capsys):
    monkeypatch.chdir(tmp_path)
    Path("in.txt").write_text(RAW, encoding="utf-8", newline="")
    Path("link.txt").symlink_to("in.txt")
    assert run("--file", "in.txt", "--out", out) == 2
    assert words in capsys.readouterr().err
    assert read_text(Path("in.txt")) == RAW


def test_report_and_out_may_not_be_one_file(tmp_path, capsys):
    source = tmp_path / "in.txt"
    source.write_text(RAW, encoding="utf-8")
    assert run("--file", str(source), "--out", str(tmp_path / "o"), "--report", str(tmp_path / "o")) == 2
    assert not (tmp_path / "o").exists()


@pytest.mark.parametrize(
    ("data", "words"), [(b"", "is empty"), (b"\x89PNG\r\n\x1a\n12", "a PNG picture"), (None, "there is no file")]
)
def test_a_loose_file_that_is_no_text_is_a_sentence(tmp_path, data, words, capsys):
    source = tmp_path / "in.txt"
    if data is not None:
        source.write_bytes(data)
    assert run("--file", str(source), "--out", str(tmp_path / "out.txt")) == 2
    assert words in capsys.readouterr().err
    assert not (tmp_path / "out.txt").exists()


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such files")
@pytest.mark.parametrize("flag", ["--out", "--report"])
def test_what_is_no_ordinary_file_is_never_replaced(tmp_path, flag, capsys):
    source, pipe = tmp_path / "in.txt", tmp_path / "pipe"
    source.write_text(RAW, encoding="utf-8", newline="")
    os.mkfifo(pipe)
    (tmp_path / "link").symlink_to(pipe)
    for target in (pipe, tmp_path / "link"):
        more = [] if flag == "--out" else ["--out", str(tmp_path / "out.txt")]
        assert run("--file", str(source), flag, str(target), *more) == 2
        assert f"{target} is no ordinary file" in capsys.readouterr().err
    assert pipe.is_fifo()
    assert not (tmp_path / "out.txt").exists()


def test_a_link_stays_and_the_file_behind_it_is_replaced(tmp_path):
    (tmp_path / "deep").mkdir()
    source, old, new = tmp_path / "in.txt", tmp_path / "deep" / "old.txt", tmp_path / "deep" / "new.txt"
    source.write_text(RAW, encoding="utf-8", newline="")
    old.write_text("old", encoding="utf-8")
    for place in (old, new):
        link = tmp_path / f"link-{place.name}"
        link.symlink_to(place)
        assert run("--file", str(source), "--out", str(link)) == 0
        assert (link.is_symlink(), read_text(place)) == (True, CLEANED)
