import { VouchError } from '../errors.ts';
import { KEY_HEAD_WORDS, verifyingKeyWords } from '../verify/evm-words.ts';
import { type ModelCore, modelIdOf } from '../verify/model-core.ts';
import type { VerifyingKey } from '../verify/types.ts';

/** More signals would exceed the 24,576 bytes that a contract may have; each takes about 90. */
export const maxSourceSignals = 240;

/**
 * A verifier of one model as one Solidity file with the key as constants. It takes the calldata of `ModelVerifier.verify`
 * and gives the same answers and errors. A development key's contract deploys on chain 31337 only.
 */
export function verifierSource({ core, verifyingKey }: { core: ModelCore; verifyingKey: VerifyingKey }): string {
  const signals = verifyingKey.ic.length - 1;
  if (signals > maxSourceSignals) throw new TooManySignalsError(signals);
  const words = verifyingKeyWords(verifyingKey);
  const points = Array.from({ length: signals }, (_, i) => i);
  const isDevelopment = core.trust === 'insecure-dev';
  const constants = [
    ...headNames.flatMap((name, i) => (name === '' ? [] : [constant(name, words[i])])),
    ...points.flatMap((i) => [
      constant(`IC${i + 1}_X`, words[KEY_HEAD_WORDS + 2 * i]),
      constant(`IC${i + 1}_Y`, words[KEY_HEAD_WORDS + 2 * i + 1]),
    ]),
  ];
  const sums = points.map((i) => `            ok := add_term(IC${i + 1}_X, IC${i + 1}_Y, ${at('first', 32 * i)}, ok)`);
  const key = headNames.flatMap((name, i) => (name === '' ? [] : [`            mstore(${320 + 32 * i}, ${name})`]));
  return [
    '// SPDX-License-Identifier: MIT',
    `// Written by vouch export --solidity. Trust level of the key: ${core.trust}.`,
    'pragma solidity ^0.8.20;',
    '',
    '/// @title Groth16 verifier of one model, over BN254',
    '/// @notice Points of the key are negated where the pairing needs it:',
    '/// e(A, B)·e(−α, β)·e(IC₀ + Σ sᵢ·ICᵢ, −γ)·e(C, −δ) = 1.',
    'contract VouchVerifier {',
    '    /// @notice A signal is not below the order of the scalar field.',
    '    error SignalOutOfField();',
    "    /// @notice The number of signals is not the model's.",
    '    error WrongSignalCount();',
    '    /// @notice A point has a coordinate out of range or is not in its group, or the call was starved of gas.',
    '    error MalformedProof();',
    ...(isDevelopment ? developmentGuard : []),
    '',
    "    /// @notice keccak256 of the core: the model's identity.",
    `    bytes32 public constant modelId = ${modelIdOf(core)};`,
    "    /// @notice keccak256 of the verifying key's words.",
    `    bytes32 public constant vkDigest = ${core.vkDigest};`,
    "    /// @notice 0: a development key, whose maker can forge proofs. 1: a ceremony's key.",
    `    uint256 public constant trust = ${isDevelopment ? 0 : 1};`,
    '    /// @notice Number of signals that `verify` takes.',
    `    uint256 public constant signalCount = ${signals};`,
    '',
    '    uint256 private constant R = 0x30644e72e131a029b85045b68181585d2833e84879b9709143e1f593f0000001;',
    ...constants.map((line) => `    ${line}`),
    '',
    '    /// @notice Whether the proof shows the signals. False for a wrong proof; reverts if anything is malformed.',
    '    /// @param proof A, B, C; of a pair the imaginary part comes first, as the pairing precompile takes it.',
    '    /// @param signals Outputs, binding, inputs or their commitments.',
    '    function verify(uint256[8] calldata proof, uint256[] calldata signals) external view returns (bool) {',
    '        assembly {',
    ...helpers,
    `            if xor(signals.length, ${signals}) { fail(0xb82e8743) }`,
    '            // 128: the input of the pairing, which is A, B, −α, β, the sum and −γ, C and −δ.',
    ...key,
    '            mstore(0, IC0_X)',
    '            mstore(32, IC0_Y)',
    '            let first := signals.offset',
    '            let ok := 1',
    ...sums,
    '            mstore(512, mload(0))',
    '            mstore(544, mload(32))',
    '            calldatacopy(128, proof, 192)',
    '            calldatacopy(704, add(proof, 192), 64)',
    '            if iszero(and(staticcall(gas(), 8, 128, 768, 0, 32), ok)) {',
    `                for { let at := first } lt(at, ${at('first', 32 * signals)}) { at := add(at, 32) } {`,
    '                    if iszero(lt(calldataload(at), R)) { fail(0x84584701) }',
    '                }',
    '                fail(0xf4ea0ab0)',
    '            }',
    '            return(0, 32)',
    '        }',
    '    }',
    '}',
    '',
  ].join('\n');
}

/** The words of a key before its points per signal; IC₀ goes where the sum starts, and C's place stays empty. */
const headNames = [
  ...['NEGATED_ALPHA_X', 'NEGATED_ALPHA_Y', 'BETA_X_IMAGINARY', 'BETA_X_REAL', 'BETA_Y_IMAGINARY', 'BETA_Y_REAL'],
  ...['IC0_X', 'IC0_Y', 'NEGATED_GAMMA_X_IMAGINARY', 'NEGATED_GAMMA_X_REAL', 'NEGATED_GAMMA_Y_IMAGINARY'],
  ...['NEGATED_GAMMA_Y_REAL', '', '', 'NEGATED_DELTA_X_IMAGINARY', 'NEGATED_DELTA_X_REAL'],
  ...['NEGATED_DELTA_Y_IMAGINARY', 'NEGATED_DELTA_Y_REAL'],
];

/** Memory: 0 the running sum, 64 the latest product, 896 a point and its scalar. */
const helpers = [
  '            function fail(selector) {',
  '                mstore(0, selector)',
  '                revert(28, 4)',
  '            }',
  '            function add_term(x, y, at, before) -> ok {',
  '                mstore(896, x)',
  '                mstore(928, y)',
  '                mstore(960, calldataload(at))',
  '                // Arguments are evaluated from the last to the first: multiply, then add.',
  '                ok := and(',
  '                    and(staticcall(gas(), 6, 0, 128, 0, 64), staticcall(gas(), 7, 896, 96, 64, 64)),',
  '                    and(lt(calldataload(at), R), before)',
  '                )',
  '            }',
];

const developmentGuard = [
  '    /// @notice Development keys are for local chains: whoever made one can forge proofs.',
  '    error InsecureDevelopmentKey();',
  '',
  '    constructor() {',
  '        if (block.chainid != 31337) revert InsecureDevelopmentKey();',
  '    }',
];

function constant(name: string, word: bigint): string {
  return `uint256 private constant ${name} = 0x${word.toString(16).padStart(64, '0')};`;
}

function at(base: string, offset: number): string {
  return offset === 0 ? base : `add(${base}, ${offset})`;
}

/** The verifier would be too large for a contract. */
export class TooManySignalsError extends VouchError {
  override readonly name = 'Evm.TooManySignalsError';

  constructor(signals: number) {
    super(`A verifier of ${signals} signals is too large to be written as Solidity source.`, {
      metaMessages: [
        `expected at most ${maxSourceSignals}`,
        'Hash inputs or outputs instead of publishing them, or deploy the generic verifier with: vouch deploy',
      ],
    });
  }
}
