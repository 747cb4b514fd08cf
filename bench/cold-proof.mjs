// A proof as a whole process of the built package: node bench/cold-proof.mjs key.zkey witness.wtns proof.json public.json
import { readFileSync, writeFileSync } from 'node:fs';
import { chooseKernel } from '../dist/kernel/choose.js';
import { encodeProofJson } from '../dist/verify/snarkjs-json.js';

const [provingKey, witness, proofFile, publicFile] = process.argv.slice(2);
const { kernel } = chooseKernel();
const { proof, publicSignals } = await kernel.prove({ provingKey, witness: readFileSync(witness) });
writeFileSync(proofFile, JSON.stringify(encodeProofJson(proof)));
writeFileSync(publicFile, JSON.stringify(publicSignals.map(String)));
await kernel.close();
