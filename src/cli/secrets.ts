import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { VouchError } from '../errors.ts';
import { type Account, accountFromKey, accountFromKeystore, developmentAccount } from '../evm/sender/account.ts';

export const KEY_VARIABLE = 'VOUCH_PRIVATE_KEY';
export const PASSWORD_VARIABLE = 'VOUCH_KEYSTORE_PASSWORD';
export const RPC_VARIABLE = 'VOUCH_RPC_URL';

/** Secrets of the environment; they leave it, so that no child process inherits them. */
export function takeSecrets(): { readonly key: string | undefined; readonly password: string | undefined } {
  const secrets = { key: process.env[KEY_VARIABLE], password: process.env[PASSWORD_VARIABLE] };
  delete process.env[KEY_VARIABLE];
  delete process.env[PASSWORD_VARIABLE];
  return secrets;
}

/** The account that pays: a keystore file, the key of the environment, or a public development account. */
export async function chooseAccount(
  { keystore, devAccount }: { readonly keystore?: string | undefined; readonly devAccount?: number | undefined },
  { key, password }: ReturnType<typeof takeSecrets>,
  chainId: number,
): Promise<Account> {
  if (keystore !== undefined) return accountFromKeystore(keystore, password ?? (await askPassword(keystore)));
  if (devAccount !== undefined) return developmentAccount(devAccount, chainId);
  if (key !== undefined) return accountFromKey(key);
  throw new MissingKeyError();
}

function askPassword(keystore: string): Promise<string> {
  if (process.stdin.isTTY !== true || process.stderr.isTTY !== true) throw new MissingPasswordError(keystore);
  process.stderr.write(`password of ${keystore}: `);
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: process.stdin, output: silent, terminal: true });
  return new Promise((resolve, reject) => {
    lines.once('line', (line) => {
      lines.removeAllListeners('close');
      lines.close();
      process.stderr.write('\n');
      resolve(line);
    });
    lines.once('close', () => reject(new MissingPasswordError(keystore)));
  });
}

/** Nothing says who pays. */
export class MissingKeyError extends VouchError {
  override readonly name = 'MissingKeyError';

  constructor() {
    super('No key was given for the transactions.', {
      metaMessages: [
        `Set ${KEY_VARIABLE}, or pass --keystore <file> (its password: ${PASSWORD_VARIABLE} or a prompt).`,
        'On a local development chain, --dev-account 0 takes its first account.',
        'Keys are never taken from the command line, where other users and the history see them.',
      ],
    });
  }
}

export class MissingPasswordError extends VouchError {
  override readonly name = 'MissingPasswordError';

  constructor(keystore: string) {
    super(`The password of "${keystore}" is not known.`, {
      metaMessages: [`Set ${PASSWORD_VARIABLE}, or run the command on a terminal.`],
    });
  }
}
