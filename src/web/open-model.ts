import { VouchError } from '../errors.ts';
import type { Model } from '../model/model.ts';
import { decodeQGraph } from '../quant/file.ts';
import { analyseRanges } from '../quant/ranges.ts';
import { lower } from '../r1cs/lower.ts';
import { fileNames } from '../store/file-names.ts';
import { decodeManifest, type Manifest } from '../store/manifest.ts';
import type { Hex32 } from '../verify/json.ts';
import { decodeLayout } from '../verify/layout.ts';
import { decodeModelFile, type ModelFile } from '../verify/model-file.ts';
import { download } from './download.ts';

/** A compiled model as a page has it, without the proving key. */
export interface HostedModel {
  readonly model: Model;
  readonly file: ModelFile;
  readonly provingKey: { readonly url: URL; readonly digest: Hex32 };
}

/** Fetches the small files of a compiled model's directory, each checked against the manifest, and builds the circuit. */
export async function fetchModel(directory: URL): Promise<HostedModel> {
  const urlOf = (name: string) => new URL(name, directory);
  const manifest = decodeManifest(textOf(await download(urlOf(fileNames.manifest), { limit: MANIFEST_LIMIT })));
  const { keys, onnx, externalData, quantised: quantisedDigest, r1cs } = manifest;
  if (keys === undefined) throw new NoHostedKeysError(directory);
  const fetchListed = (name: string) => download(urlOf(name), { digest: digestOf(manifest, name), limit: FILE_LIMIT });
  const [quantisedBytes, layoutBytes, verification] = await Promise.all(
    [fileNames.quantised, fileNames.layout, fileNames.verification].map(fetchListed),
  );
  const quantised = decodeQGraph(quantisedBytes);
  const ranges = analyseRanges(quantised);
  const digests = { onnx, externalData, quantised: quantisedDigest, r1cs };
  return {
    model: { quantised, ranges, circuit: lower(quantised, ranges), layout: decodeLayout(layoutBytes), digests },
    file: decodeModelFile(textOf(verification)),
    provingKey: { url: urlOf(fileNames.provingKey), digest: digestOf(manifest, fileNames.provingKey) },
  };
}

function digestOf({ files }: Manifest, name: string): Hex32 {
  const digest = files.get(name);
  if (digest === undefined) throw new VouchError(`The manifest does not list ${name}. Compile and set up again.`);
  return digest;
}

const textOf = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
const MANIFEST_LIMIT = 1 << 20;
const FILE_LIMIT = 1 << 28;

/** The model that is hosted there was compiled but never set up. */
export class NoHostedKeysError extends VouchError {
  override readonly name = 'Web.NoHostedKeysError';

  constructor(directory: URL) {
    super(`The model at ${directory.href} has no keys.`, {
      metaMessages: [
        'Make them with vouch setup, and host manifest.json, quantised.bin, layout.bin,',
        'verification.json and proving.zkey.',
      ],
    });
  }
}
