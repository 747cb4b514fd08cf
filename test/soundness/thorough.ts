/** Whether the heavy suites run: what a default run samples is then tried in full. */
export const thorough = process.env.VOUCH_HEAVY !== undefined;
