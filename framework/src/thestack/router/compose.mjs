// Composes each set of subgraphs into a supergraph: node compose.mjs NODE_MODULES, JSON on stdin, JSON on stdout.
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';

const require = createRequire(join(resolve(process.argv[2]), 'packages'));
const { composeServices } = require('@theguild/federation-composition');
const { parse } = require('graphql');

const { sets } = JSON.parse(await text(process.stdin));
process.stdout.write(JSON.stringify(sets.map(compose)));

function compose(subgraphs) {
  if (!subgraphs.length) {
    return { errors: [{ message: 'there is no subgraph to compose', code: 'NO_SUBGRAPH' }] };
  }
  const errors = [];
  const services = subgraphs.flatMap(({ name, typeDefs }) => {
    try {
      return { name, url: `lambda://${name}`, typeDefs: parse(typeDefs) };
    } catch ({ message, locations }) {
      const { line, column } = locations?.[0] ?? {};
      errors.push({
        message: line ? `${message} (line ${line}, column ${column})` : message,
        code: 'INVALID_GRAPHQL',
        subgraph: name,
      });
      return [];
    }
  });
  if (errors.length) return { errors };
  const { errors: found, supergraphSdl, publicSdl } = composeServices(services);
  return found?.length ? { errors: found.map(describe) } : { supergraphSdl, publicSdl };
}

// The composer names the subgraph of a mistake in brackets at the start of its message.
function describe({ message, extensions }) {
  const [, subgraph, rest] = /^\[([^\]]+)\] (.*)$/s.exec(message) ?? [];
  return { message: rest ?? message, code: extensions?.code ?? 'UNKNOWN', subgraph };
}
