const WIDTH = 24;

/** A bar, how many are done, and how long the rest will take at the pace so far. */
export function renderBatchProgress(done: number, total: number, elapsedMs: number, finished = done): string {
  const filled = total === 0 ? WIDTH : Math.floor((WIDTH * done) / total);
  const bar = '█'.repeat(filled) + '░'.repeat(WIDTH - filled);
  const left = finished === 0 ? '' : `, ${duration(((total - done) * elapsedMs) / finished)} left`;
  return `${bar} ${done.toLocaleString('en-US')}/${total.toLocaleString('en-US')}${left}`;
}

function duration(ms: number): string {
  const seconds = Math.ceil(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  return `${Math.floor(seconds / 3600)} h ${Math.floor((seconds % 3600) / 60)} min`;
}
