"""Rows in memory."""

import pytest

from thestack.adapters.memory.store import MemoryStore
from thestack.definition.model import ServiceModel

from .shelves import RowsBehaviour, Shelves, library


@pytest.fixture(scope="module")
def model() -> ServiceModel:
    return library()


@pytest.fixture
def shelves(model: ServiceModel) -> Shelves:
    return Shelves(model, MemoryStore())


class TestRowsInMemory(RowsBehaviour):
    """Everything that rows do."""
