#!/usr/bin/env node
import { Command } from 'commander';
import { addAudit } from './commands/audit.ts';
import { addBackend } from './commands/backend.ts';
import { addCeremony } from './commands/ceremony.ts';
import { addCommit } from './commands/commit.ts';
import { addCompile } from './commands/compile.ts';
import { addDemo } from './commands/demo.ts';
import { addDeploy } from './commands/deploy.ts';
import { addExport } from './commands/export.ts';
import { addInfer } from './commands/infer.ts';
import { addInspect } from './commands/inspect.ts';
import { addPrepare } from './commands/prepare.ts';
import { addProve } from './commands/prove.ts';
import { addRequest } from './commands/request.ts';
import { addSetup } from './commands/setup.ts';
import { addSubmit } from './commands/submit.ts';
import { addVerify } from './commands/verify.ts';
import { addWatch } from './commands/watch.ts';
import { addWithdraw } from './commands/withdraw.ts';
import { exitCodes } from './output.ts';

const program = new Command('vouch')
  .description('Prove the output of an ONNX model, and let any EVM contract check it.')
  .showHelpAfterError()
  .exitOverride((error) => {
    process.exit(error.exitCode === 0 ? exitCodes.success : exitCodes.failure);
  });

addInspect(program);
addCompile(program);
addSetup(program);
addPrepare(program);
addCeremony(program);
addInfer(program);
addCommit(program);
addProve(program);
addVerify(program);
addAudit(program);
addDeploy(program);
addSubmit(program);
addRequest(program);
addWatch(program);
addWithdraw(program);
addExport(program);
addBackend(program);
addDemo(program);

await program.parseAsync();
