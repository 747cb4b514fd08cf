import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { encodeModel } from '../fuzz/onnx-model.ts';

/** Writes an ONNX file with two layers, some fifty constraints. `weight` is its first. */
export function writeTinyModel(path: string, weight = 1): string {
  const model = encodeModel({
    inputs: [{ name: 'x', shape: [1, 2] }],
    outputs: ['y'],
    initializers: [
      { name: 'w', shape: [2, 1], data: [weight, -0.5] },
      { name: 'v', shape: [1, 1], data: [0.75] },
    ],
    nodes: [
      { op: 'Gemm', inputs: ['x', 'w'], outputs: ['h'] },
      { op: 'Relu', inputs: ['h'], outputs: ['r'] },
      { op: 'Gemm', inputs: ['r', 'v'], outputs: ['y'] },
    ],
  });
  writeFileSync(path, model);
  return path;
}

export interface Run {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export const MAIN = ['--import', 'tsx', 'src/cli/main.ts'];

/** Runs the command line as a user does. */
export function vouch(...args: string[]): Promise<Run> {
  return new Promise((resolve) => {
    execFile(process.execPath, [...MAIN, ...args], (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr });
    });
  });
}
