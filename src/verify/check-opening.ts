import type { InputLayout, Layout, OutputLayout } from './layout.ts';
import { type Opening, opens } from './opening.ts';
import type { DisplayedTensor } from './proof-file.ts';
import { type DecodedSignals, inputValues } from './signals.ts';

/** A hashed tensor that an opening showed to be what the proof commits to. */
export interface OpenedTensor extends DisplayedTensor {
  readonly kind: 'input' | 'output';
}

/** The tensors that openings show, and why some show nothing. */
export function checkOpenings(
  layout: Layout,
  shown: DecodedSignals,
  openings: readonly Opening[],
): { readonly opened: readonly OpenedTensor[]; readonly reasons: readonly string[] } {
  const opened: OpenedTensor[] = [];
  const reasons: string[] = [];
  for (const opening of openings) {
    const { kind, name, integers } = opening;
    const tensors: readonly (InputLayout | OutputLayout)[] = kind === 'input' ? layout.inputs : layout.outputs;
    const at = tensors.findIndex((tensor) => tensor.name === name && tensor.visibility === 'hashed');
    const published = (kind === 'input' ? shown.inputs : shown.outputs).at(at);
    if (at < 0 || published?.visibility !== 'hashed') {
      reasons.push(`the opening is of ${kind} "${name}", which this model does not hash`);
      continue;
    }
    const tensor = tensors[at];
    if (opening.commitment !== published.commitment || !opens(tensor, opening, published.commitment)) {
      reasons.push(`the opening of ${kind} "${name}" does not open the commitment`);
      continue;
    }
    const values = 'zero' in tensor ? inputValues(tensor, integers) : integers.map((q) => Number(q) * tensor.scale);
    opened.push({ kind, name, shape: tensor.shape, integers, values });
  }
  return { opened, reasons };
}
