import { InternalError } from '../../errors.ts';
import { startGroup } from './process-group.ts';
import { type CallLimits, type CallOptions, supervise, tail } from './supervise.ts';
import { type CallName, type EzklCalls, type EzklTool, refusal } from './tool.ts';
import { EZKL_VERSION, EzklVersionError } from './version.ts';

const VERSION_MS = 10_000;

/** The native program `ezkl`: a process per call. Refuses any version but the pinned one. */
export async function openBinary(path: string, limits: CallLimits): Promise<EzklTool> {
  const version = await binaryVersion(path);
  if (version !== EZKL_VERSION) throw new EzklVersionError(`"${path}"`, version, `Install EZKL ${EZKL_VERSION}.`);
  let peakMb = 0;
  let busy = false;
  return {
    kind: 'binary',
    version,
    path,
    async call(name, given, options) {
      if (busy) throw new InternalError(`EZKL was asked for ${name} while it is at work`);
      busy = true;
      try {
        const ran = await run([path, ...commandLine(name, given)], name, limits, options);
        peakMb = Math.max(peakMb, ran.peakMb);
        if (ran.code === 0) return true;
        throw refusal(name, limits.memoryMb, tail(ran.text).join('\n'));
      } finally {
        busy = false;
      }
    },
    peakMb: () => peakMb,
    async close() {},
  };
}

/** What `ezkl --version` says behind the program's name. */
export async function binaryVersion(path: string): Promise<string> {
  const limits = { memoryMb: 1024, timeoutMs: VERSION_MS, stallMs: VERSION_MS };
  const { text } = await run([path, '--version'], 'start', limits);
  return /\bezkl\s+v?(\d+\.\d+\.\d+\S*)/.exec(text)?.[1] ?? 'an unknown version';
}

async function run(
  command: readonly string[],
  call: string,
  limits: CallLimits,
  options?: CallOptions,
): Promise<{ readonly code: number; readonly text: string; readonly peakMb: number }> {
  const group = startGroup(command, limits);
  group.input.end();
  let printed = '';
  group.output.on('data', (chunk: Buffer) => {
    printed = (printed + chunk.toString()).slice(-1 << 16);
  });
  // An exit code is an answer of the program's; a signal is none, and the supervisor says what it means.
  const answer = new Promise<number>((resolve) => {
    group.ended.then(({ code }) => {
      if (code !== null && code < NOT_STARTED) resolve(code);
    });
  });
  const code = await supervise(group, call, answer, limits, options);
  return { code, text: `${printed}\n${group.lastWords()}`.trim(), peakMb: group.peakMb() };
}

/** What a shell answers for programs that it cannot start, and above that for signals. */
const NOT_STARTED = 126;

type Flags<K extends CallName> = { readonly [F in keyof EzklCalls[K]]: string | undefined };

/** The option of the program for each argument; without one, an argument says what the program does anyway. */
const flags: { readonly [K in CallName]: { readonly command: string; readonly flags: Flags<K> } } = {
  gen_settings: {
    command: 'gen-settings',
    flags: { model: '--model', output: '--settings-path', py_run_args: undefined },
  },
  calibrate_settings: {
    command: 'calibrate-settings',
    flags: {
      data: '--data',
      model: '--model',
      settings: '--settings-path',
      target: '--target',
      lookup_safety_margin: '--lookup-safety-margin',
      scales: '--scales',
      scale_rebase_multiplier: '--scale-rebase-multiplier',
      max_logrows: '--max-logrows',
    },
  },
  compile_circuit: {
    command: 'compile-circuit',
    flags: { model: '--model', compiled_circuit: '--compiled-circuit', settings_path: '--settings-path' },
  },
  gen_srs: { command: 'gen-srs', flags: { srs_path: '--srs-path', logrows: '--logrows' } },
  setup: {
    command: 'setup',
    flags: {
      model: '--compiled-circuit',
      vk_path: '--vk-path',
      pk_path: '--pk-path',
      srs_path: '--srs-path',
      witness_path: '--witness',
      disable_selector_compression: undefined,
    },
  },
  gen_witness: {
    command: 'gen-witness',
    flags: {
      data: '--data',
      model: '--compiled-circuit',
      output: '--output',
      vk_path: '--vk-path',
      srs_path: '--srs-path',
    },
  },
  prove: {
    command: 'prove',
    flags: {
      witness: '--witness',
      model: '--compiled-circuit',
      pk_path: '--pk-path',
      proof_path: '--proof-path',
      srs_path: '--srs-path',
    },
  },
  verify: {
    command: 'verify',
    flags: {
      proof_path: '--proof-path',
      settings_path: '--settings-path',
      vk_path: '--vk-path',
      srs_path: '--srs-path',
      reduced_srs: undefined,
    },
  },
  create_evm_verifier: {
    command: 'create-evm-verifier',
    flags: {
      vk_path: '--vk-path',
      settings_path: '--settings-path',
      sol_code_path: '--sol-code-path',
      abi_path: '--abi-path',
      srs_path: '--srs-path',
      reusable: undefined,
    },
  },
};

/** The words of a call for the command line. */
export function commandLine<K extends CallName>(name: K, given: EzklCalls[K]): string[] {
  const { command, flags: known } = flags[name];
  const words = [command];
  for (const [key, value] of Object.entries(given)) {
    const flag = Object.entries(known).find(([argument]) => argument === key)?.[1];
    if (key === 'py_run_args') words.push(...visibilityWords(Object(value)));
    else if (flag !== undefined && value !== null) words.push(`${flag}=${String(value)}`);
  }
  return words;
}

function visibilityWords(visibilities: Readonly<Record<string, string>>): string[] {
  return Object.entries(visibilities).map(([name, value]) => `--${name.replaceAll('_', '-')}=${value}`);
}
