import { InternalError } from '../errors.ts';
import type { LocalChain } from '../evm/anvil.ts';
import { openChain } from '../evm/chain/chain.ts';
import { waitForAnswer } from '../evm/hub/request.ts';
import type { Proven } from '../evm/node/job.ts';
import { watch } from '../evm/node/watch.ts';
import type { Prover } from '../evm/node/work.ts';
import { developmentAccount } from '../evm/sender/account.ts';
import { createSender, type Sender } from '../evm/sender/sender.ts';
import { createProver, type ModelProver } from '../pipeline/prover.ts';
import type { Sample } from '../quant/sample.ts';
import { decodeSignals } from '../verify/signals.ts';
import { type Attack, tryAttacks } from './attacks.ts';
import { askForFee, type Day, type FeeMarket, openFeeMarket, readFee, recordDays } from './fee-market.ts';
import type { Prepared, Stage } from './prepare.ts';

/** What happened on the chain. */
export interface ChainStory {
  readonly modelId: string;
  readonly verifierBytes: number;
  readonly registrationGas: number;
  readonly fulfilGas: number;
  /** Percent a day, as the contract got it. */
  readonly provedVolatility: number;
  /** What a swap costs, in millionths. */
  readonly feeBefore: number;
  readonly feeAfter: number;
  readonly attacks: readonly Attack[];
}

const REWARD_WEI = 10n ** 15n;

/**
 * Deploys hub, verifier and consumer; the consumer asks about the prices it has recorded, a node proves and fulfils,
 * the fee moves. Then an open request meets everything that is not an honest proof of it.
 */
export async function liveOnChain(
  { url }: LocalChain,
  { directory, file }: Prepared,
  window: Sample,
  foreign: Proven,
  stage: Stage,
): Promise<ChainStory> {
  const chain = await openChain(url);
  const [pool, node] = [0, 1].map((i) => createSender(chain, developmentAccount(i, chain.chainId)));
  const prover = await createProver([directory]);
  try {
    const market = await stage('deploy', async () => {
      const opened = await openFeeMarket(pool, file);
      await recordDays(pool, opened, daysOf(window));
      return opened;
    });
    const feeBefore = await readFee(pool, market);
    const request = await stage('request', () => askForFee(pool, market, REWARD_WEI));
    const earlier = await stage('prove and fulfil', () => answerOne(node, market, prover, `${directory}.watch.json`));
    const { transactionHash } = await waitForAnswer(chain, { hub: market.hub, id: request.id });
    const receipt = await chain.receipt(transactionHash);
    const [shown] = decodeSignals(file.layout, [...earlier.output, 0n, ...request.request.input])?.outputs ?? [];
    const feeAfter = await readFee(pool, market);
    const attacks = await stage('attack', async () => {
      const open = await askForFee(pool, market, REWARD_WEI);
      return tryAttacks(node, { market, prover, file, request: open, earlier, foreign });
    });
    return {
      modelId: market.modelId,
      verifierBytes: ((await chain.code(market.verifier)).length - 2) / 2,
      registrationGas: market.registrationGas,
      fulfilGas: Number(receipt?.gasUsed ?? 0n),
      provedVolatility: shown !== undefined && 'values' in shown ? shown.values[0] : Number.NaN,
      feeBefore,
      feeAfter,
      attacks,
    };
  } finally {
    await Promise.all([pool.close(), node.close(), prover.close()]);
  }
}

/** The node of `vouch watch`, until it has settled one request; the proof it made. */
async function answerOne(
  sender: Sender,
  { hub, modelId }: FeeMarket,
  prover: ModelProver,
  statePath: string,
): Promise<Proven> {
  let made: Proven | undefined;
  const prove: Prover = async (job, options) => {
    made = await prover.prove(job, options);
    return made;
  };
  await watch(sender, { hub, modelIds: [modelId], prove, statePath, until: 1 });
  if (made === undefined) throw new InternalError('the node proved nothing');
  return made;
}

/** The model takes prices in percent of the last close; so that is 100 here. */
function daysOf(window: Sample): Day[] {
  const [percents] = window.values();
  const price = (i: number): number => 100 + percents[i];
  return Array.from({ length: percents.length / 4 }, (_, day) => {
    const first = 4 * day;
    return [price(first), price(first + 1), price(first + 2), price(first + 3)];
  });
}
