// Answers one request with a bundle, and tells the plan that its planner makes for it: node plan.mjs BUNDLE, the event
// as JSON on stdin, {response, plan} as JSON on stdout. What the router logs goes to stderr.
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { pathToFileURL } from 'node:url';

console.log = console.error;
const bundle = resolve(process.argv[2]);
const inBundle = path => pathToFileURL(join(bundle, path)).href;
const { QueryPlanner } = await import(inBundle('node_modules/@graphql-hive/router-query-planner/dist/index.js'));

const event = JSON.parse(await text(process.stdin));
const { handler } = await import(inBundle('main.mjs'));
const response = await handler(event);
process.stdout.write(JSON.stringify({ response, plan: plan(JSON.parse(event.body)) }));

/** The plan, or null for what is no operation of this supergraph. */
function plan({ query, operationName }) {
  try {
    const planner = new QueryPlanner(readFileSync(join(bundle, 'supergraph.graphql'), 'utf8'));
    return planner.plan(query, operationName, new Set(), 0).node ?? null;
  } catch {
    return null;
  }
}
