import { tmpdir } from 'node:os';
import { readData } from '../data/read.ts';
import { InternalError, VouchError } from '../errors.ts';
import { encodeEzklCalldata } from '../evm/ezkl/statement.ts';
import { toSamples } from '../inspect/samples.ts';
import { FullDiskError, isFullDisk } from '../write-file.ts';
import type { Backend, Compiled, CompileRequest, SetupRequest, VerifyRequest } from './contract.ts';
import { compileEzkl, type EzklCompiled, type EzklCompileOptions } from './ezkl/compile.ts';
import { callLimits, findTool } from './ezkl/find-tool.ts';
import type { EzklKeys } from './ezkl/manifest.ts';
import { openEzklFolder } from './ezkl/model-folder.ts';
import { inferEzkl, proveEzkl } from './ezkl/prove.ts';
import { withRoom } from './ezkl/room.ts';
import { type EzklSetupOptions, setupEzkl } from './ezkl/setup.ts';
import type { CallLimits } from './ezkl/supervise.ts';
import type { EzklTool } from './ezkl/tool.ts';
import { type EzklVerdict, examine, readProofFile, verifyEzkl } from './ezkl/verify.ts';

export interface EzklOptions extends Partial<CallLimits>, EzklCompileOptions, EzklSetupOptions {
  /** How EZKL is reached; found on this machine by default. */
  readonly openTool?: (limits: CallLimits) => Promise<EzklTool>;
}

export interface EzklCompilation extends Compiled, Pick<EzklCompiled, 'comparable'> {}

export interface EzklBackend extends Backend {
  readonly name: 'ezkl';
  compile(request: CompileRequest): Promise<EzklCompilation>;
  setup(request: SetupRequest): Promise<EzklKeys>;
  verify(request: VerifyRequest): Promise<EzklVerdict>;
  /** Most resident memory of EZKL's processes so far. */
  peakMb(): number;
}

/**
 * EZKL as a backend: Halo2 with KZG, one setup for all models. EZKL starts at the first verb that needs it and stays
 * until `close`.
 *
 *     const backend = createEzkl({ target: 'accuracy' });
 *     await backend.compile({ onnx: 'model.onnx', directory: 'model.vouch', calibrate: 'samples.npz' });
 *     await backend.setup({ directory: 'model.vouch' });
 *     await backend.close();
 */
export function createEzkl(options: EzklOptions = {}): EzklBackend {
  const { openTool = findTool } = options;
  const limits = callLimits(options);
  let started: Promise<EzklTool> | undefined;
  let peak = 0;
  /** One verb after the other; a tool that a failure has ended is started anew by the next. */
  let last: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(verb: (ezkl: EzklTool) => Promise<T>): Promise<T> => {
    const turn = last.then(async () => {
      started ??= openTool(limits).then(withRoom);
      const ezkl = await started.catch((error: unknown) => {
        started = undefined;
        throw error;
      });
      try {
        return await verb(ezkl);
      } catch (error) {
        started = undefined;
        await ezkl.close();
        // What lies in a model's folder has been said by its writer; all else is written there.
        throw isFullDisk(error) ? new FullDiskError(tmpdir(), error) : error;
      } finally {
        peak = Math.max(peak, ezkl.peakMb());
      }
    });
    last = turn.catch(() => {});
    return turn;
  };
  return {
    name: 'ezkl',
    compile: (request) =>
      inTurn(async (ezkl) => {
        const { manifest, refused, given, comparable } = await compileEzkl(ezkl, request, options);
        const { version, logrows, rows, form, calibration, inputs, outputs } = manifest;
        const details = {
          version,
          tool: ezkl.kind,
          logrows,
          network: form,
          refused,
          calibration,
          given,
          inputs,
          outputs,
        };
        return { rows, details, comparable };
      }),
    setup: (request) =>
      inTurn(async (ezkl) => {
        const { keys } = await setupEzkl(ezkl, request, options);
        if (keys === null) throw new InternalError('setup made no keys');
        return keys;
      }),
    prove: (request) => inTurn((ezkl) => proveEzkl(ezkl, request)),
    infer: (request) => inTurn((ezkl) => inferEzkl(ezkl, request)),
    verify: (request) => inTurn((ezkl) => verifyEzkl(ezkl, request)),
    async calldata({ directory, proof }) {
      const file = await readProofFile(proof);
      const { valid, reasons } = examine(await openEzklFolder(directory), file);
      if (!valid) throw new ForeignProofError(proof, reasons);
      return encodeEzklCalldata({ proof: file.proof, signals: file.instances });
    },
    async readSamples(directory, path) {
      const { manifest } = await openEzklFolder(directory);
      return toSamples(await readData(path, manifest.inputs));
    },
    peakMb: () => peak,
    async close() {
      await last;
      const ezkl = await started?.catch(() => undefined);
      started = undefined;
      await ezkl?.close();
    },
  };
}

/** The proof is not of this model, so its contract would not take it. */
export class ForeignProofError extends VouchError {
  override readonly name = 'Backend.ForeignProofError';

  constructor(path: string, reasons: readonly string[]) {
    super(`"${path}" is no proof of this model`, { metaMessages: reasons });
  }
}
