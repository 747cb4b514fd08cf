import { bitLength, signedWidth } from '../../quant/width.ts';
import { literal, sumOf, table } from '../text.ts';
import { signText, zeroText } from './compare.ts';

/** x < threshold, or x = threshold. */
export interface TreeTest {
  readonly element: number;
  readonly threshold: number;
  readonly equality: boolean;
}

/** One element that trees look at. */
export interface Feature {
  readonly text: string;
  readonly lo: number;
  readonly hi: number;
}

/** The tests of an ensemble that bounds do not decide, each once. */
export class TestList {
  readonly list: TreeTest[] = [];
  readonly features: readonly Feature[];
  readonly #places = new Map<string, number>();

  constructor(features: readonly Feature[]) {
    this.features = features;
  }

  known({ element, threshold, equality }: TreeTest): boolean | undefined {
    const { lo, hi } = this.features[element];
    if (equality && (threshold < lo || threshold > hi)) return false;
    if (equality) return lo === hi ? true : undefined;
    return hi < threshold ? true : lo >= threshold ? false : undefined;
  }

  add(test: TreeTest): number {
    const key = `${test.element} ${test.threshold} ${test.equality}`;
    const place = this.#places.get(key) ?? this.list.push(test) - 1;
    this.#places.set(key, place);
    return place;
  }
}

/** Assigns `<name>_test`: of each feature one comparison per test, or a ladder where that has fewer constraints. */
export function makeTests(name: string, { list, features }: TestList): string[] {
  const byElement = new Map<number, number[]>();
  for (const [place, { element }] of list.entries()) byElement.set(element, [...(byElement.get(element) ?? []), place]);
  return [...byElement].flatMap(([element, places]) => {
    const feature = features[element];
    const alone = places.reduce((sum, place) => sum + costAlone(list[place], feature), 0);
    const ladder = ladderOf(places, list, feature);
    if (costOf(ladder) < alone) return climbLadder(name, `${name}_ladder${element}`, ladder, places, list, feature);
    return places.map((place) => `${name}_test[${place}] <== ${testText(list[place], feature)};`);
  });
}

function testText({ threshold, equality }: TreeTest, { text, lo, hi }: Feature): string {
  if (equality) return zeroText(`${text} - ${literal(threshold)}`, lo - threshold, hi - threshold);
  return signText(`${literal(threshold - 1)} - ${text}`, threshold - 1 - hi, threshold - 1 - lo);
}

function costAlone({ threshold, equality }: TreeTest, { lo, hi }: Feature): number {
  const [least, most] = equality ? [lo - threshold, hi - threshold] : [threshold - 1 - hi, threshold - 1 - lo];
  if (!equality) return least >= -1 && most <= 0 ? 0 : signedWidth(least, most);
  if (least === 0 && most <= 1) return 0;
  if (least >= -1 && most === 0) return 0;
  return least >= -1 && most <= 1 ? 1 : 3;
}

/** Steps [bounds[j], bounds[j + 1]) that no test divides. */
interface Ladder {
  readonly bounds: readonly number[];
  readonly width: number;
  readonly even: boolean;
}

function ladderOf(places: readonly number[], list: readonly TreeTest[], { lo, hi }: Feature): Ladder {
  const cuts = new Set([lo, hi + 1]);
  for (const place of places) {
    const { threshold, equality } = list[place];
    cuts.add(threshold);
    if (equality) cuts.add(threshold + 1);
  }
  const bounds = [...cuts].sort((a, b) => a - b);
  const steps = bounds.slice(1).map((bound, j) => bound - bounds[j]);
  const width = bitLength(Math.max(...steps) - 1);
  return { bounds, width, even: steps.every((step) => step === 2 ** width) };
}

/** Selector and range checks, the linear constraint of each range check included. */
function costOf({ bounds, width, even }: Ladder): number {
  return bounds.length - 1 + (even ? 1 : 2) * (width + 1);
}

function climbLadder(
  name: string,
  ladder: string,
  { bounds, width, even }: Ladder,
  places: readonly number[],
  list: readonly TreeTest[],
  { text }: Feature,
): string[] {
  const steps = bounds.length - 1;
  return [
    `component ${ladder} = Ladder(${steps}, ${table(bounds)}, ${width}, ${even ? 1 : 0});`,
    `${ladder}.in <== ${text};`,
    ...places.map((place) => {
      const { threshold, equality } = list[place];
      const step = bounds.indexOf(threshold);
      const named = equality ? [step] : Array.from({ length: step }, (_, j) => j);
      return `${name}_test[${place}] <== ${sumOf(named.map((j) => [1, `${ladder}.at[${j}]`] as const))};`;
    }),
  ];
}
