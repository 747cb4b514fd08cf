// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IInferenceHub} from "../src/interfaces/IInferenceHub.sol";
import {Encoding, Tensor, TensorLib} from "../src/TensorLib.sol";
import {VouchConsumer} from "../src/VouchConsumer.sol";

interface IERC20 {
    function transfer(address to, uint256 amount) external returns (bool);
    function transferFrom(address from, address to, uint256 amount) external returns (bool);
}

interface IPriceFeed {
    /// @notice Price of one ether in the asset, with 18 decimals.
    function price() external view returns (uint256);
}

/// @title Loans against ether whose size depends on a proved credit score
/// @notice The applicant's data stays private. An attester, say a bank, posts a commitment to it; the borrower proves
/// what the model answers to the committed data, and borrows, in one transaction. For a model with one hashed input
/// whose last output element is the probability of a good risk, such as models/credit-mlp.
contract CreditVault is VouchConsumer {
    uint256 private constant ONE = 1e18;
    /// @dev Without a score, and with the best one.
    uint256 private constant BASE_LOAN_TO_VALUE = 0.5e18;
    uint256 private constant BEST_LOAN_TO_VALUE = 0.9e18;
    uint256 private constant SCORE_LIFETIME = 30 days;

    error NotAttester();
    error UnsuitableModel();
    error NotTheAttestedInput();
    error AttestationExpired();
    error NotEnoughCollateral();
    error TransferFailed();

    struct Account {
        uint256 collateral;
        uint256 debt;
        uint128 score;
        /// @dev The score's age is that of the data, not of the proof: a new proof about old data renews nothing.
        uint128 attestedAt;
    }

    bytes32 public immutable model;
    address public immutable attester;
    IERC20 public immutable asset;
    IPriceFeed public immutable feed;
    uint64 private immutable _scale;
    mapping(address => uint256) public commitmentOf;
    mapping(address => Account) public accounts;

    constructor(IInferenceHub hub_, bytes32 model_, address attester_, IERC20 asset_, IPriceFeed feed_)
        VouchConsumer(hub_)
    {
        (Tensor[] memory outputs, Tensor[] memory inputs) = hub_.layoutOf(model_);
        if (inputs.length != 1 || inputs[0].encoding != Encoding.HASHED) revert UnsuitableModel();
        (model, attester, asset, feed) = (model_, attester_, asset_, feed_);
        _scale = outputs[outputs.length - 1].scale;
    }

    /// @notice Says whose data a commitment stands for. New data ends the old score.
    function attest(address account, uint256 commitment) external {
        if (msg.sender != attester) revert NotAttester();
        commitmentOf[account] = commitment;
        accounts[account].score = 0;
        accounts[account].attestedAt = uint128(block.timestamp);
    }

    function deposit() external payable {
        accounts[msg.sender].collateral += msg.value;
    }

    function withdraw(uint256 amount) external {
        accounts[msg.sender].collateral -= amount;
        _requireHealthy(msg.sender);
        (bool sent,) = msg.sender.call{value: amount}("");
        if (!sent) revert TransferFailed();
    }

    /// @notice Borrows without a new proof, within the score that was proved before.
    function borrow(uint256 amount) external {
        _borrow(msg.sender, amount);
    }

    function repay(uint256 amount) external {
        accounts[msg.sender].debt -= amount;
        if (!asset.transferFrom(msg.sender, address(this), amount)) revert TransferFailed();
    }

    /// @notice Largest debt in relation to the collateral's value, with 18 decimals.
    function loanToValue(address owner) public view returns (uint256) {
        uint256 score = _expired(owner) ? 0 : accounts[owner].score;
        return BASE_LOAN_TO_VALUE + (BEST_LOAN_TO_VALUE - BASE_LOAN_TO_VALUE) * score / ONE;
    }

    function _trusts(bytes32 modelId) internal view override returns (bool) {
        return modelId == model;
    }

    /// @dev `data` is the amount to borrow.
    function _onProof(
        address account,
        bytes32,
        int256[] memory output,
        uint256[] calldata input,
        bytes calldata data
    ) internal override {
        // Whoever sends the proof chose its input: only the attested one says anything about the account.
        uint256 commitment = commitmentOf[account];
        if (commitment == 0 || input[0] != commitment) revert NotTheAttestedInput();
        if (_expired(account)) revert AttestationExpired();
        int256 score = TensorLib.toFixed(output[output.length - 1], _scale, 18);
        // A model's last digit can lie outside of what its number means.
        uint256 clamped = score < 0 ? 0 : uint256(score) > ONE ? ONE : uint256(score);
        accounts[account].score = uint128(clamped);
        _borrow(account, abi.decode(data, (uint256)));
    }

    function _expired(address account) private view returns (bool) {
        return block.timestamp > accounts[account].attestedAt + SCORE_LIFETIME;
    }

    function _borrow(address owner, uint256 amount) private {
        accounts[owner].debt += amount;
        _requireHealthy(owner);
        if (!asset.transfer(owner, amount)) revert TransferFailed();
    }

    function _requireHealthy(address owner) private view {
        uint256 value = accounts[owner].collateral * feed.price() / ONE;
        if (accounts[owner].debt > value * loanToValue(owner) / ONE) revert NotEnoughCollateral();
    }
}
