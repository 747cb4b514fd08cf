import { dataLength } from 'ethers';
import { VouchError } from '../../errors.ts';
import { type CompiledContract, compileSolidity } from '../solidity.ts';

/** Most bytes of code that a contract may have on Ethereum (EIP-170). */
export const CODE_LIMIT = 24_576;

/** Compiles the source that EZKL wrote for a model. A verifier that no public chain would take is refused here. */
export async function compileEzklVerifier(
  source: string,
  { codeLimit = CODE_LIMIT }: { readonly codeLimit?: number } = {},
): Promise<CompiledContract> {
  const compiled = await compileSolidity(source);
  const bytes = dataLength(compiled.deployedBytecode);
  if (bytes > codeLimit) throw new CodeTooLargeError(bytes, codeLimit);
  return compiled;
}

/** The verifier has more code than a contract may have. */
export class CodeTooLargeError extends VouchError {
  override readonly name = 'Evm.CodeTooLargeError';

  constructor(bytes: number, limit: number) {
    super(`EZKL's verifier of this model is ${bytes} bytes of code, and a contract may have ${limit} (EIP-170).`, {
      metaMessages: [
        'No public chain takes it; nothing was sent.',
        'Try fewer operators or a smaller precision, or prove the model with Groth16: its verifier has 64 bytes per signal.',
        'A local chain takes it that was started with: anvil --code-size-limit <bytes>',
      ],
    });
  }
}
