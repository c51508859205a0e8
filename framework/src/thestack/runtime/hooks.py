"""Hooks: one plain HTTP request, one transaction, one answer."""

from collections.abc import Mapping
from dataclasses import replace

from thestack.definition.hooks import HookRequest, HookResponse
from thestack.definition.model import HookModel, ServiceModel
from thestack.definition.problems import (
    BadInput,
    Conflict,
    Forbidden,
    NotFound,
    Problem,
    TooLarge,
    Unauthenticated,
)
from thestack.runtime.access import require
from thestack.runtime.conflicts import give_way
from thestack.runtime.invoke import call
from thestack.runtime.ports import Ports
from thestack.runtime.scope import Scope
from thestack.runtime.unit_of_work import UnitOfWork

LARGEST_BODY = 64 * 1024
CONFLICT_TRIES = 4
STATUSES: Mapping[type[Problem], int] = {
    BadInput: 400,
    Unauthenticated: 401,
    Forbidden: 403,
    NotFound: 404,
    Conflict: 409,
    TooLarge: 413,
}
"""Of any other problem it is 400."""
HEADERS = {
    "cache-control": "no-store",
    "content-security-policy": (
        "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; "
        "frame-ancestors 'none'; base-uri 'none'"
    ),
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
}


class Hook:
    """Answers the requests to one hook of a service."""

    def __init__(self, service: ServiceModel, hook: HookModel, ports: Ports) -> None:
        self._service, self._hook, self._ports = service, hook, ports

    async def answer(self, request: HookRequest, scope: Scope) -> HookResponse:
        """What the handler answers, or what its problem comes to. What nobody expected is a 500 that says no
        more, and noted in the scope's journal.
        """
        if len(request.body) > LARGEST_BODY:
            return _whole(HookResponse(status=413, body="The body is too large."))
        try:
            require(self._hook.allow, scope)
            return _whole(await self._transaction(request, scope))
        except Problem as problem:
            kinds = (status for kind, status in STATUSES.items() if isinstance(problem, kind))
            return _whole(HookResponse(status=next(kinds, 400), body=str(problem)))
        except Exception as failure:
            scope.journal.failures.append(failure)
            return _whole(HookResponse(status=500, body="Something went wrong on our side."))

    async def _transaction(self, request: HookRequest, scope: Scope) -> HookResponse:
        """Run the handler and commit; a conflict is tried again, for whoever calls back may do so once."""
        for tried in range(1, CONFLICT_TRIES + 1):
            unit = UnitOfWork(self._service, self._ports, scope)
            try:
                answer: HookResponse = await call(
                    self._service, self._hook.handler, unit, (request,), once=self._hook.name
                )
                await unit.commit()
            except Conflict:
                if tried == CONFLICT_TRIES:
                    raise
                await give_way(tried)
                continue
            return answer
        raise AssertionError("unreachable")


def _whole(response: HookResponse) -> HookResponse:
    """The response with all its headers."""
    own = {name.lower(): value for name, value in response.headers.items()}
    return replace(response, headers={**HEADERS, "content-type": response.content_type, **own})
