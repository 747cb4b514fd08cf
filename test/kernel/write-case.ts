// Writes a small key, its prepared form and the values of its witness, for the fuzzer: tsx test/kernel/write-case.ts <folder>
import { writeFileSync } from 'node:fs';
import { chooseKernel } from '../../src/kernel/choose.ts';
import { witnessValues } from '../../src/kernel/witness-values.ts';
import { createDevelopmentKey } from '../../src/keys/dev.ts';
import { prepareKey } from '../../src/keys/prepare-key.ts';
import { encodeWtns } from '../../src/witness/file.ts';
import { randomCircuit } from './random-circuit.ts';

const [, , folder] = process.argv;
const { system, witness } = randomCircuit(3, 20, 2);
const { zkey } = await createDevelopmentKey(system);
writeFileSync(`${folder}/key.zkey`, Buffer.concat(zkey));
const { kernel } = chooseKernel({ kernel: 'native' });
const prepared = await prepareKey(`${folder}/key.zkey`, new Uint8Array(32), system, { kernel });
writeFileSync(`${folder}/key.prepared`, Buffer.concat([...prepared]));
writeFileSync(`${folder}/witness.values`, witnessValues(encodeWtns(witness)));
