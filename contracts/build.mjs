// Compiles contracts/src and contracts/test to contracts/artifacts with the pinned npm solc; deterministic.
// With --check, compares instead of writing and fails on a difference.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import solc from 'solc';

const root = dirname(fileURLToPath(import.meta.url));
const artifacts = join(root, 'artifacts');
const check = process.argv.includes('--check');

const sources = Object.fromEntries(
  ['src', 'test'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true })
      .filter((file) => file.endsWith('.sol'))
      .sort()
      .map((file) => [`${folder}/${file}`, { content: readFileSync(join(root, folder, file), 'utf8') }]),
  ),
);

const input = {
  language: 'Solidity',
  sources,
  settings: {
    evmVersion: 'cancun',
    optimizer: { enabled: true, runs: 200 },
    viaIR: true,
    // No metadata: equal sources give equal code wherever they are compiled.
    metadata: { appendCBOR: false, bytecodeHash: 'none' },
    outputSelection: { '*': { '*': ['abi', 'evm.bytecode.object', 'evm.deployedBytecode.object'] } },
  },
};

const output = JSON.parse(solc.compile(JSON.stringify(input)));
// 2018: reading one's own code could be declared pure, but a data-carrying contract is better called view.
// 6335: `layout` is the name that the verifier's interface promises.
const EXPECTED = ['2018', '6335'];
for (const { errorCode, formattedMessage } of output.errors ?? []) {
  if (!EXPECTED.includes(errorCode)) process.stderr.write(formattedMessage);
}
if (output.errors?.some(({ severity }) => severity === 'error')) process.exit(1);

mkdirSync(artifacts, { recursive: true });
let stale = false;
for (const [file, contracts] of Object.entries(output.contracts)) {
  for (const [name, { abi, evm }] of Object.entries(contracts)) {
    // A library of internal functions has no interface and is never deployed.
    if (name !== basename(file, '.sol') || abi.length === 0) continue;
    const artifact = {
      name,
      compiler: `solc ${solc.version()}`,
      abi,
      bytecode: `0x${evm.bytecode.object}`,
      deployedBytecode: `0x${evm.deployedBytecode.object}`,
    };
    const path = join(artifacts, `${name}.json`);
    const text = `${JSON.stringify(artifact, null, 2)}\n`;
    if (!check) writeFileSync(path, text);
    else if (readFileSync(path, 'utf8') !== text) {
      process.stderr.write(`${path} does not match its source; run node contracts/build.mjs\n`);
      stale = true;
    }
  }
}
process.exitCode = stale ? 1 : 0;
