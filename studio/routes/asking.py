"""What every route knows of a request: the visitor, the services, and the words of the page that asks."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from studio import access
from studio.access import Visitor
from studio.services import Services
from studio.words import LANGUAGES, Words, load_words, preferred

LANGUAGE_HEADER = "x-moxu-language"


@dataclass(frozen=True)
class Asked:
    """Who asks, of whom, in which language."""

    visitor: Visitor
    services: Services
    words: Words


def language_of(request: Request) -> str:
    """The language of the page that asks: what its scripts say in a header, else the browser's."""
    named = request.headers.get(LANGUAGE_HEADER, "")
    return named if named in LANGUAGES else preferred(request.headers.get("accept-language", ""))


def asked(request: Request) -> Asked:
    """What a route needs to know of a request."""
    visitor = access.visitor_from(request.client.host if request.client else None)
    return Asked(visitor, request.app.state.services, load_words(language_of(request)))


Asking = Annotated[Asked, Depends(asked)]
