// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {ModelData} from "./ModelData.sol";
import {IEzklVerifier} from "./interfaces/IEzklVerifier.sol";
import {IProofVerifier} from "./interfaces/IProofVerifier.sol";

/// @title Verifier of one EZKL model
/// @notice Stands before the contract that EZKL wrote for the model. Nothing of a caller's encoding reaches that: the
/// adapter checks lengths and range, writes the calldata itself, and takes one exact answer for a yes.
contract EzklAdapter is IProofVerifier {
    /// @notice What the adapter was made for.
    struct Model {
        /// The contract that EZKL wrote, and keccak256 of its code.
        address verifier;
        bytes32 codeHash;
        /// Bytes of every proof of this model.
        uint256 proofBytes;
        uint256 signalCount;
        /// Names the ONNX file, settings, circuit and verifying key off chain.
        bytes32 modelDigest;
        /// 0: a setup made for development. 1: the public one.
        uint256 trust;
    }

    /// @notice The verifier's code is not what the adapter was made for; zero where there is no contract at all.
    error WrongCode(bytes32 found);
    /// @notice No proof or trust level of that kind exists.
    error MalformedModel();
    /// @notice The verifier answered neither as EZKL's do when they accept nor as they do when they refuse.
    error UnexpectedAnswer();
    /// @notice Too little gas was left to tell a wrong proof from a verification that was cut short.
    error VerifierStarved();

    /// @dev Order of the scalar field.
    uint256 private constant R = 0x30644e72e131a029b85045b68181585d2833e84879b9709143e1f593f0000001;
    /// @dev A verifier that fails for lack of gas has less than this left: a 63rd of what its dearest step, a pairing
    /// check of two pairs, costs.
    uint256 private constant STARVED_BELOW = 4096;

    address public immutable verifier;
    bytes32 public immutable codeHash;
    uint256 public immutable proofBytes;
    bytes32 public immutable modelDigest;
    /// @inheritdoc IProofVerifier
    uint256 public immutable signalCount;
    /// @inheritdoc IProofVerifier
    uint256 public immutable trust;
    /// @inheritdoc IProofVerifier
    bytes32 public immutable modelId;

    constructor(Model memory model) {
        if (model.verifier.code.length == 0) revert WrongCode(0);
        if (model.verifier.codehash != model.codeHash) revert WrongCode(model.verifier.codehash);
        // Its lengths are compared with what callers send, and its data is made of whole words.
        bool words = model.proofBytes != 0 && model.proofBytes % 32 == 0 && model.proofBytes < 2 ** 20;
        if (!words || model.signalCount >= 2 ** 16 || model.trust > 1) revert MalformedModel();
        if (model.trust == 0 && block.chainid != ModelData.LOCAL_CHAIN) revert ModelData.InsecureDevelopmentKey();
        verifier = model.verifier;
        codeHash = model.codeHash;
        proofBytes = model.proofBytes;
        signalCount = model.signalCount;
        modelDigest = model.modelDigest;
        trust = model.trust;
        // Of the code, not of the address: the same model is the same on every chain.
        modelId = keccak256(
            abi.encode(
                bytes32("vouch-ezkl-1"),
                model.codeHash,
                model.proofBytes,
                model.signalCount,
                model.modelDigest,
                model.trust
            )
        );
    }

    /// @inheritdoc IProofVerifier
    function verify(bytes calldata proof, uint256[] calldata signals) external view returns (bool accepted) {
        if (proof.length != proofBytes) revert MalformedProof();
        if (signals.length != signalCount) revert WrongSignalCount();
        for (uint256 i = 0; i < signals.length; i++) {
            if (signals[i] >= R) revert SignalOutOfField();
        }
        // Code can only change on chains that let a contract destroy itself, where it costs 100 gas to see it.
        if (verifier.codehash != codeHash) revert WrongCode(verifier.codehash);

        bytes memory data = abi.encodeCall(IEzklVerifier.verifyProof, (proof, signals));
        address target = verifier;
        uint256 before;
        uint256 left;
        bool returned;
        uint256 size;
        uint256 answer;
        assembly ("memory-safe") {
            before := gas()
            returned := staticcall(before, target, add(data, 32), mload(data), 0, 32)
            left := gas()
            size := returndatasize()
            answer := mload(0)
        }
        if (returned) {
            if (size != 32 || answer != 1) revert UnexpectedAnswer();
            return true;
        }
        if (size != 0) revert UnexpectedAnswer();
        if (left < before / 64 + STARVED_BELOW) revert VerifierStarved();
        return false;
    }
}
