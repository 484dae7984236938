// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {AccInputHash} from "./AccInputHash.sol";
import {IRollup} from "./IRollup.sol";
import {IVerifier} from "./IVerifier.sol";
import {OperationQueue} from "./OperationQueue.sol";
import {ProgramRegistry} from "./ProgramRegistry.sol";
import {RollupRoles} from "./RollupRoles.sol";

/// @title The rollup's contract on L1: an ordered list of batches and a proven state root
/// @notice Assumes that sequencer, aggregator, prover and users are hostile: the state root moves
/// only by a proof whose public inputs this contract has put together itself, and an operation whose
/// deadline has passed cannot be passed by. There is no proxy: the code never changes. What the
/// admin may do is in `RollupRoles` and `ProgramRegistry`, and here `rollbackBatches` and
/// `activateEmergencyState`; `IRollup` marks each as an owner power.
/// @dev Calls to verifiers are static calls, so nothing can be re-entered to any effect.
contract Rollup is ProgramRegistry, OperationQueue {
    /// @dev Batches in one sequence, and in one proof.
    uint64 private constant MAX_VERIFY_BATCHES = 1000;
    /// @dev Bytes of one batch's data.
    uint256 private constant MAX_TRANSACTIONS_BYTE_LENGTH = 120_000;
    /// @dev Seconds that the timestamp of a batch may lead the L1 block: three L1 slots.
    uint256 private constant MAX_SEQUENCE_TIMESTAMP_LEAD = 36;
    /// @dev Order of the KoalaBear field, 2^31 - 2^24 + 1; a state root is eight of its elements.
    uint256 private constant KOALA_BEAR_PRIME = 0x7f000001;

    /// @notice Chain id of the L2.
    uint64 public immutable chainID;

    // These two share a storage slot with the marks of the queue, since sequencing moves all four.

    /// @notice Last batch whose data is on L1.
    uint64 public lastBatchSequenced;
    /// @notice Timestamp of the last sequenced batch.
    uint64 public lastMaxSequenceTimestamp;
    /// @notice Last batch whose proof was accepted.
    uint64 public lastVerifiedBatch;
    /// @notice Last verified batch when the current program took over.
    uint64 public lastVerifiedBatchBeforeUpgrade;

    /// @notice What is kept of the last batch of each sequence.
    mapping(uint64 numBatch => SequencedBatchData) public sequencedBatches;
    /// @notice State root after a batch; set for batch 0 and the last batch of each proof.
    mapping(uint64 numBatch => bytes32) public batchNumToStateRoot;
    /// @notice Leaves of the state tree after a batch; set where the state root is.
    mapping(uint64 numBatch => uint64) public batchNumToLeafCount;
    /// @notice Root of the L2->L1 log tree of the batches that one proof covers.
    mapping(uint64 numBatch => bytes32) public batchNumToLocalExitRoot;
    /// @notice Kind of the proof that a batch was verified with; empty for batch 0.
    mapping(uint64 numBatch => string) public batchNumToProofKind;

    /// @param parameters See `RollupParameters`.
    constructor(RollupParameters memory parameters)
        RollupRoles(parameters)
        ProgramRegistry(parameters.programHash, parameters.verifier)
    {
        if (!_isStateRoot(parameters.genesisStateRoot)) revert GenesisStateRootNotInsidePrime();
        chainID = parameters.chainID;
        batchNumToStateRoot[0] = parameters.genesisStateRoot;
        batchNumToLeafCount[0] = parameters.genesisLeafCount;
    }

    /// @inheritdoc IRollup
    /// @dev The data is only in the calldata, and followers read it from the L1 transaction. A
    /// sequencer that could call through code, its own EIP-7702 code included, could hide it from
    /// them, so the call must be the transaction itself. `initSequencedBatch` keeps a call from being
    /// mined twice, but it is only a number: behind another history of the same length, as when a
    /// forced batch came first, the call would be appended to what its sender did not know. The hash
    /// chain after the last batch covers all batches before, so `expectedFinalAccInputHash` binds the
    /// call to one history, without exception. The timestamp's window keeps L2 time near L1's and
    /// from going back.
    function sequenceBatches(
        BatchData[] calldata batches,
        uint64 initSequencedBatch,
        bytes32 expectedFinalAccInputHash,
        address l2Coinbase
    ) external ifNotEmergencyState {
        if (msg.sender != trustedSequencer) revert OnlyTrustedSequencer();
        if (msg.sender != tx.origin || msg.sender.code.length != 0) {
            revert OnlyDirectCallOfSequencer();
        }
        uint256 batchCount = batches.length;
        if (batchCount == 0) revert SequenceZeroBatches();
        if (batchCount > MAX_VERIFY_BATCHES) revert ExceedMaxVerifyBatches();
        if (initSequencedBatch != lastBatchSequenced) revert InitSequencedBatchDoesNotMatch();

        uint64 timestamp = lastMaxSequenceTimestamp;
        uint64 consumed = lastForceBatchSequenced;
        uint64 queued = lastForceBatch;
        bytes32 rollingHash = forcedBatches[consumed].rollingHash;
        bytes32 accInputHash = sequencedBatches[initSequencedBatch].accInputHash;
        for (uint256 index = 0; index < batchCount; ++index) {
            BatchData calldata batch = batches[index];
            bytes calldata transactions = batch.transactions;
            if (transactions.length > MAX_TRANSACTIONS_BYTE_LENGTH) {
                revert TransactionsLengthAboveMax();
            }
            if (batch.timestamp < timestamp) revert SequencedTimestampInvalid();
            timestamp = batch.timestamp;
            uint64 operationCount = batch.operationCount;
            if (operationCount != 0) {
                consumed = _consume(consumed, operationCount, queued);
                rollingHash = forcedBatches[consumed].rollingHash;
            }
            accInputHash = AccInputHash.next(
                accInputHash,
                keccak256(transactions),
                rollingHash,
                timestamp,
                l2Coinbase,
                bytes32(0)
            );
        }
        // They do not fall, so the last one is the latest.
        if (timestamp > block.timestamp + MAX_SEQUENCE_TIMESTAMP_LEAD) {
            revert MaxTimestampSequenceInvalid();
        }
        if (consumed < queued && _isOverdue(consumed + 1) && !_isWeekAfterEmergency()) {
            revert ForceBatchDeadlinePassed();
        }
        if (accInputHash != expectedFinalAccInputHash) revert FinalAccInputHashDoesNotMatch();

        // At most 1000 are added at a time: 2^64 is out of reach, and the cast is exact.
        uint64 newLastBatch = initSequencedBatch + uint64(batchCount);
        _appendSequence(newLastBatch, accInputHash, timestamp, consumed);
        emit SequenceBatches(newLastBatch, rollingHash);
    }

    /// @inheritdoc IRollup
    /// @dev All the operations must be overdue: until then they are the sequencer's, who has
    /// promised its users a place for their transactions among them. Each deadline is at most that
    /// of the last one consumed. The batch has no data of its sender's choice, so unlike the
    /// sequencer anyone may call, through anything. Its time, which its blocks do not go below,
    /// must be past the latest time that earlier blocks may have.
    function sequenceForceBatches(uint64 operationCount) external ifNotEmergencyState {
        if (operationCount == 0) revert SequenceZeroBatches();
        uint64 consumed = _consume(lastForceBatchSequenced, operationCount, lastForceBatch);
        if (!_isOverdue(consumed)) revert ForceBatchTimeoutNotExpired();
        if (_isWeekAfterEmergency()) revert HaltTimeoutNotExpiredAfterEmergencyState();
        if (block.timestamp <= lastMaxSequenceTimestamp) revert SequencedTimestampInvalid();

        uint64 timestamp = uint64(block.timestamp);
        uint64 oldLastBatch = lastBatchSequenced;
        bytes32 accInputHash = AccInputHash.next(
            sequencedBatches[oldLastBatch].accInputHash,
            keccak256(""),
            forcedBatches[consumed].rollingHash,
            timestamp,
            msg.sender,
            bytes32(0)
        );
        _appendSequence(oldLastBatch + 1, accInputHash, timestamp, consumed);
        emit SequenceForceBatches(oldLastBatch + 1, consumed, timestamp, msg.sender);
    }

    /// @inheritdoc IRollup
    /// @dev A batch that is not sequenced has the timestamp 0 and passes the first check; it is
    /// refused with the public inputs.
    function verifyBatches(
        uint64 initNumBatch,
        uint64 finalNewBatch,
        bytes32 newStateRoot,
        uint64 newLeafCount,
        bytes32 newLocalExitRoot,
        bytes32 pubdataHash,
        bytes calldata proof
    ) external ifNotEmergencyState {
        if (
            sequencedBatches[finalNewBatch].sequencedTimestamp + trustedAggregatorTimeout
                > block.timestamp
        ) {
            revert TrustedAggregatorTimeoutNotExpired();
        }
        _verifyBatches(
            initNumBatch,
            finalNewBatch,
            newStateRoot,
            newLeafCount,
            newLocalExitRoot,
            pubdataHash,
            proof
        );
        emit VerifyBatches(finalNewBatch, newStateRoot, msg.sender);
    }

    /// @inheritdoc IRollup
    function verifyBatchesTrustedAggregator(
        uint64 initNumBatch,
        uint64 finalNewBatch,
        bytes32 newStateRoot,
        uint64 newLeafCount,
        bytes32 newLocalExitRoot,
        bytes32 pubdataHash,
        bytes calldata proof
    ) external {
        if (msg.sender != trustedAggregator) revert OnlyTrustedAggregator();
        _verifyBatches(
            initNumBatch,
            finalNewBatch,
            newStateRoot,
            newLeafCount,
            newLocalExitRoot,
            pubdataHash,
            proof
        );
        emit VerifyBatchesTrustedAggregator(finalNewBatch, newStateRoot, msg.sender);
    }

    /// @inheritdoc IRollup
    /// @dev Verified batches stay for ever. The marks come back from the record of `targetBatch`;
    /// batch 0 has none, and its zeros are right. Every later record goes, or a proof could end at a
    /// batch that is no more. Many sequences may ask for more gas than a block has: go back in steps.
    function rollbackBatches(uint64 targetBatch) external onlyAdmin {
        uint64 numBatch = lastBatchSequenced;
        if (targetBatch >= numBatch || targetBatch < lastVerifiedBatch) {
            revert RollbackBatchIsNotValid();
        }
        SequencedBatchData memory target = sequencedBatches[targetBatch];
        if (targetBatch != 0 && target.accInputHash == bytes32(0)) {
            revert RollbackBatchIsNotEndOfSequence();
        }
        while (numBatch > targetBatch) {
            uint64 previous = sequencedBatches[numBatch].previousLastBatchSequenced;
            delete sequencedBatches[numBatch];
            numBatch = previous;
        }
        lastBatchSequenced = targetBatch;
        lastMaxSequenceTimestamp = target.maxSequenceTimestamp;
        lastForceBatchSequenced = target.lastForceBatchSequenced;
        emit RollbackBatches(targetBatch, target.accInputHash);
    }

    /// @inheritdoc IRollup
    /// @dev The aggregator proves what is sequenced and anyone may after at most a week, so a batch
    /// that has waited so long shows that proving is broken, unless an emergency stopped it. An
    /// unknown batch has the timestamp 0 and must not look old.
    function activateEmergencyState(uint64 sequencedBatchNum) external {
        if (msg.sender != admin) {
            if (sequencedBatchNum <= lastVerifiedBatch) revert BatchAlreadyVerified();
            uint64 sequencedTimestamp = sequencedBatches[sequencedBatchNum].sequencedTimestamp;
            if (sequencedTimestamp == 0) revert BatchNotSequencedOrNotSequenceEnd();
            if (
                sequencedTimestamp + HALT_AGGREGATION_TIMEOUT > block.timestamp
                    || _isWeekAfterEmergency()
            ) {
                revert HaltTimeoutNotExpired();
            }
        }
        _activateEmergencyState();
    }

    /// @inheritdoc IRollup
    /// @dev Batches that are sequenced were executed by the program of their time. Proofs of the new
    /// one start where it took over, or they could give verified batches another meaning.
    function updateProgram(bytes32 newProgramHash) external onlyAdmin {
        _requireVerifier(newProgramHash);
        uint64 numBatch = lastVerifiedBatch;
        if (lastBatchSequenced != numBatch) revert AllSequencedBatchesMustBeVerified();
        programHash = newProgramHash;
        lastVerifiedBatchBeforeUpgrade = numBatch;
        emit UpdateProgram(numBatch, newProgramHash);
    }

    /// @inheritdoc IRollup
    /// @dev The byte layout is documented in `core/proving/public_inputs.ts`. Old root, old leaf
    /// count and both accInputHashes come from storage: the sender chooses none of them. The prover
    /// is in it so that nobody can send another's proof as its own.
    function getPublicInputsHash(
        address prover,
        uint64 initNumBatch,
        uint64 finalNewBatch,
        bytes32 newStateRoot,
        uint64 newLeafCount,
        bytes32 newLocalExitRoot,
        bytes32 pubdataHash
    ) public view returns (bytes32) {
        if (initNumBatch < lastVerifiedBatchBeforeUpgrade) revert InitBatchMustMatchCurrentForkID();
        bytes32 oldAccInputHash = sequencedBatches[initNumBatch].accInputHash;
        if (initNumBatch != 0 && oldAccInputHash == bytes32(0)) {
            revert OldAccInputHashDoesNotExist();
        }
        bytes32 oldStateRoot = batchNumToStateRoot[initNumBatch];
        if (oldStateRoot == bytes32(0)) revert OldStateRootDoesNotExist();
        bytes32 newAccInputHash = sequencedBatches[finalNewBatch].accInputHash;
        if (newAccInputHash == bytes32(0)) revert NewAccInputHashDoesNotExist();
        if (!_isStateRoot(newStateRoot)) revert NewStateRootNotInsidePrime();
        bytes memory oldPart = abi.encodePacked(
            prover,
            oldStateRoot,
            batchNumToLeafCount[initNumBatch],
            oldAccInputHash,
            initNumBatch,
            chainID,
            programHash
        );
        return
            keccak256(
                abi.encodePacked(
                    oldPart,
                    newStateRoot,
                    newLeafCount,
                    newAccInputHash,
                    newLocalExitRoot,
                    pubdataHash,
                    finalNewBatch
                )
            );
    }

    /// @dev What both verify functions do once the sender may.
    function _verifyBatches(
        uint64 initNumBatch,
        uint64 finalNewBatch,
        bytes32 newStateRoot,
        uint64 newLeafCount,
        bytes32 newLocalExitRoot,
        bytes32 pubdataHash,
        bytes calldata proof
    ) private {
        _checkRange(initNumBatch, finalNewBatch);
        bytes32 publicInputsHash = getPublicInputsHash(
            msg.sender,
            initNumBatch,
            finalNewBatch,
            newStateRoot,
            newLeafCount,
            newLocalExitRoot,
            pubdataHash
        );
        VerifierData storage judge = _requireVerifier(programHash);
        if (!judge.verifier.verifyProof(publicInputsHash, proof)) revert InvalidProof();

        lastVerifiedBatch = finalNewBatch;
        batchNumToStateRoot[finalNewBatch] = newStateRoot;
        batchNumToLeafCount[finalNewBatch] = newLeafCount;
        batchNumToLocalExitRoot[finalNewBatch] = newLocalExitRoot;
        batchNumToProofKind[finalNewBatch] = judge.proofKind;
    }

    /// @dev Verification only goes forward, from a batch that is verified.
    function _checkRange(uint64 initNumBatch, uint64 finalNewBatch) private view {
        uint64 lastVerified = lastVerifiedBatch;
        if (initNumBatch > lastVerified) revert InitNumBatchAboveLastVerifiedBatch();
        if (finalNewBatch <= lastVerified) revert FinalNumBatchBelowLastVerifiedBatch();
        // The final batch is above the first by now, so this cannot underflow.
        if (finalNewBatch - initNumBatch > MAX_VERIFY_BATCHES) revert ExceedMaxVerifyBatches();
    }

    /// @dev Writes a sequence's record and moves all marks.
    function _appendSequence(
        uint64 newLastBatch,
        bytes32 accInputHash,
        uint64 maxSequenceTimestamp,
        uint64 consumed
    ) private {
        sequencedBatches[newLastBatch] = SequencedBatchData({
            accInputHash: accInputHash,
            sequencedTimestamp: uint64(block.timestamp),
            previousLastBatchSequenced: lastBatchSequenced,
            maxSequenceTimestamp: maxSequenceTimestamp,
            lastForceBatchSequenced: consumed
        });
        lastBatchSequenced = newLastBatch;
        lastMaxSequenceTimestamp = maxSequenceTimestamp;
        lastForceBatchSequenced = consumed;
    }

    /// @dev Whether `root` can be a state root: eight canonical field elements, not all zero. Zero
    /// marks absence in `batchNumToStateRoot`, so accepting it would stop the rollup for ever.
    function _isStateRoot(bytes32 root) private pure returns (bool) {
        if (root == bytes32(0)) return false;
        uint256 limbs = uint256(root);
        for (uint256 shift = 0; shift < 256; shift += 32) {
            if (((limbs >> shift) & 0xffffffff) >= KOALA_BEAR_PRIME) return false;
        }
        return true;
    }
}
