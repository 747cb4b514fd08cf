// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IInferenceHub} from "./interfaces/IInferenceHub.sol";
import {IModelVerifier} from "./interfaces/IModelVerifier.sol";
import {LayoutTable} from "./LayoutTable.sol";
import {ModelData} from "./ModelData.sol";
import {Tensor, TensorLib} from "./TensorLib.sol";

/// @title Models by content
/// @notice There is nothing to squat: whoever registers a model, it gets the same id and the same verifier.
abstract contract ModelRegistry is IInferenceHub {
    /// @dev Creation code that returns what follows it.
    bytes11 private constant RETURN_REST = 0x600b5981380380925939f3;

    bool private immutable _testHub;
    /// @inheritdoc IInferenceHub
    mapping(bytes32 modelId => address) public verifierOf;
    mapping(address publisher => mapping(bytes32 nameAndVersion => bytes32)) private _releases;

    constructor(bool testHub) {
        _testHub = testHub;
    }

    /// @inheritdoc IInferenceHub
    function registerModel(bytes calldata data, string calldata uri)
        external
        returns (bytes32 modelId, address verifier)
    {
        ModelData.Identity memory identity = ModelData.identify(data);
        modelId = identity.modelId;
        verifier = verifierOf[modelId];
        if (verifier == address(0)) {
            if (identity.trust == 0 && !allowsDevelopmentKeys()) revert ModelData.InsecureDevelopmentKey();
            LayoutTable.check(data, identity.layoutLength, identity.signals);
            verifier = _deploy(bytes.concat(RETURN_REST, ModelData.code(data)));
            verifierOf[modelId] = verifier;
            emit ModelRegistered(modelId, verifier, identity.trust);
        }
        if (bytes(uri).length != 0) emit ModelAnnounced(modelId, msg.sender, uri);
    }

    /// @inheritdoc IInferenceHub
    function release(string calldata name, uint32 major, uint32 minor, bytes32 modelId) external {
        _knownVerifier(modelId);
        bytes32 key = keccak256(abi.encode(name, major, minor));
        bytes32 taken = _releases[msg.sender][key];
        if (taken == modelId) return;
        if (taken != 0) revert ReleaseTaken(taken);
        _releases[msg.sender][key] = modelId;
        emit Released(msg.sender, modelId, name, major, minor);
    }

    /// @inheritdoc IInferenceHub
    function releaseOf(address publisher, string calldata name, uint32 major, uint32 minor)
        external
        view
        returns (bytes32)
    {
        return _releases[publisher][keccak256(abi.encode(name, major, minor))];
    }

    /// @inheritdoc IInferenceHub
    function layoutOf(bytes32 modelId) external view returns (Tensor[] memory outputs, Tensor[] memory inputs) {
        return LayoutTable.read(_knownVerifier(modelId));
    }

    /// @inheritdoc IInferenceHub
    function verifyInference(
        bytes32 modelId,
        uint256[] calldata output,
        uint256 binding,
        uint256[] calldata input,
        uint256[8] calldata proof
    ) external view returns (int256[] memory values) {
        address verifier = _knownVerifier(modelId);
        (Tensor[] memory outputs, Tensor[] memory inputs) = LayoutTable.read(verifier);
        TensorLib.unpackAll(inputs, input);
        values = TensorLib.unpackAll(outputs, output);
        uint256[] memory signals = new uint256[](output.length + 1 + input.length);
        _putSignals(signals, 0, output, binding, input);
        if (!IModelVerifier(verifier).verify(proof, signals)) revert WrongProof();
    }

    /// @inheritdoc IInferenceHub
    function allowsDevelopmentKeys() public view returns (bool) {
        return _testHub || block.chainid == ModelData.LOCAL_CHAIN;
    }

    function _knownVerifier(bytes32 modelId) internal view returns (address verifier) {
        verifier = verifierOf[modelId];
        if (verifier == address(0)) revert UnknownModel(modelId);
    }

    /// @dev Writes the signals of one proof from element `at` of an array that has room for them. The lengths of output
    /// and input must be those of the layout: no boundary between them may move.
    function _putSignals(
        uint256[] memory signals,
        uint256 at,
        uint256[] calldata output,
        uint256 binding,
        uint256[] calldata input
    ) internal pure {
        assembly ("memory-safe") {
            let to := add(add(signals, 32), shl(5, at))
            calldatacopy(to, output.offset, shl(5, output.length))
            to := add(to, shl(5, output.length))
            mstore(to, binding)
            calldatacopy(add(to, 32), input.offset, shl(5, input.length))
        }
    }

    function _deploy(bytes memory creationCode) private returns (address verifier) {
        assembly ("memory-safe") {
            verifier := create2(0, add(creationCode, 32), mload(creationCode), 0)
        }
        if (verifier == address(0)) revert DeploymentFailed();
    }
}
