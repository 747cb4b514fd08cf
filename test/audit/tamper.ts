import { createHash } from 'node:crypto';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { decodeManifest, encodeManifest, type Manifest } from '../../src/store/manifest.ts';
import type { Hex32 } from '../../src/verify/json.ts';

const sha256 = (bytes: Uint8Array): Hex32 => `0x${createHash('sha256').update(bytes).digest('hex')}`;

/** A copy of a directory in which `change` lied. */
export function tamper(from: string, to: string, change: (path: (name: string) => string) => void): string {
  cpSync(from, to, { recursive: true });
  change((name) => join(to, name));
  return to;
}

/** Makes the manifest name the files as they are now: a liar who knows what he does. */
export function reseal(directory: string, change: (manifest: Manifest) => Manifest = (manifest) => manifest): void {
  const path = join(directory, 'manifest.json');
  const manifest = change(decodeManifest(readFileSync(path, 'utf8')));
  const files = new Map([...manifest.files.keys()].map((name) => [name, sha256(readFileSync(join(directory, name)))]));
  writeFileSync(path, encodeManifest({ ...manifest, files }));
}

/** Replaces text of a file; throws where it is not there. */
export function replaceIn(path: string, from: string | RegExp, to: string): void {
  const before = readFileSync(path, 'utf8');
  const after = before.replace(from, to);
  if (after === before) throw new Error(`${path} holds no ${from}`);
  writeFileSync(path, after);
}
