// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {Tensor, TensorLib} from "../src/TensorLib.sol";

/// @title TensorLib's functions, callable
contract TensorProbe {
    function pack(Tensor calldata tensor, int256[] calldata values) external pure returns (uint256[] memory) {
        return TensorLib.pack(tensor, values);
    }

    function unpack(Tensor calldata tensor, uint256[] calldata signals) external pure returns (int256[] memory) {
        return TensorLib.unpack(tensor, signals);
    }

    function unpackAll(Tensor[] calldata tensors, uint256[] calldata signals)
        external
        pure
        returns (int256[] memory)
    {
        return TensorLib.unpackAll(tensors, signals);
    }

    function toDecimal(int256 units, uint64 scale) external pure returns (int256, uint256) {
        return TensorLib.toDecimal(units, scale);
    }

    function toFixed(int256 units, uint64 scale, uint8 decimals) external pure returns (int256) {
        return TensorLib.toFixed(units, scale, decimals);
    }

    function toUnits(int256 value, uint8 decimals, uint64 scale) external pure returns (int256) {
        return TensorLib.toUnits(value, decimals, scale);
    }
}
