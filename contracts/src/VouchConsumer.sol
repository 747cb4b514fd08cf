// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {Binding} from "./Binding.sol";
import {IInferenceHub} from "./interfaces/IInferenceHub.sol";
import {IVouchConsumer} from "./interfaces/IVouchConsumer.sol";

/// @title Base of a contract that acts on proved outputs
/// @notice Two ways in. Through the hub: `_request`, later `_onInference`. In the user's own transaction:
/// `proveThenCall`, at once `_onProof`. Either way each proof counts once and only for a trusted model.
abstract contract VouchConsumer is IVouchConsumer {
    error NotTheHub();
    /// @notice This contract has not asked for the request, or its output has arrived.
    error NotRequested(bytes32 requestId);
    error UntrustedModel(bytes32 modelId);
    /// @notice This contract takes outputs the other way only.
    error Unsupported();

    event ProvenCall(address indexed account, bytes32 indexed modelId, uint256 nonce);

    IInferenceHub public immutable hub;
    /// @notice The nonce that an account's next `proveThenCall` must be proved for.
    mapping(address account => uint256) public nonces;
    mapping(bytes32 requestId => bool) private _open;

    constructor(IInferenceHub hub_) {
        hub = hub_;
    }

    /// @inheritdoc IVouchConsumer
    function onInference(bytes32 requestId, int256[] calldata output) external {
        if (msg.sender != address(hub)) revert NotTheHub();
        if (!_open[requestId]) revert NotRequested(requestId);
        delete _open[requestId];
        _onInference(requestId, output);
    }

    /// @notice Verifies a proof that the caller made for this contract, its own address and nonce, and `data`, then
    /// acts on it.
    /// @param output Signals of the outputs.
    /// @param input Signals of the inputs that are not private.
    /// @param data What the caller wants done, for `_onProof`.
    function proveThenCall(
        bytes32 modelId,
        uint256[] calldata output,
        uint256[] calldata input,
        uint256[8] calldata proof,
        bytes calldata data
    ) external {
        if (!_trusts(modelId)) revert UntrustedModel(modelId);
        uint256 nonce = nonces[msg.sender]++;
        uint256 binding = Binding.ofCall(modelId, msg.sender, nonce, data);
        int256[] memory values = hub.verifyInference(modelId, output, binding, input, proof);
        emit ProvenCall(msg.sender, modelId, nonce);
        _onProof(msg.sender, modelId, values, input, data);
    }

    /// @notice The binding of the proof for an account's next `proveThenCall` with this data.
    function callBindingOf(bytes32 modelId, address account, bytes calldata data) external view returns (uint256) {
        return Binding.ofCall(modelId, account, nonces[account], data);
    }

    /// @dev Asks the hub; the fee is paid from this contract's balance and refunded to its credit at the hub.
    function _request(
        bytes32 modelId,
        uint256[] memory input,
        uint256 fee,
        uint64 deadline,
        uint32 callbackGas
    ) internal returns (bytes32 requestId) {
        if (!_trusts(modelId)) revert UntrustedModel(modelId);
        requestId = hub.request{value: fee}(modelId, input, address(this), deadline, callbackGas);
        _open[requestId] = true;
    }

    /// @dev Pays out what the hub has credited to this contract: the fees of its requests that nobody answered.
    function _withdrawRefunds(address payable to) internal returns (uint256 amount) {
        return hub.withdraw(to);
    }

    /// @dev Whether proofs of this model mean anything here. Look at its trust level and audit it before saying yes.
    function _trusts(bytes32 modelId) internal view virtual returns (bool);

    /// @dev The output of a request that this contract has made; arrives once, in any order, or never.
    function _onInference(bytes32, int256[] calldata) internal virtual {
        revert Unsupported();
    }

    /// @dev An output that an account has proved, the input's signals, and what the account wants done (`data`). The
    /// account chose the input: check every input signal that must agree with the chain's state, and remember that a
    /// private input can be anything.
    function _onProof(
        address, /* account */
        bytes32, /* modelId */
        int256[] memory, /* output */
        uint256[] calldata, /* input */
        bytes calldata /* data */
    ) internal virtual {
        revert Unsupported();
    }
}
