import arc from '@architect/functions';

export const handler = arc.http(async ({ params }) => {
  const { todos } = await arc.tables();
  const todo = await todos.get({ owner: 'bench', id: params.id });
  return todo ? { json: todo } : { status: 404, json: {} };
});
