// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

/// @title Groth16 verifier of one model
/// @notice The runtime is the same for every model. The model's data follows it in the contract's code:
///
///   layout bytes ‖ core (9 words) ‖ verifying key (18 + 2ℓ words) ‖ tail word (layout length << 16 | ℓ)
///
/// The key lies in the order of the pairing's input, with three of its points negated:
///   −α, β, IC₀, −γ, two empty words for C, −δ, IC₁ … IC_ℓ
/// so that e(A, B)·e(−α, β)·e(Σ sᵢ·ICᵢ, −γ)·e(C, −δ) = 1 needs no arithmetic on the points of a call.
contract ModelVerifier {
    /// @notice A signal is not below the order of the scalar field.
    error SignalOutOfField();
    /// @notice The number of signals is not the model's.
    error WrongSignalCount();
    /// @notice A point has a coordinate out of range or is not in its group, or the call was starved of gas.
    error MalformedProof();

    uint256 private constant CORE_BYTES = 288;
    uint256 private constant CORE_VK_DIGEST = 192;
    uint256 private constant CORE_TRUST = 256;

    /// @notice Whether the proof shows the signals. False for a wrong proof; reverts if anything is malformed.
    /// @param proof A, B, C; of a pair the imaginary part comes first, as the pairing precompile takes it.
    /// @param signals Outputs, binding, inputs or their commitments.
    function verify(uint256[8] calldata proof, uint256[] calldata signals) external view returns (bool) {
        assembly {
            function fail(selector) {
                mstore(0, selector)
                revert(28, 4)
            }
            // Memory: 0 the running sum, 64 the latest product, 128 the pairing's input (A, B, key), then IC₁ …
            let count := signals.length
            // A count above 65,535 is no model's; the bound keeps the sizes below from wrapping.
            if shr(16, count) { fail(0xb82e8743) }
            let size := add(shl(6, count), 608)
            codecopy(320, sub(codesize(), size), size)
            if xor(and(mload(add(size, 288)), 0xffff), count) { fail(0xb82e8743) }
            mcopy(0, 512, 64)

            let ok := 1
            let first := signals.offset
            // Points are twice as far apart as signals. The last goes first: its scalar overwrites what lies behind it.
            let points := sub(896, shl(1, first))
            for { let at := add(first, shl(5, count)) } gt(at, first) { } {
                at := sub(at, 32)
                let point := add(shl(1, at), points)
                let signal := calldataload(at)
                mstore(add(point, 64), signal)
                // Arguments are evaluated from the last to the first: multiply, then add.
                ok := and(
                    and(staticcall(gas(), 6, 0, 128, 0, 64), staticcall(gas(), 7, point, 96, 64, 64)),
                    and(lt(signal, 0x30644e72e131a029b85045b68181585d2833e84879b9709143e1f593f0000001), ok)
                )
            }
            calldatacopy(128, proof, 192)
            mcopy(512, 0, 64)
            calldatacopy(704, add(proof, 192), 64)
            if iszero(and(staticcall(gas(), 8, 128, 768, 0, 32), ok)) {
                for { let at := first } lt(at, add(first, shl(5, count))) { at := add(at, 32) } {
                    if iszero(lt(calldataload(at), 0x30644e72e131a029b85045b68181585d2833e84879b9709143e1f593f0000001)) {
                        fail(0x84584701)
                    }
                }
                fail(0xf4ea0ab0)
            }
            return(0, 32)
        }
    }

    /// @notice keccak256 of the core: the model's identity.
    function modelId() external view returns (bytes32) {
        return keccak256(_core());
    }

    /// @notice keccak256 of the verifying key's words, as they lie in the code.
    function vkDigest() external view returns (bytes32 digest) {
        bytes memory data = _core();
        assembly {
            digest := mload(add(data, add(32, CORE_VK_DIGEST)))
        }
    }

    /// @notice 0: a development key, whose maker can forge proofs. 1: a ceremony's key.
    function trust() external view returns (uint256 level) {
        bytes memory data = _core();
        assembly {
            level := mload(add(data, add(32, CORE_TRUST)))
        }
    }

    /// @notice Number of signals that `verify` takes.
    function signalCount() external view returns (uint256 count) {
        (count,) = _tail();
    }

    /// @notice The nine words of the core.
    function core() external view returns (bytes memory) {
        return _core();
    }

    /// @notice Names, shapes, scales, bounds and encoding of inputs and outputs.
    function layout() external view returns (bytes memory) {
        (uint256 count, uint256 length) = _tail();
        return _codeFromEnd(_keyBytes(count) + CORE_BYTES + length, length);
    }

    function _core() private view returns (bytes memory) {
        (uint256 count,) = _tail();
        return _codeFromEnd(_keyBytes(count) + CORE_BYTES, CORE_BYTES);
    }

    /// @dev Bytes of the key and the tail word.
    function _keyBytes(uint256 count) private pure returns (uint256) {
        return 64 * count + 608;
    }

    function _tail() private view returns (uint256 count, uint256 layoutLength) {
        uint256 word = uint256(bytes32(_codeFromEnd(32, 32)));
        return (word & 0xffff, word >> 16);
    }

    /// @dev `length` bytes that start `distance` before the end of the code.
    function _codeFromEnd(uint256 distance, uint256 length) private view returns (bytes memory data) {
        data = new bytes(length);
        assembly {
            codecopy(add(data, 32), sub(codesize(), distance), length)
        }
    }
}
