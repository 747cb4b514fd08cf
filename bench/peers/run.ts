import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { totalmem } from 'node:os';
import { join, resolve } from 'node:path';
import { withTemporaryFolder } from '../../src/temporary.ts';
import { currentLoad, describeCommit, describeMachine, machineName } from '../machine.ts';
import { measureRow } from './measure-row.ts';
import { renderPeers } from './render.ts';
import { type PeerId, type PeerLimits, type PeerRow, type PeersResult, peerIds } from './result.ts';

export interface PeersBenchOptions {
  readonly models: readonly string[];
  /** The folder of the models. */
  readonly folder: string;
  /** Where the result is kept. */
  readonly results: string;
  readonly limits?: Partial<PeerLimits>;
  /** Provers to measure; all when absent. */
  readonly peers?: readonly PeerId[];
  /** Measures again what an earlier run of the same commit has measured. */
  readonly fresh?: boolean;
}

export const defaultLimits: PeerLimits = {
  timeMs: 600_000,
  memoryMb: Math.floor((totalmem() / 2 ** 20) * 0.75),
  calibrationRows: 10,
  heldOut: 100,
};

/**
 * Measures every prover on every model, one after the other, and keeps the result after each: a run that is stopped
 * goes on where it was. Rows that failed are measured again.
 */
export async function benchPeers(options: PeersBenchOptions): Promise<PeersResult> {
  const { folder, results, peers = peerIds } = options;
  const limits = { ...defaultLimits, ...options.limits };
  const loadBefore = currentLoad();
  const commit = describeCommit();
  const date = new Date().toISOString();
  const path = join(results, `${date.slice(0, 10)}-peers-${machineName(describeMachine(loadBefore))}.json`);
  const known = options.fresh === true ? [] : knownRows(path, commit.id, limits);
  const wanted = options.models.flatMap((model) => peers.map((peer) => ({ model, peer })));
  const rows = known.filter(({ model }) => options.models.includes(model));
  const keep = (): PeersResult => {
    const order = (row: PeerRow) => options.models.indexOf(row.model) * peerIds.length + peerIds.indexOf(row.peer);
    const sorted = [...rows].sort((a, b) => order(a) - order(b));
    const machine = describeMachine(loadBefore);
    const result: PeersResult = { format: 'vouch-peers-1', date, machine, commit, limits, rows: sorted };
    writeFileSync(path, `${JSON.stringify(result, undefined, 1)}\n`);
    return result;
  };
  mkdirSync(results, { recursive: true });
  for (const { model, peer } of wanted) {
    if (rows.some((row) => row.model === model && row.peer === peer)) continue;
    const onStage = (stage: string) => process.stderr.write(`${model}: ${peer}: ${stage}\n`);
    const measured = rows.filter((row) => row.model === model && row.outcome === 'measured');
    const row = await withTemporaryFolder((work) =>
      measureRow(model, peer, { model: resolve(folder, model), work, limits, measured }, { onStage }),
    );
    rows.push(row);
    if (row.reason !== undefined) process.stderr.write(`${model}: ${peer}: ${row.outcome}: ${row.reason}\n`);
    keep();
  }
  const result = keep();
  process.stdout.write(`${renderPeers(result)}\n`);
  process.stderr.write(`wrote ${path}\n`);
  return result;
}

/** What a run of the same commit under the same limits has measured. */
function knownRows(path: string, commit: string, limits: PeerLimits): readonly PeerRow[] {
  const known = existsSync(path) ? readPeers(path) : undefined;
  if (known === undefined || known.commit.id !== commit) return [];
  if (JSON.stringify(known.limits) !== JSON.stringify(limits)) return [];
  return known.rows.filter(({ outcome }) => outcome === 'measured');
}

/** The newest result that is kept. */
export function newestPeers(results: string): PeersResult | undefined {
  const names = existsSync(results) ? readdirSync(results).filter((name) => name.includes('-peers-')) : [];
  const newest = names.sort().at(-1);
  return newest === undefined ? undefined : readPeers(join(results, newest));
}

function readPeers(path: string): PeersResult | undefined {
  const result: PeersResult = JSON.parse(readFileSync(path, 'utf8'));
  return result.format === 'vouch-peers-1' ? result : undefined;
}
