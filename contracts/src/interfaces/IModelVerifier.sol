// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

/// @title Groth16 verifier of one model
/// @notice Signals are the model's outputs, the binding and the inputs that are not private, in that order.
interface IModelVerifier {
    /// @notice A signal is not below the order of the scalar field.
    error SignalOutOfField();
    /// @notice The number of signals is not the model's.
    error WrongSignalCount();
    /// @notice A batch holds 1 to 256 proofs.
    error WrongBatchSize();
    /// @notice A point has a coordinate out of range or is not in its group, or the call was starved of gas.
    error MalformedProof();

    /// @notice Whether the proof shows the signals. False for a wrong proof; reverts if anything is malformed.
    /// @param proof A, B, C; of a pair the imaginary part comes first, as the pairing precompile takes it.
    /// @param signals Outputs, binding, inputs or their commitments.
    function verify(uint256[8] calldata proof, uint256[] calldata signals) external view returns (bool);

    /// @notice Whether every proof shows its signals: n proofs in n + 3 pairings. One wrong proof makes it false.
    /// @param proofs 1 to 256.
    /// @param signals Those of the first proof, then those of the second, and so on.
    function verifyBatch(uint256[8][] calldata proofs, uint256[] calldata signals) external view returns (bool);

    /// @notice keccak256 of the core: the model's identity.
    function modelId() external view returns (bytes32);

    /// @notice keccak256 of the verifying key's words, as they lie in the code.
    function vkDigest() external view returns (bytes32);

    /// @notice 0: a development key, whose maker can forge proofs. 1: a ceremony's key.
    function trust() external view returns (uint256);

    /// @notice Number of signals that `verify` takes.
    function signalCount() external view returns (uint256);

    /// @notice The nine words of the core: format, six digests, backend, trust.
    function core() external view returns (bytes memory);

    /// @notice Table of the tensors (see LayoutTable), then their names and shapes as JSON.
    function layout() external view returns (bytes memory);
}
