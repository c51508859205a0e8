// What clients ask, told once: each operation without anything of a user in it, for `thestack operations record`.
import { Kind, TypeInfo, getNamedType, isScalarType, print, separateOperations, visit, visitWithTypeInfo } from 'graphql';
import { createHash } from 'node:crypto';

const NAME = /^\w[\w.-]{0,63}$/;
const NOTHING = { kind: Kind.STRING, value: '' };

/** Who asks: as the client calls itself, or else the app client that its token was made for. */
export const clientOf = (header, claims) =>
  [header, claims?.client_id].find(name => NAME.test(name ?? '')) ?? 'anonymous';

/**
 * Tells of an operation the first time that this process executes it for a client: its hash, its name, its text. Of
 * all others undefined: a document that was seen costs a look into a map. No more than `most` are told.
 */
export function recorder(most = 500) {
  const documents = new WeakMap(); // the gateway parses a text once and remembers the document
  const told = new Set();
  return ({ asked, client, fields }) => {
    if (!asked || !fields.length || told.size >= most) return undefined;
    const { document, operationName = '', schema } = asked;
    if (!documents.has(document)) documents.set(document, new Set());
    const known = documents.get(document);
    if (known.has(`${client} ${operationName}`)) return undefined;
    known.add(`${client} ${operationName}`);
    const parts = separateOperations(document);
    const text = withoutValues(parts[operationName] ?? Object.values(parts)[0], schema);
    const hash = createHash('sha256').update(text).digest('hex').slice(0, 12);
    if (told.has(`${client} ${hash}`)) return undefined;
    told.add(`${client} ${hash}`);
    return { hash, client, text };
  };
}

/** The document as valid as before, with empty values, and aliases that say nothing. */
function withoutValues(document, schema) {
  const types = new TypeInfo(schema);
  const aliases = new Map();
  const alias = name => aliases.set(name, aliases.get(name) ?? `_${aliases.size + 1}`).get(name);
  // A scalar of one's own may be written as any value: an object, with names of people as keys.
  const scalar = () => (isScalarType(getNamedType(types.getInputType())) ? NOTHING : undefined);
  const visitor = {
    IntValue: node => ({ ...node, value: '0' }),
    FloatValue: node => ({ ...node, value: '0.0' }),
    StringValue: () => NOTHING,
    EnumValue: scalar,
    ObjectValue: { enter: scalar },
    ListValue: { leave: node => ({ ...node, values: distinct(node.values) }) },
    Field: { leave: node => node.alias && { ...node, alias: { ...node.alias, value: alias(node.alias.value) } } },
  };
  return print(visit(document, visitWithTypeInfo(types, visitor)));
}

const distinct = values => [...new Map(values.map(value => [print(value), value])).values()];
