import type { DisplayedInput, DisplayedOutput, DisplayedTensor } from '../verify/proof-file.ts';

const shownValues = 16;

/** What a proof shows of a tensor, as one line. */
export function renderDisplayed(tensor: DisplayedInput | DisplayedOutput): string {
  const { name, visibility } = tensor;
  if (visibility === 'private') return `${name} is private: the proof shows that some ${name} exists`;
  if (visibility === 'hashed') return `${name} has commitment ${tensor.commitment}`;
  return visibility === 'argmax' ? `${name} is largest at ${list(tensor)}` : renderValues(tensor);
}

/** The reals of a tensor, the first of many. */
export function renderValues(tensor: DisplayedTensor): string {
  return `${tensor.name} = ${list(tensor)}`;
}

function list({ values }: DisplayedTensor): string {
  const shown = values.slice(0, shownValues).join(', ');
  return values.length > shownValues ? `[${shown}, …] (${values.length} values)` : `[${shown}]`;
}
