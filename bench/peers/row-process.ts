// One row in a process of its own: node --import tsx bench/peers/row-process.ts <peer> <input as JSON>
import { measureEzkl } from './ezkl.ts';
import type { MeasurePeer } from './peer.ts';
import { measureRapidsnark } from './rapidsnark.ts';
import { createReport, type ReportLine } from './report.ts';
import type { PeerId } from './result.ts';
import { measureSnarkjs } from './snarkjs.ts';
import { measureVouch } from './vouch.ts';

const peers: Readonly<Record<PeerId, MeasurePeer>> = {
  'vouch-native': measureVouch('native'),
  'vouch-wasm': measureVouch('wasm'),
  snarkjs: measureSnarkjs,
  rapidsnark: measureRapidsnark,
  'ezkl-resources': measureEzkl('resources'),
  'ezkl-accuracy': measureEzkl('accuracy'),
};

const [id, json] = process.argv.slice(2);
const measure = Object.entries(peers).find(([name]) => name === id)?.[1];
if (measure === undefined) throw new Error(`there is no prover "${id}"`);
// Who asked holds its other end. Once he is gone nobody hears of the row, and all that it started ends with it.
process.stdin.resume().once('end', () => process.exit(1));
const tell = (line: ReportLine) => process.stdout.write(`${JSON.stringify(line)}\n`);
let code = 0;
try {
  await measure(JSON.parse(json), createReport(tell));
} catch (error) {
  code = 1;
  const { name, message } = error instanceof Error ? error : new Error(String(error));
  tell({ kind: 'failure', name, reason: message.split('\n').slice(0, 3).join(' ') });
}
// Kernels keep threads.
process.stdout.write('', () => process.exit(code));
