// In a project that installed the package, this is 'vouch/web'.
import { encodeProofFile, openProver } from '../../src/web/index.ts';

const element = (id) => document.getElementById(id);
const [canvas, progress] = [element('canvas'), element('progress')];
const context = canvas.getContext('2d', { willReadFrequently: true });
const show = (id, text) => {
  element(id).textContent = text;
};

function onProgress(stage, fraction) {
  show('state', stage);
  progress.value = Number.isNaN(fraction) ? 0 : fraction;
}

/** A pen of about two pixels, as the digits that the model learned from were drawn. */
function draw(x, y) {
  context.fillStyle = '#fff';
  context.beginPath();
  context.arc(x, y, 1.2, 0, 2 * Math.PI);
  context.fill();
}

function clear() {
  context.fillStyle = '#000';
  context.fillRect(0, 0, canvas.width, canvas.height);
}

/** What is drawn, as numbers from 0 to 1. */
function pixels() {
  const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
  return Float64Array.from({ length: data.length / 4 }, (_, i) => data[4 * i] / 255);
}

/** The model's one input, filled with what is drawn. */
function sampleFor({ layout }) {
  const [input] = layout.inputs;
  const size = input.shape.reduce((product, axis) => product * axis, 1);
  return new Map([[input.name, size === 28 * 28 ? pixels() : new Float64Array(size)]]);
}

/** Proves the sample and verifies the proof; what it tells is shown, and returned for whoever drives the page. */
async function proveSample(prover, sample, signal) {
  const began = performance.now();
  const { proof } = await prover.prove(sample, { signal, onProgress });
  const proved = performance.now();
  const verdict = await prover.verify(proof);
  const result = {
    valid: verdict.valid,
    kernel: proof.kernel,
    threads: prover.threads,
    isolated: crossOriginIsolated,
    proveMs: proved - began,
    verifyMs: performance.now() - proved,
    outputs: verdict.outputs.map(({ name, values = [] }) => ({ name, values: [...values] })),
  };
  show('state', 'done');
  show('kernel', `${result.kernel}, ${result.threads} threads`);
  show('output', JSON.stringify(result.outputs));
  show('time', `${Math.round(result.proveMs)} ms to prove, ${Math.round(result.verifyMs)} ms to verify`);
  show('verified', String(result.valid));
  return { ...result, proof };
}

function fail(error) {
  show('state', error.message);
  throw error;
}

clear();
canvas.addEventListener('pointermove', (event) => {
  if (event.buttons !== 0) draw((event.offsetX * 28) / 224, (event.offsetY * 28) / 224);
});
element('clear').addEventListener('click', clear);

const openedAt = performance.now();
const prover = await openProver('/model/', { kernels: '/kernels/', onProgress }).catch(fail);
const openMs = performance.now() - openedAt;
show('state', 'ready');
show('kernel', `${prover.kernel}, ${prover.threads} threads`);
element('prove').disabled = false;
element('prove').addEventListener('click', async () => {
  const control = new AbortController();
  const cancel = () => control.abort(new Error('cancelled'));
  element('cancel').disabled = false;
  element('cancel').addEventListener('click', cancel, { once: true });
  try {
    await proveSample(prover, sampleFor(prover.model), control.signal);
  } catch (error) {
    show('state', error.message);
  } finally {
    element('cancel').disabled = true;
    element('cancel').removeEventListener('click', cancel);
  }
});

/** For whoever drives the page by script. */
globalThis.vouch = { prover, openMs, encodeProofFile, prove: (sample, signal) => proveSample(prover, sample, signal) };
