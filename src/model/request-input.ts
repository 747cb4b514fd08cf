import { VouchError } from '../errors.ts';
import { quantiseInputs } from '../quant/interpret.ts';
import type { Sample } from '../quant/sample.ts';
import { packLanes } from '../tensor/lanes.ts';
import { type Layout, signalsOf } from '../verify/layout.ts';
import { inputIntegers, inputValues } from '../verify/signals.ts';
import type { Model } from './model.ts';

/**
 * The signals that a request to a hub carries: the sample's public inputs, packed. Private inputs leave no trace; a
 * hashed one needs its commitment, which whoever holds the values and the salt knows.
 *
 *     const input = requestInput(model, sample);
 */
export function requestInput(
  { quantised, layout }: Model,
  sample: Sample,
  commitments: ReadonlyMap<string, bigint> = new Map(),
): bigint[] {
  const integers = quantiseInputs(quantised, sample);
  return layout.inputs.flatMap((input): bigint[] => {
    if (input.visibility === 'private') return [];
    if (input.visibility === 'public') return packLanes(input, integers.get(input.name) ?? []);
    const commitment = commitments.get(input.name);
    if (commitment === undefined) throw new CommitmentMissingError(input.name);
    return [commitment];
  });
}

/**
 * The sample behind a request's signals. Only a model whose inputs are all public has one. Anybody can request
 * anything: rejects signals that no sample has.
 */
export function requestedSample(layout: Layout, signals: readonly bigint[]): Sample {
  let at = 0;
  const sample: Sample = new Map(
    layout.inputs.map((input) => {
      if (input.visibility !== 'public') throw new HiddenInputError(input.name, input.visibility);
      at += signalsOf(input);
      const integers = inputIntegers(input, signals.slice(at - signalsOf(input), at));
      if (integers === undefined) throw new UnreadableRequestError(`its input "${input.name}" leaves its bounds`);
      return [input.name, Float64Array.from(inputValues(input, integers))];
    }),
  );
  if (signals.length !== at) throw new UnreadableRequestError(`it has ${signals.length} signals, not ${at}`);
  return sample;
}

/** A request that nobody can prove, because its signals are no sample's. */
export class UnreadableRequestError extends VouchError {
  override readonly name = 'UnreadableRequestError';

  constructor(reason: string) {
    super(`The request holds no sample of the model: ${reason}.`);
  }
}

/** A hashed input is asked about by its commitment. */
export class CommitmentMissingError extends VouchError {
  override readonly name = 'CommitmentMissingError';

  constructor(name: string) {
    super(`Input "${name}" is hashed, and the request lacks its commitment.`, {
      metaMessages: [
        'Its commitment stands in a proof of these values (vouch prove writes it and what opens it).',
        'Only who holds the values and the salt can answer such a request.',
      ],
    });
  }
}

/** A node sees the chain only, so it cannot know what is not on it. */
export class HiddenInputError extends VouchError {
  override readonly name = 'HiddenInputError';

  constructor(name: string, visibility: string) {
    super(`Input "${name}" is ${visibility}, so no node can read it off a request.`, {
      metaMessages: [
        `Compile with --input ${name}=public, or answer with the values at hand:`,
        'vouch prove <dir> -i input.json --binding <from vouch request --prover>, then vouch submit --request',
      ],
    });
  }
}
