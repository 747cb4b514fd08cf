import { formatNumber, renderTable } from '../../src/cli/table.ts';
import type { PeerLimits, PeerRow, PeersResult } from './result.ts';

const header = ['', 'compile', 'setup', 'proof', 'verify', 'memory', 'key', 'proof size', 'contract', 'gas', 'max |Δ|'];

/** The table for a terminal. */
export function renderPeers(result: PeersResult): string {
  const { cpu, cores, memoryBytes, node, load } = result.machine;
  const models = [...new Set(result.rows.map(({ model }) => model))];
  return [
    `${cpu}, ${cores} cores, ${Math.round(memoryBytes / 1e9)} GB, node ${node}, load ${load[0]} before and ${load[1]} after`,
    `commit ${result.commit.id.slice(0, 12)}${result.commit.modified ? ' (modified)' : ''}, ${result.date.slice(0, 10)}`,
    ...models.flatMap((model) => {
      const rows = result.rows.filter((row) => row.model === model);
      const cells = rows.map((row) => [nameOf(row), ...cellsOf(row, result.limits)]);
      return ['', model, renderTable(header, cells), ...rows.flatMap(remarks)];
    }),
  ].join('\n');
}

/** The comparison as it stands in the README, between its marks. */
export function renderPeersMarkdown(result: PeersResult): string {
  const { machine, commit, date, limits } = result;
  const models = [...new Set(result.rows.map(({ model }) => model))];
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const tables = models.flatMap((model) => {
    const rows = result.rows.filter((row) => row.model === model && row.outcome !== 'absent');
    const body = rows.map((row) => line([nameOf(row), ...cellsOf(row, limits)]));
    const notes = rows.flatMap(remarks).map((remark) => `- ${remark}`);
    const titles = [`\`${model}\``, ...header.slice(1)].map((title) => title.replaceAll('|', '\\|'));
    return ['', line(titles), line(titles.map(() => '---')), ...body, ...(notes.length === 0 ? [] : ['', ...notes])];
  });
  const absent = [...new Set(result.rows.filter(({ outcome }) => outcome === 'absent').map(({ peer }) => peer))];
  return [
    `Measured in one run on ${machine.cores} cores of an ${machine.cpu} with ${Math.round(machine.memoryBytes / 1e9)} GB, ` +
      `${date.slice(0, 10)}, commit ${commit.id.slice(0, 12)}, by \`npm run bench -- --peers ${models.join(' ')}\`. ` +
      'Inputs are private, weights fixed, outputs public. *Proof* is from a sample to a proof with the key on disk; ' +
      '*memory* is the most that all processes of compile, setup, proof and verify held; *gas* is an internal call; ' +
      `*max |Δ|* is against onnxruntime on ${limits.heldOut} held-out inputs. EZKL's reference string, one for all models, ` +
      `is not counted; it was calibrated with ${limits.calibrationRows} samples. Vouch chose the fewest bits that keep 99.5 % ` +
      'top-1 agreement (`--agreement`), which is further from the float model than EZKL on the digits.',
    ...tables,
    ...(absent.length === 0 ? [] : ['', `Not on this machine: ${absent.join(', ')}.`]),
  ].join('\n');
}

const names: Readonly<Record<PeerRow['peer'], string>> = {
  'vouch-native': 'Vouch, native',
  'vouch-wasm': 'Vouch, WebAssembly',
  snarkjs: 'snarkjs',
  rapidsnark: 'rapidsnark',
  'ezkl-resources': 'EZKL, `resources`',
  'ezkl-accuracy': 'EZKL, `accuracy`',
};

const endings: ReadonlyMap<PeerRow['outcome'], string> = new Map([
  ['failed', 'failed'],
  ['timeout', 'too long'],
  ['memory', 'out of memory'],
  ['absent', 'absent'],
]);

const nameOf = ({ peer }: PeerRow): string => names[peer];

function cellsOf(row: PeerRow, { heldOut }: PeerLimits): string[] {
  const stages = ['compile', 'setup', 'prove', 'verify'];
  const peak = Math.max(0, ...stages.map((stage) => row.peakBytes[stage] ?? 0));
  const cell = (value: number | undefined, show: (value: number) => string) =>
    value === undefined ? '–' : show(value);
  const stopped = endings.get(row.outcome);
  const times = [row.compileMs, row.setupMs, row.proveMs, row.verifyMs].map((ms, i) =>
    row.failedStage === stages[i] && stopped !== undefined ? `*${stopped}*` : cell(ms, time),
  );
  return [
    ...times,
    peak === 0 ? '–' : megabytes(peak),
    cell(row.keyBytes, megabytes),
    cell(row.proofBytes, (bytes) => `${formatNumber(bytes)} B`),
    cell(row.verifierBytes, (bytes) => `${formatNumber(bytes)} B`),
    cell(row.verifyGas, formatNumber),
    cell(
      row.maxDelta,
      (delta) => `${Number(delta.toPrecision(3))}${row.compared === heldOut ? '' : ` (${row.compared})`}`,
    ),
  ];
}

/** What the cells cannot say. */
function remarks(row: PeerRow): string[] {
  const name = nameOf(row);
  const where = row.outcome === 'repeated' ? '' : `${row.failedStage}: `;
  const reason = row.reason === undefined ? [] : [`${name}: ${where}${row.reason}`];
  return [...reason, ...(row.note === undefined ? [] : [`${name}: ${row.note}`])];
}

function time(ms: number): string {
  if (ms < 1000) return `${ms.toFixed(ms < 10 ? 1 : 0)} ms`;
  return `${(ms / 1000).toFixed(ms < 10_000 ? 1 : 0)} s`;
}

function megabytes(bytes: number): string {
  return bytes < 1e9 ? `${formatNumber(Number((bytes / 1e6).toPrecision(3)))} MB` : `${(bytes / 1e9).toFixed(1)} GB`;
}
