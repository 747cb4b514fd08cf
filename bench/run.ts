// npm run bench [-- model …] [--all] [--json] [--repeat n] [--folder path] [--results path]
// npm run bench -- --kernels [--sizes 16,18] [--threads 1,2] [--repeat 5]
// npm run bench -- --web [model] [--sizes 16] [--repeat 5]
// npm run bench -- --peers [model …] [--only vouch-native,ezkl-resources,…] [--minutes n] [--memory MB] [--fresh]
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { benchKernels } from './kernels.ts';
import { currentLoad, describeCommit, describeMachine, machineName } from './machine.ts';
import { measureModel } from './measure-model.ts';
import { modelNames } from './model-folder.ts';
import { type PeerId, peerIds } from './peers/result.ts';
import { benchPeers, defaultLimits, type PeersBenchOptions } from './peers/run.ts';
import { renderBench } from './render.ts';
import type { BenchResult, ModelResult } from './result.ts';
import { benchWeb } from './web.ts';

/** Minutes each; measured with --all or by name. */
const LONG: readonly string[] = ['resnet8', 'transformer'];

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    all: { type: 'boolean', default: false },
    kernels: { type: 'boolean', default: false },
    web: { type: 'boolean', default: false },
    peers: { type: 'boolean', default: false },
    fresh: { type: 'boolean', default: false },
    only: { type: 'string' },
    minutes: { type: 'string' },
    memory: { type: 'string' },
    json: { type: 'boolean', default: false },
    repeat: { type: 'string' },
    sizes: { type: 'string' },
    threads: { type: 'string', default: '1,2' },
    folder: { type: 'string', default: 'models' },
    results: { type: 'string', default: 'bench/results' },
  },
});

if (values.kernels) {
  const numbers = (text: string) => text.split(',').map(Number);
  const { sizes = '16,18', threads, repeat = '5', results } = values;
  await benchKernels({ sizes: numbers(sizes), threads: numbers(threads), reps: Number(repeat), results });
  process.exit();
}
if (values.web) {
  const { folder, repeat = '5', results } = values;
  const sizes = (values.sizes ?? '16').split(',').map(Number);
  await benchWeb({ model: positionals[0] ?? 'mnist-lenet5', folder, reps: Number(repeat), sizes, results });
  process.exit();
}
if (values.peers) {
  await benchPeers(peersOptions());
  process.exit();
}

const date = new Date().toISOString();
const loadBefore = currentLoad();
const known = modelNames(values.folder);
const unknown = positionals.find((name) => !known.includes(name));
if (unknown !== undefined) throw new Error(`there is no model "${unknown}"; there are ${known.join(', ')}`);
const chosen = positionals.length > 0 ? positionals : known.filter((name) => values.all || !LONG.includes(name));
const models: ModelResult[] = [];
for (const model of chosen) {
  const onStage = (stage: string) => process.stderr.write(`${model}: ${stage}\n`);
  models.push(await measureModel(model, join(values.folder, model), { repeat: Number(values.repeat ?? 20), onStage }));
}
const machine = describeMachine(loadBefore);
const result: BenchResult = { format: 'vouch-bench-1', date, machine, commit: describeCommit(), models };
mkdirSync(values.results, { recursive: true });
const path = join(values.results, `${date.slice(0, 10)}-${machineName(machine)}.json`);
writeFileSync(path, `${JSON.stringify(result, undefined, 1)}\n`);
process.stdout.write(values.json ? `${JSON.stringify(result, undefined, 1)}\n` : `${renderBench(result)}\n`);
process.stderr.write(`wrote ${path}\n`);

function peersOptions(): PeersBenchOptions {
  const { folder, results, fresh, only, minutes, memory } = values;
  const isPeer = (name: string): name is PeerId => peerIds.some((peer) => peer === name);
  const names = only?.split(',') ?? [];
  const stranger = names.find((name) => !isPeer(name));
  if (stranger !== undefined) throw new Error(`there is no prover "${stranger}"; there are ${peerIds.join(', ')}`);
  const limits = {
    timeMs: minutes === undefined ? defaultLimits.timeMs : Number(minutes) * 60_000,
    memoryMb: memory === undefined ? defaultLimits.memoryMb : Number(memory),
  };
  const models = positionals.length > 0 ? positionals : ['credit-mlp', 'mnist-mlp', 'mnist-lenet5'];
  const peers = only === undefined ? {} : { peers: names.filter(isPeer) };
  return { models, folder, results, limits, fresh, ...peers };
}
