// The supergraph router: an HTTP API's event in, a GraphQL answer out, subgraphs by Lambda Invoke in between.
import { createGatewayRuntime } from '@graphql-hive/gateway-runtime';
import { unifiedGraphHandler } from '@graphql-hive/router-runtime';
import { GraphQLError, getNamedType, isLeafType, isRequiredArgument } from 'graphql';
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { redacted, refusal } from './errors.mjs';
import defaults from './defaults.json' with { type: 'json' };
import { lambdaTransport, tenths } from './lambda.mjs';
import { measured } from './metrics.mjs';
import { policy } from './policy.mjs';
import { clientOf, recorder } from './recording.mjs';

const setting = (name, fallback) => JSON.parse(process.env[name] || JSON.stringify(fallback));
const limits = { ...defaults.limits, ...setting('LIMITS', {}) };
const timeouts = { ...defaults.timeouts, ...setting('TIMEOUTS', {}) };
const transport = lambdaTransport({
  functions: setting('SUBGRAPHS', {}),
  timeout: timeouts.subgraph,
  maxAnswer: limits.answer,
});

const recorded = recorder();

const gateway = createGatewayRuntime({
  supergraph: readFileSync(
    process.env.SUPERGRAPH_FILE || new URL('./supergraph.graphql', import.meta.url),
    'utf8',
  ),
  unifiedGraphHandler,
  transports: { http: transport }, // "http" is how Hive calls whatever a supergraph gives an address
  __experimental__batchExecution: false, // the planner has merged what can be
  plugins: () => [policy({ limits, publicFields: new Set(setting('PUBLIC_FIELDS', [])) })],
  disableIntrospection: process.env.INTROSPECTION === '1' ? undefined : {},
  logging: process.env.LOG_LEVEL?.toLowerCase() || 'warn',
  subgraphErrors: false,
  requestId: false,
  landingPage: false,
  graphiql: false,
  cors: false,
});
// In Lambda's init phase, which has a whole CPU, what the first request would have to wait for is made: the schema
// and, by a call whose time is over before it begins, the executors.
await gateway.handleRequest(
  new Request('http://router/graphql', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query: anyQuery(await gateway.getSchema()) }),
  }),
  { call: { door: 'private', deadline: 0, codes: new Set(), subgraphs: [] } },
);

/** The Lambda entry, for API Gateway's payload format 2.0. */
export async function handler(event, context) {
  const started = performance.now();
  const call = callOf(event, context);
  let response;
  try {
    response = await answer(event, call);
  } catch (error) {
    if (!(error instanceof GraphQLError)) call.fault = error;
    response = toResponse(error, call);
  }
  const took = performance.now() - started;
  tell(recorded(call));
  console.log(JSON.stringify(record(call, response, took)));
  // What is one caller's must not be kept for another by anything on its way.
  const headers = { 'cache-control': 'no-store', ...response.headers, 'x-correlation-id': call.correlationId };
  return { ...response, headers };
}

/** Logs an operation that was not seen before; no record, so that `thestack logs` shows it with --all only. */
function tell(operation) {
  if (!operation) return;
  const timestamp = new Date().toISOString();
  console.log(JSON.stringify({ level: 'INFO', message: 'operation: recorded', timestamp, operation }));
}

/** What the log holds of a request: the record that every function of the stack logs (thestack/operations/records.py). */
function record({ correlationId, door, operation, fields, codes, subgraphs, fault }, { statusCode }, took) {
  const outcome = [...codes].join(',') || 'ok';
  return {
    level: statusCode >= 500 || subgraphs.some(({ why }) => why) ? 'ERROR' : 'INFO',
    message: `http: ${outcome}`,
    timestamp: new Date().toISOString(),
    service: 'router',
    trigger: 'http',
    outcome,
    ms: tenths(took),
    correlation_id: correlationId,
    door,
    status: statusCode,
    operation,
    fields,
    subgraphs,
    error: fault && {
      type: fault.name ?? typeof fault,
      message: fault.message ?? String(fault),
      traceback: fault.stack ?? '',
    },
    ...measured(process.env.METRICS, [...codes], statusCode),
  };
}

/** Everything that belongs to one request and may never reach another. */
function callOf({ rawPath = '', headers = {}, requestContext = {} }, context) {
  const { 'x-correlation-id': given = '', traceparent = '', 'graphql-client-name': name } = headers;
  const door = rawPath.endsWith('/public/graphql')
    ? 'public'
    : rawPath.endsWith('/graphql')
      ? 'private'
      : 'none';
  const { sub, tenant, groups, exp, client_id } = requestContext.authorizer?.lambda ?? {};
  const claims = door === 'private' && sub ? { sub, tenant, groups, exp, client_id } : undefined;
  return {
    door,
    claims,
    client: clientOf(name, claims),
    correlationId: /^[\w.-]{8,64}$/.test(given) ? given : (requestContext.requestId ?? randomUUID()),
    traceparent: /^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/.test(traceparent) ? traceparent : undefined,
    deadline:
      Date.now() + Math.min(timeouts.total, (context?.getRemainingTimeInMillis?.() ?? Infinity) - 500),
    codes: new Set(),
    subgraphs: [],
  };
}

async function answer({ requestContext, headers = {}, rawQueryString, body, isBase64Encoded }, call) {
  const { door, claims } = call;
  if (door === 'none') throw refusal(404, 'NOT_FOUND', 'GraphQL is at /graphql and /public/graphql.');
  if (door === 'private') {
    const realm = { 'www-authenticate': 'Bearer' };
    if (!claims) throw refusal(401, 'UNAUTHENTICATED', 'Sign in first: send an access token.', realm);
    // API Gateway caches the authorizer's decision, which may outlive the token.
    if (!(Number(claims.exp) * 1000 > Date.now())) {
      throw refusal(401, 'UNAUTHENTICATED', 'The token has expired.', realm);
    }
  }
  const method = requestContext?.http?.method;
  if (method !== 'GET' && method !== 'POST') {
    throw refusal(405, 'BAD_REQUEST', 'Use POST, or GET for queries.', { allow: 'GET, POST' });
  }
  const content =
    method === 'POST' ? Buffer.from(body ?? '', isBase64Encoded ? 'base64' : 'utf8') : undefined;
  if (content?.length > limits.body || rawQueryString?.length > limits.body) {
    throw refusal(413, 'LIMIT_EXCEEDED', `The request is larger than ${limits.body} bytes.`);
  }
  if (content && !/^application\/json\s*(;|$)/i.test(headers['content-type'])) {
    throw refusal(415, 'BAD_REQUEST', 'Send the request as application/json.');
  }
  // The client's own headers end here: nothing behind the router sees any of them.
  const accept = /application\/graphql-response\+json/i.test(headers.accept)
    ? 'graphql-response+json'
    : 'json';
  const sent = { accept: `application/${accept}`, ...(content && { 'content-type': 'application/json' }) };
  const url = `http://router/graphql${rawQueryString ? `?${rawQueryString}` : ''}`;
  const request = new Request(url, { method, headers: sent, body: content });
  const response = await gateway.handleRequest(request, { call });
  const sentBack = [...response.headers].map(([name, value]) => [name.toLowerCase(), value]);
  const text = await response.text();
  if (Buffer.byteLength(text) > limits.answer) {
    throw refusal(200, 'RESPONSE_TOO_LARGE', 'The answer is too large. Ask for fewer items or fields.');
  }
  return {
    statusCode: response.status,
    headers: Object.fromEntries(sentBack),
    body: text,
    isBase64Encoded: false,
  };
}

function toResponse(error, { correlationId, codes }) {
  const { message, extensions: all } = redacted(error, correlationId);
  const { http, ...extensions } = all;
  codes.add(extensions.code);
  return {
    statusCode: http?.status ?? 500,
    headers: { 'content-type': 'application/json; charset=utf-8', ...http?.headers },
    body: JSON.stringify({ errors: [{ message, extensions }] }),
    isBase64Encoded: false,
  };
}

/** A query of one field that needs no arguments. */
function anyQuery(schema) {
  const fields = Object.values(schema.getQueryType().getFields());
  const field = fields.find(({ args }) => !args.some(isRequiredArgument));
  if (!field) return '{ __typename }';
  return `{ ${field.name} ${isLeafType(getNamedType(field.type)) ? '' : '{ __typename }'} }`;
}
