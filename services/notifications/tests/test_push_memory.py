"""Pushes in memory do what every push does."""

from dataclasses import dataclass

import pytest

from services.notifications.push import Platform
from services.notifications.push_memory import MemoryPush
from services.notifications.tests.pushes import PushConformance


@dataclass
class InMemory:
    push: MemoryPush

    async def kill(self, endpoint: str) -> None:
        self.push.kill(endpoint)


class TestMemoryPush(PushConformance):
    @pytest.fixture
    def phone(self) -> InMemory:
        return InMemory(MemoryPush(Platform.FCM))
