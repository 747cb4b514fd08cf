import { VouchError } from '../../errors.ts';
import type { DimBindings } from '../../onnx/dims.ts';
import type { Network } from './network.ts';

export async function rewrittenNetwork(path: string, _dims: DimBindings = {}): Promise<Network> {
  throw new VouchError(`"${path}" cannot be rewritten yet`);
}
