// What a client's operation may cost, decided before anything runs. Existing rules count `first: $n` as one row; here a
// page asked for by a variable costs as much as the largest page, so that variables are no way around the limit.
import { GraphQLError, Kind, getNamedType, getNullableType, isListType } from 'graphql';

/** A validation rule that refuses operations beyond `limits`. */
export const limitsRule = limits =>
  function LimitsRule(context) {
    const schema = context.getSchema();
    const fragments = new Map();
    return {
      OperationDefinition(operation) {
        const found = measure(operation, schema.getRootType(operation.operation));
        for (const kind of ['depth', 'aliases', 'directives', 'cost']) {
          if (found[kind] > limits[kind]) {
            const message = `The operation's ${kind} is ${found[kind]}, the limit is ${limits[kind]}.`;
            context.reportError(
              new GraphQLError(message, { nodes: operation, extensions: { code: 'LIMIT_EXCEEDED' } }),
            );
          }
        }
      },
    };

    // A fragment is measured once however often it is spread, so that measuring is linear in the document.
    function spread(name) {
      if (!fragments.has(name)) {
        fragments.set(name, { depth: 0, aliases: 0, directives: 0, cost: 0 }); // a cycle is another rule's business
        const fragment = context.getFragment(name);
        if (fragment)
          fragments.set(name, measure(fragment, schema.getType(fragment.typeCondition.name.value)));
      }
      return fragments.get(name);
    }

    function measure(node, type) {
      const sum = { depth: 0, aliases: 0, directives: node.directives?.length ?? 0, cost: 0 };
      for (const child of node.selectionSet?.selections ?? []) {
        const part = child.kind === Kind.FIELD ? ofField(child, type) : ofFragment(child, type);
        sum.depth = Math.max(sum.depth, part.depth);
        for (const kind of ['aliases', 'directives', 'cost']) sum[kind] += part[kind];
      }
      return sum;
    }

    function ofFragment(node, type) {
      if (node.kind === Kind.INLINE_FRAGMENT) {
        return measure(node, node.typeCondition ? schema.getType(node.typeCondition.name.value) : type);
      }
      const found = spread(node.name.value);
      return { ...found, directives: found.directives + (node.directives?.length ?? 0) };
    }

    function ofField(node, parent) {
      if (node.name.value.startsWith('__'))
        return { depth: 0, aliases: node.alias ? 1 : 0, directives: 0, cost: 1 };
      const field = parent?.getFields?.()[node.name.value];
      const inner = measure(node, field && getNamedType(field.type));
      return {
        depth: inner.depth + 1,
        aliases: inner.aliases + (node.alias ? 1 : 0),
        directives: inner.directives,
        cost: weight(field) + inner.cost * rows(node, field, parent),
      };
    }

    function rows(node, field, parent) {
      const page = field?.args.find(({ name }) => name === 'first');
      if (page) {
        const asked = node.arguments.find(({ name }) => name.value === 'first')?.value;
        if (asked?.kind === Kind.INT) return Math.max(1, Number(asked.value));
        return asked ? limits.page : (page.defaultValue ?? limits.page);
      }
      if (!field || !isListType(getNullableType(field.type))) return 1;
      const { assumedSize } = said(field, 'listSize');
      if (assumedSize !== undefined) return assumedSize;
      return parent.name.endsWith('Connection') ? 1 : limits.list; // edges and nodes: counted by `first`
    }
  };

/** What a field costs by itself: as its @cost says, or that of its type; one by default. */
function weight(field) {
  const { weight } = said(field, 'cost');
  return weight ?? said(field && getNamedType(field.type), 'cost').weight ?? 1;
}

/** The arguments of a directive on a field or a type; none where it has none. */
function said(element, directive) {
  const found = element?.astNode?.directives?.find(({ name }) => name.value === directive);
  return Object.fromEntries((found?.arguments ?? []).map(({ name, value }) => [name.value, Number(value.value)]));
}
