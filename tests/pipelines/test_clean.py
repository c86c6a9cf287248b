"""Cleanings of novels and of loose files by the command: what is written, what never changes, what is taken back."""

import json
import os
import threading
from pathlib import Path

import pytest

from pipelines import clean as command
from pipelines import cleanings as step
from pipelines import ingest, reports, sectionwise
from pipelines.cleaning import Recipe, clean
from pipelines.errors import BadText, BrokenArtifact, Conflict, NotFound
from pipelines.files import read_json, read_text, replacing
from pipelines.folders import NovelFolder, list_folders
from pipelines.ingest import ingest_file
from pipelines.rules import DEFAULTS
from pipelines.rules.own import OwnRule
from pipelines.sections import sections

RAW = "　　第一回\r\n\r\n\r\n　　话说天下大势。\r\n　　分久必合。  \r\n"
CLEANED = "第一回\n\n话说天下大势。\n分久必合。\n"


@pytest.fixture
def novel(workspace, tmp_path):
    source = tmp_path / "三国.txt"
    source.write_bytes(RAW.encode())
    return workspace.novel(ingest_file(workspace, source).novels[0]["id"])


def run(*argv):
    return command.main(list(argv))


def test_a_novel_is_cleaned_into_a_numbered_folder(novel, capsys):
    assert run(novel.id, "--json") == 0
    report = json.loads(capsys.readouterr().out)
    assert (report["novel"], report["cleaning"]) == (novel.id, 1)
    assert (report["characters_before"], report["characters_after"]) == (len(RAW), len(CLEANED))
    assert report["rules"] == dict.fromkeys(DEFAULTS, 0) | {
        "newlines": 5,
        "indents": 3,
        "line_ends": 1,
        "blank_lines": 1,
    }
    assert {"rule": "line_ends", "at": 19, "text": "  ", "inserted": "", "raw": 29} in report["removed"]
    assert read_text(novel.clean_text(1)) == CLEANED
    saved = read_json(novel.report(1))
    assert saved["format"] == 1
    assert {key: report[key] for key in saved} == saved
    assert saved["made_from"] == {"novel": novel.id, "sha256": read_json(novel.manifest)["raw_sha256"]}
    assert saved["made_with"]["rules"] == list(DEFAULTS)
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


def test_an_earlier_cleaning_becomes_the_current_one_again(novel):
    step.clean_novel(novel)
    step.clean_novel(novel, Recipe(()))
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


def test_cleaning_to_nothing_is_refused(novel):
    with pytest.raises(BadText) as caught:
        step.clean_novel(novel, Recipe(DEFAULTS, (OwnRule("all", "(?s).+", regex=True),)))
    assert caught.value.code == "nothing_left"
    assert step.cleanings(novel) == []


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        (["x", "--rules", "newlines,polish"], "there is no rule 'polish'; the rules are newlines, controls"),
        (["x", "--no-rule", "polish"], "there is no rule 'polish'"),
        ([], "nothing is named"),
        (["x", "--file", "a.txt", "--out", "b.txt"], "both a novel (x) and a file"),
        (["--file", "a.txt"], "--file needs --out"),
        (["x", "--out", "b.txt"], "--out goes with --file"),
        (["--file", "a.txt", "--undo-rule", "x"], "--undo-rule goes with a novel"),
        (["nobody"], "there is no novel 'nobody'"),
    ],
)
def test_wrong_flags_are_a_sentence(argv, words, capsys):
    assert run(*argv) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert words in captured.err
    assert captured.err.count("\n") == 1


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


def rows_of(novel, number):
    return list(reports.read_rows(novel.report(number)))


def test_one_edit_one_rule_and_the_whole_cleaning_are_taken_back(novel, capsys):
    run(novel.id)
    first = next(place for place, row in enumerate(rows_of(novel, 1), start=1) if row["rule"] == "indents")
    assert run(novel.id, "--undo-edit", str(first)) == 0
    assert read_text(novel.clean_text(2)) == "　　" + CLEANED
    assert run(novel.id, "--undo-rule", "line_ends") == 0
    assert read_text(novel.clean_text(3)) == "　　" + CLEANED.replace("必合。", "必合。  ")
    assert run(novel.id, "--undo") == 0
    assert read_json(novel.meta)["cleaning"] == 2
    assert run(novel.id, "--use", "none") == 0
    assert read_json(novel.meta)["cleaning"] is None
    assert run(novel.id, "--use", "9") == 2
    assert run(novel.id, "--undo") == 2
    assert "has not been cleaned" in capsys.readouterr().err


def test_a_novel_keeps_the_recipe_it_was_cleaned_by(novel):
    run(novel.id, "--rules", "newlines", "--replace", "天下", "世上")
    run(novel.id)
    assert read_text(novel.clean_text(2)) == RAW.replace("\r\n", "\n").replace("天下", "世上")


def test_several_novels_are_cleaned_and_one_that_is_damaged_does_not_stop_the_others(novel, workspace, tmp_path, capsys):
    other = tmp_path / "水浒.txt"
    other.write_text("话说大宋天子。\n" * 10, encoding="utf-8")
    assert ingest.main([str(other)]) == 0
    novel.raw_text.write_text("something else", encoding="utf-8")
    capsys.readouterr()
    assert run("--all", "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert [one["novel"] for one in told["skipped"]] == [novel.id]
    assert len(told["novels"]) == 1


def test_a_loose_text_comes_back_byte_for_byte_from_its_report(tmp_path):
    source, out, report, back = (tmp_path / name for name in ("a.txt", "b.txt", "r.json", "c.txt"))
    source.write_bytes(RAW.encode())
    assert run("--file", str(source), "--out", str(out), "--report", str(report)) == 0
    assert run("--file", str(out), "--restore", str(report), "--out", str(back)) == 0
    assert back.read_bytes() == source.read_bytes()
    out.write_text("something else", encoding="utf-8")
    assert run("--file", str(out), "--restore", str(report), "--out", str(back)) == 2


def test_a_text_of_several_sections_is_cleaned_alike_in_one_process_or_two_and_comes_back(novel, monkeypatch):
    text = "".join(f"第{number}章 山雨\r\n　　话说天下大势，分久必合。\r\n" for number in range(1, 400))
    monkeypatch.setattr(sectionwise, "SECTION_CHARACTERS", 1_000)
    monkeypatch.setattr(sectionwise, "sections", lambda blocks: sections(blocks, 1_000))
    monkeypatch.setattr(sectionwise.os, "cpu_count", lambda: 2)
    alone, both = (list(sectionwise.work([text], Recipe(), len(text), processes=count)) for count in (1, 2))
    assert alone == both
    assert len(alone) > 3
    assert "".join(worked.text for worked in alone) == clean(text).text
    totals = sectionwise.Totals()
    for worked in alone:
        totals.add(worked)
    path = novel.path / "report.json"
    with replacing(path) as file:
        reports.write(file, totals.facts(Recipe()), [row for worked in alone for row in worked.rows])
    assert reports.restored("".join(worked.text for worked in alone), path) == text
    assert [chapter.start for chapter in totals.chapters] == sorted(chapter.start for chapter in totals.chapters)


@pytest.mark.parametrize("name", ["train.json", "all.txt", "all.parquet"])
def test_clean_chapters_go_out_in_a_file_and_come_back_as_the_same_text(novel, workspace, tmp_path, name):
    target = tmp_path / name
    assert run(novel.id, "--export", str(target)) == 0
    assert ingest.main([str(target)]) == 0
    (other,) = (found for found in list_folders(workspace.novels) if found.name != novel.id)
    assert read_text(NovelFolder(other).raw_text) == CLEANED


def test_an_export_without_a_known_kind_does_nothing(novel, tmp_path, capsys):
    assert run(novel.id, "--export", str(tmp_path / "all.docx")) == 2
    assert ".parquet" in capsys.readouterr().err
    assert step.cleanings(novel) == []


def test_many_novels_are_cleaned_on_several_cores_as_on_one(workspace, tmp_path, monkeypatch, capsys):
    for number in range(3):
        (tmp_path / f"{number}.txt").write_bytes(RAW.encode() + str(number).encode())
    assert ingest.main([str(tmp_path / f"{number}.txt") for number in range(3)]) == 0
    monkeypatch.setattr(command, "worth_a_crowd", lambda files: 2)
    capsys.readouterr()
    assert run("--all", "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert [one["cleaning"] for one in told["novels"]] == [1, 1, 1]
    assert told["skipped"] == []


@pytest.mark.parametrize("flags", [("--preview",), ("--preview", "--report", "r.json")])
def test_a_preview_of_a_loose_file_writes_nothing_where_out_is_named_either(tmp_path, monkeypatch, flags):
    monkeypatch.chdir(tmp_path)
    Path("in.txt").write_text(RAW, encoding="utf-8", newline="")
    Path("out.txt").write_text("mine", encoding="utf-8")
    assert run("--file", "in.txt", "--out", "out.txt", *flags) == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.txt", "out.txt"]
    assert read_text(Path("out.txt")) == "mine"


def test_restoring_without_a_target_or_a_report_is_a_sentence(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    Path("in.txt").write_text(RAW, encoding="utf-8", newline="")
    assert run("--file", "in.txt", "--restore", "r.json", "--preview") == 2
    assert "--out" in capsys.readouterr().err
    assert run("--file", "in.txt", "--restore", "r.json", "--out", "o.txt") == 2
    assert "no file r.json" in capsys.readouterr().err


def test_a_number_of_thousands_of_digits_is_no_cleaning(novel, capsys):
    run(novel.id)
    assert run(novel.id, "--use", "9" * 5_000) == 2
    assert run(novel.id, "--use", "7") == 2


def test_a_recipe_that_is_chosen_while_a_novel_is_cleaned_stays_chosen(novel):
    later = Recipe(("indents",), (OwnRule("mine", "天下", "江湖"),))
    step.clean_novel(novel, Recipe(("newlines",)), progress=lambda done: step.set_recipe(novel, later))
    assert step.recipe_for(novel) == later
    step.clean_novel(novel, Recipe(("newlines",)))
    assert step.recipe_for(novel) == Recipe(("newlines",))


def test_a_novel_that_is_being_cleaned_elsewhere_stops_no_other(novel, workspace, tmp_path, monkeypatch, capsys):
    other = tmp_path / "水浒.txt"
    other.write_text("第一回\n" + RAW, encoding="utf-8")
    ingest_file(workspace, other)
    monkeypatch.setattr(step, "LOCK_SECONDS", 0.0)
    with step.held(novel):
        assert run("--all", "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert [one["novel"] for one in told["skipped"]] == [novel.id]
    assert len(told["novels"]) == 1


def test_going_back_to_a_cleaning_goes_back_to_its_rules(novel):
    run(novel.id, "--rules", "newlines,line_ends")
    run(novel.id, "--rules", "newlines,indents")
    assert run(novel.id, "--undo") == 0
    first = next(place for place, row in enumerate(rows_of(novel, 1), start=1) if row["rule"] == "line_ends")
    assert run(novel.id, "--undo-edit", str(first)) == 0
    assert read_text(novel.clean_text(3)) == RAW.replace("\r\n", "\n")
