import { closeSync, openSync, readSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Command } from 'commander';
import { VouchError } from '../../errors.ts';
import { verifyCeremony } from '../../keys/ceremony/verify.ts';
import { modelFile } from '../../pipeline.ts';
import { writeR1cs } from '../../r1cs/file.ts';
import { openModel, writeKeys } from '../../store/directory.ts';
import type { Hex32 } from '../../verify/json.ts';
import { PTAU, type PtauArguments, runStep, TRUST_PTAU, trustedDigest } from '../ceremony-step.ts';
import { addOutputOptions, exitCodes } from '../output.ts';

interface AdoptArguments extends PtauArguments {
  readonly model: string;
}

export function addAdopt(ceremony: Command): void {
  const command = ceremony
    .command('adopt')
    .description('verify a key against a compiled model, and give the model this key')
    .argument('<final.zkey>')
    .requiredOption('--model <dir>', 'a directory made by compile')
    .requiredOption(...PTAU)
    .option(...TRUST_PTAU);
  addOutputOptions(command)
    .addHelpText(
      'after',
      '\nExample:\n  vouch ceremony adopt final.zkey --model model.vouch --ptau powersOfTau28_hez_final_17.ptau',
    )
    .action((key: string, options: AdoptArguments) =>
      runStep(options, async (step) => {
        const model = await openModel(options.model);
        const folder = await mkdtemp(join(tmpdir(), 'vouch-adopt-'));
        try {
          const r1cs = join(folder, 'circuit.r1cs');
          await writeR1cs(r1cs, model.circuit.system);
          const verdict = await verifyCeremony(
            { key, r1cs, ptau: options.ptau },
            { ...step, ...trustedDigest(options) },
          );
          if (!verdict.accepted) {
            const text = `the key is not the outcome of a ceremony for this model:\n  ${verdict.reasons.join('\n  ')}`;
            return { value: { accepted: false, reasons: verdict.reasons }, text, exitCode: exitCodes.negative };
          }
          const { transcript, trust, verifyingKey } = verdict;
          if (transcript.circuit.sha256 !== model.digests.r1cs) {
            throw new OtherCircuitError(options.model, model.digests.r1cs, transcript.circuit.sha256);
          }
          const manifest = await writeKeys(model, chunksOf(key), modelFile(model, verifyingKey, trust));
          return {
            value: { accepted: true, directory: options.model, ...manifest.keys, transcript },
            text: `model ${manifest.keys?.modelId}\ntrust ${trust}`,
          };
        } finally {
          await rm(folder, { recursive: true });
        }
      }),
    );
}

function* chunksOf(path: string): Generator<Uint8Array> {
  const file = openSync(path, 'r');
  try {
    for (;;) {
      const chunk = new Uint8Array(CHUNK_BYTES);
      const length = readSync(file, chunk);
      if (length === 0) return;
      yield chunk.subarray(0, length);
    }
  } finally {
    closeSync(file);
  }
}

const CHUNK_BYTES = 1 << 22;

/** This version makes another circuit of the model than the one that compiled it. */
class OtherCircuitError extends VouchError {
  override readonly name = 'OtherCircuitError';

  constructor(model: string, expected: Hex32, got: Hex32) {
    super(`${model} was compiled to another circuit.`, {
      metaMessages: [`expected sha256 ${expected}`, `got ${got}`, 'Compile it again and repeat the ceremony.'],
    });
  }
}
