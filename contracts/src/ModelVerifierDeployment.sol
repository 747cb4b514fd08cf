// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {ModelVerifier} from "./ModelVerifier.sol";

/// @title Creation code of a model's verifier
/// @notice Takes the model's data (see ModelVerifier), checks that it is consistent and puts runtime ‖ data on
/// chain. With CREATE2 the address therefore follows from the data alone.
contract ModelVerifierDeployment {
    /// @notice The data's lengths, format, backend or trust level are not those of this version.
    error MalformedModelData();
    /// @notice The digests in the core are not those of the layout and the key.
    error InconsistentModelData();
    /// @notice Development keys are for local chains: whoever made one can forge proofs.
    error InsecureDevelopmentKey();

    uint256 private constant LOCAL_CHAIN = 31337;

    constructor(bytes memory data) {
        if (data.length < 896) revert MalformedModelData();
        uint256 tail = _word(data, data.length - 32);
        uint256 layoutLength = tail >> 16;
        uint256 keyLength = 576 + 64 * (tail & 0xffff);
        // The first comparison keeps the sum of the second from wrapping.
        if (layoutLength > data.length || layoutLength + 288 + keyLength + 32 != data.length) {
            revert MalformedModelData();
        }
        uint256 core = layoutLength;
        uint256 trust = _word(data, core + 256);
        if (_word(data, core) != 1 || _word(data, core + 224) != 1 || trust > 1) revert MalformedModelData();
        bool sameLayout = _word(data, core + 160) == _digest(data, 0, layoutLength);
        bool sameKey = _word(data, core + 192) == _digest(data, core + 288, keyLength);
        if (!sameLayout || !sameKey) revert InconsistentModelData();
        if (trust == 0 && block.chainid != LOCAL_CHAIN) revert InsecureDevelopmentKey();

        bytes memory code = bytes.concat(type(ModelVerifier).runtimeCode, data);
        assembly {
            return(add(code, 32), mload(code))
        }
    }

    function _word(bytes memory data, uint256 offset) private pure returns (uint256 word) {
        assembly {
            word := mload(add(add(data, 32), offset))
        }
    }

    function _digest(bytes memory data, uint256 offset, uint256 length) private pure returns (uint256 digest) {
        assembly {
            digest := keccak256(add(add(data, 32), offset), length)
        }
    }
}
