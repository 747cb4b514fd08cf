// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IVouchConsumer} from "../src/interfaces/IVouchConsumer.sol";

/// @title A consumer that does nothing, to measure what the hub itself costs
contract QuietConsumer is IVouchConsumer {
    function onInference(bytes32, int256[] calldata) external {}
}
