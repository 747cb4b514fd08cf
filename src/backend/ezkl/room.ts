import { statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type CallName, type EzklCalls, EzklRefusedError, type EzklTool } from './tool.ts';

/** The arguments of each call that name what it writes. */
const written: { readonly [K in CallName]: readonly (keyof EzklCalls[K])[] } = {
  gen_settings: ['output'],
  calibrate_settings: ['settings'],
  compile_circuit: ['compiled_circuit'],
  gen_srs: ['srs_path'],
  setup: ['vk_path', 'pk_path'],
  gen_witness: ['output'],
  prove: ['proof_path'],
  verify: [],
  create_evm_verifier: ['sol_code_path', 'abi_path'],
};

/**
 * EZKL that says where the disk is full. By itself it calls some files written of which nothing was, and refuses them in
 * a later call.
 */
export function withRoom(ezkl: EzklTool): EzklTool {
  return {
    ...ezkl,
    async call(name, given, options) {
      const answer = await ezkl.call(name, given, options).catch((error: unknown) => error);
      if (answer !== null && typeof answer !== 'boolean' && !(answer instanceof EzklRefusedError)) throw answer;
      const places = written[name].map((argument) => dirname(String(given[argument])));
      for (const place of new Set(places)) {
        if (await isFull(place)) throw Object.assign(new Error(`no room is left in "${place}"`), { code: 'ENOSPC' });
      }
      if (answer instanceof EzklRefusedError) throw answer;
      return answer;
    },
  };
}

/** Whether nothing more can be written to a folder's disk; false where that is not known. */
export async function isFull(folder: string): Promise<boolean> {
  const found = await statfs(folder).catch(() => undefined);
  return found !== undefined && found.blocks > 0 && found.bavail === 0;
}
