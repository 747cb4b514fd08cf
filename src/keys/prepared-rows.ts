import { FIELD_BYTES } from '../field/bytes.ts';
import { resolve } from '../field/vector.ts';
import { domainBits } from '../r1cs/stats.ts';
import { publicCount, type System } from '../r1cs/system.ts';
import { doubleMontgomery } from './zkey-encode.ts';

/** The rows of one matrix: row i has the terms `starts[i]` … `starts[i + 1] − 1`. */
export interface PreparedRows {
  readonly starts: Uint32Array;
  /** Two words for each term: the place of its coefficient among the values, and its wire. */
  readonly terms: Uint32Array;
}

/** Sides A and B as a prepared key holds them. */
export interface PreparedSides {
  /** Each coefficient that occurs, once, as a `.zkey` stores it. */
  readonly values: Uint32Array;
  readonly rows: readonly [a: PreparedRows, b: PreparedRows];
}

/** Numbers the coefficients and lists the terms by row, with the row of each public signal that a key adds to A. */
export function prepareSides(system: System): PreparedSides {
  const places = new Map<number, number>();
  const domain = 2 ** domainBits(system);
  const publics = publicCount(system) + 1;
  const placeOf = (coefficient: number): number => {
    let place = places.get(coefficient);
    if (place === undefined) {
      place = places.size;
      places.set(coefficient, place);
    }
    return place;
  };
  const rowsOf = ({ rowPtr, wire, coefficient }: System['a'], extra: number): PreparedRows => {
    const count = rowPtr[system.rows];
    const starts = new Uint32Array(domain + 1).fill(count + extra);
    starts.set(rowPtr.subarray(0, system.rows + 1));
    const terms = new Uint32Array(2 * (count + extra));
    for (let i = 0; i < count; i++) {
      terms[2 * i] = placeOf(coefficient[i]);
      terms[2 * i + 1] = wire[i];
    }
    for (let i = 0; i < extra; i++) {
      starts[system.rows + i] = count + i;
      terms[2 * (count + i)] = placeOf(1);
      terms[2 * (count + i) + 1] = i;
    }
    return { starts, terms };
  };
  const rows = [rowsOf(system.a, publics), rowsOf(system.b, 0)] as const;
  const values = new Uint32Array((FIELD_BYTES / 4) * places.size);
  for (const [coefficient, place] of places) {
    values.set(doubleMontgomery(resolve(coefficient, system.big)), (FIELD_BYTES / 4) * place);
  }
  return { values, rows };
}
