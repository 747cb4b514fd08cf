import fc from 'fast-check';

/** Every property meets the same examples in every run, so that a failure belongs to a commit. */
fc.configureGlobal({ seed: Number(process.env.VOUCH_SEED ?? 20_261_121) });

export { fc };
