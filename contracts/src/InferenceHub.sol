// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {Binding} from "./Binding.sol";
import {Callback} from "./Callback.sol";
import {IInferenceHub} from "./interfaces/IInferenceHub.sol";
import {IModelVerifier} from "./interfaces/IModelVerifier.sol";
import {LayoutTable} from "./LayoutTable.sol";
import {ModelRegistry} from "./ModelRegistry.sol";
import {Tensor, TensorLib} from "./TensorLib.sol";

/// @title Registry of models and coprocessor for proved inference
/// @notice See IInferenceHub. Every function finishes its own bookkeeping before it calls out, so a consumer may
/// re-enter any of them.
contract InferenceHub is ModelRegistry {
    struct Outcome {
        Status status;
        bytes31 outputDigest;
    }

    /// @dev Beyond this a callback might not fit into a transaction.
    uint256 private constant MAX_CALLBACK_GAS = 10_000_000;

    /// @dev What settling one request of a batch costs beside the callback, rounded up: storage and events, and for each
    /// output element its digest, event and encoding.
    uint256 private constant SETTLING_GAS = 45_000;
    uint256 private constant SETTLING_GAS_PER_ELEMENT = 500;

    /// @inheritdoc IInferenceHub
    mapping(bytes32 requestId => Outcome) public outcomeOf;
    /// @inheritdoc IInferenceHub
    mapping(address account => uint256) public creditOf;
    /// @inheritdoc IInferenceHub
    uint256 public requestCount;

    /// @param testHub Whether models of development keys can be registered off the local chain too; their makers can
    /// forge proofs. Visible to all as `allowsDevelopmentKeys`.
    constructor(bool testHub) ModelRegistry(testHub) {}

    /// @inheritdoc IInferenceHub
    function request(
        bytes32 modelId,
        uint256[] calldata input,
        address consumer,
        uint64 deadline,
        uint32 callbackGas
    ) external payable returns (bytes32 requestId) {
        (, Tensor[] memory inputs) = LayoutTable.read(_knownVerifier(modelId));
        TensorLib.unpackAll(inputs, input);
        if (block.timestamp > deadline) revert DeadlinePassed(deadline);
        if (callbackGas > MAX_CALLBACK_GAS) revert CallbackGasTooHigh(MAX_CALLBACK_GAS);
        Request memory asked = Request({
            modelId: modelId,
            requester: msg.sender,
            consumer: consumer,
            fee: msg.value,
            sequence: ++requestCount,
            deadline: deadline,
            callbackGas: callbackGas,
            input: input
        });
        requestId = Binding.requestId(asked);
        outcomeOf[requestId].status = Status.Pending;
        emit Requested(requestId, modelId, consumer, asked);
    }

    /// @inheritdoc IInferenceHub
    function fulfil(Fulfilment calldata answer) external {
        Request calldata asked = answer.request;
        bytes32 id = _requireStatus(asked, Status.Pending);
        if (block.timestamp > asked.deadline) revert DeadlinePassed(asked.deadline);
        address verifier = verifierOf[asked.modelId];
        (Tensor[] memory outputs,) = LayoutTable.read(verifier);
        int256[] memory values = TensorLib.unpackAll(outputs, answer.output);
        uint256[] memory signals = new uint256[](answer.output.length + 1 + asked.input.length);
        _putAnswer(signals, 0, id, answer);
        if (!IModelVerifier(verifier).verify(answer.proof, signals)) revert WrongProof();
        _settle(id, answer, values);
    }

    /// @inheritdoc IInferenceHub
    function fulfilBatch(Fulfilment[] calldata answers) external returns (uint256 settled) {
        if (answers.length == 0) revert EmptyBatch();
        bytes32 modelId = answers[0].request.modelId;
        address verifier = _knownVerifier(modelId);
        (Tensor[] memory outputs,) = LayoutTable.read(verifier);
        uint256 count = IModelVerifier(verifier).signalCount();
        bytes32[] memory ids = new bytes32[](answers.length);
        int256[][] memory values = new int256[][](answers.length);
        uint256[8][] memory proofs = new uint256[8][](answers.length);
        uint256[] memory signals = new uint256[](answers.length * count);
        for (uint256 i = 0; i < answers.length; i++) {
            Fulfilment calldata answer = answers[i];
            if (answer.request.modelId != modelId) revert MixedModels();
            ids[i] = Binding.requestId(answer.request);
            if (outcomeOf[ids[i]].status == Status.Unknown) revert WrongStatus(ids[i], Status.Unknown);
            values[i] = TensorLib.unpackAll(outputs, answer.output);
            proofs[i] = answer.proof;
            _putAnswer(signals, i * count, ids[i], answer);
        }
        if (!IModelVerifier(verifier).verifyBatch(proofs, signals)) revert WrongProof();
        _requireCallbackGas(answers, ids, values[0].length);
        for (uint256 i = 0; i < answers.length; i++) {
            // Looked up again: a consumer called in between can have settled the next request.
            if (!_canSettle(ids[i], answers[i])) continue;
            _settle(ids[i], answers[i], values[i]);
            settled++;
        }
    }

    /// @inheritdoc IInferenceHub
    function retryCallback(Request calldata asked, uint256[] calldata output) external {
        bytes32 id = _requireStatus(asked, Status.CallbackFailed);
        if (outcomeOf[id].outputDigest != _digestOf(output)) revert WrongOutput(id);
        (Tensor[] memory outputs,) = LayoutTable.read(verifierOf[asked.modelId]);
        int256[] memory values = TensorLib.unpackAll(outputs, output);
        outcomeOf[id].status = Status.Fulfilled;
        bool delivered = Callback.deliver(id, asked.consumer, values, asked.callbackGas, gasleft());
        if (!delivered) revert CallbackStillFails(id);
        emit CallbackDelivered(id, asked.consumer);
    }

    /// @inheritdoc IInferenceHub
    function refund(Request calldata asked) external {
        bytes32 id = _requireStatus(asked, Status.Pending);
        if (block.timestamp <= asked.deadline) revert DeadlineNotPassed(asked.deadline);
        outcomeOf[id].status = Status.Refunded;
        creditOf[asked.requester] += asked.fee;
        emit Refunded(id, asked.requester, asked.fee);
    }

    /// @inheritdoc IInferenceHub
    function withdraw(address payable to) external returns (uint256 amount) {
        amount = creditOf[msg.sender];
        if (amount == 0) revert NothingToWithdraw();
        creditOf[msg.sender] = 0;
        emit Withdrawn(msg.sender, to, amount);
        (bool sent,) = to.call{value: amount}("");
        if (!sent) revert TransferFailed();
    }

    /// @inheritdoc IInferenceHub
    function requestIdOf(Request calldata asked) external view returns (bytes32) {
        return Binding.requestId(asked);
    }

    /// @inheritdoc IInferenceHub
    function bindingOf(Request calldata asked, address prover) external view returns (uint256) {
        return Binding.ofRequest(Binding.requestId(asked), asked.modelId, asked.consumer, prover);
    }

    /// @dev Everything is written before the consumer is called.
    function _settle(bytes32 id, Fulfilment calldata answer, int256[] memory values) private {
        Request calldata asked = answer.request;
        outcomeOf[id] = Outcome(Status.Fulfilled, _digestOf(answer.output));
        if (asked.fee != 0) creditOf[answer.prover] += asked.fee;
        emit Fulfilled(id, asked.modelId, answer.prover, answer.output);
        uint256 stipend = asked.callbackGas;
        if (stipend == 0 || Callback.deliver(id, asked.consumer, values, stipend, stipend)) return;
        outcomeOf[id].status = Status.CallbackFailed;
        emit CallbackFailed(id, asked.consumer);
    }

    /// @dev Asked for at once: else a gas estimate made while the consumers are cheap would not suffice when they burn
    /// what they were promised, and one of them could undo the whole batch.
    function _requireCallbackGas(Fulfilment[] calldata answers, bytes32[] memory ids, uint256 elements) private view {
        uint256 needed = 0;
        for (uint256 i = 0; i < answers.length; i++) {
            uint256 stipend = answers[i].request.callbackGas;
            if (stipend == 0 || !_canSettle(ids[i], answers[i])) continue;
            needed += Callback.gasFor(stipend) + SETTLING_GAS + SETTLING_GAS_PER_ELEMENT * elements;
        }
        if (gasleft() < needed) revert CallbackStarved(ids[0], needed);
    }

    function _canSettle(bytes32 id, Fulfilment calldata answer) private view returns (bool) {
        return outcomeOf[id].status == Status.Pending && block.timestamp <= answer.request.deadline;
    }

    /// @dev The input was checked when the request was made, the output must have been.
    function _putAnswer(uint256[] memory signals, uint256 at, bytes32 id, Fulfilment calldata answer) private view {
        if (answer.prover == address(0)) revert NoProver();
        Request calldata asked = answer.request;
        uint256 binding = Binding.ofRequest(id, asked.modelId, asked.consumer, answer.prover);
        _putSignals(signals, at, answer.output, binding, asked.input);
    }

    function _requireStatus(Request calldata asked, Status expected) private view returns (bytes32 id) {
        id = Binding.requestId(asked);
        Status status = outcomeOf[id].status;
        if (status != expected) revert WrongStatus(id, status);
    }

    function _digestOf(uint256[] calldata output) private pure returns (bytes31) {
        return bytes31(keccak256(abi.encodePacked(output)));
    }
}
