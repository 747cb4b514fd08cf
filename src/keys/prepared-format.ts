/** The head of a prepared key (native/prepared-key.h), and where its words lie. */
export const PREPARED = {
  magic: 'vouchkey',
  version: 1,
  headBytes: 128,
  /** Every part begins at a multiple of this. */
  alignment: 64,
  /** Version, wires, public signals, binary logarithm of the domain, multiples, values, terms of A and of B. */
  countsAt: 8,
  /** sha256 of the `.zkey` that it was made from. */
  digestAt: 64,
} as const;

/** Multiples of each point of H that are stored: the file is then about as large as its `.zkey`. */
export const MULTIPLES = 4;
