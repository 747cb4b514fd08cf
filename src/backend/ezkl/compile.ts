import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readData } from '../../data/read.ts';
import { VouchError } from '../../errors.ts';
import { sampleDigest } from '../../inspect/sample-digest.ts';
import { toSamples } from '../../inspect/samples.ts';
import { assumedBounds, synthesise } from '../../inspect/synthesise.ts';
import type { Sample } from '../../quant/sample.ts';
import { withTemporaryFolder } from '../../temporary.ts';
import type { Visibility } from '../../tensor/visibility.ts';
import type { CompileRequest } from '../contract.ts';
import type { EzklManifest, EzklTensor, NetworkForm } from './manifest.ts';
import { ezklFiles, writeEzklFolder } from './model-folder.ts';
import { fixedNetwork, type Network } from './network.ts';
import { rewrittenNetwork } from './rewritten-network.ts';
import { type EzklSettings, readSettings } from './settings.ts';
import { callOptions } from './steps.ts';
import { type CalibrationTarget, EzklRefusedError, type EzklTool, type EzklVisibility } from './tool.ts';
import { toInputJson } from './witness.ts';

export interface EzklCompileOptions {
  readonly target?: CalibrationTarget;
  /** By default the file's own network, and the rewritten one where EZKL cannot read that. */
  readonly network?: NetworkForm | 'auto';
  readonly maxLogrows?: number | undefined;
}

export interface EzklCompiled {
  readonly manifest: EzklManifest;
  /** Why the rewritten network was taken, where the file's own was tried first. */
  readonly refused: string | undefined;
  /** Samples of the data file, of which the first are used. */
  readonly given: number;
  /** Samples to compare the circuit with the float model on; calibration has seen none of them if there are others. */
  readonly comparable: readonly Sample[];
}

const tool = 'vouch 0.1.0';
/** EZKL runs each sample at every pair of scales that it tries. */
const MOST_SAMPLES = 20;
/** Each runs through the circuit, which can take seconds. */
const COMPARED = 8;
/** EZKL's own default: how far beyond what calibration saw its tables reach. */
const LOOKUP_MARGIN = 2;

/** ONNX file → settings, calibration and circuit of EZKL's, in a model directory. */
export async function compileEzkl(
  ezkl: EzklTool,
  request: CompileRequest,
  { target = 'resources', network: form = 'auto', maxLogrows }: EzklCompileOptions = {},
): Promise<EzklCompiled> {
  let refused: string | undefined;
  let used: Samples | undefined;
  const manifest = await writeEzklFolder(request.directory, async (place) => {
    const [model, settings, circuit] = [ezklFiles.network, ezklFiles.settings, ezklFiles.circuit].map(place);
    const take = async (taken: NetworkForm): Promise<Taken> => {
      const network = await networkOf(taken, request);
      const samples = await calibrationSamples(network, request.calibrate);
      await writeFile(model, network.bytes);
      const py_run_args = { ...visibilityOf(network, request.visibility), param_visibility: 'fixed' } as const;
      await ezkl.call('gen_settings', { model, output: settings, py_run_args }, callOptions(request, 'settings'));
      return { network, form: taken, samples };
    };
    const taken = await take(form === 'rewritten' ? 'rewritten' : 'file').catch((error: unknown) => {
      if (form !== 'auto' || !(error instanceof EzklRefusedError)) throw error;
      refused = error.complaint;
      return take('rewritten');
    });
    const { network, samples } = taken;
    used = samples;
    await withTemporaryFolder(async (temporary) => {
      const data = join(temporary, 'calibration.json');
      await writeFile(data, toInputJson(network.inputs, samples.list));
      const choice = { target, scales: null, scale_rebase_multiplier: [1], max_logrows: maxLogrows ?? null };
      const asked = { data, model, settings, lookup_safety_margin: LOOKUP_MARGIN, ...choice };
      await ezkl.call('calibrate_settings', asked, callOptions(request, 'calibrate'));
    });
    const compiled = { model, compiled_circuit: circuit, settings_path: settings };
    await ezkl.call('compile_circuit', compiled, callOptions(request, 'compile'));
    const calibrated = await readSettings(settings);
    return (files) => ({
      tool,
      version: ezkl.version,
      onnx: network.onnx,
      externalData: network.externalData,
      form: taken.form,
      ...tensorsOf(network, calibrated, request.visibility),
      calibration: { target, samples: samples.list.length, sha256: samples.sha256 },
      logrows: calibrated.logrows,
      rows: calibrated.rows,
      keys: null,
      files,
    });
  });
  const { given = 0, comparable = [] } = used ?? {};
  return { manifest, refused, given, comparable };
}

interface Samples {
  readonly list: readonly Sample[];
  readonly comparable: readonly Sample[];
  readonly given: number;
  /** Null where they were drawn. */
  readonly sha256: EzklManifest['calibration']['sha256'];
}

interface Taken {
  readonly network: Network;
  readonly form: NetworkForm;
  readonly samples: Samples;
}

function networkOf(form: NetworkForm, { onnx, dims }: CompileRequest): Promise<Network> {
  return form === 'file' ? fixedNetwork(onnx, dims) : rewrittenNetwork(onnx, dims);
}

async function calibrationSamples({ inputs }: Network, path: string | undefined): Promise<Samples> {
  if (path !== undefined) {
    const given = toSamples(await readData(path, inputs));
    const list = given.slice(0, MOST_SAMPLES);
    const comparable = (given.length > MOST_SAMPLES ? given.slice(MOST_SAMPLES) : given).slice(0, COMPARED);
    return { list, comparable, given: given.length, sha256: sampleDigest(list) };
  }
  const nodes = inputs.map((input) => ({ ...input, kind: 'input', inputs: [], origin: NOBODY }) as const);
  const bounds = new Map(nodes.map((node) => [node.name, assumedBounds(node)]));
  const drawn = synthesise(nodes, bounds, MOST_SAMPLES + COMPARED);
  return { list: drawn.slice(0, MOST_SAMPLES), comparable: drawn.slice(MOST_SAMPLES), given: 0, sha256: null };
}

const NOBODY = { node: '', op: 'Input' };

/** EZKL has one visibility for all inputs and one for all outputs. */
function visibilityOf({ inputs, outputs }: Pick<Network, 'inputs' | 'outputs'>, given: Visibility = {}) {
  return {
    input_visibility: common(
      'input',
      inputs.map(({ name }) => name),
      given.inputs ?? new Map(),
      'private',
    ),
    output_visibility: common('output', outputs, given.outputs ?? new Map(), 'public'),
  };
}

function common(
  kind: string,
  names: readonly string[],
  given: ReadonlyMap<string, string>,
  usual: EzklVisibility,
): EzklVisibility {
  const unknown = [...given.keys()].find((name) => !names.includes(name));
  if (unknown !== undefined) throw new EzklVisibilityError(`the model has no ${kind} "${unknown}"`);
  const wanted = new Set(names.map((name) => given.get(name) ?? usual));
  const [only] = wanted;
  if (wanted.size > 1)
    throw new EzklVisibilityError(`EZKL treats all ${kind}s alike, not as ${[...wanted].join(', ')}`);
  if (only === 'private' || only === 'public' || only === 'hashed') return only;
  throw new EzklVisibilityError(`EZKL cannot publish the ${only} of an ${kind}`);
}

/** The tensors as a verifier sees them; shapes are known of what is published. */
function tensorsOf(
  network: Network,
  { inputScales, outputScales, publishedShapes }: EzklSettings,
  given: Visibility | undefined,
): { readonly inputs: readonly EzklTensor[]; readonly outputs: readonly EzklTensor[] } {
  const { input_visibility, output_visibility } = visibilityOf(network, given);
  const published = output_visibility === 'public' ? publishedShapes.slice(-network.outputs.length) : [];
  return {
    inputs: network.inputs.map(({ name, shape }, i) => {
      return { name, shape, scaleBits: inputScales[i], visibility: input_visibility };
    }),
    outputs: network.outputs.map((name, i) => {
      return { name, shape: published[i] ?? [], scaleBits: outputScales[i], visibility: output_visibility };
    }),
  };
}

/** What is asked to be published is not what EZKL can publish. */
export class EzklVisibilityError extends VouchError {
  override readonly name = 'Backend.EzklVisibilityError';

  constructor(what: string) {
    super(what, {
      metaMessages: ['Inputs are private, public or hashed, outputs public or hashed, all of them alike.'],
    });
  }
}
