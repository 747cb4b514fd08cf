import { bitLength, halfOf, signedWidth } from '../../quant/width.ts';
import { type Emit, indices } from '../emission.ts';
import { forEach } from '../text.ts';
import { assignKnown, assignSame } from './linear.ts';

/**
 * With t = x + half: max(0, floor(t / 2^shift)) from the bits of t where a ReLU may cut, floor(t / 2^shift) with its
 * remainder elsewhere. A width that the bounds do not prove is enforced: t then lies in [−2^(width−1), 2^(width−1)).
 */
export const emitRescale: Emit<'rescale'> = (emission) => {
  const { name, node, operands, own } = emission;
  const { shift, relu, width } = node;
  const [x] = operands;
  const half = halfOf(shift);
  const proved = (i: number): number => signedWidth(x.range.lo[i] + half, x.range.hi[i] + half);
  const isEnforced = (i: number): boolean => width !== null && Math.max(proved(i), shift + 1) > width;
  const formOf = (i: number): 'known' | 'relu' | 'same' | 'quotient' => {
    if (!isEnforced(i) && own.lo[i] === own.hi[i]) return 'known';
    if (relu && x.range.lo[i] + half < 0) return 'relu';
    return shift === 0 && !isEnforced(i) ? 'same' : 'quotient';
  };
  const forms = Array.from(own.lo, (_, i) => formOf(i));
  const elements = (form: (typeof forms)[number]): number[] => indices(forms.length, (i) => forms[i] === form);
  const [cut, open] = [elements('relu'), elements('quotient')];
  const enforced = width ?? 0;
  return [
    ...assignKnown(emission, elements('known')),
    ...assignSame(emission, elements('same')),
    ...forEach(
      { at: cut, width: cut.map((i) => (isEnforced(i) ? enforced : Math.max(proved(i), shift + 1))) },
      ({ at, width }) => [`${name}[${at}] <== PositivePart(${width}, ${shift})(${x.name}[${at}] + ${half});`],
    ),
    ...forEach(
      {
        at: open,
        lo: open.map((i) => (isEnforced(i) ? -(2 ** (enforced - 1 - shift)) : own.lo[i])),
        width: open.map((i) => (isEnforced(i) ? enforced - shift : bitLength(own.hi[i] - own.lo[i]))),
      },
      ({ at, lo, width }) => [
        `${name}[${at}] <== FloorQuotient(${shift}, ${lo}, ${width})(${x.name}[${at}] + ${half});`,
      ],
    ),
  ];
};
