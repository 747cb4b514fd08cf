import type { InputVisibility } from '../tensor/visibility.ts';

/** What a proof shows of a tensor, as one line. */
export function renderVisibility({
  name,
  visibility,
}: {
  readonly name: string;
  readonly visibility: InputVisibility;
}): string {
  if (visibility === 'private') return `"${name}" is private: a proof shows that some ${name} exists, not which`;
  return visibility === 'hashed' ? `"${name}" is hashed: a proof shows a commitment to it` : `"${name}" is public`;
}
