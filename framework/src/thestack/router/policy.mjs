// What the router lets through: into parsing, into execution, and out to the client.
import { Kind, getOperationAST, parse, validate } from 'graphql';
import { redacted, refusal } from './errors.mjs';
import { limitsRule } from './limits.mjs';

/** A Hive plugin; the request's own state is in `call` of its context. */
export function policy({ limits, publicFields }) {
  const rule = limitsRule(limits);
  return {
    onParse({ params, setParseFn }) {
      // Also what bounds the parsed-document cache, whose keys are the texts.
      if (String(params.source).length > limits.characters) {
        throw refusal(400, 'LIMIT_EXCEEDED', `The query is longer than ${limits.characters} characters.`);
      }
      setParseFn((source, options) => parse(source, { ...options, maxTokens: limits.tokens }));
    },

    onValidate({ addValidationRule, setValidationFn }) {
      addValidationRule(rule);
      setValidationFn((schema, document, rules) =>
        validate(schema, document, rules, { hideSuggestions: true }),
      );
    },

    // Not a validation rule: what those find is remembered for a document, whichever door it came by.
    onExecute({ args: { schema, document, operationName, contextValue }, setResultAndStopExecution }) {
      const { call } = contextValue;
      const operation = getOperationAST(document, operationName);
      const fields = rootFields(operation, document);
      call.operation = [operation.operation, operation.name?.value.slice(0, 100)].filter(Boolean).join(' ');
      call.fields = [...fields].filter(field => field !== '__typename');
      call.asked = { document, operationName, schema };
      if (call.door === 'private') return;
      const type = schema.getRootType(operation.operation).name;
      const isClosed = field => field !== '__typename' && !publicFields.has(`${type}.${field}`);
      const closed = [...fields].find(isClosed);
      if (closed) {
        call.asked = undefined;
        const error = refusal(401, 'UNAUTHENTICATED', `${type}.${closed} is not public: sign in first.`);
        setResultAndStopExecution({ errors: [error] });
      }
    },

    onSubscribe({ setResultAndStopExecution }) {
      const error = refusal(400, 'BAD_REQUEST', 'Subscriptions are not served at this door.');
      setResultAndStopExecution({ errors: [error] });
    },

    onResultProcess({ result, setResult, serverContext: { call } }) {
      if (!result.errors) return;
      const errors = result.errors.map(error => redacted(error, call.correlationId));
      for (const { extensions } of errors) call.codes.add(extensions.code);
      const nothing = call.subgraphs.length ? null : undefined; // no data is null once something ran
      setResult({ data: result.data ?? nothing, errors });
    },
  };
}

/** The names of all root fields that `node` may reach, fragments followed and conditions taken as met. */
function rootFields(node, document, found = new Set(), seen = new Set()) {
  for (const child of node.selectionSet.selections) {
    if (child.kind === Kind.FIELD) found.add(child.name.value);
    else if (child.kind === Kind.INLINE_FRAGMENT) rootFields(child, document, found, seen);
    else if (!seen.has(child.name.value)) {
      seen.add(child.name.value);
      const named = ({ kind, name }) => kind === Kind.FRAGMENT_DEFINITION && name.value === child.name.value;
      rootFields(document.definitions.find(named), document, found, seen);
    }
  }
  return found;
}
