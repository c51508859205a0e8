import arc from '@architect/functions';
import { randomUUID } from 'node:crypto';

export const handler = arc.http(async ({ body }) => {
  const todo = { owner: 'bench', id: randomUUID(), title: body.title, status: 'OPEN', createdAt: new Date().toISOString() };
  const { todos } = await arc.tables();
  await todos.put(todo);
  await arc.events.publish({ name: 'todo-created', payload: { id: todo.id, createdAt: todo.createdAt } });
  return { status: 201, json: todo };
});
