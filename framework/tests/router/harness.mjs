// Runs a bundled handler as Lambda's runtime would, many events at a time: node harness.mjs BUNDLE, JSON lines in and out.
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';

const say = line => process.stdout.write(`${JSON.stringify(line)}\n`);
console.log = line => say({ log: String(line) });

const { handler } = await import(pathToFileURL(`${process.argv[2]}/main.mjs`).href);
say({ ready: true });

createInterface({ input: process.stdin }).on('line', async line => {
  const { id, event, remaining = 29_000 } = JSON.parse(line);
  try {
    say({ id, response: await handler(event, { getRemainingTimeInMillis: () => remaining }) });
  } catch (error) {
    say({ id, crash: String(error?.stack ?? error) });
  }
});
