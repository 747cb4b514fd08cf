// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IInferenceHub} from "../src/interfaces/IInferenceHub.sol";
import {VouchConsumer} from "../src/VouchConsumer.sol";

/// @title The smallest consumer: asks, and keeps the first element of each answer
contract FirstConsumer is VouchConsumer {
    bytes32 private immutable _model;
    address payable private immutable _owner;
    mapping(bytes32 requestId => int256) public answerTo;

    constructor(IInferenceHub hub_, bytes32 model) VouchConsumer(hub_) {
        _model = model;
        _owner = payable(msg.sender);
    }

    function ask(uint256[] calldata input) external payable returns (bytes32 requestId) {
        return _request(_model, input, msg.value, uint64(block.timestamp + 1 hours), 100_000);
    }

    function withdrawRefunds() external returns (uint256 amount) {
        return _withdrawRefunds(_owner);
    }

    function _trusts(bytes32 modelId) internal view override returns (bool) {
        return modelId == _model;
    }

    function _onInference(bytes32 requestId, int256[] calldata output) internal override {
        answerTo[requestId] = output[0];
    }
}
