import pytest

from pipelines.decode import decode
from pipelines.decode.detection import Guess
from pipelines.errors import BadText, Conflict
from pipelines.formats.documents import Skipped
from pipelines.magic import SIGNATURES
from studio import arrival_cards as cards
from studio.services.arriving import Arrival, Batch
from studio.services.novels import Novel
from studio.services.questions import Question
from studio.words import LANGUAGES, load_words
from studio.workers import Stopped

ZH = load_words("zh")
HOSTILE = ("<img src=x onerror=alert(1)>", "</textarea><script>alert(1)</script>", '"><b>', "\u202egnp", "half \ud83d")


def row(title, **more):
    return {"title": title, "kind": "txt", "encoding": "utf-8", "characters": 1, "chapters": 1, "replaced": 0} | more


@pytest.mark.parametrize("text", HOSTILE)
def test_whatever_a_name_or_a_text_holds_stays_text(text):
    guess = Guess("gb18030", 0.1, text)
    batch = Batch(total=1, at_work=text, done=[Arrival(text, [row(text)])])
    shown = [
        cards.coming(ZH, batch),
        cards.arrivals(ZH, [Arrival(text, [row(text)], [Skipped(text, text, text)]), Arrival(text, error=BadText("x", text))]),
        cards.questions(ZH, [Question(text, text, [guess])], (text, guess)),
        cards.doubt(ZH, Novel(text, text, encoding="gb18030"), [guess]),
    ]
    for markup in shown:
        markup.html.encode()
        for tag in ("<img", "<script", "</textarea", "<b>", "\u202e"):
            assert tag not in markup.html


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("head", [signature for signature, _ in SIGNATURES])
def test_a_file_that_is_no_text_is_called_what_it_is(head, language):
    words = load_words(language)
    with pytest.raises(BadText) as caught:
        decode(head + b"\x00" * 100)
    kinds = [value for key, value in words.entries.items() if key.startswith("library.kind.")]
    assert cards.reason(words, caught.value) in [words("library.not_text", kind=kind) for kind in kinds]


def test_a_file_that_is_there_already_is_no_failure():
    html = cards.arrivals(ZH, [Arrival("a.txt", error=Conflict("already_here", "", title="甲"))]).html
    assert "badge bad" not in html
    assert "《甲》" in html


def test_a_file_that_waits_for_an_answer_is_no_failure_either():
    unclear = Skipped("in/b.txt", "", "encoding_unclear")
    html = cards.arrivals(
        ZH, [Arrival("a.txt", error=BadText("encoding_unclear", "")), Arrival("z.zip", [row("b")], [unclear])]
    ).html
    assert "badge bad" not in html
    assert html.count(ZH("library.unclear")) == 2


def test_of_a_thousand_novels_the_first_are_listed_and_all_are_counted():
    html = cards.arrivals(ZH, [Arrival("z.zip", [row(f"第{number}本") for number in range(1000)])]).html
    assert html.count("<bdi>第") == cards.LISTED
    assert ZH("library.arrived.novels", count="1,000") in html
    assert ZH("library.arrived.more", count=1000 - cards.LISTED) in html


def test_a_book_that_says_its_own_encoding_is_told_by_its_format():
    html = cards.arrivals(ZH, [Arrival("b.epub", [row("书", kind="epub")])]).html
    assert ZH("library.format.epub") in html
    assert "UTF-8" not in html


def test_what_was_stopped_says_so():
    assert cards.reason(ZH, Stopped()) == ZH("library.stopped")


def test_a_full_disk_is_a_sentence():
    assert cards.reason(ZH, OSError(28, "x")) == ZH("error.disk_full")


def test_nothing_arrived_and_nothing_asked_shows_nothing():
    assert cards.arrivals(ZH, []).html == cards.questions(ZH, []).html == ""


def test_only_a_few_questions_are_asked_at_once():
    asked = [Question(str(number), "a.txt", []) for number in range(cards.ASKED + 3)]
    html = cards.questions(ZH, asked).html
    assert html.count("<section") == cards.ASKED
    assert ZH("library.ask.waiting", count=3) in html


def test_the_reading_a_novel_has_now_is_marked():
    guesses = [Guess(name, 0.5, "x") for name in ("gb18030", "cp949")]
    assert cards.doubt(ZH, Novel("n", "书", encoding="cp949"), guesses).html.count(ZH("library.ask.now")) == 1
