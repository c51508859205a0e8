// Runs the router's bundle as a worker of the local stack, see development/worker.py: node serve.mjs FOLDER DESCRIPTOR
import { Socket } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';

const [folder, descriptor] = process.argv.slice(2);
const events = new Socket({ fd: Number(descriptor), readable: true, writable: true });
const say = (answer) => events.write(`${JSON.stringify(answer)}\n`);
const wrong = ({ name, message, stack }) => ({
  error: { errorType: name, errorMessage: message, stackTrace: [stack] },
});

try {
  const { handler } = await import(pathToFileURL(join(folder, 'main.mjs')).href);
  say({ ready: true });
  for await (const line of createInterface({ input: events })) {
    const { id, arn, deadline, event } = JSON.parse(line);
    const context = {
      awsRequestId: id,
      invokedFunctionArn: arn,
      getRemainingTimeInMillis: () => Math.max(0, deadline - Date.now()),
    };
    say(await handler(event, context).then((result) => ({ result }), wrong));
  }
} catch (error) {
  say(wrong(error));
}
events.end(() => process.exit());
