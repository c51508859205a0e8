"""Rows in DynamoDB, emulated, in the table that the stack would make."""

from uuid import uuid4

import pytest

from framework.tests.adapters.emulator import Emulator
from framework.tests.adapters.tables import create_table
from framework.tests.runtime.shelves import RowsBehaviour, Shelves, library
from thestack.adapters.aws.store import DynamoStore
from thestack.definition.model import ServiceModel

pytestmark = pytest.mark.aws


@pytest.fixture(scope="module")
def model() -> ServiceModel:
    return library()


@pytest.fixture(scope="module")
def table(emulator: Emulator, model: ServiceModel) -> str:
    indexes = [index for entity in model.entities for index in entity.all_indexes]
    return create_table(
        emulator,
        f"library-{uuid4()}",
        [index.name for index in indexes if not index.local],
        [index.name for index in indexes if index.local],
    )


@pytest.fixture
def shelves(emulator: Emulator, table: str, model: ServiceModel) -> Shelves:
    return Shelves(model, DynamoStore(emulator.client("dynamodb"), table))


class TestRowsInDynamo(RowsBehaviour):
    """Everything that rows do."""
