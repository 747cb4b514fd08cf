import { PROOF_BYTES } from './proof-bytes.ts';
import { type WasmModule, withBytes } from './wasm-module.ts';

/** What the kernel does with one proving key at a time, on the thread that leads. */
export interface WasmProver {
  /** Room for a key of this size, in place of the one before; the caller writes the key there. */
  reserveKey(size: number): number;
  /** Checks and prepares what was written. Returns the number of public signals. */
  openKey(): number;
  /** The proof as bytes. `values` are 32 bytes for each wire. */
  prove(values: Uint8Array, blinding: Uint8Array): Uint8Array;
  multiplyBase(group: 1 | 2, base: Uint8Array, scalars: Uint8Array): Uint8Array;
  multiplyPoints(points: Uint8Array, scalar: Uint8Array): Uint8Array;
  sumPoints(group: 1 | 2, points: Uint8Array, scalars: Uint8Array): Uint8Array;
}

export function createWasmProver(wasm: WasmModule): WasmProver {
  let file = { address: 0, size: 0 };
  let key = 0;

  const forget = () => {
    if (key !== 0) wasm.ask('closeOpened', key);
    key = 0;
    if (file.size > 0) wasm.release(file.address, file.size);
    file = { address: 0, size: 0 };
  };

  return {
    reserveKey(size) {
      forget();
      file = { address: wasm.allocate(size), size };
      return file.address;
    },
    openKey() {
      key = withBytes(wasm, [new Uint8Array(4)], (result) => {
        wasm.call('open', file.address, file.size, result);
        return new DataView(wasm.view(result, 4).slice().buffer).getUint32(0, true);
      });
      return wasm.ask('publicSignalsOf', key);
    },
    prove: (values, blinding) =>
      withBytes(wasm, [values, blinding, new Uint8Array(PROOF_BYTES)], (witness, blindingAt, proof) => {
        wasm.call('prove', key, witness, values.length, blindingAt, proof);
        return wasm.view(proof, PROOF_BYTES).slice();
      }),
    multiplyBase(group, base, scalars) {
      const count = scalars.length / SCALAR_BYTES;
      return withBytes(wasm, [base, scalars, new Uint8Array(base.length * count)], (baseAt, scalarsAt, out) => {
        wasm.call('multiplyBase', group, baseAt, scalarsAt, count, out);
        return wasm.view(out, base.length * count).slice();
      });
    },
    multiplyPoints: (points, scalar) =>
      withBytes(wasm, [points, scalar], (pointsAt, scalarAt) => {
        wasm.call('multiplyPoints', pointsAt, points.length / G1_BYTES, scalarAt, pointsAt);
        return wasm.view(pointsAt, points.length).slice();
      }),
    sumPoints: (group, points, scalars) =>
      withBytes(wasm, [points, scalars, new Uint8Array(G1_BYTES * group)], (pointsAt, scalarsAt, out) => {
        wasm.call('sumPoints', group, pointsAt, scalarsAt, scalars.length / SCALAR_BYTES, 0, out);
        return wasm.view(out, G1_BYTES * group).slice();
      }),
  };
}

const SCALAR_BYTES = 32;
const G1_BYTES = 64;
