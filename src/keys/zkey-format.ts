/** Section ids of a Groth16 `.zkey`. */
export const SECTION = {
  protocol: 1,
  header: 2,
  ic: 3,
  coefficients: 4,
  a: 5,
  b1: 6,
  b2: 7,
  c: 8,
  h: 9,
  contributions: 10,
} as const;

export const ZKEY_FORMAT = { magic: 'zkey', version: 1, sections: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10] };
