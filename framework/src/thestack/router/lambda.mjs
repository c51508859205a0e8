// Lambda Invoke as the transport to subgraphs. There is no HTTP request of the client in it, so nothing of one leaks
// into another: the claims travel in the payload, where API Gateway's authorizer would have put them.
import { AwsClient } from 'aws4fetch';
import { print } from 'graphql';
import { setTimeout as pause } from 'node:timers/promises';
import { failure, fromSubgraph } from './errors.mjs';

/** A transport that invokes `functions[NAME]` for the subgraph at `lambda://NAME`. */
export const lambdaTransport = ({ functions, timeout, maxAnswer }) => ({
  getSubgraphExecutor({ transportEntry }) {
    const name = transportEntry.location.replace(/^lambda:\/\//, '');
    return async ({ document, variables, operationName, context: { call } }) => {
      const record = { service: name };
      const started = performance.now();
      call.subgraphs.push(record);
      const body = JSON.stringify({ query: print(document), variables, operationName });
      try {
        const deadline = Math.min(Date.now() + timeout, call.deadline);
        const { data, errors } = await invoke(
          functions[name],
          payload(call, body),
          deadline,
          maxAnswer,
          record,
        );
        const told = errors?.map(fromSubgraph);
        record.outcome = [...new Set(told?.map(({ extensions }) => extensions.code))].join(',') || 'ok';
        return { data, errors: told };
      } catch (error) {
        const code =
          error.name === 'TimeoutError' ? 'TIMEOUT' : (error.extensions?.code ?? 'DOWNSTREAM_SERVICE_ERROR');
        Object.assign(record, { outcome: code, why: record.why ?? error.cause?.code ?? error.name });
        return { data: null, errors: [failure(code)] };
      } finally {
        record.ms = tenths(performance.now() - started);
      }
    };
  },
});

/** Milliseconds to a tenth. */
export const tenths = ms => Math.round(ms * 10) / 10;

const payload = ({ claims, correlationId, traceparent }, body) => ({
  version: '2.0',
  rawPath: '/graphql',
  headers: {
    'content-type': 'application/json',
    'x-correlation-id': correlationId,
    ...(traceparent && { traceparent }),
  },
  requestContext: { http: { method: 'POST' }, ...(claims && { authorizer: { lambda: claims } }) },
  body,
  isBase64Encoded: false,
});

async function invoke(name, event, deadline, maxAnswer, record, retried = false) {
  if (!name) {
    record.why = 'the setting SUBGRAPHS names no function for it';
    throw failure('DOWNSTREAM_SERVICE_ERROR');
  }
  if (deadline <= Date.now()) throw failure('TIMEOUT');
  const signal = AbortSignal.timeout(deadline - Date.now());
  const response = await client().fetch(invocationUrl(name), {
    method: 'POST',
    headers: { 'user-agent': `app/${process.env.AWS_SDK_UA_APP_ID}` }, // as AWS's own SDKs say it
    body: JSON.stringify(event),
    signal,
  });
  if (Number(response.headers.get('content-length')) > maxAnswer) throw failure('RESPONSE_TOO_LARGE');
  const answer = await response.text();
  if (response.status === 429) {
    // A throttled invocation never began, so that even a mutation may ask again. Nothing else is asked twice.
    if (retried) throw failure('THROTTLED');
    record.retried = true;
    await pause(50 + Math.random() * 150);
    return invoke(name, event, deadline, maxAnswer, record, true);
  }
  const functionError = response.headers.get('x-amz-function-error');
  if (!response.ok || functionError) {
    record.why = functionError ?? `HTTP ${response.status}`;
    throw failure(
      /"Function\.ResponseSizeTooLarge"/.test(answer) ? 'RESPONSE_TOO_LARGE' : 'DOWNSTREAM_SERVICE_ERROR',
    );
  }
  if (answer.length > maxAnswer) throw failure('RESPONSE_TOO_LARGE');
  const { body, isBase64Encoded } = JSON.parse(answer);
  const result = JSON.parse(isBase64Encoded ? Buffer.from(body, 'base64').toString() : body);
  if (typeof result?.data !== 'object' && !Array.isArray(result?.errors))
    throw failure('DOWNSTREAM_SERVICE_ERROR');
  return result;
}

// Lambda renews its credentials in the environment: read them at each call.
const client = ({ AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN, AWS_REGION } = process.env) =>
  new AwsClient({
    accessKeyId: AWS_ACCESS_KEY_ID,
    secretAccessKey: AWS_SECRET_ACCESS_KEY,
    sessionToken: AWS_SESSION_TOKEN,
    region: AWS_REGION ?? process.env.AWS_DEFAULT_REGION,
    service: 'lambda',
    retries: 0,
  });

function invocationUrl(name) {
  const { AWS_ENDPOINT_URL_LAMBDA, AWS_ENDPOINT_URL, AWS_REGION } = process.env;
  const endpoint =
    AWS_ENDPOINT_URL_LAMBDA || AWS_ENDPOINT_URL || `https://lambda.${AWS_REGION}.amazonaws.com`;
  return `${endpoint.replace(/\/$/, '')}/2015-03-31/functions/${encodeURIComponent(name)}/invocations`;
}
