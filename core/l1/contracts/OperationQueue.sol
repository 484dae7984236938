// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IRollup} from "./IRollup.sol";
import {RollupRoles} from "./RollupRoles.sol";

/// @title The queue of L1->L2 operations
/// @notice First in, first out, and nothing is ever taken out of it: a batch moves the mark of what
/// is consumed, and a rollback moves it back. Each operation keeps the rolling hash of all up to it,
/// so consuming any number of them reads one storage slot.
abstract contract OperationQueue is RollupRoles {
    /// @dev Bytes of one operation.
    uint256 private constant MAX_OPERATION_BYTE_LENGTH = 5000;
    /// @dev Operations that one batch consumes. They are no part of its data, so this bounds what a
    /// batch may mean.
    uint64 private constant MAX_OPERATIONS_PER_BATCH = 50;

    /// @notice Operations by number, from 1; number 0 holds the rolling hash of none.
    mapping(uint64 forceBatchNum => ForcedBatchData) public forcedBatches;
    /// @notice Number of the last operation in the queue.
    uint64 public lastForceBatch;
    /// @notice Number of the last operation that a sequenced batch consumes.
    uint64 public lastForceBatchSequenced;

    constructor() {
        forcedBatches[0].rollingHash = keccak256("");
    }

    /// @inheritdoc IRollup
    /// @dev Deadlines never go down along the queue, also where the timeout does: the head's is then
    /// the first, and to look at the head is to look at all. An operation behind the head could not
    /// be consumed before it anyway.
    function forceBatch(bytes calldata transaction) external {
        if (isEmergencyState) revert ForceBatchesNotAllowedOnEmergencyState();
        if (transaction.length == 0 || transaction.length > MAX_OPERATION_BYTE_LENGTH) {
            revert TransactionsLengthAboveMax();
        }
        uint64 last = lastForceBatch;
        ForcedBatchData storage previous = forcedBatches[last];
        // Timeouts are at most a week, so the sum fits.
        uint64 deadline = uint64(block.timestamp) + forceBatchTimeout;
        uint64 previousDeadline = previous.deadline;
        if (deadline < previousDeadline) deadline = previousDeadline;
        bytes32 rollingHash =
            keccak256(abi.encodePacked(previous.rollingHash, keccak256(transaction)));
        ++last;
        lastForceBatch = last;
        forcedBatches[last] = ForcedBatchData({rollingHash: rollingHash, deadline: deadline});
        emit ForceBatch(last, rollingHash, msg.sender, deadline, transaction);
    }

    /// @notice Rolling hash of the operations that sequenced batches consume:
    /// r_0 = keccak256(""), r_n = keccak256(r_(n-1) ++ keccak256(operation n)).
    function l1ToL2RollingHash() external view returns (bytes32) {
        return forcedBatches[lastForceBatchSequenced].rollingHash;
    }

    /// @dev Number of the last operation consumed after a batch that consumes `operationCount` more
    /// than `consumed`. What is not in the queue cannot be consumed: a batch that claimed it would
    /// have no meaning.
    function _consume(uint64 consumed, uint64 operationCount, uint64 queued)
        internal
        pure
        returns (uint64)
    {
        if (operationCount > MAX_OPERATIONS_PER_BATCH) revert OperationCountAboveMax();
        uint64 newConsumed = consumed + operationCount;
        if (newConsumed > queued) revert ForceBatchesOverflow();
        return newConsumed;
    }

    /// @dev Whether operation `number`'s deadline has passed. An operation that does not exist has
    /// the deadline 0: ask only for those that do.
    function _isOverdue(uint64 number) internal view returns (bool) {
        return forcedBatches[number].deadline <= block.timestamp;
    }
}
