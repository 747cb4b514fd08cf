import { InternalError } from '../errors.ts';
import { invert, power, rootOfUnity, type Scalar, toScalar } from '../field/bn254.ts';
import { FIELD_BYTES } from '../field/bytes.ts';
import { isReference, resolve } from '../field/vector.ts';
import { domainBits } from '../r1cs/stats.ts';
import { type Matrix, publicCount, type System } from '../r1cs/system.ts';
import { type CurveInstance, startCurve } from './curve-instance.ts';
import { evaluateLagrange, lagrangeWorkspace, storeMontgomery } from './lagrange.ts';

/** The secrets of a setup. Whoever knows them can forge proofs; they never leave the process. */
export interface ToxicWaste {
  readonly tau: Scalar;
  readonly alpha: Scalar;
  readonly beta: Scalar;
  readonly gamma: Scalar;
  readonly delta: Scalar;
}

/** The key's points as multiples of the generators: eight words each, canonical. */
export interface KeyScalars {
  /** A_j(tau) and B_j(tau) of each wire. */
  readonly a: Uint32Array;
  readonly b: Uint32Array;
  /** (beta·A_j + alpha·B_j + C_j) / gamma of wire 0 and the public wires, / delta of the others. */
  readonly c: Uint32Array;
  /** L_j(tau) / delta over the odd points of the doubled domain, as snarkjs computes h. */
  readonly h: Uint32Array;
}

/** Evaluates the system's polynomials at tau in the scalar domain; no ceremony file is needed for that. */
export async function evaluateKey(code: Uint8Array, system: System, secrets: ToxicWaste): Promise<KeyScalars> {
  checkEvaluable(system, secrets);
  const bits = domainBits(system);
  const domain = 2 ** bits;
  const { wires } = system;
  const vector = FIELD_BYTES * wires;
  const size = lagrangeWorkspace(domain) + FIELD_BYTES * domain + 3 * vector + MAX_CACHED * FIELD_BYTES + 8192;
  const curve = await startCurve(code, size, FIELD_BYTES * Math.max(domain, wires) + 65536);
  try {
    return evaluateIn(curve, system, secrets);
  } finally {
    curve.bytes.fill(0);
  }
}

/** Leaves the secrets, and what follows from them, in the instance's memory. */
function evaluateIn(curve: CurveInstance, system: System, secrets: ToxicWaste): KeyScalars {
  const bits = domainBits(system);
  const domain = 2 ** bits;
  const { wires, rows } = system;
  const publics = publicCount(system);
  const vector = FIELD_BYTES * wires;
  const workspace = curve.allocate(lagrangeWorkspace(domain));
  const lagrange = curve.allocate(FIELD_BYTES * domain);
  const [one, step] = [toScalar(1), rootOfUnity(bits)];
  const { tau, alpha, beta, gamma, delta } = secrets;

  const overDelta = invert(delta);
  const odd = { start: rootOfUnity(bits + 1), step, count: domain, order: 2 * domain };
  evaluateLagrange(curve, workspace, tau, overDelta, odd, lagrange);
  const h = takeCanonical(curve, lagrange, domain);

  evaluateLagrange(curve, workspace, tau, one, { start: one, step, count: domain, order: domain }, lagrange);
  const sides = [system.a, system.b, system.c].map((matrix) => {
    const sums = curve.allocate(vector);
    curve.bytes.fill(0, sums, sums + vector);
    return { matrix, sums };
  });
  const addTerms = termAdder(curve, system, lagrange);
  for (const { matrix, sums } of sides) addTerms(matrix, sums);
  const [{ sums: a }, { sums: b }, { sums: c }] = sides;
  // One extra row per public signal keeps the A polynomials of public wires independent: else signals are malleable.
  const add = curve.call('frm_add');
  for (let i = 0; i <= publics; i++) {
    add(a + FIELD_BYTES * i, lagrange + FIELD_BYTES * (rows + i), a + FIELD_BYTES * i);
  }

  const multiplyTo = curve.call('frm_mul');
  const [alphaAt, betaAt, gammaAt, deltaAt, termAt] = Array.from({ length: 5 }, () => curve.allocate(FIELD_BYTES));
  storeMontgomery(curve, alphaAt, alpha);
  storeMontgomery(curve, betaAt, beta);
  storeMontgomery(curve, gammaAt, invert(gamma));
  storeMontgomery(curve, deltaAt, overDelta);
  for (let wire = 0; wire < wires; wire++) {
    const offset = FIELD_BYTES * wire;
    multiplyTo(betaAt, a + offset, termAt);
    add(c + offset, termAt, c + offset);
    multiplyTo(alphaAt, b + offset, termAt);
    add(c + offset, termAt, c + offset);
    multiplyTo(wire <= publics ? gammaAt : deltaAt, c + offset, c + offset);
  }
  return {
    a: takeCanonical(curve, a, wires),
    b: takeCanonical(curve, b, wires),
    c: takeCanonical(curve, c, wires),
    h,
  };
}

/** Throws unless the rows fit the domain and no L_row has a pole at tau. */
export function checkEvaluable(system: System, { tau }: ToxicWaste): void {
  const domain = 2 ** domainBits(system);
  if (system.rows + publicCount(system) + 1 > domain) {
    throw new InternalError(`${system.rows} rows do not fit the largest domain.`);
  }
  if (power(tau, BigInt(2 * domain)) === 1n) throw new InternalError('tau fell into the domain.');
}

/** Adds coefficient·L_row to the sum of its wire, for every term of a matrix. */
function termAdder(curve: CurveInstance, { rows, big }: System, lagrange: number): (m: Matrix, sums: number) => void {
  const add = curve.call('frm_add');
  const subtractTo = curve.call('frm_sub');
  const multiplyTo = curve.call('frm_mul');
  const term = curve.allocate(FIELD_BYTES);
  const spare = curve.allocate(FIELD_BYTES);
  const cache = curve.allocate(MAX_CACHED * FIELD_BYTES);
  const known = new Map<number, number>();
  const addressOf = (coefficient: number): number => {
    let address = known.get(coefficient);
    if (address === undefined) {
      address = known.size < MAX_CACHED ? cache + FIELD_BYTES * known.size : spare;
      storeMontgomery(curve, address, isReference(coefficient) ? resolve(coefficient, big) : toScalar(coefficient));
      if (address !== spare) known.set(coefficient, address);
    }
    return address;
  };
  return ({ rowPtr, wire, coefficient }, sums) => {
    for (let row = 0; row < rows; row++) {
      const basis = lagrange + FIELD_BYTES * row;
      const end = rowPtr[row + 1];
      for (let i = rowPtr[row]; i < end; i++) {
        const sum = sums + FIELD_BYTES * wire[i];
        const factor = coefficient[i];
        if (factor === 1) add(sum, basis, sum);
        else if (factor === -1) subtractTo(sum, basis, sum);
        else {
          multiplyTo(addressOf(factor), basis, term);
          add(sum, term, sum);
        }
      }
    }
  };
}

/** Different coefficients kept in Montgomery form; weights of a quantised model are few. */
const MAX_CACHED = 1 << 16;

/** Converts `count` elements in place and copies them to memory that workers can share. */
function takeCanonical(curve: CurveInstance, address: number, count: number): Uint32Array {
  curve.call('frm_batchFromMontgomery')(address, count, address);
  const shared = new Uint32Array(new SharedArrayBuffer(FIELD_BYTES * count));
  shared.set(curve.words.subarray(address / 4, address / 4 + 8 * count));
  return shared;
}
