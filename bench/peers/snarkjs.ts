import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ContractFactory, dataSlice, id } from 'ethers';
import { deployContract } from '../../src/evm/deploy.ts';
import { compileSolidity } from '../../src/evm/solidity.ts';
import { createSnarkjsKernel } from '../../src/kernel/snarkjs.ts';
import { infer, solveWitness } from '../../src/pipeline/prove.ts';
import { packWords, proofWords } from '../../src/verify/evm-words.ts';
import { encodeProofJson, encodeVerifyingKeyJson } from '../../src/verify/snarkjs-json.ts';
import { encodeWtns } from '../../src/witness/file.ts';
import { measureOnChain } from './chain.ts';
import { readHeldOut } from './held-out.ts';
import type { MeasurePeer } from './peer.ts';
import { createReport, repeated, timed } from './report.ts';
import { makeModel, PROOF_BYTES } from './vouch.ts';

/** snarkjs on the circuit, key and witness that this library made: its proving and verifying, and its own contract. */
export const measureSnarkjs: MeasurePeer = async (input, report) => {
  const heldOut = await readHeldOut(input.model, input.limits.heldOut);
  // Not this row's to measure.
  const made = await makeModel(
    input,
    'native',
    createReport(() => {}),
  );
  const { model, file, provingKey } = made;
  const { groth16 } = await import('snarkjs');
  const kernel = createSnarkjsKernel();
  report.facts({ prover: kernel.name, note: 'circuit, key and witness by vouch' });
  const witness = encodeWtns(solveWitness(model, infer(model, heldOut.samples[0])));
  const proving = await report.stage('prove', () =>
    repeated(async () => (await timed(() => kernel.prove({ provingKey, witness }))).ms),
  );
  report.facts({ proveMs: proving.medianMs, proveRuns: proving.runs, proofBytes: PROOF_BYTES });
  const { proof, publicSignals } = await kernel.prove({ provingKey, witness });
  const [key, json] = [encodeVerifyingKeyJson(file.verifyingKey), encodeProofJson(proof)];
  const verifying = await report.stage('verify', () =>
    repeated(async () => {
      const { ms, value } = await timed(() => groth16.verify(key, publicSignals.map(String), json));
      if (!value) throw new Error('snarkjs refuses its own proof');
      return ms;
    }),
  );
  report.facts({ verifyMs: verifying.medianMs });
  await kernel.close();
  const source = join(input.work, 'verifier.sol');
  const program = join(createRequire(import.meta.url).resolve('snarkjs'), '../cli.cjs');
  await promisify(execFile)(process.execPath, [program, 'zkey', 'export', 'solidityverifier', provingKey, source]);
  const { bytecode } = await compileSolidity(await readFile(source, 'utf8'));
  const selector = dataSlice(
    id(`verifyProof(uint256[2],uint256[2][2],uint256[2],uint256[${publicSignals.length}])`),
    0,
    4,
  );
  const words = Buffer.from(packWords([...proofWords(proof), ...publicSignals])).toString('hex');
  const onChain = await report.stage('chain', () =>
    measureOnChain(async (signer) => {
      const { address } = await deployContract(new ContractFactory<[]>([], bytecode, signer));
      return { address, data: `${selector}${words}` };
    }),
  );
  report.facts(onChain);
};
