"""Who a visitor is and what they may do: one table for pages, events, downloads and the HTTP API.

There is no login yet: whoever sits at this machine is its admin, and nobody else reaches the studio, which listens on
loopback only. Owners and `shared` flags are written from the first day, so that accounts find them.
"""

import ipaddress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pipelines.errors import BrokenArtifact, Forbidden
from pipelines.files import read_json
from pipelines.workspace import LOCAL_OWNER

Action = Literal["see", "use", "make", "change"]
Relation = Literal["own", "shared", "foreign", "none"]
EVERYTHING: frozenset[Action] = frozenset({"see", "use", "make", "change"})

# What a role may do with a thing of its own, one that is shared with it, one of somebody else, and with none in particular.
TABLE: dict[str, dict[Relation, frozenset[Action]]] = {
    "admin": {"own": EVERYTHING, "shared": EVERYTHING, "foreign": EVERYTHING, "none": EVERYTHING},
    "writer": {"own": EVERYTHING, "shared": frozenset({"see", "use"}), "foreign": frozenset(), "none": EVERYTHING},
    "guest": {"own": frozenset(), "shared": frozenset({"use"}), "foreign": frozenset(), "none": frozenset({"use"})},
}


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody who looks at a page: the name that owns what they make, and their role."""

    name: str
    role: str


@dataclass(frozen=True, slots=True)
class Thing:
    """Whose a novel, corpus, run, bundle or manuscript is."""

    owner: str
    shared: bool


ADMIN = Visitor(LOCAL_OWNER, "admin")
GUEST = Visitor("guest", "guest")


def visitor_from(host: str | None) -> Visitor:
    """The visitor at the other end of a connection; only this machine is known."""
    try:
        return ADMIN if ipaddress.ip_address(host or "").is_loopback else GUEST
    except ValueError:
        return GUEST


def thing_of(meta: Path) -> Thing:
    """Whose a thing is, by its meta.json; without a readable one, as in a folder copied in, it is the machine's owner's."""
    try:
        known = read_json(meta)
    except (FileNotFoundError, BrokenArtifact):
        known = {}
    if not isinstance(known, dict):
        known = {}
    return Thing(str(known.get("owner", LOCAL_OWNER)), known.get("shared") is True)


def may(visitor: Visitor, action: Action, thing: Thing | None = None) -> bool:
    """Whether the visitor may do that, with this thing or with none in particular."""
    return action in TABLE[visitor.role][_relation(visitor, thing)]


def require(visitor: Visitor, action: Action, thing: Thing | None = None) -> None:
    """Raise Forbidden unless the visitor may do that."""
    if not may(visitor, action, thing):
        raise Forbidden("forbidden", "you may not do that here", "ask whoever runs this studio", action=action)


def _relation(visitor: Visitor, thing: Thing | None) -> Relation:
    if thing is None:
        return "none"
    if thing.owner == visitor.name and visitor.role != "guest":
        return "own"
    return "shared" if thing.shared else "foreign"
