// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IInferenceHub} from "./interfaces/IInferenceHub.sol";

/// @title What a proof is bound to
/// @notice A binding is one public signal of the proof. It is below 2^248, hence below the order of the field.
library Binding {
    bytes32 private constant REQUEST_TAG = "vouch-request-1";
    bytes32 private constant BINDING_TAG = "vouch-binding-1";
    bytes32 private constant CALL_TAG = "vouch-call-1";

    /// @notice The id of a request at the hub that runs this.
    function requestId(IInferenceHub.Request memory asked) internal view returns (bytes32) {
        return keccak256(
            abi.encode(
                REQUEST_TAG,
                block.chainid,
                address(this),
                asked.modelId,
                asked.requester,
                asked.consumer,
                asked.fee,
                asked.sequence,
                asked.deadline,
                asked.callbackGas,
                keccak256(abi.encodePacked(asked.input))
            )
        );
    }

    /// @notice The binding of a proof for a request at the hub that runs this.
    function ofRequest(bytes32 id, bytes32 modelId, address consumer, address prover)
        internal
        view
        returns (uint256)
    {
        bytes memory words =
            abi.encode(BINDING_TAG, block.chainid, address(this), consumer, modelId, id, prover);
        return uint256(keccak256(words)) >> 8;
    }

    /// @notice The binding of a proof that `account` brings to the consumer that runs this.
    /// @param data What the account wants done with the output.
    function ofCall(bytes32 modelId, address account, uint256 nonce, bytes memory data)
        internal
        view
        returns (uint256)
    {
        bytes memory words =
            abi.encode(CALL_TAG, block.chainid, address(this), modelId, account, nonce, keccak256(data));
        return uint256(keccak256(words)) >> 8;
    }
}
