// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IInferenceHub} from "../src/interfaces/IInferenceHub.sol";
import {IVouchConsumer} from "../src/interfaces/IVouchConsumer.sol";

/// @title A consumer that behaves as badly as it is told to
contract TestConsumer is IVouchConsumer {
    enum Mood {
        Accept,
        Revert,
        BurnGas,
        ReturnHuge,
        RevertHuge,
        Reenter
    }

    Mood public mood;
    uint256 public calls;
    uint256 public gasSeen;
    bytes32 public lastRequest;
    int256[] private _lastOutput;
    bytes private _reentry;
    bool public reentrySucceeded;

    function setMood(Mood mood_) external {
        mood = mood_;
    }

    /// @notice Makes the callback call its caller with this data.
    function setReentry(bytes calldata data) external {
        mood = Mood.Reenter;
        _reentry = data;
    }

    function lastOutput() external view returns (int256[] memory) {
        return _lastOutput;
    }

    /// @notice Makes a request as this contract.
    function ask(IInferenceHub hub, bytes32 modelId, uint256[] calldata input, uint64 deadline, uint32 callbackGas)
        external
        payable
        returns (bytes32)
    {
        return hub.request{value: msg.value}(modelId, input, address(this), deadline, callbackGas);
    }

    function onInference(bytes32 requestId, int256[] calldata output) external {
        gasSeen = gasleft();
        if (mood == Mood.Revert) revert("not today");
        if (mood == Mood.BurnGas) while (true) calls++;
        if (mood == Mood.ReturnHuge) assembly { return(0, 100000) }
        if (mood == Mood.RevertHuge) assembly { revert(0, 100000) }
        calls++;
        lastRequest = requestId;
        _lastOutput = output;
        if (mood == Mood.Reenter) (reentrySucceeded,) = msg.sender.call(_reentry);
    }
}
