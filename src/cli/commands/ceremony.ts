import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { applyBeacon, contribute, type MadeRound } from '../../keys/ceremony/contribute.ts';
import { sha256OfFile } from '../../keys/ceremony/digest.ts';
import type { CeremonyOptions } from '../../keys/ceremony/options.ts';
import { readPhaseTwoKey } from '../../keys/ceremony/phase-two-key.ts';
import { startCeremony } from '../../keys/ceremony/start.ts';
import { decodeTranscript, encodeTranscript, matchTranscript } from '../../keys/ceremony/transcript.ts';
import { type CeremonyFiles, verifyCeremony } from '../../keys/ceremony/verify.ts';
import { readZkeySummary } from '../../keys/zkey.ts';
import { parseJson } from '../../verify/json.ts';
import { encodeVerifyingKeyJson } from '../../verify/snarkjs-json.ts';
import { writeFileAtomically } from '../../write-file.ts';
import {
  addKernelOption,
  type KernelArguments,
  PTAU,
  type PtauArguments,
  renderStepKernel,
  runStep,
  TRUST_PTAU,
  trustedDigest,
} from '../ceremony-step.ts';
import { addOutputOptions, exitCodes, type OutputOptions } from '../output.ts';
import { renderContributions, renderRound } from '../render-ceremony.ts';
import type { Outcome } from '../run.ts';
import { addAdopt } from './ceremony-adopt.ts';

interface StepArguments extends OutputOptions, KernelArguments {
  readonly output: string;
}

interface VerifyArguments extends PtauArguments, KernelArguments {
  readonly r1cs: string;
  readonly round?: readonly string[];
  readonly transcript?: string;
  readonly output?: string;
}

const OUTPUT = ['-o, --output <file>', 'the next round'] as const;

export function addCeremony(program: Command): void {
  const ceremony = program.command('ceremony').description('keys that many people make together: see docs/ceremony.md');
  addStart(ceremony);
  addContribute(ceremony);
  addBeacon(ceremony);
  addCeremonyVerify(ceremony);
  addAdopt(ceremony);
  addStatus(ceremony);
  addExportKey(ceremony);
}

function addStart(ceremony: Command): void {
  const command = ceremony
    .command('start')
    .description('make the initial key of a circuit; anybody can repeat this and gets the same file')
    .argument('<circuit.r1cs>', 'what vouch export --r1cs wrote')
    .requiredOption(...PTAU)
    .option(...TRUST_PTAU)
    .requiredOption('-o, --output <file>', 'the initial key');
  addOutputOptions(command)
    .addHelpText(
      'after',
      '\nExample:\n  vouch ceremony start circuit.r1cs --ptau powersOfTau28_hez_final_17.ptau -o round0.zkey',
    )
    .action((r1cs: string, options: StepArguments & PtauArguments) =>
      runStep(options, async (step) => {
        const { ptau: path, output } = options;
        const { key, ptau, rows } = await startCeremony(
          { r1cs, ptau: path, output },
          { ...step, ...trustedDigest(options) },
        );
        const sha256 = await sha256OfFile(output);
        const { circuitHash, wires, publicSignals, domain } = key;
        const value = { output, sha256, circuitHash, rows, wires, publicSignals, domain, ptau };
        const from = ptau.origin === undefined ? 'not a published file that we know' : ptau.origin.ceremony;
        const text = `circuit ${circuitHash}\nPowers of Tau ${ptau.blake2b}\n  ${from}\n${output} sha256 ${sha256}`;
        return { value, text };
      }),
    );
}

function addContribute(ceremony: Command): void {
  const command = ceremony
    .command('contribute')
    .description('mix in a secret from this machine; it is gone when the command ends')
    .argument('<in.zkey>', 'the round before')
    .requiredOption(...OUTPUT)
    .requiredOption('--name <who>', 'who contributes, as the transcript shows it');
  addOutputOptions(addKernelOption(command))
    .addHelpText('after', '\nExample:\n  vouch ceremony contribute round0.zkey -o round1.zkey --name "Ada"')
    .action((input: string, options: StepArguments & { readonly name: string }) =>
      runStep(options, async (step) => {
        const { output, name, kernel } = options;
        return roundOutcome(output, await contribute({ input, output }, name, { ...step, kernelName: kernel }));
      }),
    );
}

function addBeacon(ceremony: Command): void {
  const command = ceremony
    .command('beacon')
    .description('mix in public randomness that nobody could foresee, announced in advance')
    .argument('<in.zkey>', 'the last contribution')
    .requiredOption(...OUTPUT)
    .requiredOption('--hash <hex>', 'the randomness, 32 bytes or more')
    .option('--iterations <n>', 'hash it 2^n times, n from 10 to 32', '10')
    .option('--name <text>', 'where it comes from', 'beacon');
  addOutputOptions(addKernelOption(command))
    .addHelpText(
      'after',
      '\nExample:\n  vouch ceremony beacon round9.zkey -o final.zkey --hash <drand randomness> --name "drand round 5000000"',
    )
    .action(
      (
        input: string,
        options: StepArguments & { readonly hash: string; readonly iterations: string; readonly name: string },
      ) =>
        runStep(options, async (step) => {
          const { output, iterations, name, kernel } = options;
          const hash = options.hash.toLowerCase().replace(/^0x/, '');
          const beacon = { hash, iterationsLog2: Number(iterations) };
          return roundOutcome(
            output,
            await applyBeacon({ input, output }, beacon, name, { ...step, kernelName: kernel }),
          );
        }),
    );
}

function addCeremonyVerify(ceremony: Command): void {
  const command = ceremony
    .command('verify')
    .description('check a key against circuit and Powers of Tau: exit code 0 true, 1 false, 2 malformed')
    .argument('<final.zkey>')
    .requiredOption('--r1cs <file>', 'the circuit')
    .requiredOption(...PTAU)
    .option(...TRUST_PTAU)
    .option('--round <files...>', 'earlier rounds, whose digests belong into the transcript')
    .option('--transcript <file>', 'a published transcript that must agree')
    .option('-o, --output <file>', 'write the transcript');
  addOutputOptions(addKernelOption(command))
    .addHelpText(
      'after',
      '\nExample:\n  vouch ceremony verify final.zkey --r1cs circuit.r1cs --ptau powersOfTau28_hez_final_17.ptau --transcript transcript.json',
    )
    .action((key: string, options: VerifyArguments) => runStep(options, (step) => verify(key, options, step)));
}

function addStatus(ceremony: Command): void {
  const command = ceremony
    .command('status')
    .description('list the contributions in a key, without checking them')
    .argument('<zkey>');
  addOutputOptions(command)
    .addHelpText('after', '\nExample:\n  vouch ceremony status round3.zkey')
    .action((path: string, options: OutputOptions) =>
      runStep(options, async () => {
        const { circuitHash, contributions, wires, publicSignals, domain } = await readPhaseTwoKey(path);
        const sha256 = await sha256OfFile(path);
        const value = { sha256, circuitHash, wires, publicSignals, domain, contributions };
        return { value, text: renderContributions(circuitHash, contributions) };
      }),
    );
}

function addExportKey(ceremony: Command): void {
  const command = ceremony
    .command('export-key')
    .description('write the verification key of a key as snarkjs reads it')
    .argument('<zkey>')
    .option('-o, --output <file>', 'a file instead of standard output');
  addOutputOptions(command)
    .addHelpText('after', '\nExample:\n  vouch ceremony export-key final.zkey -o verification_key.json')
    .action((path: string, options: OutputOptions & { readonly output?: string }) =>
      runStep(options, async () => {
        const value = encodeVerifyingKeyJson((await readZkeySummary(path)).verifyingKey);
        const text = JSON.stringify(value, undefined, 1);
        if (options.output === undefined) return { value, text };
        await writeFileAtomically(options.output, [new TextEncoder().encode(`${text}\n`)]);
        return { value: { output: options.output }, text: options.output };
      }),
    );
}

async function verify(key: string, options: VerifyArguments, step: CeremonyOptions): Promise<Outcome> {
  const published = options.transcript === undefined ? undefined : await readTranscript(options.transcript);
  const files: CeremonyFiles = { key, r1cs: options.r1cs, ptau: options.ptau, rounds: options.round ?? [] };
  const verdict = await verifyCeremony(files, { ...step, kernelName: options.kernel, ...trustedDigest(options) });
  if (!verdict.accepted) {
    const { reasons } = verdict;
    return {
      value: { accepted: false, reasons },
      text: `the key is not the outcome of a ceremony:\n  ${reasons.join('\n  ')}`,
      exitCode: exitCodes.negative,
    };
  }
  const { transcript, trust, kernel } = verdict;
  const differences = published === undefined ? [] : matchTranscript(published, transcript);
  if (differences.length > 0) {
    return {
      value: { accepted: false, reasons: differences },
      text: `the published transcript tells of another ceremony:\n  ${differences.join('\n  ')}`,
      exitCode: exitCodes.negative,
    };
  }
  const text = encodeTranscript(transcript);
  if (options.output !== undefined) await writeFileAtomically(options.output, [new TextEncoder().encode(text)]);
  return {
    value: { accepted: true, trust, kernel, transcript },
    text: `the key is the outcome of a ceremony (trust ${trust})\n${renderStepKernel(kernel)}\n${text.trimEnd()}`,
  };
}

async function readTranscript(path: string): Promise<ReturnType<typeof decodeTranscript>> {
  return decodeTranscript(parseJson(await readFile(path, 'utf8'), 'transcript', MAX_TRANSCRIPT_LENGTH));
}

const MAX_TRANSCRIPT_LENGTH = 1 << 24;

async function roundOutcome(output: string, { contribution, kernel }: MadeRound): Promise<Outcome> {
  const sha256 = await sha256OfFile(output);
  const text = `${renderRound(output, sha256, contribution)}\n${renderStepKernel(kernel)}`;
  return { value: { output, sha256, contribution, kernel }, text };
}
