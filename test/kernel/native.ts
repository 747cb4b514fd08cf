import { InternalError } from '../../src/errors.ts';
import { type Addon, loadAddon, loadAddonFrom } from '../../src/kernel/addon.ts';

/** Another addon to test in place of the committed one: native/test/emulated.sh. */
const other = process.env.VOUCH_TEST_ADDON;

/** The addon, which must load wherever one is built for; elsewhere the tests of native kernels are skipped with the reason. */
export const { addon, reason } = available();

function available(): { readonly addon: Addon | undefined; readonly reason: string } {
  const loaded = other === undefined ? loadAddon() : loadAddonFrom(other);
  if ('addon' in loaded) return { addon: loaded.addon, reason: '' };
  if (process.platform === 'linux' && process.arch === 'x64') throw new InternalError(loaded.reason);
  return { addon: undefined, reason: loaded.reason };
}

/** The addon's file. */
export const addonPath =
  other ?? new URL(`../../native/prebuilt/${process.platform}-${process.arch}/vouch.node`, import.meta.url).pathname;

/** Every kernel that this processor runs. */
export const variants = addon?.kernels() ?? [];

/** Larger sizes and all combinations: `npm run test:kernel`. */
export const thorough = process.env.VOUCH_HEAVY !== undefined;
