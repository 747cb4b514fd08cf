import type { Contribution } from '../keys/ceremony/contribution.ts';

/** What a contributor should publish. */
export function renderRound(output: string, sha256: string, contribution: Contribution): string {
  return [renderContribution(contribution), `${output} sha256 ${sha256}`].join('\n');
}

export function renderContributions(circuitHash: string, contributions: readonly Contribution[]): string {
  const secrets = contributions.filter(({ beacon }) => beacon === undefined).length;
  const summary =
    secrets === 0
      ? 'no contribution yet: anybody could forge proofs under this key'
      : `${secrets} contribution${secrets === 1 ? '' : 's'}, ${contributions.length - secrets} of public randomness (not verified here)`;
  return [`circuit ${circuitHash}`, ...contributions.map(renderContribution), summary].join('\n');
}

function renderContribution({ index, name, hash, beacon }: Contribution): string {
  const kind = beacon === undefined ? '' : `\n   beacon ${beacon.hash}, hashed 2^${beacon.iterationsLog2} times`;
  return `${index}. ${name === '' ? '(no name)' : name}${kind}\n   ${hash}`;
}
