/** A client of the GraphQL API. */

const PATIENCE = 30_000;
const WORDS = {
  BAD_USER_INPUT: 'Something in it is not as it must be.',
  CONFLICT: 'Somebody else changed it at the same moment. Look again, then repeat it.',
  FORBIDDEN: 'You may not do that.',
  LIMIT_EXCEEDED: 'That asks for too much at once.',
  NOT_DEPLOYED: 'No service is deployed yet.',
  NOT_FOUND: 'It is not there any more.',
  TAKEN: 'There is one like it already.',
  TIMEOUT: 'It took too long. Try again.',
  TODO_ALREADY_DONE: 'This is done already.',
  UNAUTHENTICATED: 'You are signed out. Sign in again.',
  UNREACHABLE: 'The API can not be reached. Check the network, then try again.',
};

/** What the API refused: `code` for programs, the message for people. */
export class ApiError extends Error {
  constructor(code) {
    super(WORDS[code] ?? `That did not work (${code}). Try again in a moment.`);
    this.code = code;
  }
}

/**
 * `ask(operation, variables)` answers the operation's data, or throws an `ApiError`. `token(renewed)` gives
 * the access token; it is asked once more, for a new one, when the API takes the first no longer.
 */
export function client({ url, name, documents, token }) {
  const send = async (operation, variables, renewed) => {
    const headers = {
      authorization: `Bearer ${await token(renewed)}`,
      'content-type': 'application/json',
      'graphql-client-name': name,
    };
    const body = JSON.stringify({ query: documents.get(operation), operationName: operation, variables });
    const response = await reached(url, { method: 'POST', headers, body });
    if (response.status === 401 || response.status === 403) return { errors: [refused(response.status)] };
    return response.json().catch(() => ({ errors: [{ extensions: { code: `HTTP ${response.status}` } }] }));
  };
  return async (operation, variables = {}) => {
    let answer = await send(operation, variables, false);
    if (codeOf(answer) === 'UNAUTHENTICATED') answer = await send(operation, variables, true);
    const code = codeOf(answer);
    if (code) throw new ApiError(code);
    return answer.data;
  };
}

async function reached(url, request) {
  try {
    return await fetch(url, { ...request, signal: AbortSignal.timeout(PATIENCE) });
  } catch (error) {
    throw new ApiError(error.name === 'TimeoutError' ? 'TIMEOUT' : 'UNREACHABLE');
  }
}

const refused = (status) => ({ extensions: { code: status === 401 ? 'UNAUTHENTICATED' : 'FORBIDDEN' } });

function codeOf({ errors = [] }) {
  return errors.length ? (errors[0].extensions?.code ?? 'INTERNAL_SERVER_ERROR') : null;
}
