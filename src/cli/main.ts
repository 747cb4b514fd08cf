#!/usr/bin/env node
import { Command } from 'commander';
import { addDemo } from './commands/demo.ts';
import { addInspect } from './commands/inspect.ts';
import { exitCodes } from './output.ts';

const program = new Command('vouch')
  .description('Prove the output of an ONNX model, and let any EVM contract check it.')
  .showHelpAfterError()
  .exitOverride((error) => {
    process.exit(error.exitCode === 0 ? exitCodes.success : exitCodes.failure);
  });

addInspect(program);
addDemo(program);

await program.parseAsync();
