import { bitLength, signedWidth } from '../../quant/width.ts';
import { type Emission, type Emit, indices, isKnown } from '../emission.ts';
import { forEach } from '../text.ts';
import { assignKnown, assignSame, knownElements } from './linear.ts';

/** floor(x / 2^shift) of some elements, with bounds that the node proves. */
export function assignQuotient({ name, own, operands }: Emission, at: readonly number[], shift: number): string[] {
  return assignDivided('FloorQuotient', name, own, operands[0].name, at, shift);
}

function assignDivided(
  template: 'FloorQuotient' | 'CeilQuotient',
  name: string,
  own: Emission['own'],
  x: string,
  at: readonly number[],
  shift: number,
): string[] {
  const columns = { at, lo: at.map((i) => own.lo[i]), width: at.map((i) => bitLength(own.hi[i] - own.lo[i])) };
  return forEach(columns, ({ at, lo, width }) => [
    `${name}[${at}] <== ${template}(${shift}, ${lo}, ${width})(${x}[${at}]);`,
  ]);
}

/** x / 2^shift to an integer; truncation of one sign is floor or ceil. */
export const emitRound: Emit<'round'> = (emission) => {
  const { name, node, operands, own } = emission;
  const { mode, shift } = node;
  const [x] = operands;
  if (shift === 0)
    return assignSame(
      emission,
      indices(own.lo.length, () => true),
    );
  const formOf = (i: number): typeof mode => {
    if (mode !== 'trunc') return mode;
    return x.range.lo[i] >= 0 ? 'floor' : x.range.hi[i] <= 0 ? 'ceil' : 'trunc';
  };
  const elements = (form: typeof mode): number[] =>
    indices(own.lo.length, (i) => !isKnown(own, i) && formOf(i) === form);
  const [even, trunc] = [elements('even'), elements('trunc')];
  const half = 2 ** (shift - 1);
  const unit = 2 ** (shift + 1);
  const base = even.map((i) => unit * Math.floor((x.range.lo[i] + half) / unit));
  const evenWidth = even.map((i, j) => Math.max(bitLength(x.range.hi[i] + half - base[j]), shift + 1));
  const truncWidth = trunc.map((i) => Math.max(signedWidth(x.range.lo[i], x.range.hi[i]), shift + 1));
  return [
    ...assignKnown(emission, knownElements(emission)),
    ...assignQuotient(emission, elements('floor'), shift),
    ...assignDivided('CeilQuotient', name, own, x.name, elements('ceil'), shift),
    ...(even.length === 0 ? [] : [`signal ${name}_rounded[${even.length}];`]),
    ...forEach(
      {
        i: even.map((_, j) => j),
        at: even,
        offset: base.map((b) => half - b),
        whole: base.map((b) => b / 2 ** shift),
        width: evenWidth,
      },
      ({ i, at, offset, whole, width }) => [
        `${name}_rounded[${i}] <== RoundEven(${width}, ${shift})(${x.name}[${at}] + ${offset});`,
        `${name}[${at}] <== ${name}_rounded[${i}] + ${whole};`,
      ],
    ),
    ...forEach({ at: trunc, width: truncWidth }, ({ at, width }) => [
      `${name}[${at}] <== RoundTrunc(${width}, ${shift})(${x.name}[${at}]);`,
    ]),
  ];
};
