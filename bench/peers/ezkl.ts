import { createHash } from 'node:crypto';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ContractFactory } from 'ethers';
import { ezklFiles, openEzklFolder } from '../../src/backend/ezkl/model-folder.ts';
import type { CalibrationTarget } from '../../src/backend/ezkl/tool.ts';
import { readProofFile } from '../../src/backend/ezkl/verify.ts';
import { createEzkl } from '../../src/backend/ezkl.ts';
import { deployContract } from '../../src/evm/deploy.ts';
import { CODE_LIMIT, compileEzklVerifier } from '../../src/evm/ezkl/contract.ts';
import { encodeEzklVerifierCalldata } from '../../src/evm/ezkl/statement.ts';
import { measureOnChain } from './chain.ts';
import { calibrationJson, readHeldOut } from './held-out.ts';
import { type MeasurePeer, RepeatedError } from './peer.ts';
import { repeated, timed } from './report.ts';

/** EZKL through the backend; what the backend adds to EZKL's own calls is not counted where it can be told apart. */
export function measureEzkl(target: CalibrationTarget): MeasurePeer {
  return async ({ model, work, limits, measured }, report) => {
    const backend = createEzkl({ target, memoryMb: limits.memoryMb, timeoutMs: limits.timeMs });
    const directory = join(work, 'model.vouch');
    const proof = join(work, 'proof.json');
    try {
      const heldOut = await readHeldOut(model, limits.heldOut);
      const calibrate = join(work, 'calibration.json');
      await writeFile(calibrate, await calibrationJson(model, limits.calibrationRows));
      const { ms: compileMs, value: compiled } = await report.stage('compile', () =>
        timed(() => backend.compile({ onnx: join(model, 'model.onnx'), directory, calibrate })),
      );
      const { manifest } = await openEzklFolder(directory);
      const rewritten = manifest.form === 'rewritten' ? 'of the network that vouch rewrote for it' : undefined;
      const prover = `EZKL ${manifest.version}, ${target}`;
      const note = rewritten === undefined ? {} : { note: rewritten };
      report.facts({ prover, compileMs, rows: compiled.rows, domainBits: manifest.logrows, ...note });
      const settings = settingsDigest(await readFile(join(directory, ezklFiles.settings), 'utf8'));
      report.facts({ settings });
      const same = measured.find((row) => row.settings === settings);
      if (same !== undefined) throw new RepeatedError(`calibration chose the settings of ${same.prover}`);
      const inSetup = watch();
      await report.stage('setup', () => backend.setup({ directory, onProgress: inSetup.onProgress }));
      const keyBytes = (await stat(join(directory, ezklFiles.provingKey))).size;
      report.facts({ setupMs: inSetup.between('keys', 'contract'), keyBytes });
      const [sample] = heldOut.samples;
      const proving = await report.stage('prove', () =>
        repeated(async () => {
          const inProve = watch();
          await backend.prove({ directory, sample, output: proof, onProgress: inProve.onProgress });
          return inProve.between('witness', 'verify');
        }),
      );
      const statement = await readProofFile(proof);
      report.facts({ proveMs: proving.medianMs, proveRuns: proving.runs, proofBytes: statement.proof.length });
      const verifying = await report.stage('verify', () =>
        repeated(async () => {
          const inVerify = watch();
          const { valid } = await backend.verify({ directory, proof, onProgress: inVerify.onProgress });
          if (!valid) throw new Error('EZKL refuses its own proof');
          return inVerify.between('verify');
        }),
      );
      report.facts({ verifyMs: verifying.medianMs });
      const onChain = await report.stage('chain', () =>
        measureOnChain(async (signer) => {
          const source = await readFile(join(directory, ezklFiles.solidity), 'utf8');
          const { bytecode } = await compileEzklVerifier(source, { codeLimit: Number.POSITIVE_INFINITY });
          const { address } = await deployContract(new ContractFactory<[]>([], bytecode, signer));
          const data = encodeEzklVerifierCalldata({ proof: statement.proof, signals: statement.instances });
          return { address, data };
        }),
      );
      const { verifierBytes = 0 } = onChain;
      report.facts({
        ...onChain,
        ...(verifierBytes > CODE_LIMIT ? { note: TOO_LARGE } : {}),
      });
      const outputs: ReadonlyMap<string, Float64Array>[] = [];
      await report.stage('accuracy', async () => {
        for (let at = 0; at < heldOut.samples.length; at += BLOCK) {
          const samples = heldOut.samples.slice(at, at + BLOCK);
          outputs.push(...(await backend.infer({ directory, samples })));
          report.facts({ maxDelta: await heldOut.maxDelta(outputs), compared: outputs.length });
        }
      });
    } finally {
      await backend.close();
    }
  };
}

/** Samples after which an accuracy is told: each can take seconds. */
const BLOCK = 10;
const TOO_LARGE = 'no public chain takes its contract (EIP-170)';

/** Notes when each stage of a verb begins, to leave out what lies between. */
function watch() {
  const began = new Map<string, number>();
  return {
    onProgress: (stage: string) => {
      if (!began.has(stage)) began.set(stage, performance.now());
    },
    between(first: string, last?: string): number {
      const [from, to] = [began.get(first), last === undefined ? performance.now() : began.get(last)];
      if (from === undefined || to === undefined) throw new Error(`EZKL was not asked for ${first} and ${last}`);
      return to - from;
    },
  };
}

/** What calibration chose, without when; EZKL writes the keys of its maps and the items of its sets in any order. */
export function settingsDigest(text: string): string {
  const settings = JSON.parse(text, (key, value: unknown) => {
    if (Array.isArray(value))
      return key.startsWith('required_') ? value.map((item) => JSON.stringify(item)).sort() : value;
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
  return createHash('sha256')
    .update(JSON.stringify({ ...settings, timestamp: null }))
    .digest('hex');
}
