// What a client may learn of a failure: a message that was meant for it, a code, a path and a field. Nothing else.
import { GraphQLError } from 'graphql';

const OPAQUE = 'Something went wrong on our side. Try again; if it stays, report the correlation id.';
const FIXED = {
  DOWNSTREAM_SERVICE_ERROR: OPAQUE,
  INTERNAL_SERVER_ERROR: OPAQUE,
  RESPONSE_TOO_LARGE: 'The answer is too large. Ask for fewer items or fields.',
  THROTTLED: 'Too many requests at the moment. Try again in a few seconds.',
  TIMEOUT: 'A service did not answer in time. A mutation may still have taken effect.',
};
// A plan that a subgraph can't parse or validate is our drift, not the client's mistake.
const DRIFT = new Set(['GRAPHQL_PARSE_FAILED', 'GRAPHQL_VALIDATION_FAILED']);
const CODE = /^[A-Z][A-Z0-9_]{0,63}$/;
// A path into an answer or an input: names and positions.
const steps = value =>
  Array.isArray(value) && value.every(step => typeof step === 'string' || Number.isInteger(step))
    ? value
    : undefined;
const text = value => (typeof value === 'string' ? value.slice(0, 1000) : undefined);

/** An error with one of the fixed messages above. */
export const failure = code => new GraphQLError(FIXED[code], { extensions: { code } });

/** An error that the router itself answers, with its HTTP status and headers. */
export const refusal = (status, code, message, headers) =>
  new GraphQLError(message, { extensions: { code, http: { status, headers } } });

/** An error as a subgraph sent it, cut down to what was meant for the client. */
export function fromSubgraph(error) {
  const { code, field, correlationId } = Object(Object(error).extensions);
  if (
    typeof code !== 'string' ||
    !CODE.test(code) ||
    FIXED[code] === OPAQUE ||
    DRIFT.has(code) ||
    !text(error.message)
  ) {
    return new GraphQLError(OPAQUE, { path: steps(Object(error).path), extensions: { code: 'INTERNAL_SERVER_ERROR' } });
  }
  const kept = { code, field: steps(field), correlationId: text(correlationId) };
  return new GraphQLError(text(error.message), { path: steps(Object(error).path), extensions: kept });
}

/** The last word on every error of an answer, whoever made it. */
export function redacted(error, correlationId) {
  const { code = codeOf(error), http, field, correlationId: theirs } = error.extensions ?? {};
  const id = { correlationId: theirs ?? (FIXED[code] === OPAQUE ? correlationId : undefined) };
  const message = FIXED[code] ?? error.message.replace(/ ?Did you mean .*\?$/s, '');
  const { nodes, source, positions, path } = error;
  // "spec" lets plain JSON answer 200, which is right for a document that can't run, not for a request that is none.
  const status = http && { http: { ...http, spec: http.spec && code !== 'BAD_REQUEST' } };
  return new GraphQLError(message, {
    nodes,
    source,
    positions,
    path,
    extensions: { code, field, ...id, ...status },
  });
}

// Subgraphs' errors have a code by now, so what has none is the router's: bad variables, or a fault.
const codeOf = error => (/^Variable "\$/.test(error.message) ? 'BAD_USER_INPUT' : 'INTERNAL_SERVER_ERROR');
