import { Interface } from 'ethers';
import { InternalError } from '../errors.ts';
import { loadArtifact } from '../evm/artifacts.ts';
import { type LocatedRequest, parseRequested } from '../evm/hub/hub.ts';
import { deployHub, registerModel } from '../evm/hub/publish.ts';
import type { Sender } from '../evm/sender/sender.ts';
import type { Hex32 } from '../verify/json.ts';
import type { ModelFile } from '../verify/model-file.ts';

/** A hub with one model and, beside it, the example contract that lets the model's predictions set a swap fee. */
export interface FeeMarket {
  readonly hub: string;
  readonly modelId: Hex32;
  readonly verifier: string;
  /** A VolatilityFee. */
  readonly consumer: string;
  readonly registrationGas: number;
}

/** Open, high, low and close. */
export type Day = readonly [number, number, number, number];

const consumerAbi = new Interface(loadArtifact('VolatilityFee').abi);

/** Deploys hub, verifier and consumer; the sender plays the pool whose prices the consumer records. */
export async function openFeeMarket(sender: Sender, model: ModelFile): Promise<FeeMarket> {
  const { address: hub } = await deployHub(sender);
  const { modelId, verifier, receipt } = await registerModel(sender, { hub, model });
  const { bytecode } = loadArtifact('VolatilityFee');
  const encoded = consumerAbi.encodeDeploy([hub, modelId, sender.account.address]);
  const { contractAddress: consumer } = await sender.send({ data: `${bytecode}${encoded.slice(2)}` });
  if (consumer === undefined) throw new InternalError('the consumer was not deployed');
  return { hub, modelId, verifier, consumer, registrationGas: Number(receipt?.gasUsed ?? 0n) };
}

/** The pool reports its days, oldest first. */
export async function recordDays(sender: Sender, { consumer }: FeeMarket, days: readonly Day[]): Promise<void> {
  for (const prices of days) {
    const units = prices.map((price) => BigInt(Math.round(price * PRICE_UNIT)));
    await sender.send({ to: consumer, data: consumerAbi.encodeFunctionData('recordDay', [units]) });
  }
}

/** The contract relates prices to each other only. */
const PRICE_UNIT = 1e8;

/** Anybody asks for a prediction and pays for it; the consumer makes the model's input from the days it has seen. */
export async function askForFee(
  sender: Sender,
  { hub, consumer }: FeeMarket,
  valueWei: bigint,
): Promise<LocatedRequest> {
  const { logs } = await sender.send({ to: consumer, data: consumerAbi.encodeFunctionData('ask'), valueWei });
  const found = logs.map((log) => parseRequested(sender.chain, hub, log)).find((request) => request !== undefined);
  if (found === undefined) throw new InternalError('the consumer made no request');
  return found;
}

/** What swaps cost, in millionths. */
export async function readFee({ chain }: Sender, { consumer }: FeeMarket): Promise<number> {
  return Number(BigInt(await chain.call({ to: consumer, data: consumerAbi.encodeFunctionData('fee') })));
}
