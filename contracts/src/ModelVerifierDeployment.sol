// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {ModelData} from "./ModelData.sol";

/// @title Creation code of a model's verifier, for use without a hub
/// @notice Takes the model's data, checks that it is consistent and puts runtime ‖ data on chain. With CREATE2 the
/// address therefore follows from the data alone.
contract ModelVerifierDeployment {
    constructor(bytes memory data) {
        uint256 trust = ModelData.identify(data).trust;
        if (trust == 0 && block.chainid != ModelData.LOCAL_CHAIN) revert ModelData.InsecureDevelopmentKey();
        bytes memory code = ModelData.code(data);
        assembly {
            return(add(code, 32), mload(code))
        }
    }
}
