import { compileEzklVerifier } from '../../evm/ezkl/contract.ts';
import type { EzklVerifierModel } from '../../evm/ezkl/deploy.ts';
import { instanceCount } from './displayed.ts';
import { keysOf, openEzklFolder, readSolidity } from './model-folder.ts';

/**
 * A directory's model as its contracts have it, for whoever deploys them or checks those that another has deployed.
 * Needs a compiler of Solidity, and none of EZKL's programs.
 *
 *     const model = await openEzklVerifier('model.vouch');
 *     ezklAdapterId(model); // what modelId() of its adapter answers on every chain
 */
export async function openEzklVerifier(
  directory: string,
  options: { readonly codeLimit?: number } = {},
): Promise<EzklVerifierModel> {
  const folder = await openEzklFolder(directory);
  const { modelId, proofBytes, trust } = keysOf(folder);
  const verifier = await compileEzklVerifier(await readSolidity(folder), options);
  return { verifier, proofBytes, signals: instanceCount(folder.manifest), modelDigest: modelId, trust };
}
