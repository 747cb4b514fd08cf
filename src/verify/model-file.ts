import { asHex32, asObject, asOneOf, fieldOf, parseJson } from './json.ts';
import { type Layout, layoutJson, parseLayout } from './layout.ts';
import type { ModelCore } from './model-core.ts';
import { decodeVerifyingKeyJson, encodeVerifyingKeyJson } from './snarkjs-json.ts';
import type { VerifyingKey } from './types.ts';

/** `verification.json`: all a stranger needs to check proofs of a model. */
export interface ModelFile {
  readonly core: ModelCore;
  readonly layout: Layout;
  readonly verifyingKey: VerifyingKey;
}

const format = 'vouch-verification-1';
const digestKeys = [
  'onnxDigest',
  'externalDataDigest',
  'quantisedDigest',
  'r1csDigest',
  'layoutDigest',
  'vkDigest',
] as const;

export function encodeModelFile({ core, layout, verifyingKey }: ModelFile): string {
  const json = { format, core, layout: layoutJson(layout), verifyingKey: encodeVerifyingKeyJson(verifyingKey) };
  return `${JSON.stringify(json, null, 1)}\n`;
}

/** Checks the form only; `checkProof` checks that core, layout and key belong together. */
export function decodeModelFile(text: string): ModelFile {
  const file = asObject(parseJson(text, 'verification file', 1 << 26), 'verification file', [
    'format',
    'core',
    'layout',
    'verifyingKey',
  ]);
  const field = (key: string) => fieldOf(file, key, 'verification file');
  asOneOf(field('format'), 'format', [format]);
  const core = asObject(field('core'), 'core', [...digestKeys, 'trust']);
  const digest = (key: (typeof digestKeys)[number]) => asHex32(fieldOf(core, key, 'core'), `core.${key}`);
  return {
    core: {
      onnxDigest: digest('onnxDigest'),
      externalDataDigest: digest('externalDataDigest'),
      quantisedDigest: digest('quantisedDigest'),
      r1csDigest: digest('r1csDigest'),
      layoutDigest: digest('layoutDigest'),
      vkDigest: digest('vkDigest'),
      trust: asOneOf(fieldOf(core, 'trust', 'core'), 'core.trust', ['insecure-dev', 'ceremony']),
    },
    layout: parseLayout(field('layout')),
    verifyingKey: decodeVerifyingKeyJson(field('verifyingKey')),
  };
}
