// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IInferenceHub} from "./interfaces/IInferenceHub.sol";
import {IVouchConsumer} from "./interfaces/IVouchConsumer.sol";

/// @title A call to a consumer that can do nothing to its caller
library Callback {
    /// @dev What is spent between the check of the gas that is left and the call, rounded up.
    uint256 private constant OVERHEAD = 5_000;

    /// @notice Gas that must be left so that a consumer gets what it was promised.
    function gasFor(uint256 promised) internal pure returns (uint256) {
        return promised + promised / 63 + OVERHEAD;
    }

    /// @notice Hands an output to a consumer. False if it reverts, runs out of gas or has no code. Whatever it
    /// returns is not even copied.
    /// @param promised Gas that the consumer must get. A call passes on at most 63/64 of what is left and says nothing
    /// when that is less, so it is checked here: else a submitter could starve the consumer and still be paid.
    /// @param offered Gas that it may use: at least what was promised.
    function deliver(
        bytes32 requestId,
        address consumer,
        int256[] memory output,
        uint256 promised,
        uint256 offered
    ) internal returns (bool delivered) {
        bytes memory data = abi.encodeCall(IVouchConsumer.onInference, (requestId, output));
        if (consumer.code.length == 0) return false;
        uint256 needed = gasFor(promised);
        if (gasleft() < needed) revert IInferenceHub.CallbackStarved(requestId, needed);
        assembly ("memory-safe") {
            delivered := call(offered, consumer, 0, add(data, 32), mload(data), 0, 0)
        }
    }
}
