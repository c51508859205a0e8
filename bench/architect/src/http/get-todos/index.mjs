import arc from '@architect/functions';

export const handler = arc.http(async () => {
  const { todos } = await arc.tables();
  const { Items } = await todos.query({
    KeyConditionExpression: '#owner = :owner',
    ExpressionAttributeNames: { '#owner': 'owner' },
    ExpressionAttributeValues: { ':owner': 'bench' },
    Limit: 20,
  });
  return { json: Items };
});
