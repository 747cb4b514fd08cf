// Compiles contracts/{src,examples,test} to contracts/artifacts with the pinned npm solc; deterministic.
//   node contracts/build.mjs            writes the artifacts
//   node contracts/build.mjs --check    compiles and fails on an artifact that differs, in about 15 s
//   node contracts/build.mjs --digests  compares the recorded digests of sources and artifacts, at once
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(fileURLToPath(import.meta.url));
const artifacts = join(root, 'artifacts');
const digestsFile = 'digests.json';
const [mode = '--write'] = process.argv.slice(2);

const sources = Object.fromEntries(
  ['src', 'examples', 'test'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true })
      .filter((file) => file.endsWith('.sol'))
      .sort()
      .map((file) => [`${folder}/${file}`, { content: readFileSync(join(root, folder, file), 'utf8') }]),
  ),
);

const input = JSON.stringify({
  language: 'Solidity',
  sources,
  settings: {
    evmVersion: 'cancun',
    // With fewer runs the compiler computes the field's order anew wherever it is used, to save its 32 bytes.
    optimizer: { enabled: true, runs: 1000 },
    viaIR: true,
    // No metadata: equal sources give equal code wherever they are compiled.
    metadata: { appendCBOR: false, bytecodeHash: 'none' },
    outputSelection: { '*': { '*': ['abi', 'evm.bytecode.object', 'evm.deployedBytecode.object'] } },
  },
});
const compilerVersion = createRequire(import.meta.url)('solc/package.json').version;

const files = mode === '--digests' ? readArtifacts() : await compile();
files.set(digestsFile, digestsOf(files));
mkdirSync(artifacts, { recursive: true });
for (const [name, text] of files) {
  const path = join(artifacts, name);
  if (mode === '--write') writeFileSync(path, text);
  else if (readFileSync(path, 'utf8') !== text) {
    process.stderr.write(`${path} does not match its source; run node contracts/build.mjs\n`);
    process.exitCode = 1;
  }
}

function readArtifacts() {
  const names = readdirSync(artifacts).filter((name) => name !== digestsFile);
  return new Map(names.map((name) => [name, readFileSync(join(artifacts, name), 'utf8')]));
}

/** What the artifacts were made of, and what they were then. */
function digestsOf(texts) {
  const sha256 = (text) => createHash('sha256').update(text).digest('hex');
  const outputs = [...texts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, text]) => [name, sha256(text)]);
  const digests = { compiler: compilerVersion, input: sha256(input), artifacts: Object.fromEntries(outputs) };
  return `${JSON.stringify(digests, null, 2)}\n`;
}

async function compile() {
  const { default: solc } = await import('solc');
  const output = JSON.parse(solc.compile(input));
  // 2018: reading one's own code could be declared pure, but a data-carrying contract is better called view.
  // 6335: `layout` is the name that the verifier's interface promises.
  const expected = ['2018', '6335'];
  for (const { errorCode, formattedMessage } of output.errors ?? []) {
    if (!expected.includes(errorCode)) process.stderr.write(formattedMessage);
  }
  if (output.errors?.some(({ severity }) => severity === 'error')) process.exit(1);
  const contracts = Object.entries(output.contracts).flatMap(([file, inFile]) =>
    Object.entries(inFile).map(([name, contract]) => ({ file, name, ...contract })),
  );
  return new Map(contracts.filter(isCalled).map((contract) => [`${contract.name}.json`, artifactOf(contract, solc)]));
}

/** Contracts and interfaces that somebody calls; other abstract contracts and libraries are parts of these. */
function isCalled({ file, name, abi, evm }) {
  const bases = ['VouchConsumer'];
  const whole = evm.bytecode.object !== '' || file.includes('/interfaces/') || bases.includes(name);
  return name === basename(file, '.sol') && whole && abi.some(({ type }) => ['function', 'constructor'].includes(type));
}

function artifactOf({ name, abi, evm }, solc) {
  const artifact = {
    name,
    compiler: `solc ${solc.version()}`,
    abi,
    bytecode: `0x${evm.bytecode.object}`,
    deployedBytecode: `0x${evm.deployedBytecode.object}`,
  };
  return `${JSON.stringify(artifact, null, 2)}\n`;
}
