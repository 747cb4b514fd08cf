import { ContractFactory, dataLength, getBytes, Interface, JsonRpcProvider, NonceManager, type Signer } from 'ethers';
import { startLocalChain } from '../../src/evm/anvil.ts';
import { loadArtifact } from '../../src/evm/artifacts.ts';
import { deployContract } from '../../src/evm/deploy.ts';
import type { PeerFacts } from './result.ts';

/** The call that a contract makes to have a proof checked. */
export interface VerifierCall {
  readonly address: string;
  /** In hex with 0x. */
  readonly data: string;
}

type ChainFacts = Pick<PeerFacts, 'verifierBytes' | 'verifyGas' | 'calldataGas'>;

/** No real chain takes more than 24,576 bytes of code; what a larger verifier costs is measured all the same. */
const CODE_LIMIT = 1_000_000;

/** Deploys a verifier on a chain of its own; its size, and the gas of a call as another contract makes it. */
export async function measureOnChain(deploy: (signer: Signer) => Promise<VerifierCall>): Promise<ChainFacts> {
  const chain = await startLocalChain({ extraArguments: ['--code-size-limit', String(CODE_LIMIT)] });
  const provider = new JsonRpcProvider(chain.url, chain.chainId, { staticNetwork: true, cacheTimeout: -1 });
  try {
    const signer = new NonceManager(await provider.getSigner());
    const { address, data } = await deploy(signer);
    const { abi, bytecode } = loadArtifact('GasProbe');
    const probe = await deployContract(new ContractFactory<[]>(abi, bytecode, signer));
    const methods = new Interface(abi);
    const input = methods.encodeFunctionData('measure', [address, data]);
    const answer = await provider.call({ to: probe.address, data: input });
    const [gasUsed, accepted] = methods.decodeFunctionResult('measure', answer);
    if (accepted !== true) throw new Error('the contract does not accept the proof');
    const verifierBytes = dataLength(await provider.getCode(address));
    return { verifierBytes, verifyGas: Number(gasUsed), calldataGas: calldataGas(getBytes(data)) };
  } finally {
    provider.destroy();
    await chain.stop();
  }
}

/** Of a transaction that does more than hand over data (EIP-2028). */
function calldataGas(data: Uint8Array): number {
  return data.reduce((sum, byte) => sum + (byte === 0 ? 4 : 16), 0);
}
