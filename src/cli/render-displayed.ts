import type { DisplayedInput, DisplayedOutput } from '../verify/proof-file.ts';

const shownValues = 16;

/** What a proof shows of a tensor, as one line. */
export function renderDisplayed(tensor: DisplayedInput | DisplayedOutput): string {
  const { name, visibility } = tensor;
  if (visibility === 'private') return `${name} is private`;
  if (visibility === 'hashed') return `${name} has commitment ${tensor.commitment}`;
  const { values } = tensor;
  const list = values.slice(0, shownValues).join(', ');
  const text = values.length > shownValues ? `[${list}, …] (${values.length} values)` : `[${list}]`;
  return visibility === 'argmax' ? `${name} is largest at ${text}` : `${name} = ${text}`;
}
