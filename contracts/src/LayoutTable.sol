// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {ModelData} from "./ModelData.sol";
import {Encoding, Tensor} from "./TensorLib.sol";

/// @title The table at the head of a model's layout
/// @notice Words of 32 bytes, big-endian. The first: "vouch-layout-2" in 24 bytes, number of outputs and of inputs (32
/// bits each). Then one word per output and per input, in the order of the signals: encoding (8 bits), lane bytes (8),
/// signals (16), elements (32), lo (64, signed), hi − lo (64), scale (64).
library LayoutTable {
    /// @notice The table contradicts itself, or the number of signals of the key.
    error MalformedLayout();

    uint256 private constant FORMAT = uint256(bytes32("vouch-layout-2")) >> 64;

    /// @notice Refuses a table that `read` or TensorLib could not rely on.
    /// @param data A model's data, which begins with its layout.
    function check(bytes memory data, uint256 layoutLength, uint256 signals) internal pure {
        if (layoutLength < 32) revert MalformedLayout();
        uint256 head = ModelData.word(data, 0);
        uint256 rows = (head >> 32 & 0xffffffff) + (head & 0xffffffff);
        if (head >> 64 != FORMAT || rows > layoutLength / 32 - 1) revert MalformedLayout();
        uint256 total = 1;
        for (uint256 i = 1; i <= rows; i++) {
            Tensor memory tensor = _row(ModelData.word(data, 32 * i));
            if (!_consistent(tensor)) revert MalformedLayout();
            total += tensor.signals;
        }
        if (total != signals) revert MalformedLayout();
    }

    /// @notice The table of a checked model, from its verifier's code.
    function read(address verifier) internal view returns (Tensor[] memory outputs, Tensor[] memory inputs) {
        uint256 start = verifier.code.length;
        uint256 tail = _codeWord(verifier, start - 32);
        start -= ModelData.dataLength(tail);
        uint256 head = _codeWord(verifier, start);
        outputs = _rows(verifier, start + 32, head >> 32 & 0xffffffff);
        inputs = _rows(verifier, start + 32 * (1 + outputs.length), head & 0xffffffff);
    }

    function _codeWord(address verifier, uint256 offset) private view returns (uint256 word) {
        assembly ("memory-safe") {
            extcodecopy(verifier, 0, offset, 32)
            word := mload(0)
        }
    }

    function _rows(address verifier, uint256 start, uint256 count) private view returns (Tensor[] memory tensors) {
        tensors = new Tensor[](count);
        bytes memory table = new bytes(32 * count);
        assembly ("memory-safe") {
            extcodecopy(verifier, add(table, 32), start, mload(table))
        }
        for (uint256 i = 0; i < count; i++) tensors[i] = _row(ModelData.word(table, 32 * i));
    }

    function _row(uint256 word) private pure returns (Tensor memory) {
        return Tensor({
            encoding: uint8(word >> 248),
            laneBytes: uint8(word >> 240),
            signals: uint16(word >> 224),
            elements: uint32(word >> 192),
            lo: int64(uint64(word >> 128)),
            span: uint64(word >> 64),
            scale: uint64(word)
        });
    }

    function _consistent(Tensor memory tensor) private pure returns (bool) {
        if (tensor.encoding == Encoding.PRIVATE) return tensor.signals == 0;
        if (tensor.encoding == Encoding.HASHED) return tensor.signals == 1;
        if (tensor.encoding != Encoding.LANES || tensor.laneBytes == 0 || tensor.laneBytes > 8) return false;
        uint256 lanes = 31 / tensor.laneBytes;
        return tensor.signals == (tensor.elements + lanes - 1) / lanes
            && uint256(tensor.span) >> (8 * tensor.laneBytes) == 0
            && int256(tensor.lo) + int256(uint256(tensor.span)) <= type(int64).max;
    }
}
