"""What `thestack new` writes: a small service that works, with names made from the service's own."""

import keyword
import re
from dataclasses import dataclass
from string import Template

from thestack import language

_GRAPHQL = frozenset(
    {"Boolean", "Date", "Float", "Int", "Mutation", "PageInfo", "Query", "String", "Subscription"}
)
_PARAMETERS = frozenset({"Created", "Mine", "Owner", "Text"})
_UNCOUNTABLE = frozenset({"equipment", "information", "media", "news", "series", "species"})
_IRREGULAR = {
    "children": "child",
    "criteria": "criterion",
    "data": "datum",
    "indices": "index",
    "men": "man",
    "movies": "movie",
    "people": "person",
    "women": "woman",
}
_SINGULARS = (
    (re.compile(r"(.*[^aeiou])ies"), r"\1y"),
    (re.compile(r"(.*(?:ss|sh|ch|x|z))es"), r"\1"),
    (re.compile(r"(.*(?:us|is|ss))"), r"\1"),
    (re.compile(r"(.+)s"), r"\1"),
)
_PLURALS = (
    (re.compile(r"(.*[^aeiou])y"), r"\1ies"),
    (re.compile(r"(.*(?:s|sh|ch|x|z))"), r"\1es"),
    (re.compile(r"(.*)"), r"\1s"),
)


@dataclass(frozen=True, slots=True)
class Scaffold:
    """The names of a new service's parts."""

    service: str
    entity: str
    """The GraphQL type and Python class: Review."""
    one: str
    """The same in snake_case: review."""
    many: str
    """The query: reviews."""

    @property
    def event(self) -> str:
        """The class of its event: ReviewCreated."""
        return f"{self.entity}Created"

    @property
    def says(self) -> str:
        """The event's name: review.created."""
        return f"{self.one}.created"

    @property
    def mutation(self) -> str:
        """What makes one: create_review."""
        return f"create_{self.one}"

    @property
    def source(self) -> str:
        """The text of `service.py`."""
        return _SOURCE.substitute(
            service=self.service,
            entity=self.entity,
            one=self.one,
            many=self.many,
            event=self.event,
            says=self.says,
            mutation=self.mutation,
            title=self.service.capitalize(),
        )


def scaffold(service: str) -> Scaffold:
    """The names for a service that is called so. No name hides one that the definition itself uses."""
    singular = _singular(service)
    plural = service if service != singular or service in _UNCOUNTABLE else _first(_PLURALS, singular)
    entity = singular.capitalize()
    is_no_name = len(entity) == 1 or keyword.iskeyword(entity) or keyword.iskeyword(singular)
    if is_no_name or entity in {*language.__all__, *_GRAPHQL, *_PARAMETERS}:
        entity, singular = f"{entity}Item", f"{singular}_item"
    many = f"{plural}_list" if keyword.iskeyword(plural) else plural
    return Scaffold(service, entity, singular, many)


def _singular(word: str) -> str:
    if word in _UNCOUNTABLE:
        return word
    return _IRREGULAR.get(word) or _first(_SINGULARS, word)


def _first(rules: tuple[tuple[re.Pattern[str], str], ...], word: str) -> str:
    """The word by the first rule that fits; as it is where none does."""
    found = (rule.fullmatch(word) for rule, _ in rules)
    fits = ((match, made) for match, (_, made) in zip(found, rules, strict=True) if match)
    return next((match.expand(made) for match, made in fits), word)


_SOURCE = Template('''\
"""$title: what this service is for, in one line."""

from datetime import datetime

from thestack import (
    Caller,
    Clock,
    Connection,
    Entity,
    Event,
    Id,
    Index,
    Owned,
    Page,
    Service,
    new_id,
    owner,
    signed_in,
)

service = Service("$service")


class $entity(Entity, key="id", owner="owner_id", allow=owner):
    """What a user keeps here."""

    id: Id
    owner_id: Id
    text: str
    created_at: datetime
    by_created = Index("owner_id", "created_at", sort=datetime)


class $event(Event, name="$says", version=1):
    """Said when a user made one."""

    ${one}_id: Id
    owner_id: Id
    created_at: datetime


@service.query(allow=signed_in)
async def $many(
    page: Page,
    *,
    mine: Owned[$entity],
) -> Connection[$entity]:
    """The caller's own, oldest first."""
    return await mine.page($entity.by_created, page)


@service.mutation(allow=signed_in)
async def $mutation(
    text: str,
    *,
    mine: Owned[$entity, $event],
    caller: Caller,
    clock: Clock,
) -> $entity:
    $one = $entity(
        id=new_id(),
        owner_id=caller.id,
        text=text,
        created_at=clock.now(),
    )
    created = $event(
        ${one}_id=$one.id,
        owner_id=$one.owner_id,
        created_at=$one.created_at,
    )
    return await mine.put($one, emit=created)
''')
