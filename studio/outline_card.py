"""The chapters that a cleaning leaves, folded away. Pure."""

from studio.markup import Markup, tag
from studio.preview_pages import Preview
from studio.words import Words

MOST_CHAPTERS = 500


def chapters(words: Words, preview: Preview) -> Markup:
    """The titles, the first few hundred of them."""
    rows = [tag("li", title) for title, _ in preview.chapters[:MOST_CHAPTERS]]
    left = len(preview.chapters) - MOST_CHAPTERS
    more = tag("p", words("cleaning.chapters.more", count=f"{left:,}"), class_="quiet") if left > 0 else None
    head = tag("summary", words("cleaning.chapters", count=f"{len(preview.chapters):,}"))
    return tag("details", head, tag("ol", *rows, tabindex=0), more, class_="chapters card")
