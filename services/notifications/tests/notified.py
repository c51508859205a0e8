"""What the tests of notifications share."""

from datetime import UTC, datetime
from typing import Any

from services.notifications import service as notifications
from services.notifications.push import Push
from services.notifications.push_memory import MemoryPush
from thestack.ports import Envelope
from thestack.testing import Harness, user

ALICE, BOB, SAM = user("alice"), user("bob"), user("sam", "staff")
KEY = "a key of the tests"
MOMENT = datetime(2026, 1, 1, tzinfo=UTC)


class World(Harness):
    """Notifications in memory, with the key that it signs links with, and pushes that stay in memory."""

    def __init__(self, *others: Any) -> None:
        self.push = MemoryPush()
        super().__init__(notifications, *others, ports={Push: self.push})
        self.service = self["notifications"]
        self.service.secrets.keep("unsubscribe-key", KEY)

    async def ask(self, query: str, scope: Any = ALICE, **variables: Any) -> Any:
        """The data of an answer without errors."""
        answer = await self.service.ask(query, scope, **variables)
        assert "errors" not in answer, answer["errors"]
        return answer["data"]

    async def notified(self, scope: Any = ALICE) -> list[dict[str, Any]]:
        """What a user was told, latest first."""
        fields = "id topic title about readAt deliveries { channel state reason at }"
        query = f"{{ myNotifications {{ nodes {{ {fields} }} }} }}"
        found: list[dict[str, Any]] = (await self.ask(query, scope))["myNotifications"]["nodes"]
        return found

    async def states(self, scope: Any = ALICE) -> list[dict[str, str]]:
        """What became of each notification, by channel, latest first."""
        return [
            {each["channel"]: each["state"] for each in one["deliveries"]}
            for one in await self.notified(scope)
        ]

    async def prefer(self, scope: Any = ALICE, **wishes: Any) -> None:
        mutation = (
            "mutation ($i: UpdateNotificationPreferences!) {"
            " updateNotificationPreferences(input: $i) { id } }"
        )
        await self.ask(mutation, scope, i=wishes)


def email(id: str = "1", **changes: Any) -> Envelope:
    """A request to e-mail alice."""
    data = {"to_user": "alice", "about": "t-1", "subject": "Done: milk", "text": "Well done."}
    return _message("email", id, data | changes)


def reminder(id: str = "r", **changes: Any) -> Envelope:
    """A request to remind alice."""
    due = "2026-01-02T03:04:00Z"
    return _message(
        "reminders", id, {"to_user": "alice", "about": "t-1", "title": "milk", "due_at": due} | changes
    )


def _message(queue: str, id: str, data: dict[str, Any]) -> Envelope:
    return Envelope(id, f"notifications/{queue}", 1, "todo", "Todo#alice/t-1", MOMENT, "main", data)
