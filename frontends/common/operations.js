/**
 * The GraphQL operations of a client are files, which `thestack check` replays against every change.
 * The pages send what stands there, and hold no second copy.
 */

const DEFINITION = /^(?:query|mutation|subscription|fragment)\s+(\w+)/gm;
const SPREAD = /\.\.\.\s*(?!on\b)(\w+)/g;

/** The documents of all operations in the files at these URLs, by the operation's name. */
export async function load(...urls) {
  const texts = await Promise.all(urls.map(read));
  const definitions = new Map(texts.flatMap(split));
  return new Map([...definitions.keys()].map((name) => [name, withFragments(name, definitions)]));
}

async function read(url) {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`The page is not complete: ${url} answers ${response.status}.`);
  return response.text();
}

function split(text) {
  const heads = [...text.matchAll(DEFINITION)];
  return heads.map((head, at) => [head[1], text.slice(head.index, heads[at + 1]?.index).trim()]);
}

function withFragments(name, definitions) {
  const needed = new Set([name]);
  for (const each of needed) {
    for (const [, spread] of definitions.get(each).matchAll(SPREAD)) needed.add(spread);
  }
  return [...needed].map((each) => definitions.get(each)).join('\n\n');
}
