"""What analytics expects of todo and media."""

from services.analytics.heard import MediaUploaded, TodoAttached, TodoCompleted, TodoCreated, TodoDeleted
from thestack.testing.expectations import event

THEN = "2026-01-02T03:04:05Z"
CREATE = {"query": 'mutation { createTodo(input: {title: "x"}) { id } }', "keeps": {"id": "createTodo.id"}}
ATTACH = {"query": 'mutation ($id: ID!) { attachTodo(id: $id, mediaId: "1") { id } }'}
COMPLETE = {"query": "mutation ($id: ID!) { completeTodo(id: $id) { id } }"}
DELETE = {"query": "mutation ($id: ID!) { deleteTodo(id: $id) { id } }"}
EXPECTATIONS = [
    event("when a todo was created", TodoCreated, {"todo_id": "$id", "created_at": THEN}, given=[CREATE]),
    event(
        "when something was attached",
        TodoAttached,
        {"todo_id": "$id", "attached_at": THEN},
        given=[CREATE, ATTACH],
    ),
    event(
        "when a todo was done",
        TodoCompleted,
        {"todo_id": "$id", "completed_at": THEN},
        given=[CREATE, COMPLETE],
    ),
    event(
        "when a todo was deleted", TodoDeleted, {"todo_id": "$id", "deleted_at": THEN}, given=[CREATE, DELETE]
    ),
    event("how large an upload is", MediaUploaded, {"kind": "IMAGE", "bytes": 1024}),
]
