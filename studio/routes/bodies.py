"""What a request to a route holds: a JSON object of bounded size, and its values checked for their kind."""

import json
from typing import Annotated, Any

from fastapi import Depends, Request
from starlette.requests import ClientDisconnect

from pipelines.errors import BadSettings, StudioError
from pipelines.gate import LARGEST_BODY_BYTES, Oversized, read_body
from pipelines.settings import KINDS


async def json_object(request: Request) -> dict[str, Any]:
    """The body of a request; raises BadSettings if it is too large or no JSON object."""
    try:
        value = json.loads(await read_body(request.receive))
    except Oversized as error:
        megabytes = LARGEST_BODY_BYTES // 1_000_000
        message = f"more than {megabytes} MB were sent at once"
        raise BadSettings("request_too_large", message, "add long texts in parts", most=megabytes) from error
    except ClientDisconnect as error:
        raise StudioError("left", "the page left before it had asked") from error
    except (ValueError, RecursionError) as error:
        raise BadSettings("no_object", "what was sent is no JSON object") from error
    if not isinstance(value, dict):
        raise BadSettings("no_object", "what was sent is no JSON object")
    _require_whole(value)
    return value


def _require_whole(value: dict[str, Any]) -> None:
    """Refuse half characters, which JSON can name and neither a file nor an answer can hold."""
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        raise BadSettings("lone_surrogate", "what was sent holds half a character", "delete it", place=error.start) from error


Body = Annotated[dict[str, Any], Depends(json_object)]


def take(body: dict[str, Any], name: str, kind: type, default: Any = None) -> Any:
    """The value `name` of this kind; raises BadSettings for another kind, or for none where there is no default."""
    value = body.get(name, default)
    if type(value) is not kind:
        wanted = KINDS.get(kind, kind.__name__)
        raise BadSettings("wrong_kind", f"{name} must be {wanted}", name=name)
    return value
