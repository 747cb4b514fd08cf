#!/usr/bin/env node
import { Command } from 'commander';
import { addAudit } from './commands/audit.ts';
import { addCeremony } from './commands/ceremony.ts';
import { addCompile } from './commands/compile.ts';
import { addDemo } from './commands/demo.ts';
import { addExport } from './commands/export.ts';
import { addInfer } from './commands/infer.ts';
import { addInspect } from './commands/inspect.ts';
import { addProve } from './commands/prove.ts';
import { addSetup } from './commands/setup.ts';
import { addVerify } from './commands/verify.ts';
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
addCeremony(program);
addInfer(program);
addProve(program);
addVerify(program);
addAudit(program);
addExport(program);
addDemo(program);

await program.parseAsync();
