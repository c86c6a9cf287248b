"""What is here already is told from what is new, by several processes at once, too."""

from pipelines.bring import Asked
from pipelines.ingest import ingest_file
from pipelines.known import Originals, titles_here


def test_an_original_is_claimed_once(tmp_path):
    one, other = (Originals({"a": "甲"}, tmp_path / "claims.jsonl") for _ in range(2))
    assert one.holder("a") == one.claim("a", "乙") == "甲"
    assert (one.claim("b", "乙"), other.holder("b"), other.claim("b", "丙"), one.claim("b", "丁")) == ("", "乙", "乙", "乙")
    assert other.holder("c") == ""


def test_the_originals_of_an_owner_are_told_by_what_was_asked(workspace, tmp_path):
    source = tmp_path / "书.txt"
    source.write_text("话说天下大势，分久必合。" * 9, encoding="utf-8")
    ingest_file(workspace, source, owner="ann")
    ingest_file(workspace, source, "utf-8", "名")
    (workspace.novels / "damaged-12345678").mkdir()
    assert list(titles_here(workspace, Asked(owner="ann")).values()) == ["书"]
    assert (
        list(titles_here(workspace, Asked("utf-8")).values())
        == list(titles_here(workspace, Asked(title="名")).values())
        == ["名"]
    )
    assert (
        titles_here(workspace, Asked("gbk"))
        == titles_here(workspace, Asked(title="别"))
        == titles_here(workspace, Asked(owner="bob"))
        == {}
    )
