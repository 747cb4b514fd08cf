// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

/// @title The one function of a verifier that EZKL writes
/// @notice True or a revert without data. It reads parts of the proof at fixed places of the calldata, whatever offsets
/// the calldata declares, so only calldata in its canonical form may reach it.
interface IEzklVerifier {
    function verifyProof(bytes calldata proof, uint256[] calldata instances) external returns (bool);
}
