// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

/// @title Answers like EZKL's verifiers, or as none of them would
/// @notice Accepts exactly the calldata whose digest it knows; anything else gets the answer it was made for.
contract StubEzklVerifier {
    enum Otherwise {
        /// A revert without data, as EZKL's verifiers refuse.
        Refuse,
        RefuseWithData,
        /// 32 bytes of which none is set.
        No,
        Two,
        Nothing,
        TooLong,
        TooShort,
        BurnGas
    }

    bytes32 private immutable _accepted;
    Otherwise private immutable _otherwise;
    uint256 private immutable _work;

    /// @param work Steps of about 100 gas before the answer.
    constructor(bytes32 accepted, Otherwise otherwise, uint256 work) {
        _accepted = accepted;
        _otherwise = otherwise;
        _work = work;
    }

    fallback() external {
        Otherwise otherwise = _otherwise;
        bytes32 running;
        for (uint256 i = _work; i > 0; i--) running = keccak256(abi.encode(running));
        if (running == bytes32(uint256(1))) _refuse(1);
        if (keccak256(msg.data) == _accepted) _answer(1, 32);
        if (otherwise == Otherwise.Refuse) _refuse(0);
        if (otherwise == Otherwise.RefuseWithData) _refuse(32);
        if (otherwise == Otherwise.No) _answer(0, 32);
        if (otherwise == Otherwise.Two) _answer(2, 32);
        if (otherwise == Otherwise.Nothing) _answer(1, 0);
        if (otherwise == Otherwise.TooLong) _answer(1, 64);
        if (otherwise == Otherwise.TooShort) _answer(1, 31);
        while (true) {}
    }

    function _answer(uint256 word, uint256 size) private pure {
        assembly {
            mstore(0, word)
            return(0, size)
        }
    }

    function _refuse(uint256 size) private pure {
        assembly {
            revert(0, size)
        }
    }
}
