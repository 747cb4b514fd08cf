import { describe } from 'vitest';
import { agrees, axes, number, refuses } from './call.ts';

const x = { shape: [2, 3], data: [-2.5, -1, -0.25, 0.5, 1.5, 3] };
const positive = { shape: [2, 3], data: [0.25, 0.5, 1, 1.5, 2, 3.75] };
const ints = { shape: [2, 3], type: 'int32' as const, data: [-7, -3, -1, 2, 5, 9] };
const small = { shape: [2, 3], type: 'int8' as const, data: [-128, -3, -1, 0, 5, 127] };
const bytes = { shape: [6], type: 'uint8' as const, data: [0, 1, 6, 77, 200, 255] };
const int32 = (...constant: number[]) => ({ shape: [constant.length], type: 'int32' as const, constant });
const uint8 = (...constant: number[]) => ({ shape: [constant.length], type: 'uint8' as const, constant });

describe('rounding and signs', () => {
  const halves = { shape: [8], data: [-2.5, -1.5, -0.5, 0, 0.5, 1.5, 2.5, 2.75] };
  for (const op of ['Floor', 'Ceil', 'Round', 'Sign', 'Abs']) agrees('halves', op, { operands: [halves] });
  agrees('of integers', 'Sign', { operands: [ints] });
  agrees('of bytes', 'Sign', { operands: [bytes] });
  agrees('the least int8 too', 'Abs', { operands: [small] });
  agrees('of bytes', 'Abs', { operands: [bytes] });
});

describe('remainders', () => {
  agrees('the divisor’s sign', 'Mod', { operands: [ints, int32(-3, 4, 5)] });
  agrees('the dividend’s sign', 'Mod', { operands: [ints, int32(-3, 4, 5)], attributes: { fmod: 1 } });
  agrees('a power of two', 'Mod', { operands: [ints, int32(4)] });
  agrees('a power of two, the dividend’s sign', 'Mod', { operands: [ints, int32(4)], attributes: { fmod: 1 } });
  agrees('a computed divisor', 'Mod', { operands: [ints, { shape: [3], type: 'int32', data: [3, 5, 2] }] });
  agrees('bytes', 'Mod', { operands: [bytes, uint8(7)] });
  agrees('reals by a constant', 'Mod', { operands: [x, number(0.75)], attributes: { fmod: 1 } });
  refuses('reals of the divisor’s sign', 'Mod', { operands: [x, number(0.75)] }, /fmod = 0 on float32/);
});

describe('integer quotients truncate', () => {
  agrees('by constants', 'Div', { operands: [ints, int32(-2, 3, 4)] });
  agrees('by a computed divisor', 'Div', { operands: [ints, { shape: [3], type: 'int32', data: [3, 5, 2] }] });
});

describe('bits', () => {
  const masks = { shape: [6], type: 'uint8' as const, data: [255, 3, 170, 85, 129, 1] };
  const others = { shape: [2, 3], type: 'int8' as const, data: [127, -128, 90, -1, 3, -77] };
  for (const op of ['BitwiseAnd', 'BitwiseOr', 'BitwiseXor']) {
    agrees('bytes', op, { opset: 18, operands: [bytes, masks] });
    agrees('signed', op, { opset: 18, operands: [small, others] });
    agrees('a constant', op, { opset: 18, operands: [bytes, uint8(15)] });
  }
  agrees('bytes', 'BitwiseNot', { opset: 18, operands: [bytes] });
  agrees('signed', 'BitwiseNot', { opset: 18, operands: [small] });

  const left = { direction: 'LEFT' };
  const right = { direction: 'RIGHT' };
  agrees('left by one amount', 'BitShift', { operands: [bytes, uint8(3)], attributes: left });
  agrees('right by one amount', 'BitShift', { operands: [bytes, uint8(3)], attributes: right });
  agrees('left by several', 'BitShift', { operands: [bytes, uint8(0, 1, 2, 3, 4, 7)], attributes: left });
  agrees('right by several', 'BitShift', { operands: [bytes, uint8(0, 1, 2, 3, 4, 7)], attributes: right });
  const amounts = { shape: [6], type: 'uint8' as const, data: [0, 1, 2, 3, 4, 7] };
  agrees('left by computed amounts', 'BitShift', { operands: [bytes, amounts], attributes: left });
  agrees('right by computed amounts', 'BitShift', { operands: [bytes, amounts], attributes: right });
});

describe('powers and roots', () => {
  for (const exponent of [0, 1, 2, 3, 7]) agrees(`to ${exponent}`, 'Pow', { operands: [x, number(exponent)] });
  for (const exponent of [-1, -2, 0.5, -0.5, 1.5]) {
    agrees(`positive numbers to ${exponent}`, 'Pow', { operands: [positive, number(exponent)] });
  }
  agrees('an exponent per column', 'Pow', { operands: [x, { shape: [3], constant: [2, 0, 3] }] });
  agrees('integer exponents', 'Pow', { operands: [x, axes(2)] });
  agrees('integer bases', 'Pow', { operands: [ints, number(3)] });
  agrees('positive numbers', 'Sqrt', { operands: [positive] });
  agrees('positive numbers', 'Reciprocal', { operands: [positive] });
  const exponents = { operands: [x, { shape: [1], data: [2] }] };
  refuses('a computed exponent', 'Pow', exponents, /the exponent \(operand 1\) is computed at run time/);
  refuses('a fraction of an integer', 'Pow', { operands: [ints, number(0.5)] }, /int32 to the power of 0.5/);
  refuses('a negative base', 'Pow', { operands: [number(-2), x] }, /a base that is not positive/);
});
