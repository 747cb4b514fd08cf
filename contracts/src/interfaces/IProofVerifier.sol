// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

/// @title Verifier of one model, whatever its proof system
/// @notice A consumer written against this takes Groth16 models (Groth16Adapter) and EZKL models (EzklAdapter) alike.
/// What the signals are is the model's business: those of an EZKL model name no binding, so that whoever sees its proof
/// can use it anywhere.
interface IProofVerifier {
    /// @notice A signal is not below the order of the scalar field.
    error SignalOutOfField();
    /// @notice The number of signals is not the model's.
    error WrongSignalCount();
    /// @notice The proof is not as long as the model's proofs are, or no proof at all.
    error MalformedProof();

    /// @notice Whether the proof shows the signals. False for a wrong proof; reverts if anything is malformed.
    function verify(bytes calldata proof, uint256[] calldata signals) external view returns (bool);

    /// @notice The model's identity.
    function modelId() external view returns (bytes32);

    /// @notice 0: a development key or setup, whose maker can forge proofs. 1: a ceremony's.
    function trust() external view returns (uint256);

    /// @notice Number of signals that `verify` takes.
    function signalCount() external view returns (uint256);
}
