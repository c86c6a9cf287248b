import pytest

from pipelines import assemble, cleanings, encode, prepare
from pipelines.assemble import AssembleSettings
from pipelines.cleaning import Recipe
from pipelines.errors import BadSettings, BadText, NotFound
from pipelines.files import read_json, write_json
from pipelines.folders import CorpusFolder, list_folders
from pipelines.ingest import ingest


@pytest.fixture
def story(workspace, project):
    return ingest(workspace, [project / "assets" / "samples" / "zh.txt"]).novels[0]["id"]


@pytest.fixture
def told():
    return []


@pytest.fixture
def ready(workspace, told):
    """Prepare, noting what was made."""

    def call(*novels, name=""):
        told.clear()
        return prepare.prepare(workspace, novels, name, lambda step, subject: told.append(step))

    return call


def test_what_is_missing_is_made_and_what_is_there_is_used_again(ready, story, told):
    first = ready(story)
    assert told == ["clean", "assemble", "encode"]
    assert ready(story) == first
    assert told == []


def test_a_corpus_made_by_hand_is_used(workspace, ready, story, told):
    novel = workspace.novel(story)
    cleanings.clean_novel(novel)
    corpus = assemble.assemble(workspace, [novel], "by hand", AssembleSettings())
    encoding = encode.encode(corpus)
    assert ready(story) == (corpus, encoding)
    assert told == []


def test_another_cleaning_makes_another_corpus(workspace, ready, project, tmp_path, told):
    file = tmp_path / "messy.txt"
    file.write_text(
        (project / "assets" / "samples" / "zh.txt").read_text(encoding="utf-8").replace("\n", " \n"), encoding="utf-8"
    )
    novel = ingest(workspace, [file]).novels[0]["id"]
    first, _ = ready(novel)
    cleanings.clean_novel(workspace.novel(novel), Recipe(rules=("newlines",)))
    second, _ = ready(novel)
    assert second != first
    assert told == ["assemble", "encode"]


def test_a_corpus_older_than_outlines_is_used_again(ready, story, told):
    corpus, _ = ready(story)
    manifest = read_json(corpus.manifest)
    del manifest["made_from"][0]["outline"]
    write_json(corpus.manifest, manifest)
    assert ready(story)[0] == corpus
    assert told == []


def test_a_corpus_held_out_otherwise_is_not_this_one(workspace, ready, story):
    novel = workspace.novel(story)
    cleanings.clean_novel(novel)
    other = assemble.assemble(workspace, [novel], "other", AssembleSettings(hold_out=0.3))
    assert ready(story)[0] != other


def test_the_order_of_the_novels_and_naming_one_twice_change_nothing(workspace, ready, story, project):
    english = ingest(workspace, [project / "assets" / "samples" / "en.txt"]).novels[0]["id"]
    assert ready(story, english) == ready(english, story, english)


def test_a_damaged_corpus_and_a_folder_that_is_none_are_passed_over(workspace, ready, story):
    first, _ = ready(story)
    first.chapters.write_text("{}\n", encoding="utf-8")
    (workspace.corpora / "odd").mkdir()
    second, _ = ready(story)
    assert second != first


def test_the_corpus_is_called_by_the_titles(ready, story):
    assert read_json(ready(story)[0].manifest)["name"] == "zh"


def test_a_name_that_is_given_is_taken(ready, story):
    assert read_json(ready(story, name="mine")[0].manifest)["name"] == "mine"


def test_no_novel_an_unknown_one_and_too_short_a_one_leave_no_corpus(workspace, ready, tmp_path):
    short = tmp_path / "short.txt"
    short.write_text("雪停了。\n\n他走了。", encoding="utf-8")
    novel = ingest(workspace, [short]).novels[0]["id"]
    for novels, error in (((), BadSettings), (("nobody",), NotFound), ((novel,), BadText)):
        with pytest.raises(error):
            ready(*novels)
    assert list_folders(workspace.corpora) == []


def test_the_bundled_story_is_brought_once(workspace, project):
    story = project / "assets" / "samples" / "zh.txt"
    first = prepare.bring_story(workspace, story)
    assert prepare.bring_story(workspace, story) == first
    assert len(list_folders(workspace.novels)) == 1
    assert read_json(first.meta)["title"] in story.read_text(encoding="utf-8").splitlines()[0]


def test_the_command_says_what_it_made(moxu, workspace, story):
    code, made, _ = moxu("prepare", story)
    assert code == 0
    assert [row["step"] for row in made["made"]] == ["clean", "assemble", "encode"]
    assert CorpusFolder(workspace.corpora / made["corpus"]).encoding(made["encoding"]).manifest.exists()
    assert moxu("prepare", story)[1] == made | {"made": []}
    assert moxu("prepare", "nobody")[0] == 2
