// In the page of web-kernels.ts: one proof by one kernel on the page's own thread, timed.
import { drawBlinding } from '../src/kernel/proof-bytes.ts';
import { chooseWasmBuild } from '../src/kernel/wasm-build.ts';
import { loadProgram, startWasm } from '../src/kernel/wasm-module.ts';
import { createWasmProver } from '../src/kernel/wasm-prover.ts';
import { witnessValues } from '../src/kernel/witness-values.ts';

const fetchBytes = async (url) => new Uint8Array(await (await fetch(url)).arrayBuffer());
const [key, witness] = await Promise.all(['/key.zkey', '/witness.wtns'].map(fetchBytes));

async function createOurs(build) {
  const wasm = await startWasm(await loadProgram(await fetchBytes(`/${build}.wasm`)), () => {});
  const prover = createWasmProver(wasm);
  wasm.view(prover.reserveKey(key.length), key.length).set(key);
  prover.openKey();
  return () => prover.prove(witnessValues(witness), drawBlinding());
}

const runs = new Map([['snarkjs', () => snarkjs.groth16.prove(key, witness, undefined, { singleThread: true })]]);

/** Milliseconds of a proof; undefined where this browser does not run the build. */
async function prove(kernel) {
  if (kernel === 'fma' && chooseWasmBuild().build !== 'fma') return;
  if (!runs.has(kernel)) runs.set(kernel, await createOurs(kernel));
  const began = performance.now();
  await runs.get(kernel)();
  return performance.now() - began;
}

globalThis.bench = { prove };
