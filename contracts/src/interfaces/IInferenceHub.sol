// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {Tensor} from "../TensorLib.sol";

/// @title Registry of models and coprocessor for proved inference
/// @notice Nobody owns it. A model is its content, a request is one hash, a fee waits in escrow for whoever proves.
///
/// Identities (`abi.encode`, tags are right-padded ASCII):
///   requestId = keccak256("vouch-request-1", chainId, hub, modelId, requester, consumer, fee, sequence, deadline,
///               callbackGas, keccak256(words of input))
///   binding   = keccak256("vouch-binding-1", chainId, hub, consumer, modelId, requestId, prover) >> 8
/// A proof's binding names its prover, so a copied proof pays the one who made it.
interface IInferenceHub {
    /// @notice What was asked. The hub stores its hash; whoever refers to a request supplies it again.
    struct Request {
        bytes32 modelId;
        /// Paid the fee and gets it back after the deadline.
        address requester;
        /// Is called with the output.
        address consumer;
        uint256 fee;
        /// Number of the request at this hub, from 1: makes equal requests different.
        uint256 sequence;
        /// Last second at which the request can be fulfilled.
        uint64 deadline;
        /// Gas that the consumer's callback gets; 0 asks for no callback.
        uint32 callbackGas;
        /// The signals of the inputs that are not private: packed lanes, or a commitment each.
        uint256[] input;
    }

    /// @notice One proved answer.
    struct Fulfilment {
        Request request;
        /// Named in the binding, gets the fee.
        address prover;
        /// The signals of the outputs.
        uint256[] output;
        uint256[8] proof;
    }

    enum Status {
        Unknown,
        Pending,
        Fulfilled,
        CallbackFailed,
        Refunded
    }

    /// @notice A model was registered for the first time; its verifier is deployed.
    event ModelRegistered(bytes32 indexed modelId, address indexed verifier, uint256 trust);
    /// @notice Somebody says where the model's files are. Nothing of it is checked.
    event ModelAnnounced(bytes32 indexed modelId, address indexed announcer, string uri);
    event Released(
        address indexed publisher, bytes32 indexed modelId, string name, uint32 major, uint32 minor
    );
    event Requested(
        bytes32 indexed requestId, bytes32 indexed modelId, address indexed consumer, Request request
    );
    event Fulfilled(
        bytes32 indexed requestId, bytes32 indexed modelId, address indexed prover, uint256[] output
    );
    /// @notice The consumer reverted, ran out of its gas or has no code. The fee is paid; the output can be retried.
    event CallbackFailed(bytes32 indexed requestId, address indexed consumer);
    /// @notice A retried callback went through.
    event CallbackDelivered(bytes32 indexed requestId, address indexed consumer);
    event Refunded(bytes32 indexed requestId, address indexed requester, uint256 fee);
    event Withdrawn(address indexed account, address indexed to, uint256 amount);

    error UnknownModel(bytes32 modelId);
    /// @notice The verifier's code was not put on chain: it is too large or the gas did not suffice.
    error DeploymentFailed();
    /// @notice The release exists and points to another model: releases never move.
    error ReleaseTaken(bytes32 modelId);
    /// @notice The deadline has passed, or for a refund has not.
    error DeadlinePassed(uint64 deadline);
    error DeadlineNotPassed(uint64 deadline);
    error CallbackGasTooHigh(uint256 limit);
    /// @notice The request is not in the status that the call needs; Unknown also if any of its fields differs.
    error WrongStatus(bytes32 requestId, Status status);
    /// @notice The proof is well-formed and does not show these signals.
    error WrongProof();
    error NoProver();
    error EmptyBatch();
    /// @notice Requests of one batch are of one model.
    error MixedModels();
    /// @notice Less gas is left than the callback was promised, or all callbacks of a batch, whose first request it names.
    error CallbackStarved(bytes32 requestId, uint256 gasNeeded);
    /// @notice The output is not the one that was proved for the request.
    error WrongOutput(bytes32 requestId);
    /// @notice The consumer failed again; nothing has changed.
    error CallbackStillFails(bytes32 requestId);
    error NothingToWithdraw();
    error TransferFailed();

    /// @notice Deploys the verifier of a model. Idempotent: the same data gives the same model and address.
    /// @param data Layout, core, verifying key and lengths, as they lie in a verifier's code. All digests and the id
    /// are computed from it.
    /// @param uri Where the files are, for the event; may be empty.
    function registerModel(bytes calldata data, string calldata uri)
        external
        returns (bytes32 modelId, address verifier);

    /// @notice Names a registered model as the caller's release `name` major.minor, for ever.
    function release(string calldata name, uint32 major, uint32 minor, bytes32 modelId) external;

    /// @notice The model of a release, or 0.
    function releaseOf(address publisher, string calldata name, uint32 major, uint32 minor)
        external
        view
        returns (bytes32 modelId);

    /// @notice The verifier that this hub deployed for a model, or 0.
    function verifierOf(bytes32 modelId) external view returns (address);

    /// @notice The layout table of a registered model.
    function layoutOf(bytes32 modelId) external view returns (Tensor[] memory outputs, Tensor[] memory inputs);

    /// @notice Whether models of development keys can be registered: on chain 31337 or at a test hub.
    function allowsDevelopmentKeys() external view returns (bool);

    /// @notice The decoded output, if the proof shows it under this binding; reverts otherwise. Anybody can replay it:
    /// a contract that acts on the answer must consume what the binding names, as VouchConsumer does.
    function verifyInference(
        bytes32 modelId,
        uint256[] calldata output,
        uint256 binding,
        uint256[] calldata input,
        uint256[8] calldata proof
    ) external view returns (int256[] memory values);

    /// @notice Asks for a proved inference. The value sent is the fee.
    /// @param input Signals of the inputs that are not private; lanes out of their interval are rejected.
    function request(
        bytes32 modelId,
        uint256[] calldata input,
        address consumer,
        uint64 deadline,
        uint32 callbackGas
    ) external payable returns (bytes32 requestId);

    /// @notice Verifies an answer, credits its prover and calls the consumer. Anybody may submit it.
    function fulfil(Fulfilment calldata answer) external;

    /// @notice Verifies answers to requests of one model at once. Requests that were settled or have expired in the
    /// meantime are left out, so that nobody spoils a batch by settling one of them; one wrong proof rejects all. The
    /// gas of all callbacks must be there at once, whatever they use of it.
    /// @return settled How many were paid.
    function fulfilBatch(Fulfilment[] calldata answers) external returns (uint256 settled);

    /// @notice Calls the consumer again after a failed callback, with all gas that is left.
    function retryCallback(Request calldata asked, uint256[] calldata output) external;

    /// @notice Credits the fee of an expired request to its requester.
    function refund(Request calldata asked) external;

    /// @notice Pays the caller's credit to `to`.
    function withdraw(address payable to) external returns (uint256 amount);

    /// @notice What an account has earned or got back and not yet withdrawn.
    function creditOf(address account) external view returns (uint256);

    /// @notice A request's status and, once it is fulfilled, the first 31 bytes of the keccak256 of its output's words.
    function outcomeOf(bytes32 requestId) external view returns (Status status, bytes31 outputDigest);

    /// @notice Number of requests so far.
    function requestCount() external view returns (uint256);

    /// @notice The id that this hub gives a request with these fields.
    function requestIdOf(Request calldata asked) external view returns (bytes32);

    /// @notice The binding that a proof for this request and prover must carry.
    function bindingOf(Request calldata asked, address prover) external view returns (uint256);
}
