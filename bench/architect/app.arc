# The todo app, as far as the bench asks: create, get, list, and an event whose consumer counts.
@app
peer

@aws
runtime nodejs22.x

@http
post /todos
get /todos
get /todos/:id

@events
todo-created

@tables
todos
  owner *String
  id **String

counts
  day *String
