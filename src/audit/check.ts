/** One question of an audit. What could not be looked at says why, and is neither true nor false. */
export interface AuditCheck {
  readonly name: string;
  readonly status: 'holds' | 'fails' | 'unchecked';
  readonly detail: string;
}

export function holds(name: string, detail: string): AuditCheck {
  return { name, status: 'holds', detail };
}

export function fails(name: string, detail: string): AuditCheck {
  return { name, status: 'fails', detail };
}

export function unchecked(name: string, detail: string): AuditCheck {
  return { name, status: 'unchecked', detail };
}

/** Whether what was found is what was expected; both are shown where it is not. */
export function sameDigest(name: string, what: string, expected: string, got: string): AuditCheck {
  if (expected === got) return holds(name, `${what} ${got.slice(0, 18)}…`);
  return fails(name, `${what}: expected ${expected}, got ${got}`);
}
