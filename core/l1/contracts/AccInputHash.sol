// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

/// @title The hash chain over everything that was ever sequenced
/// @notice The one place on L1 that knows the formula; `core/batching/acc_input_hash.ts` has it off
/// chain. It is Polygon's of the etrog fork, with the rolling hash of the consumed L1->L2
/// operations in the place of the L1-info root.
library AccInputHash {
    /// @notice Appends one batch to the chain.
    /// @param oldAccInputHash Value after the batch before; 0 before batch 1.
    /// @param transactionsHash keccak256 of the batch data.
    /// @param l1ToL2RollingHash Rolling hash of the L1->L2 operations consumed so far.
    /// @param limitTimestamp Latest timestamp, in seconds, that a block of the batch may have.
    /// @param coinbase L2 account that collects the fees.
    /// @param forcedBlockHashL1 Hash of the L1 block of a forced batch; 0 for all others.
    function next(
        bytes32 oldAccInputHash,
        bytes32 transactionsHash,
        bytes32 l1ToL2RollingHash,
        uint64 limitTimestamp,
        address coinbase,
        bytes32 forcedBlockHashL1
    ) internal pure returns (bytes32) {
        return
            keccak256(
                abi.encodePacked(
                    oldAccInputHash,
                    transactionsHash,
                    l1ToL2RollingHash,
                    limitTimestamp,
                    coinbase,
                    forcedBlockHashL1
                )
            );
    }
}
