// Fails when fewer official cases pass a stage than promised, or any comes out wrong.
import { readFileSync } from 'node:fs';

const promised = { float: 600, quantised: 480, witness: 450 };
let broken = false;
for (const path of process.argv.slice(2)) {
  const run = JSON.parse(readFileSync(path, 'utf8'));
  for (const [stage, least] of Object.entries(promised)) {
    const tally = run[stage];
    if (tally === undefined) continue;
    const holds = tally.pass >= least && tally.wrong === 0 && tally.crashed === 0;
    console.log(
      `${stage}: ${tally.pass} of ${run.cases} pass, ${tally.wrong} wrong, ${tally.crashed} crashed (promised ${least})`,
    );
    broken ||= !holds;
  }
}
process.exitCode = broken ? 1 : 0;
