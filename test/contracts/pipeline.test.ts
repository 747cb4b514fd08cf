import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type HubLocation, requestBinding } from '../../src/evm/binding.ts';
import { encodeModelData } from '../../src/evm/model-data.ts';
import { randomScalar, toScalar } from '../../src/field/bn254.ts';
import { elementAt, type FieldVector } from '../../src/field/vector.ts';
import { createSnarkjsKernel } from '../../src/kernel/snarkjs.ts';
import { compile, joinChunks } from '../../src/pipeline/pipeline.ts';
import { infer, proveWitness } from '../../src/pipeline/prove.ts';
import { setup } from '../../src/pipeline/setup.ts';
import { proofWords } from '../../src/verify/evm-words.ts';
import { bindingIndex, encodeLayout } from '../../src/verify/layout.ts';
import { modelIdOf } from '../../src/verify/model-core.ts';
import { solve } from '../../src/witness/solve.ts';
import { encodeModel } from '../fuzz/onnx-model.ts';
import { deployHub, requestIn } from './hub-fixture.ts';
import { startTestChain, type TestChain } from './test-chain.ts';

let chain: TestChain;
let folder: string;

beforeAll(async () => {
  chain = await startTestChain();
  folder = mkdtempSync(join(tmpdir(), 'vouch-hub-'));
});
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await chain.stop();
});

test('an ONNX file with private, public and hashed tensors is answered through the hub', async () => {
  const path = join(folder, 'model.onnx');
  const names = ['own', 'shown', 'sealed'];
  writeFileSync(
    path,
    encodeModel({
      inputs: names.map((name) => ({ name, shape: [1, 2] })),
      outputs: ['sum', 'secret'],
      initializers: [],
      nodes: [
        { op: 'Add', inputs: ['own', 'shown'], outputs: ['sum'] },
        { op: 'Add', inputs: ['sum', 'sealed'], outputs: ['secret'] },
      ],
    }),
  );
  const visibility = {
    inputs: new Map([
      ['shown', 'public'],
      ['sealed', 'hashed'],
    ] as const),
    outputs: new Map([['secret', 'hashed']] as const),
  };
  const model = await compile(path, { visibility });
  const { zkey, file } = await setup(model, { threads: 1 });
  const { core, layout, verifyingKey } = file;
  const modelId = modelIdOf(core);
  const { values } = infer(model, new Map(names.map((name, i) => [name, Float64Array.of(0.25 * i, -0.5)])));
  const salts = model.circuit.hints.salts.map(randomScalar);
  const witnessFor = (binding: bigint) => solve(model.circuit.hints, values, toScalar(binding), salts);
  const signalsOf = (witness: FieldVector) =>
    Array.from({ length: verifyingKey.ic.length - 1 }, (_, i) => elementAt(witness, 1 + i));
  const at = bindingIndex(layout);
  const output = signalsOf(witnessFor(0n)).slice(0, at);
  const input = signalsOf(witnessFor(0n)).slice(at + 1);

  const hub = await deployHub(chain);
  const consumer = await chain.deploy('TestConsumer');
  const data = encodeModelData({ core, verifyingKey, layout: encodeLayout(layout) });
  await chain.send(hub.to('registerModel', [data, '']));
  const deadline = (await chain.timestamp()) + 1000n;
  const asked = await chain.send(hub.to('request', [modelId, input, consumer, deadline, 300_000], { value: 3n }));
  const request = requestIn(asked.events[0].args.getValue('request').toObject());
  const [, prover] = chain.accounts;
  const location: HubLocation = { chainId: BigInt(chain.chainId), hub: hub.address };
  const witness = witnessFor(requestBinding(location, request, prover));
  const kernel = createSnarkjsKernel();
  const options = { kernel, provingKey: joinChunks(zkey) };
  const proof = await proveWitness(file, witness, options).finally(() => kernel.close());
  const answer = { request, prover, output, proof: proofWords(proof.proof) };
  const { events } = await chain.send(hub.to('fulfil', [answer]));
  expect(events.map(({ name }) => name)).toEqual(['Fulfilled']);
  expect(await hub.call('creditOf', prover)).toBe(3n);
  const [sum] = proof.outputs;
  if (!('integers' in sum)) throw new Error('the sum is public');
  expect(await chain.call('TestConsumer', consumer, 'lastOutput')).toEqual([...sum.integers, output[at - 1]]);
});
