import { domainBits } from '../r1cs/stats.ts';
import { publicCount, type System } from '../r1cs/system.ts';
import { type PhaseTwoKey, readPhaseTwoKey } from './ceremony/phase-two-key.ts';
import { findCoefficientFault } from './examine-coefficients.ts';
import { areTwins, isSameMultiple, TWINS_SPACE } from './examine-pairs.ts';
import { findBadPoint } from './examine-points.ts';
import { withPoints } from './scan-points.ts';
import type { SectionPlace } from './section-table.ts';
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
  const coefficients = {
    what: 'sides A and B',
    fault: await findCoefficientFault(path, placeOf(key, SECTION.coefficients), system),
  };
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

function placeOf({ places }: PhaseTwoKey, id: number): SectionPlace {
  return places.get(id) ?? { position: 0, length: 0 };
}

function findSizeFault({ wires, publicSignals, domain }: PhaseTwoKey, system: System): string | undefined {
  const got = { wires, publicSignals, domain };
  const expected = { wires: system.wires, publicSignals: publicCount(system), domain: 2 ** domainBits(system) };
  const describe = (sizes: typeof got) =>
    `${sizes.wires} wires, ${sizes.publicSignals} public signals, domain ${sizes.domain}`;
  const same = describe(got) === describe(expected);
  return same ? undefined : `the key is for ${describe(got)}; the circuit has ${describe(expected)}`;
}

async function findPairFault(
  { beta1, delta1, verifyingKey }: PhaseTwoKey,
  twins: () => Promise<boolean>,
): Promise<string | undefined> {
  if (!isSameMultiple('beta', beta1, verifyingKey.beta)) return 'beta differs between the groups';
  if (!isSameMultiple('delta', delta1, verifyingKey.delta)) return 'delta differs between the groups';
  return (await twins()) ? undefined : 'sections B1 and B2 hold different multiples';
}
