// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IModelVerifier} from "./interfaces/IModelVerifier.sol";

/// @title Groth16 verifier of one model
/// @notice The runtime is the same for every model. The model's data follows it in the contract's code:
///
///   layout bytes ‖ core (9 words) ‖ verifying key (18 + 2ℓ words) ‖ tail word (layout length << 16 | ℓ)
///
/// The key lies in the order of the pairing's input, with three of its points negated:
///   −α, β, IC₀, −γ, two empty words for C, −δ, IC₁ … IC_ℓ
/// so that e(A, B)·e(−α, β)·e(Σ sᵢ·ICᵢ, −γ)·e(C, −δ) = 1 needs no arithmetic on the points of a call.
contract ModelVerifier is IModelVerifier {
    /// @dev Order of the scalar field.
    uint256 private constant R = 0x30644e72e131a029b85045b68181585d2833e84879b9709143e1f593f0000001;
    uint256 private constant CORE_BYTES = 288;
    uint256 private constant CORE_VK_DIGEST = 192;
    uint256 private constant CORE_TRUST = 256;

    /// @inheritdoc IModelVerifier
    function verify(uint256[8] calldata proof, uint256[] calldata signals) external view returns (bool) {
        assembly {
            function fail(selector) {
                mstore(0, selector)
                revert(28, 4)
            }
            // Tells why a call to a precompile or a comparison failed.
            function malformed(first, end) {
                for { let at := first } lt(at, end) { at := add(at, 32) } {
                    if iszero(lt(calldataload(at), R)) { fail(0x84584701) }
                }
                fail(0xf4ea0ab0)
            }
            // Memory: 0 the running sum, 64 the latest product, 128 the pairing's input (A, B, key), then IC₁ …
            let count := signals.length
            // A count above 65,535 is no model's; the bound keeps the sizes below from wrapping.
            if shr(16, count) { fail(0xb82e8743) }
            let size := add(shl(6, count), 608)
            codecopy(320, sub(codesize(), size), size)
            if xor(and(mload(add(size, 288)), 0xffff), count) { fail(0xb82e8743) }
            mcopy(0, 512, 64)

            // The last signal goes first: it overwrites what lies behind its point.
            let ok := 1
            let first := signals.offset
            let at := add(first, shl(5, count))
            for { let point := add(size, 288) } gt(point, 896) { } {
                point := sub(point, 64)
                at := sub(at, 32)
                mstore(add(point, 64), calldataload(at))
                // Arguments are evaluated from the last to the first: multiply, then add.
                ok := and(
                    and(staticcall(gas(), 6, 0, 128, 0, 64), staticcall(gas(), 7, point, 96, 64, 64)),
                    and(lt(calldataload(at), R), ok)
                )
            }
            calldatacopy(128, proof, 192)
            mcopy(512, 0, 64)
            calldatacopy(704, add(proof, 192), 64)
            if iszero(and(staticcall(gas(), 8, 128, 768, 0, 32), ok)) { malformed(first, add(first, shl(5, count))) }
            return(0, 32)
        }
    }

    /// @inheritdoc IModelVerifier
    /// @dev With ρᵢ from 1 to 2^128, drawn by a hash of everything that is claimed, the product of all equations
    ///   Π e(ρᵢ·Aᵢ, Bᵢ) · e(−Σρᵢ·α, β) · e(Σⱼ (Σᵢ ρᵢ·sᵢⱼ)·ICⱼ, −γ) · e(Σᵢ ρᵢ·Cᵢ, −δ) = 1
    /// holds for a wrong one among them with a probability of 2^−128.
    function verifyBatch(uint256[8][] calldata proofs, uint256[] calldata signals) external view returns (bool) {
        assembly {
            function fail(selector) {
                mstore(0, selector)
                revert(28, 4)
            }
            // Tells why a call to a precompile or a comparison failed.
            function malformed(first, end) {
                for { let at := first } lt(at, end) { at := add(at, 32) } {
                    if iszero(lt(calldataload(at), R)) { fail(0x84584701) }
                }
                fail(0xf4ea0ab0)
            }
            // Memory: 0 a running sum, 64 the latest product, 128 a point and its scalar, 256 the scalars ρ, then the
            // pairing's input (one pair per proof, key), then IC₁ … What is hashed lies there first.
            let n := proofs.length
            if or(iszero(n), gt(n, 256)) { fail(0x1561f5d3) }
            codecopy(0, sub(codesize(), 32), 32)
            let count := and(mload(0), 0xffff)
            if xor(signals.length, mul(n, count)) { fail(0xb82e8743) }
            let size := add(shl(6, count), 608)

            codecopy(256, sub(codesize(), add(size, 96)), 32)
            mstore(288, n)
            calldatacopy(320, proofs.offset, shl(8, n))
            calldatacopy(add(320, shl(8, n)), signals.offset, shl(5, signals.length))
            mstore(0, keccak256(256, add(64, add(shl(8, n), shl(5, signals.length)))))

            // The first scalar is 1. Of the others, each makes a wrong proof fail but for one value in 2^128.
            let pairs := add(256, shl(5, n))
            let key := add(pairs, mul(192, n))
            codecopy(key, sub(codesize(), size), size)
            let total := 1
            for { let i := 1 } lt(i, n) { i := add(i, 1) } {
                mstore(32, i)
                let rho := add(and(keccak256(0, 64), 0xffffffffffffffffffffffffffffffff), 1)
                mstore(add(256, shl(5, i)), rho)
                total := add(total, rho)
            }

            let ok
            let proof := proofs.offset
            calldatacopy(pairs, proof, 192)
            calldatacopy(0, add(proof, 192), 64)
            let pair := pairs
            for { let slot := 288 } lt(slot, pairs) { slot := add(slot, 32) } {
                proof := add(proof, 256)
                pair := add(pair, 192)
                mstore(192, mload(slot))
                calldatacopy(128, proof, 64)
                ok := staticcall(gas(), 7, 128, 96, pair, 64)
                calldatacopy(add(pair, 64), add(proof, 64), 128)
                calldatacopy(128, add(proof, 192), 64)
                ok := and(and(staticcall(gas(), 6, 0, 128, 0, 64), staticcall(gas(), 7, 128, 96, 64, 64)), ok)
                // At once: a precompile that fails has taken all gas but a 64th.
                if iszero(ok) { fail(0xf4ea0ab0) }
            }
            mcopy(add(key, 384), 0, 64)

            mstore(192, total)
            mcopy(128, key, 64)
            ok := staticcall(gas(), 7, 128, 96, key, 64)
            mcopy(128, add(key, 192), 64)
            ok := and(staticcall(gas(), 7, 128, 96, 0, 64), ok)
            let stride := shl(5, count)
            let first := signals.offset
            for { let at := add(first, stride) } gt(at, first) { } {
                at := sub(at, 32)
                let coefficient := calldataload(at)
                ok := and(lt(coefficient, R), ok)
                let next := at
                for { let slot := 288 } lt(slot, pairs) { slot := add(slot, 32) } {
                    next := add(next, stride)
                    let signal := calldataload(next)
                    ok := and(lt(signal, R), ok)
                    coefficient := addmod(mulmod(signal, mload(slot), R), coefficient, R)
                }
                let point := add(add(key, 576), shl(1, sub(at, first)))
                mstore(add(point, 64), coefficient)
                ok := and(and(staticcall(gas(), 6, 0, 128, 0, 64), staticcall(gas(), 7, point, 96, 64, 64)), ok)
            }
            mcopy(add(key, 192), 0, 64)
            if iszero(and(staticcall(gas(), 8, pairs, add(mul(192, n), 576), 0, 32), ok)) {
                malformed(first, add(first, shl(5, signals.length)))
            }
            return(0, 32)
        }
    }

    /// @inheritdoc IModelVerifier
    function modelId() external view returns (bytes32) {
        return keccak256(_core());
    }

    /// @inheritdoc IModelVerifier
    function vkDigest() external view returns (bytes32 digest) {
        bytes memory data = _core();
        assembly {
            digest := mload(add(data, add(32, CORE_VK_DIGEST)))
        }
    }

    /// @inheritdoc IModelVerifier
    function trust() external view returns (uint256 level) {
        bytes memory data = _core();
        assembly {
            level := mload(add(data, add(32, CORE_TRUST)))
        }
    }

    /// @inheritdoc IModelVerifier
    function signalCount() external view returns (uint256 count) {
        (count,) = _tail();
    }

    /// @inheritdoc IModelVerifier
    function core() external view returns (bytes memory) {
        return _core();
    }

    /// @inheritdoc IModelVerifier
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
