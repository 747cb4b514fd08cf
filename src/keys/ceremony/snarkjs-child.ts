import { randomBytes } from 'node:crypto';
import { lendKernel, SNARKJS_ALONE } from './lend-kernel.ts';
import type { SnarkjsMessage, SnarkjsRequest, SnarkjsTask } from './snarkjs-task.ts';

// A process of its own: the secret of a contribution ends with it, it can be killed at any moment, and what
// snarkjs prints does not reach standard output.
process.once('message', (request: SnarkjsRequest) => {
  runWithKernel(request).then(
    (outcome) => tell({ kind: 'outcome', ...outcome }, () => process.exit(0)),
    (error: unknown) => {
      const text = error instanceof Error ? error.message : String(error);
      tell({ kind: 'complaint', text }, () => process.exit(1));
    },
  );
});
process.on('disconnect', () => process.exit(1));
// Ctrl-C reaches the whole process group; the parent decides, so that it can clean up.
process.on('SIGINT', () => {});

function tell(message: SnarkjsMessage, then?: () => void): void {
  process.send?.(message, undefined, undefined, () => then?.());
}

const complain = (text: string) => tell({ kind: 'complaint', text: text.trim() });
// Some verdicts go to the console instead of the logger.
console.log = complain;

const logger = {
  info: () => {},
  warn: complain,
  error: complain,
  debug: (line: string) => tell({ kind: 'progress', detail: line.trim() }),
};

async function runWithKernel({ task, kernelName }: SnarkjsRequest) {
  const onProgress = (fraction: number) =>
    tell({ kind: 'progress', detail: `points: ${Math.floor(100 * fraction)} %` });
  // To start is many sums of a few points each, which snarkjs computes in its own threads.
  const { kernel, checkUsed } = task.kind === 'start' ? SNARKJS_ALONE : await lendKernel(kernelName, onProgress);
  const accepted = await run(task);
  if (accepted) checkUsed();
  return { accepted, kernel };
}

async function run(task: SnarkjsTask): Promise<boolean> {
  const { powersOfTau, zKey } = await import('snarkjs');
  switch (task.kind) {
    case 'verify-ptau':
      return await powersOfTau.verify(task.ptau, logger);
    case 'start':
      return (await zKey.newZKey(task.r1cs, task.ptau, task.zkey, logger)) !== -1;
    case 'contribute': {
      // snarkjs hashes this together with 64 random bytes that it draws itself.
      const entropy = randomBytes(64).toString('hex');
      await zKey.contribute(task.from, task.to, task.name, entropy, logger);
      return true;
    }
    case 'beacon': {
      const { from, to, name, hash, iterationsLog2 } = task;
      return (await zKey.beacon(from, to, name, hash, iterationsLog2, logger)) !== false;
    }
    case 'verify':
      return await zKey.verifyFromR1cs(task.r1cs, task.ptau, task.zkey, logger);
  }
}
