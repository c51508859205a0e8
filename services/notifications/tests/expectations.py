"""What notifications expects of todo."""

from services.notifications.reminding import TodoCompleted, TodoDeleted
from thestack.testing.expectations import event

CREATE = {"query": 'mutation { createTodo(input: {title: "x"}) { id } }', "keeps": {"id": "createTodo.id"}}
ENDED = {"todo_id": "$id", "owner_id": "alice"}
COMPLETE = {"query": "mutation ($id: ID!) { completeTodo(id: $id) { id } }"}
DELETE = {"query": "mutation ($id: ID!) { deleteTodo(id: $id) { id } }"}
EXPECTATIONS = [
    event("whose todo is done", TodoCompleted, ENDED, given=[CREATE, COMPLETE]),
    event("whose todo is deleted", TodoDeleted, ENDED, given=[CREATE, DELETE]),
]
