import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import type { CircomInput } from '../../src/circom/input.ts';
import { toScalar } from '../../src/field/bn254.ts';
import { type FieldVector, vectorOf } from '../../src/field/vector.ts';
import { decodeR1cs } from '../../src/r1cs/file.ts';
import type { System } from '../../src/r1cs/system.ts';

/** What the stock circom compiler makes of a program. */
export interface Compiled {
  readonly system: System;
  /** Wire of every signal by its name; −1 where the compiler has put another expression in its place. */
  readonly wires: ReadonlyMap<string, number>;
  /** circom's own witness; rejects inputs that break a constraint. */
  solve(inputs: CircomInput): Promise<FieldVector>;
}

/** No simplification, or elimination of all linear constraints. */
export type Simplify = 'O0' | 'O2';

interface Circom {
  readonly CircomRunner: new (options: {
    args: string[];
    env: Record<string, string>;
    preopens: Record<string, string>;
    bindings: object;
  }) => {
    readonly wasi: { start(instance: WebAssembly.Instance): void; getImports(module: WebAssembly.Module): object };
  };
  readonly bindings: object;
}

interface WitnessCalculator {
  calculateWitness(inputs: object, sanityCheck: boolean): Promise<bigint[]>;
}

const load = createRequire(import.meta.url);
let compiler: WebAssembly.Module | undefined;

/** Runs circom in this process; its code is compiled once. */
export function compileCircom(program: string, simplify: Simplify = 'O0'): Compiled {
  const folder = mkdtempSync(join(tmpdir(), 'vouch-circom-'));
  try {
    writeFileSync(join(folder, 'model.circom'), program);
    const output = run(folder, ['model.circom', '--r1cs', '--wasm', '--sym', `--${simplify}`, '-o', '.']);
    if (!output.includes('Everything went okay')) throw new Error(`circom refuses the program:\n${output}`);
    const system = decodeR1cs(readFileSync(join(folder, 'model.r1cs')));
    const symbols = readFileSync(join(folder, 'model.sym'), 'utf8').trim().split('\n');
    const wires = new Map(
      symbols.map((line): [string, number] => {
        const [, wire, , name] = line.split(',');
        return [name.replace(/^main\./, ''), Number(wire)];
      }),
    );
    const code = readFileSync(join(folder, 'model_js/model.wasm'));
    writeFileSync(join(folder, 'package.json'), '{"type":"commonjs"}');
    const makeCalculator: (code: Uint8Array) => Promise<WitnessCalculator> = load(
      join(folder, 'model_js/witness_calculator.js'),
    );
    return {
      system,
      wires,
      async solve(inputs) {
        const calculator = await makeCalculator(code);
        const values = await calculator.calculateWitness(inputs, true);
        return vectorOf(values.map((value) => toScalar(value)));
      },
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** What circom prints. */
function run(folder: string, args: string[]): string {
  const { CircomRunner, bindings }: Circom = load('circom2');
  compiler ??= new WebAssembly.Module(readFileSync(load.resolve('circom2/circom.wasm')));
  const fs: typeof import('node:fs') = load('node:fs');
  let printed = '';
  const writeSync = (file: number, data: Uint8Array, ...rest: [number?, number?, number?]): number => {
    if (file > 2) return fs.writeSync(file, data, ...rest);
    printed += new TextDecoder().decode(data);
    return data.length;
  };
  const here = relative(process.cwd(), folder);
  const runner = new CircomRunner({
    args,
    env: {},
    preopens: { '.': here },
    bindings: { ...bindings, fs: { ...fs, writeSync } },
  });
  try {
    runner.wasi.start(new WebAssembly.Instance(compiler, runner.wasi.getImports(compiler)));
  } catch (error) {
    if (!(error instanceof Error && error.message.startsWith('WASI Exit'))) throw error;
  }
  return printed;
}
