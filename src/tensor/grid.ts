/** The integer that stands for a real on a grid real = scale·q + zero: the nearest, halves away from zero. */
export function nearestStep(real: number, scale: number, zero: number): number {
  const steps = (real - zero) / scale;
  return Math.sign(steps) * Math.floor(Math.abs(steps) + 0.5) + 0;
}
