import { openEzklVerifier } from '../../backend/ezkl/verifier-model.ts';
import type { Call } from '../../evm/chain/chain.ts';
import { ezklAdapterDeployment, ezklAdapterId, ezklVerifierDeployment } from '../../evm/ezkl/deploy.ts';
import { estimateCost } from '../../evm/hub/cost.ts';
import { RegistrationLostError } from '../../evm/hub/publish.ts';
import { SubmissionDeclinedError } from '../../evm/hub/submit.ts';
import { cancellable } from '../cancel.ts';
import { type ChainArguments, type ChainSession, REHEARSAL, withChain } from '../chain-session.ts';
import { confirmCost } from '../confirm-cost.ts';
import type { Progress } from '../progress.ts';
import type { Outcome } from '../run.ts';

/** What of `deploy`'s options EZKL has nothing for: hubs take Groth16 models. */
export const groth16DeployOnly = ['hub', 'uri'];

/** Puts EZKL's verifier of a model on chain, and the adapter that contracts call before it. */
export function deployWithEzkl(path: string, options: ChainArguments, progress: Progress): Promise<Outcome> {
  return cancellable(async (signal) => {
    progress.stage('compile the contract');
    const model = await openEzklVerifier(path);
    progress.done();
    return withChain(options, signal, async (session) => {
      const { chain } = session.sender;
      const send = (what: string, call: Call) => confirmAndSend(session, what, call, options, progress);
      const verifier = await send('deploy the verifier', ezklVerifierDeployment(chain.chainId, model));
      const adapter = await send('deploy the adapter', ezklAdapterDeployment(model, verifier.address));
      const { modelDigest, trust } = model;
      const facts = {
        chainId: chain.chainId,
        modelId: ezklAdapterId(model),
        modelDigest,
        verifier: verifier.address,
        adapter: adapter.address,
        trust,
      };
      const gasUsed = verifier.gasUsed + adapter.gasUsed;
      const value = { ...facts, gasUsed, compiler: model.verifier.compiler, embedded: session.embedded };
      const lines = Object.entries(value).map(([name, shown]) => `${name.padEnd(12)} ${shown}`);
      return { value, text: [...lines, ...(session.embedded ? [REHEARSAL] : [])].join('\n') };
    });
  }, 'Cancelled; a transaction that was sent may still be mined.');
}

async function confirmAndSend(
  session: ChainSession,
  what: string,
  call: Call,
  options: ChainArguments,
  progress: Progress,
): Promise<{ readonly address: string; readonly gasUsed: bigint }> {
  const { sender } = session;
  const cost = await estimateCost(sender.chain, sender.account.address, call);
  progress.done();
  if (!(await confirmCost(what, cost, options, session))) throw new SubmissionDeclinedError();
  progress.stage(what);
  const { contractAddress, gasUsed, transactionHash } = await sender.send(call);
  if (contractAddress === undefined) throw new RegistrationLostError(transactionHash, 'the chain');
  return { address: contractAddress, gasUsed };
}
