// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {AccInputHash} from "./AccInputHash.sol";

/// @title Lets a test call the library that the rollup uses
contract AccInputHashHarness {
    /// @notice `AccInputHash.next`.
    function next(
        bytes32 oldAccInputHash,
        bytes32 transactionsHash,
        bytes32 l1ToL2RollingHash,
        uint64 limitTimestamp,
        address coinbase,
        bytes32 forcedBlockHashL1
    ) external pure returns (bytes32) {
        return
            AccInputHash.next(
                oldAccInputHash,
                transactionsHash,
                l1ToL2RollingHash,
                limitTimestamp,
                coinbase,
                forcedBlockHashL1
            );
    }
}
