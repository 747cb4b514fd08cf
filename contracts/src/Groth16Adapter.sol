// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IModelVerifier} from "./interfaces/IModelVerifier.sol";
import {IProofVerifier} from "./interfaces/IProofVerifier.sol";

/// @title A model's Groth16 verifier for consumers that take any proof system
/// @notice The proof is the eight words that the verifier takes, one after the other.
contract Groth16Adapter is IProofVerifier {
    uint256 private constant PROOF_BYTES = 256;

    IModelVerifier public immutable verifier;

    constructor(IModelVerifier verifier_) {
        verifier = verifier_;
    }

    /// @inheritdoc IProofVerifier
    function verify(bytes calldata proof, uint256[] calldata signals) external view returns (bool) {
        if (proof.length != PROOF_BYTES) revert MalformedProof();
        return verifier.verify(abi.decode(proof, (uint256[8])), signals);
    }

    /// @inheritdoc IProofVerifier
    function modelId() external view returns (bytes32) {
        return verifier.modelId();
    }

    /// @inheritdoc IProofVerifier
    function trust() external view returns (uint256) {
        return verifier.trust();
    }

    /// @inheritdoc IProofVerifier
    function signalCount() external view returns (uint256) {
        return verifier.signalCount();
    }
}
