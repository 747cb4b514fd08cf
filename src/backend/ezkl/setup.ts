import { join } from 'node:path';
import { VouchError } from '../../errors.ts';
import { readTextFile } from '../../store/open-file.ts';
import { withTemporaryFolder } from '../../temporary.ts';
import type { SetupRequest } from '../contract.ts';
import { type EzklManifest, ezklModelId } from './manifest.ts';
import {
  checkedFile,
  ezklFiles,
  identityFiles,
  MAX_SOLIDITY,
  openEzklFolder,
  writeEzklFolder,
} from './model-folder.ts';
import { type GivenSrs, generateSrs, takeSrs } from './srs.ts';
import { callOptions } from './steps.ts';
import { EzklRefusedError, type EzklTool } from './tool.ts';

export interface EzklSetupOptions {
  /** A structured reference string; one for development is made where there is none. */
  readonly srs?: GivenSrs | undefined;
}

/** Adds the setup, the keys and the Solidity verifier to a compiled model. */
export async function setupEzkl(
  ezkl: EzklTool,
  request: SetupRequest,
  { srs }: EzklSetupOptions = {},
): Promise<EzklManifest> {
  const folder = await openEzklFolder(request.directory);
  const { manifest } = folder;
  const circuit = await checkedFile(folder, ezklFiles.circuit);
  const settings_path = await checkedFile(folder, ezklFiles.settings);
  return writeEzklFolder(
    request.directory,
    async (place) => {
      const srs_path = place(ezklFiles.srs);
      const { logrows } = manifest;
      const making = callOptions(request, 'reference string');
      const origin = await (srs === undefined
        ? generateSrs(ezkl, logrows, srs_path, making)
        : takeSrs(srs, logrows, srs_path));
      const [vk_path, pk_path] = [place(ezklFiles.verifyingKey), place(ezklFiles.provingKey)];
      const places = { vk_path, pk_path, srs_path, witness_path: null, disable_selector_compression: false };
      await ezkl.call('setup', { model: circuit, ...places }, callOptions(request, 'keys'));
      const sol_code_path = place(ezklFiles.solidity);
      await withTemporaryFolder((temporary) => {
        const given = { vk_path, settings_path, sol_code_path, abi_path: join(temporary, 'abi.json'), srs_path };
        const writing = ezkl.call(
          'create_evm_verifier',
          { ...given, reusable: false },
          callOptions(request, 'contract'),
        );
        return writing.catch(unlessCompilerIsMissing);
      });
      const proofBytes = await proofLength(sol_code_path);
      return (digests) => {
        const files = new Map([...manifest.files, ...digests]);
        const keys = { ...origin, proofBytes };
        const modelId = ezklModelId({ ...manifest, files }, keys, identityFiles);
        return { ...manifest, files, keys: { modelId, ...keys } };
      };
    },
    folder,
  );
}

/** EZKL compiles what it has written and finds no compiler, which nobody needs: the source is there. */
function unlessCompilerIsMissing(error: unknown): null {
  if (error instanceof EzklRefusedError && /\b(svm|solc)\b/i.test(error.complaint)) return null;
  throw error;
}

/** The contract compares the proof's length with what it must be; EZKL itself does not, and takes longer ones too. */
async function proofLength(path: string): Promise<number> {
  const source = await readTextFile(path, { maxBytes: MAX_SOLIDITY }).catch(() => '');
  const match = /eq\((0x[0-9a-f]+), proof\.length\)/.exec(source);
  if (match === null || !source.trimEnd().endsWith('}')) throw new UnreadableContractError(path);
  return Number(match[1]);
}

/** The Solidity that EZKL wrote is cut short, or of a form not known here. */
export class UnreadableContractError extends VouchError {
  override readonly name = 'Backend.UnreadableContractError';

  constructor(path: string) {
    super(`"${path}" does not say how long a proof is`, { metaMessages: ['Nothing was kept. Repeat the setup.'] });
  }
}
