/** Execution gas of the on-chain check for ℓ signals: four pairings and one multiplication per signal. */
export function predictGas(signals: number): number {
  return 184_000 + 6_300 * signals;
}

/** Rough time of a proof with the portable kernel on two cores; docs/benchmarks.md has what it was fitted to. */
export function predictProvingMs(domain: number): number {
  return Math.round(250 + domain * 0.024);
}
