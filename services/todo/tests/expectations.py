"""What todo expects of notifications and media."""

from services.todo.service import MediaDeleted, Remind, SendEmail
from thestack import Id
from thestack.testing import BEGIN
from thestack.testing.expectations import event, message

ALICE, TODO = Id("alice"), Id("todo-1")
EXPECTATIONS = [
    event("the id of what was deleted", MediaDeleted, {"media_id": "media-1"}),
    message(
        "a mail of what is done",
        SendEmail(to_user=ALICE, about=TODO, subject="Done: Buy milk", text="Well done."),
    ),
    message("a reminder", Remind(to_user=ALICE, about=TODO, title="Buy milk", due_at=BEGIN)),
]
