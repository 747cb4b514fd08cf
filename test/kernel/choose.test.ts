import { afterEach, expect, test, vi } from 'vitest';
import { chooseKernel, parseKernelName } from '../../src/kernel/choose.ts';
import { createNativeKernel, VariantUnavailableError } from '../../src/kernel/native.ts';
import { addon } from './native.ts';

afterEach(() => vi.unstubAllEnvs());

test('the fastest kernel that works is chosen, and what was passed over says why', () => {
  vi.stubEnv('VOUCH_KERNEL', '');
  const { kernel, passedOver } = chooseKernel();
  expect(kernel.name).toMatch(addon === undefined ? /^wasm-/ : /^native-/);
  if (addon === undefined) expect(passedOver).toHaveLength(1);
  else expect(kernel.name).toBe(`native-${addon.kernels()[0]}`);
  const lacking = addon?.lacking('ifma') ?? [];
  if (lacking.length > 0) expect(passedOver[0]).toBe(`the kernel ifma needs ${lacking.join(', ')}, missing here`);
  else if (addon !== undefined) expect(passedOver).toEqual([]);
});

test('the environment and the option force a kernel, the option first', () => {
  vi.stubEnv('VOUCH_KERNEL', 'snarkjs');
  expect(chooseKernel().kernel.name).toMatch(/^snarkjs-/);
  if (addon !== undefined) expect(chooseKernel({ kernel: 'native' }).kernel.name).toMatch(/^native-/);
});

test('an unknown kernel is named with those that exist', () => {
  vi.stubEnv('VOUCH_KERNEL', 'quantum');
  expect(() => chooseKernel()).toThrow('There is no kernel "quantum" here.\nthe kernels are native');
  expect(parseKernelName('native')).toBe('native');
});

test.skipIf(addon === undefined)('a variant runs, or the error says what the processor lacks', () => {
  if (addon === undefined) return;
  const native = addon;
  const running = native.kernels();
  for (const variant of ['ifma', 'adx', 'portable'] as const) {
    const lacking = native.lacking(variant);
    expect(lacking?.length === 0).toBe(running.includes(variant));
    if (lacking === undefined) continue;
    if (lacking.length === 0) {
      expect(chooseKernel({ kernel: `native-${variant}` }).kernel.name).toBe(`native-${variant}`);
      continue;
    }
    expect(() => chooseKernel({ kernel: `native-${variant}` })).toThrow(
      `the kernel ${variant} needs ${lacking.join(', ')}`,
    );
    expect(() => createNativeKernel(native, { variant })).toThrow(VariantUnavailableError);
  }
  expect(native.lacking('portable')).toEqual([]);
  expect(native.lacking('quantum')).toBeUndefined();
  expect(() => createNativeKernel(native, { variant: 'quantum' })).toThrow('no variant "quantum"');
});
