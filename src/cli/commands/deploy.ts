import type { Command } from 'commander';
import { isEzklFolder } from '../../backend/ezkl/model-folder.ts';
import type { Call } from '../../evm/chain/chain.ts';
import { estimateCost } from '../../evm/hub/cost.ts';
import { verifierOf } from '../../evm/hub/hub.ts';
import {
  deployHub,
  deployModelVerifier,
  hubDeployment,
  registerModel,
  registration,
  verifierDeployment,
} from '../../evm/hub/publish.ts';
import { SubmissionDeclinedError } from '../../evm/hub/submit.ts';
import { openKeys, openModel } from '../../store/directory.ts';
import { modelIdOf } from '../../verify/model-core.ts';
import type { ModelFile } from '../../verify/model-file.ts';
import { refuseOptions } from '../backend-options.ts';
import { cancellable } from '../cancel.ts';
import { addChainOptions, type ChainArguments, type ChainSession, REHEARSAL, withChain } from '../chain-session.ts';
import { confirmCost } from '../confirm-cost.ts';
import { deployWithEzkl, groth16DeployOnly } from '../ezkl/deploy-ezkl.ts';
import { addOutputOptions, type OutputOptions } from '../output.ts';
import type { Progress } from '../progress.ts';
import { runCommand } from '../run.ts';

interface DeployArguments extends OutputOptions, ChainArguments {
  readonly hub?: string;
  readonly uri?: string;
}

export function addDeploy(program: Command): void {
  const command = program
    .command('deploy')
    .description("put a model's verifier on chain, at a hub or on its own")
    .argument('<dir>', 'a directory with keys')
    .option('--hub <address>', 'register at this InferenceHub; "new" deploys one first (default: no hub)')
    .option('--uri <uri>', "where the model's files are, for the hub's event");
  addOutputOptions(addChainOptions(command))
    .addHelpText(
      'after',
      '\nExamples:\n  vouch deploy model.vouch --hub new\n  vouch deploy model.vouch --hub 0x… --rpc https://… --keystore key.json',
    )
    .action((path: string, options: DeployArguments) =>
      runCommand(options, async (progress) => {
        if (await isEzklFolder(path)) {
          refuseOptions(command, groth16DeployOnly, 'ezkl');
          return deployWithEzkl(path, options, progress);
        }
        return cancellable(async (signal) => {
          progress.stage('open');
          const { file } = await openKeys(await openModel(path));
          progress.done();
          return withChain(options, signal, async (session) => {
            const deployed = await deploy(session, file, options, progress);
            const { chain } = session.sender;
            const value = { chainId: chain.chainId, ...deployed, trust: file.core.trust, embedded: session.embedded };
            const lines = Object.entries(value).map(([name, shown]) => `${name.padEnd(12)} ${shown}`);
            return { value, text: [...lines, ...(session.embedded ? [REHEARSAL] : [])].join('\n') };
          });
        }, 'Cancelled; a transaction that was sent may still be mined.');
      }),
    );
}

async function deploy(
  session: ChainSession,
  model: ModelFile,
  options: DeployArguments,
  progress: Progress,
): Promise<Readonly<Record<string, string | bigint>>> {
  const { sender } = session;
  const confirm = async (what: string, call: Call): Promise<void> => {
    progress.done();
    const cost = await estimateCost(sender.chain, sender.account.address, call);
    if (!(await confirmCost(what, cost, options, session))) throw new SubmissionDeclinedError();
    progress.stage(what);
  };
  const modelId = modelIdOf(model.core);
  if (options.hub === undefined) {
    await confirm('deploy the verifier', verifierDeployment(sender.chain, model));
    const { address, receipt } = await deployModelVerifier(sender, model);
    return { modelId, verifier: address, transaction: receipt.transactionHash, gasUsed: receipt.gasUsed };
  }
  let hub = options.hub;
  if (hub === 'new') {
    await confirm('deploy a hub', hubDeployment());
    hub = (await deployHub(sender)).address;
  }
  if ((await verifierOf(sender.chain, hub, modelId)) === undefined || options.uri !== undefined) {
    await confirm('register the model', await registration(sender.chain, hub, model, options.uri));
  }
  const { verifier, receipt } = await registerModel(sender, { hub, model, ...uriOf(options) });
  const sent = receipt && { transaction: receipt.transactionHash, gasUsed: receipt.gasUsed };
  return { modelId, hub, verifier, ...(sent ?? { transaction: 'none: the hub knew the model' }) };
}

const uriOf = ({ uri }: DeployArguments): { uri?: string } => (uri === undefined ? {} : { uri });
