import { Interface } from 'ethers';
import { loadArtifact } from '../../src/evm/artifacts.ts';
import { type InferenceRequest, requestBinding, requestIdOf } from '../../src/evm/binding.ts';
import { proofWords } from '../../src/verify/evm-words.ts';
import type { Hex32 } from '../../src/verify/json.ts';
import type { Receipt, TestChain, Transaction } from './test-chain.ts';
import type { TestModel } from './test-model.ts';

/** One answer as the hub takes it. */
export interface Fulfilment {
  readonly request: InferenceRequest;
  readonly prover: string;
  readonly output: readonly bigint[];
  readonly proof: readonly bigint[];
}

export interface AskOptions {
  readonly from?: string;
  readonly consumer?: string;
  readonly fee?: bigint;
  /** Seconds from now. */
  readonly lifetime?: number;
  readonly callbackGas?: number;
  readonly input?: readonly bigint[];
}

/** A hub on a test chain and the calls that tests make of it. */
export interface Hub {
  readonly address: string;
  /** A transaction that calls the hub. */
  to(name: string, values: readonly unknown[], rest?: Omit<Transaction, 'to' | 'data'>): Transaction;
  call(name: string, ...values: unknown[]): Promise<unknown>;
  register(model: TestModel): Promise<Receipt>;
  ask(model: TestModel, options?: AskOptions): Promise<InferenceRequest>;
  /** A valid proof of `output` for a request. */
  answer(model: TestModel, request: InferenceRequest, prover: string, output: readonly bigint[]): Fulfilment;
  idOf(request: InferenceRequest): Hex32;
}

const abi = new Interface(loadArtifact('InferenceHub').abi);

export async function deployHub(chain: TestChain, testHub = false): Promise<Hub> {
  const address = await chain.deploy('InferenceHub', testHub);
  const location = { chainId: BigInt(chain.chainId), hub: address };
  const to: Hub['to'] = (name, values, rest = {}) => ({
    ...rest,
    to: address,
    data: abi.encodeFunctionData(name, [...values]),
  });
  return {
    address,
    to,
    call: (name, ...values) => chain.call('InferenceHub', address, name, ...values),
    register: (model) => chain.send(to('registerModel', [model.data, ''])),
    idOf: (request) => requestIdOf(location, request),
    async ask(model, options = {}) {
      const { from = chain.accounts[0], consumer = from, fee = 0n, lifetime = 1000, callbackGas = 0 } = options;
      const { input = model.inputs.flatMap(({ signals }) => Array<bigint>(signals).fill(0n)) } = options;
      const deadline = (await chain.timestamp()) + BigInt(lifetime);
      const values = [model.modelId, input, consumer, deadline, callbackGas];
      const { events, succeeded } = await chain.send(to('request', values, { from, value: fee }));
      if (!succeeded) throw new Error('the request was refused');
      return requestIn(
        events
          .find(({ name }) => name === 'Requested')
          ?.args.getValue('request')
          .toObject(),
      );
    },
    answer(model, request, prover, output) {
      const binding = requestBinding(location, request, prover);
      return { request, prover, output, proof: proofWords(model.prove(output, binding, request.input)) };
    },
  };
}

/** A request as the `Requested` event shows it. */
export function requestIn(fields: InferenceRequest): InferenceRequest {
  return { ...fields, input: [...fields.input] };
}
