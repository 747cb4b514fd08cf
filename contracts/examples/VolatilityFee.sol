// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IInferenceHub} from "../src/interfaces/IInferenceHub.sol";
import {Encoding, Tensor, TensorLib} from "../src/TensorLib.sol";
import {VouchConsumer} from "../src/VouchConsumer.sol";

/// @title A swap fee that follows predicted volatility
/// @notice For a pool that records its own prices: the model's input is made from them on chain, so neither the
/// requester nor the prover can choose it; therefore it takes no proofs in the caller's own transaction. For a model
/// with one public input, ten days of open, high, low and close in percent of the last close, and one output in percent,
/// such as models/volatility.
contract VolatilityFee is VouchConsumer {
    uint256 private constant DAYS = 10;
    uint256 private constant LOWEST_FEE = 500;
    uint256 private constant HIGHEST_FEE = 10_000;
    uint32 private constant CALLBACK_GAS = 100_000;
    uint64 private constant PATIENCE = 1 hours;

    error NotThePool();
    error UnsuitableModel();
    error TooFewDays();

    bytes32 public immutable model;
    address public immutable pool;
    /// @notice In millionths of the amount that is swapped.
    uint256 public fee = HIGHEST_FEE;
    uint256 public dayCount;
    /// @dev Open, high, low and close of a day, in the slot of its number modulo ten.
    uint256[4][DAYS] private _days;
    /// @dev Number of each request, from 1, of the newest one, and of the newest one that was answered.
    mapping(bytes32 requestId => uint256) private _orderOf;
    uint256 private _asked;
    uint256 private _answered;
    Tensor private _input;
    uint64 private immutable _outputScale;

    constructor(IInferenceHub hub_, bytes32 model_, address pool_) VouchConsumer(hub_) {
        (Tensor[] memory outputs, Tensor[] memory inputs) = hub_.layoutOf(model_);
        bool suitable = inputs.length == 1 && inputs[0].encoding == Encoding.LANES && inputs[0].elements == 4 * DAYS
            && outputs.length == 1 && outputs[0].elements == 1;
        if (!suitable) revert UnsuitableModel();
        (model, pool, _input, _outputScale) = (model_, pool_, inputs[0], outputs[0].scale);
    }

    /// @notice Called by the pool at the end of each day.
    function recordDay(uint256[4] calldata openHighLowClose) external {
        if (msg.sender != pool) revert NotThePool();
        _days[dayCount++ % DAYS] = openHighLowClose;
    }

    /// @notice Asks for a prediction; anybody may, and pays for it.
    function ask() external payable returns (bytes32 requestId) {
        uint64 deadline = uint64(block.timestamp) + PATIENCE;
        requestId = _request(model, TensorLib.pack(_input, _window()), msg.value, deadline, CALLBACK_GAS);
        _orderOf[requestId] = ++_asked;
    }

    /// @notice Gives the pool the fees of predictions that nobody made.
    function withdrawRefunds() external returns (uint256) {
        return _withdrawRefunds(payable(pool));
    }

    function _trusts(bytes32 modelId) internal view override returns (bool) {
        return modelId == model;
    }

    /// @dev Answers can arrive in any order: one older than the newest answered sets nothing. Not compared with the
    /// newest request, for then whoever keeps asking keeps the fee as it is. A day of 1 % costs 3,000.
    function _onInference(bytes32 requestId, int256[] calldata output) internal override {
        uint256 order = _orderOf[requestId];
        if (order < _answered) return;
        _answered = order;
        int256 percent = TensorLib.toFixed(output[0], _outputScale, 18);
        uint256 wanted = percent < 0 ? 0 : uint256(percent) * 3000 / 1e18;
        fee = wanted < LOWEST_FEE ? LOWEST_FEE : wanted > HIGHEST_FEE ? HIGHEST_FEE : wanted;
    }

    /// @dev The last ten days, oldest first, as the model's integers; beyond its bounds the nearest one.
    function _window() private view returns (int256[] memory units) {
        if (dayCount < DAYS) revert TooFewDays();
        Tensor memory tensor = _input;
        int256 highest = int256(tensor.lo) + int256(uint256(tensor.span));
        uint256 last = _days[(dayCount - 1) % DAYS][3];
        units = new int256[](4 * DAYS);
        for (uint256 i = 0; i < 4 * DAYS; i++) {
            uint256 price = _days[(dayCount + i / 4) % DAYS][i % 4];
            int256 percent = int256(price * 100e18 / last) - 100e18;
            int256 unit = TensorLib.toUnits(percent, 18, tensor.scale);
            units[i] = unit < tensor.lo ? int256(tensor.lo) : unit > highest ? highest : unit;
        }
    }
}
