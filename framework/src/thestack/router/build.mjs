// Makes the router's Lambda bundle, the same bytes from the same input. Packages come from the folder that --packages
// names and from nowhere else: Node and esbuild would take what lies in a parent folder first.
import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const USAGE =
  'usage: node build.mjs --packages NODE_MODULES --supergraph FILE --out FOLDER --arch arm64|x64 [--system linux|darwin]';
const PLANNER = '@graphql-hive/router-query-planner';
const TARGETS = ['linux-arm64', 'linux-x64', 'darwin-arm64', 'darwin-x64'];

const { values } = parseArgs({
  options: {
    packages: { type: 'string' },
    supergraph: { type: 'string' },
    out: { type: 'string' },
    arch: { type: 'string' },
    system: { type: 'string', default: 'linux' },
  },
});
const { packages, supergraph, out, arch, system } = values;
const target = `${system}-${arch}`;
if (!packages || !supergraph || !out || !TARGETS.includes(target)) {
  console.error(USAGE);
  process.exit(2);
}
const here = dirname(fileURLToPath(import.meta.url));
const resolveDir = resolve(packages);
const require = createRequire(join(resolveDir, 'packages'));
const { build } = require('esbuild');

await rm(out, { recursive: true, force: true });
await mkdir(out, { recursive: true });
await build({
  entryPoints: [join(here, 'main.mjs')],
  outfile: join(out, 'main.mjs'),
  absWorkingDir: here,
  plugins: [{ name: 'packages', setup: resolvePackages }],
  bundle: true,
  minify: true,
  keepNames: true, // error classes are told apart by name
  legalComments: 'none',
  platform: 'node',
  format: 'esm',
  target: 'node22',
  mainFields: ['module', 'main'],
  // Packages written for CommonJS ask for Node's own modules by require.
  banner: {
    js: "import { createRequire as $require } from 'node:module'; const require = $require(import.meta.url);",
  },
  logLevel: 'error',
});
await writeFile(join(out, 'supergraph.graphql'), await readFile(supergraph));
await copyPlanner();

function resolvePackages({ onResolve, resolve }) {
  onResolve({ filter: /^[^.]/ }, ({ path, importer, kind }) =>
    dirname(importer) === here ? resolve(path, { kind, resolveDir }) : undefined,
  );
}

// The runtime imports the planner by a name that no bundler sees, so it stays a package, with one of its four binaries.
async function copyPlanner() {
  const source = dirname(require.resolve(`${PLANNER}/package.json`));
  const binary = `hive_router_query_planner.${target}${system === 'linux' ? '-gnu' : ''}.node`;
  for (const file of ['package.json', 'dist/index.js', `dist/${binary}`]) {
    await cp(join(source, file), join(out, 'node_modules', PLANNER, file));
  }
}
