import arc from '@architect/functions';

export const handler = arc.events.subscribe(async ({ id, createdAt }) => {
  const { counts } = await arc.tables();
  await counts.update({
    Key: { day: createdAt.slice(0, 10) },
    UpdateExpression: 'ADD created :one',
    ExpressionAttributeValues: { ':one': 1 },
  });
  console.log(JSON.stringify({ effected: id, at: Date.now() }));
});
