"""What is the same text in the novels that are ticked for a training: which, how much, why it matters, what to do. Pure."""

from collections.abc import Iterator

from pipelines.duplicates import Pair, Share
from studio.markup import Markup, join, tag
from studio.services.duplicates import Repeats
from studio.words import Words

FIRST_PAIRS = 5
FIRST_SHARES = 4


def checking(words: Words) -> Markup:
    """While it is worked out."""
    return tag("p", tag("span", class_="turning", aria_hidden="true"), words("training.twice.checking"), class_="quiet checking")


def card(words: Words, repeats: Repeats) -> Markup:
    """What was found; nothing at all if nothing is twice."""
    if repeats.is_nothing:
        return Markup("")
    parts = [tag("h3", words("training.twice.title"), class_="part"), *_shares(words, repeats), *_pairs(words, repeats)]
    why = tag("p", words("training.twice.why"), class_="quiet")
    return tag("section", *parts, why, tag("p", words("training.twice.todo")), class_="card twice", aria_live="polite")


def _shares(words: Words, repeats: Repeats) -> Iterator[Markup]:
    """Of each two novels the one that has more of itself in the other, the greatest first."""
    greatest: dict[frozenset[str], Share] = {}
    for share in sorted(repeats.found.novels, key=lambda share: share.share, reverse=True):
        greatest.setdefault(frozenset((share.a, share.b)), share)
    shown = list(greatest.values())[:FIRST_SHARES]
    rows = [tag("li", _share(words, repeats, share)) for share in shown]
    if left := len(greatest) - len(shown):
        rows.append(tag("li", words("training.twice.more_novels", count=f"{left:,}"), class_="quiet"))
    if rows:
        yield tag("ul", *rows)


def _share(words: Words, repeats: Repeats, share: Share) -> str:
    titles = repeats.titles
    return words("training.twice.share", a=titles[share.a], b=titles[share.b], share=f"{share.share:.0%}".replace("%", " %"))


def _pairs(words: Words, repeats: Repeats) -> Iterator[Markup]:
    """The first chapters that come twice, and how many more do."""
    pairs = repeats.found.pairs
    if not pairs:
        return
    rows = [tag("li", _pair(words, repeats, pair)) for pair in pairs[:FIRST_PAIRS]]
    if left := len(pairs) - len(rows):
        rows.append(tag("li", words("training.twice.more_pairs", count=f"{left:,}"), class_="quiet"))
    head = tag("summary", words("training.twice.pairs", count=f"{len(pairs):,}"))
    yield tag("details", head, tag("ul", *rows), open=not repeats.found.novels)


def _pair(words: Words, repeats: Repeats, pair: Pair) -> Markup:
    a, b = repeats.titles[pair.novel_a], repeats.titles[pair.novel_b]
    if pair.title_a == pair.title_b and a != b:
        what = words("training.twice.same_title", chapter=pair.title_a, a=a, b=b)
    else:
        what = words("training.twice.pair", a=a, one=pair.title_a, b=b, other=pair.title_b)
    like = words("training.twice.exact") if pair.kind == "exact" else words("training.twice.near", share=f"{pair.similarity:.0%}")
    return join(what, " ", tag("span", like, class_="quiet"))
