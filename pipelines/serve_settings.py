"""How the engine process listens: its settings, declared without FastAPI so that a page and the docs can ask them."""

import os
import re
from dataclasses import dataclass, replace

from pipelines.errors import BadSettings
from pipelines.settings import option

TOKEN_VARIABLE = "MOXU_ENGINE_TOKEN"


@dataclass(frozen=True, slots=True)
class ServeSettings:
    """Settings of `pipelines.serve`."""

    host: str = option("127.0.0.1", "address to listen on; one that other machines reach needs a token")
    port: int = option(8000, "port to listen on; 0 takes a free one and says which", minimum=0, maximum=65535)
    token: str | None = option(None, f"what clients must show; as ${TOKEN_VARIABLE} it stays out of the list of processes")
    origin: tuple[str, ...] = option((), "web site whose pages may ask, like https://example.org; may be repeated")
    waiting: int = option(8, "requests that may wait while one is written; more are refused", minimum=0, maximum=1000)
    idle_minutes: float = option(
        0.0, "end after so many minutes in which nobody asked for text; 0 never ends", minimum=0.0, maximum=100_000.0
    )


def with_token(settings: ServeSettings) -> ServeSettings:
    """The settings with the environment's token where the flags name none; raises BadSettings for one no header can carry."""
    token = settings.token if settings.token is not None else os.environ.get(TOKEN_VARIABLE)
    # Nothing else passes through a header unchanged.
    if token is not None and not re.fullmatch("[!-~]+", token):
        message = "the token must be visible ASCII characters without spaces, at least one"
        raise BadSettings("bad_token", message, f"make one with `openssl rand -hex 32`, or unset {TOKEN_VARIABLE}")
    return replace(settings, token=token)
