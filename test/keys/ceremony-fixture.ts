import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buildBn128 } from 'ffjavascript';
import * as snarkjs from 'snarkjs';

/** Powers of Tau for 2^power rows, made by snarkjs alone: before and after preparation for phase 2. */
export async function makePtau(folder: string, power: number): Promise<{ raw: string; prepared: string }> {
  const path = (name: string) => join(folder, `${name}.ptau`);
  await snarkjs.powersOfTau.newAccumulator(await buildBn128(true), power, path('empty'));
  await snarkjs.powersOfTau.contribute(path('empty'), path('raw'), 'tester', 'not a secret');
  await snarkjs.powersOfTau.preparePhase2(path('raw'), path('prepared'));
  return { raw: path('raw'), prepared: path('prepared') };
}

type VerifyFiles = typeof snarkjs.zKey.verifyFromR1cs;

/** What snarkjs says of a key. It leaves the Powers of Tau open, so it gets their bytes and no file. */
export async function snarkjsAccepts(...[r1cs, ptau, zkey, logger]: Parameters<VerifyFiles>): Promise<boolean> {
  return snarkjs.zKey.verifyFromR1cs(r1cs, typeof ptau === 'string' ? await readFile(ptau) : ptau, zkey, logger);
}

/** Where the contents of a section lie in a container file. */
export function sectionAt(bytes: Uint8Array, wanted: number): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 12; at < bytes.length; at += 12 + Number(view.getBigUint64(at + 4, true))) {
    if (view.getUint32(at, true) === wanted) return at + 12;
  }
  throw new Error(`there is no section ${wanted}`);
}
