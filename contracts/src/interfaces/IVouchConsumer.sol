// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

/// @title A contract that receives proved outputs from an InferenceHub
interface IVouchConsumer {
    /// @notice Called once by the hub, after the proof of this request was verified and the prover credited.
    /// @dev Anybody can make a request that names this contract: accept only ids that this contract has asked for,
    /// and only from the hub. VouchConsumer does both.
    /// @param output Every element of every output, in the model's order, as the integer that was proved; times the
    /// output's scale it is the model's number. An output that is hashed gives one element, its commitment.
    function onInference(bytes32 requestId, int256[] calldata output) external;
}
