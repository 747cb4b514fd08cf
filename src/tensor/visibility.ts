/** What a verifier learns of an input: that it exists, its integers, or a commitment to them. */
export const inputVisibilities = ['private', 'public', 'hashed'] as const;
export type InputVisibility = (typeof inputVisibilities)[number];

/** What a verifier learns of an output: its integers, a commitment to them, or where the largest ones are. */
export const outputVisibilities = ['public', 'hashed', 'argmax'] as const;
export type OutputVisibility = (typeof outputVisibilities)[number];

/** What verifiers learn of inputs and outputs, by name. Inputs are private and outputs public where nothing is said. */
export interface Visibility {
  readonly inputs?: ReadonlyMap<string, InputVisibility>;
  readonly outputs?: ReadonlyMap<string, OutputVisibility>;
}
