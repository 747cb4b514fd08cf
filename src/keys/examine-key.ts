import { open } from 'node:fs/promises';
import { domainBits } from '../r1cs/stats.ts';
import { publicCount, type System } from '../r1cs/system.ts';
import { type PhaseTwoKey, readPhaseTwoKey } from './ceremony/phase-two-key.ts';
import { areTwins, isSameMultiple, TWINS_SPACE } from './examine-pairs.ts';
import { findBadPoint } from './examine-points.ts';
import { withPoints } from './scan-points.ts';
import { encodeCoefficients } from './zkey-encode.ts';
import { SECTION } from './zkey-format.ts';

/** One thing that a key of this circuit must be; `fault` says how it is not. */
export interface KeyFinding {
  readonly what: string;
  readonly fault?: string | undefined;
}

/**
 * What can be said about a key without Powers of Tau: its sizes and its copy of sides A and B are the circuit's, its
 * points are points of the wires that occur there, and what it holds over both groups agrees. That sections C and H
 * follow from the circuit shows only in proofs. Stops at a fault that the next step would trip over.
 */
export async function examineKey(path: string, system: System, signal?: AbortSignal): Promise<readonly KeyFinding[]> {
  const key = await readPhaseTwoKey(path);
  const sizes = { what: 'sizes', fault: findSizeFault(key, system) };
  if (sizes.fault !== undefined) return [sizes];
  const coefficients = { what: 'sides A and B', fault: await findCoefficientFault(key, system) };
  if (coefficients.fault !== undefined) return [sizes, coefficients];
  return withPoints(
    path,
    TWINS_SPACE,
    async (scanner) => {
      const points = { what: 'points', fault: await findBadPoint(scanner, key.places, system) };
      if (points.fault !== undefined) return [sizes, coefficients, points];
      return [
        sizes,
        coefficients,
        points,
        { what: 'both groups', fault: await findPairFault(key, () => areTwins(scanner, key.places)) },
      ];
    },
    signal,
  );
}

function findSizeFault({ wires, publicSignals, domain }: PhaseTwoKey, system: System): string | undefined {
  const got = { wires, publicSignals, domain };
  const expected = { wires: system.wires, publicSignals: publicCount(system), domain: 2 ** domainBits(system) };
  const describe = (sizes: typeof got) =>
    `${sizes.wires} wires, ${sizes.publicSignals} public signals, domain ${sizes.domain}`;
  const same = describe(got) === describe(expected);
  return same ? undefined : `the key is for ${describe(got)}; the circuit has ${describe(expected)}`;
}

async function findCoefficientFault({ path, places }: PhaseTwoKey, system: System): Promise<string | undefined> {
  const expected = encodeCoefficients(system);
  const { position, length } = places.get(SECTION.coefficients) ?? { position: 0, length: 0 };
  if (length !== expected.length) {
    return `the key holds ${(length - 4) / TERM_BYTES} terms, the circuit has ${(expected.length - 4) / TERM_BYTES}`;
  }
  const file = await open(path, 'r');
  try {
    for (let offset = 0; offset < length; offset += CHUNK_BYTES) {
      const chunk = new Uint8Array(Math.min(CHUNK_BYTES, length - offset));
      await file.read(chunk, 0, chunk.length, position + offset);
      if (Buffer.compare(chunk, expected.subarray(offset, offset + chunk.length)) !== 0) {
        const at = offset + chunk.findIndex((byte, i) => byte !== expected[offset + i]);
        return `term ${Math.max(0, Math.floor((at - 4) / TERM_BYTES))} is another than the circuit's`;
      }
    }
    return undefined;
  } finally {
    await file.close();
  }
}

async function findPairFault(
  { beta1, delta1, verifyingKey }: PhaseTwoKey,
  twins: () => Promise<boolean>,
): Promise<string | undefined> {
  if (!isSameMultiple('beta', beta1, verifyingKey.beta)) return 'beta differs between the groups';
  if (!isSameMultiple('delta', delta1, verifyingKey.delta)) return 'delta differs between the groups';
  return (await twins()) ? undefined : 'sections B1 and B2 hold different multiples';
}

const TERM_BYTES = 44;
const CHUNK_BYTES = 1 << 22;
