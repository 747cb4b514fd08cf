// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

/// @title Measures the execution gas of a verifier's internal call
contract GasProbe {
    /// @notice Gas spent by the call, with the call's own overhead; the calldata is built outside of it.
    function measure(address verifier, bytes calldata data) external view returns (uint256 gasUsed, bool accepted) {
        bytes memory input = data;
        // The account is warm, as it is for a contract that has called it before in the transaction.
        require(verifier.code.length > 0, "no verifier");
        bool ok;
        uint256 result;
        assembly {
            mstore(0, 0)
            let before := gas()
            ok := staticcall(gas(), verifier, add(input, 32), mload(input), 0, 32)
            gasUsed := sub(before, gas())
            result := mload(0)
        }
        accepted = ok && result == 1;
    }
}
