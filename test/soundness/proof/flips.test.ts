import { beforeAll, expect, test } from 'vitest';
import { terminateCurve } from '../../../src/kernel/snarkjs.ts';
import { thorough } from '../thorough.ts';
import { bytesOf, flip } from './flip.ts';
import { proveStatements, type Statement } from './proved.ts';
import { ourVerdict, snarkjsVerdict } from './verdict.ts';

let honest: Statement;
beforeAll(async () => {
  ({ honest } = await proveStatements());
  return terminateCurve;
});

test('no byte of proof or signals can be turned', async () => {
  // An odd stride meets each coordinate and signal at other places.
  const stride = thorough ? 1 : 31;
  const accepted: string[] = [];
  for (let byte = 0; byte < bytesOf(honest); byte += stride) {
    const forged = flip(honest, byte, byte % 8);
    if (ourVerdict(forged) === 'holds') accepted.push(`byte ${byte}`);
    if (byte % 93 === 0 && (await snarkjsVerdict(forged)) === 'holds') accepted.push(`byte ${byte} by snarkjs`);
  }
  expect(accepted).toEqual([]);
});
