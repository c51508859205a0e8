"""Notifications by itself, in memory."""

import pytest

from services.notifications.tests.notified import World


@pytest.fixture
def world() -> World:
    return World()
