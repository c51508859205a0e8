// Makes the router's Lambda bundle: node build.mjs --supergraph FILE --out FOLDER --arch arm64|x64 [--system linux|darwin].
// NODE_PATH names the folder of the npm packages. The same input gives the same bytes.
import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const require = createRequire(import.meta.url); // unlike import, it honours NODE_PATH
const { build } = require('esbuild');
const PLANNER = '@graphql-hive/router-query-planner';
const MACHINES = {
  // offset and value of what tells the machine: e_machine of ELF, cputype of Mach-O
  'linux-arm64': { magic: 0x464c457f, offset: 18, machine: 183 },
  'linux-x64': { magic: 0x464c457f, offset: 18, machine: 62 },
  'darwin-arm64': { magic: 0xfeedfacf, offset: 4, machine: 12 },
  'darwin-x64': { magic: 0xfeedfacf, offset: 4, machine: 7 },
};

const { values } = parseArgs({
  options: {
    supergraph: { type: 'string' },
    out: { type: 'string' },
    arch: { type: 'string' },
    system: { type: 'string', default: 'linux' },
  },
});
const { supergraph, out, arch, system } = values;
const target = `${system}-${arch}`;
if (!supergraph || !out || !MACHINES[target]) {
  console.error('usage: node build.mjs --supergraph FILE --out FOLDER --arch arm64|x64 [--system linux|darwin]');
  process.exit(2);
}

await rm(out, { recursive: true, force: true });
await mkdir(out, { recursive: true });
const here = dirname(fileURLToPath(import.meta.url));
await build({
  entryPoints: [join(here, 'main.mjs')],
  outfile: join(out, 'main.mjs'),
  absWorkingDir: here,
  nodePaths: process.env.NODE_PATH.split(':'),
  bundle: true,
  minify: true,
  keepNames: true, // error classes are told apart by name
  legalComments: 'none',
  platform: 'node',
  format: 'esm',
  target: 'node22',
  mainFields: ['module', 'main'],
  // Packages written for CommonJS ask for Node's own modules by require.
  banner: { js: "import { createRequire as $require } from 'node:module'; const require = $require(import.meta.url);" },
  logLevel: 'error',
});
await writeFile(join(out, 'supergraph.graphql'), await readFile(supergraph));
await copyPlanner();

// The runtime imports the planner by a name that no bundler sees, so it stays a package, with one of its four binaries.
async function copyPlanner() {
  const source = dirname(require.resolve(`${PLANNER}/package.json`));
  const binary = `hive_router_query_planner.${target}${system === 'linux' ? '-gnu' : ''}.node`;
  const bytes = await readFile(join(source, 'dist', binary));
  const { magic, offset, machine } = MACHINES[target];
  const found = offset === 18 ? bytes.readUInt16LE(offset) : bytes.readUInt32LE(offset) & 0xffffff;
  if (bytes.readUInt32LE(0) !== magic || found !== machine) throw new Error(`${binary} of ${PLANNER} is not made for ${target}`);
  if (system === 'linux' && !bytes.includes('GLIBC_')) throw new Error(`${binary} of ${PLANNER} is not linked with glibc`);
  for (const file of ['package.json', 'dist/index.js', `dist/${binary}`]) {
    await cp(join(source, file), join(out, 'node_modules', PLANNER, file));
  }
}
