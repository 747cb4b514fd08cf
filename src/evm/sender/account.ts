import { readFile, stat } from 'node:fs/promises';
import { HDNodeWallet, keccak256, type TransactionLike, Wallet } from 'ethers';
import { VouchError } from '../../errors.ts';
import { LOCAL_CHAIN_ID } from '../anvil.ts';

/** Who pays and signs. The key stays inside the closure: printing an account shows its address only. */
export interface Account {
  readonly address: string;
  sign(transaction: TransactionLike): Promise<SignedTransaction>;
}

export interface SignedTransaction {
  readonly hash: string;
  /** What a node takes, in hex. */
  readonly raw: string;
}

/**
 * An account from its private key, 32 bytes in hex; for keys that were read from a file or the environment.
 *
 *     const account = accountFromKey(process.env.VOUCH_PRIVATE_KEY ?? '');
 */
export function accountFromKey(privateKey: string): Account {
  const hex = privateKey.trim().replace(/^(?!0x)/, '0x');
  if (!/^0x[0-9a-fA-F]{64}$/.test(hex)) throw new PrivateKeyError();
  try {
    return accountOf(new Wallet(hex));
  } catch {
    // No cause: it could quote the key.
    throw new PrivateKeyError();
  }
}

/**
 * An account from an encrypted keystore file (Web3 Secret Storage, as geth and `cast wallet` write it).
 *
 *     const account = await accountFromKeystore('key.json', password);
 */
export async function accountFromKeystore(path: string, password: string): Promise<Account> {
  let json: string;
  try {
    if ((await stat(path)).size > MAX_KEYSTORE_BYTES) throw new KeystoreError(path, 'it is too large for a keystore');
    json = await readFile(path, 'utf8');
  } catch (cause) {
    throw cause instanceof KeystoreError ? cause : new KeystoreError(path, 'it cannot be read');
  }
  try {
    return accountOf(await Wallet.fromEncryptedJson(json, password));
  } catch (error) {
    const wrongPassword = error instanceof Error && /password/i.test(error.message);
    throw new KeystoreError(path, wrongPassword ? 'the password is wrong' : 'it is no keystore');
  }
}

/** One of the ten accounts that every local development chain funds; their keys are public. */
export function developmentAccount(index: number, chainId: number): Account {
  if (chainId !== LOCAL_CHAIN_ID) throw new DevelopmentAccountError(chainId);
  return accountOf(HDNodeWallet.fromPhrase(DEVELOPMENT_PHRASE, undefined, `m/44'/60'/0'/0/${index}`));
}

/** The published phrase of anvil and hardhat. */
const DEVELOPMENT_PHRASE = 'test test test test test test test test test test test junk';
const MAX_KEYSTORE_BYTES = 1 << 16;

function accountOf(wallet: Wallet | HDNodeWallet): Account {
  return {
    address: wallet.address.toLowerCase(),
    async sign(transaction) {
      const raw = await wallet.signTransaction(transaction);
      return { hash: keccak256(raw), raw };
    },
  };
}

/** The text is no private key; it is not repeated. */
export class PrivateKeyError extends VouchError {
  override readonly name = 'Evm.PrivateKeyError';

  constructor() {
    super('The private key is malformed.', {
      metaMessages: ['expected 32 bytes in hexadecimal, below the group order'],
    });
  }
}

export class KeystoreError extends VouchError {
  override readonly name = 'Evm.KeystoreError';

  constructor(path: string, reason: string) {
    super(`The keystore "${path}" was not opened: ${reason}.`);
  }
}

/** Accounts with public keys are for local chains. */
export class DevelopmentAccountError extends VouchError {
  override readonly name = 'Evm.DevelopmentAccountError';

  constructor(chainId: number) {
    super(`A development account was asked for on chain ${chainId}.`, {
      metaMessages: [`Their keys are public: they serve on chain ${LOCAL_CHAIN_ID} only.`],
    });
  }
}
