// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {ModelVerifier} from "./ModelVerifier.sol";

/// @title The data of a model, and its verifier's code
/// @notice See ModelVerifier for the order of the parts.
library ModelData {
    /// @notice The data's lengths, format, backend or trust level are not those of this version.
    error MalformedModelData();
    /// @notice The digests in the core are not those of the layout and the key.
    error InconsistentModelData();
    /// @notice Development keys are for local chains: whoever made one can forge proofs.
    error InsecureDevelopmentKey();

    uint256 internal constant LOCAL_CHAIN = 31337;
    uint256 private constant CORE_BYTES = 288;

    /// @notice Everything that identifies a model, computed from its data.
    struct Identity {
        bytes32 modelId;
        uint256 trust;
        uint256 layoutLength;
        uint256 signals;
    }

    /// @notice Checks lengths and digests. That the key belongs to the circuit, or comes from a ceremony, is a claim of
    /// the core, which the id pins.
    function identify(bytes memory data) internal pure returns (Identity memory identity) {
        if (data.length < 896) revert MalformedModelData();
        uint256 tail = word(data, data.length - 32);
        uint256 layoutLength = tail >> 16;
        uint256 signals = tail & 0xffff;
        // The first comparison keeps the sum of the second from wrapping.
        if (layoutLength > data.length || dataLength(tail) != data.length) revert MalformedModelData();
        uint256 core = layoutLength;
        uint256 trust = word(data, core + 256);
        if (word(data, core) != 1 || word(data, core + 224) != 1 || trust > 1) revert MalformedModelData();
        bool sameLayout = word(data, core + 160) == _digest(data, 0, layoutLength);
        bool sameKey = word(data, core + 192) == _digest(data, core + CORE_BYTES, 576 + 64 * signals);
        if (!sameLayout || !sameKey) revert InconsistentModelData();
        return Identity(bytes32(_digest(data, core, CORE_BYTES)), trust, layoutLength, signals);
    }

    /// @notice Bytes of the data that ends with this word.
    function dataLength(uint256 tail) internal pure returns (uint256) {
        return (tail >> 16) + CORE_BYTES + 576 + 64 * (tail & 0xffff) + 32;
    }

    /// @notice The verifier's runtime, which is the same for every model, and the model's data.
    function code(bytes memory data) internal pure returns (bytes memory) {
        return bytes.concat(type(ModelVerifier).runtimeCode, data);
    }

    function word(bytes memory data, uint256 offset) internal pure returns (uint256 value) {
        assembly ("memory-safe") {
            value := mload(add(add(data, 32), offset))
        }
    }

    function _digest(bytes memory data, uint256 offset, uint256 length) private pure returns (uint256 digest) {
        assembly ("memory-safe") {
            digest := keccak256(add(add(data, 32), offset), length)
        }
    }
}
