// Writes a small key and the values of its witness, for the fuzzer: tsx test/kernel/write-case.ts <folder>
import { writeFileSync } from 'node:fs';
import { witnessValues } from '../../src/kernel/witness-values.ts';
import { createDevelopmentKey } from '../../src/keys/dev.ts';
import { encodeWtns } from '../../src/witness/file.ts';
import { randomCircuit } from './random-circuit.ts';

const [, , folder] = process.argv;
const { system, witness } = randomCircuit(3, 20, 2);
const { zkey } = await createDevelopmentKey(system);
writeFileSync(`${folder}/key.zkey`, Buffer.concat(zkey));
writeFileSync(`${folder}/witness.values`, witnessValues(encodeWtns(witness)));
