import { readFileSync, writeFileSync } from 'node:fs';
import { type CallName, type EzklCalls, EzklRefusedError, type EzklTool } from '../../src/backend/ezkl/tool.ts';
import { EZKL_VERSION } from '../../src/backend/ezkl/version.ts';

/** Words of a proof that the contract below asks for. */
export const PROOF_BYTES = 64;

type Changes = { readonly [K in CallName]?: (given: EzklCalls[K]) => boolean | null | Promise<boolean | null> };

const felt = (value: number): string => Buffer.from([value, ...new Uint8Array(31)]).toString('hex');

/** A network of inputs x [1, 2] and outputs y [1, 1] at 2^−4, whose output is always 5/16. */
const settings = {
  version: EZKL_VERSION,
  run_args: { logrows: 3 },
  num_rows: 5,
  model_input_scales: [4],
  model_output_scales: [4],
  model_instance_shapes: [[1, 1]],
};

const contract = `contract Halo2Verifier { function verifyProof() { eq(0x${PROOF_BYTES.toString(16)}, proof.length) } }`;

export interface FakeEzkl extends EzklTool {
  /** What it was asked for, in order. */
  readonly calls: { readonly name: CallName; readonly given: Readonly<Record<string, unknown>> }[];
  readonly closed: () => boolean;
}

/** Stands in for EZKL: writes files of the right form, accepts exactly the proof that it made. `changes` misbehave. */
export function makeFakeEzkl(changes: Changes = {}): FakeEzkl {
  const calls: FakeEzkl['calls'] = [];
  let closed = false;
  const usual: { readonly [K in CallName]: (given: EzklCalls[K]) => boolean | null } = {
    gen_settings: ({ output }) => write(output, JSON.stringify(settings)),
    calibrate_settings: () => true,
    compile_circuit: ({ compiled_circuit }) => write(compiled_circuit, 'circuit'),
    gen_srs: ({ srs_path }) => write(srs_path, 'srs'),
    setup: ({ vk_path, pk_path }) => write(vk_path, 'vk') && write(pk_path, 'pk'),
    gen_witness: ({ output }) => write(output, JSON.stringify({ outputs: [[felt(5)]] })),
    prove: ({ proof_path }) => {
      const proof = Array.from({ length: PROOF_BYTES }, (_, i) => i);
      return write(proof_path, JSON.stringify({ instances: [[felt(5)]], proof }));
    },
    verify: ({ proof_path }) => {
      const { instances, proof } = JSON.parse(readFileSync(proof_path, 'utf8'));
      if (instances[0][0] === felt(5) && proof[1] === 1) return true;
      throw new EzklRefusedError('verify', '[halo2] The constraint system is not satisfied');
    },
    create_evm_verifier: ({ sol_code_path }) => {
      write(sol_code_path, contract);
      throw new EzklRefusedError('create_evm_verifier', '[eth] svm error: error sending request');
    },
  };
  return {
    kind: 'wheel',
    version: EZKL_VERSION,
    path: '/nowhere/python',
    calls,
    async call(name, given, options) {
      options?.signal?.throwIfAborted();
      calls.push({ name, given });
      return (changes[name] ?? usual[name])(given);
    },
    peakMb: () => 7,
    async close() {
      closed = true;
    },
    closed: () => closed,
  };
}

function write(path: string, text: string): true {
  writeFileSync(path, text);
  return true;
}
