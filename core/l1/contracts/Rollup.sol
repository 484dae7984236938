// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {AccInputHash} from "./AccInputHash.sol";
import {IRollup} from "./IRollup.sol";
import {IVerifier} from "./IVerifier.sol";

/// @title The rollup's contract on L1: an ordered list of batches and a proven state root
/// @notice Assumes that sequencer, aggregator and prover are hostile: the state root moves only by a
/// proof whose public inputs this contract has put together itself. It has no owner, no proxy and
/// no setter.
contract Rollup is IRollup {
    /// @dev Batches in one sequence, and in one proof.
    uint64 private constant MAX_VERIFY_BATCHES = 1000;
    /// @dev Bytes of one batch's data.
    uint256 private constant MAX_TRANSACTIONS_BYTE_LENGTH = 120_000;
    /// @dev Seconds that `maxSequenceTimestamp` may lead the L1 block: three L1 slots.
    uint256 private constant MAX_SEQUENCE_TIMESTAMP_LEAD = 36;
    /// @dev Longest timeout: verification by anyone can never be put off for longer.
    uint64 private constant HALT_AGGREGATION_TIMEOUT = 1 weeks;
    /// @dev Order of the KoalaBear field, 2^31 - 2^24 + 1; a state root is eight of its elements.
    uint256 private constant KOALA_BEAR_PRIME = 0x7f000001;

    /// @notice The only account that sequences.
    address public immutable trustedSequencer;
    /// @notice The account that verifies without waiting.
    address public immutable trustedAggregator;
    /// @notice Seconds after sequencing until anyone may verify.
    uint64 public immutable trustedAggregatorTimeout;
    /// @notice Chain id of the L2.
    uint64 public immutable chainID;
    /// @notice Hash of the program that every proof must have executed.
    bytes32 public immutable programHash;
    /// @notice Judge of proofs.
    IVerifier public immutable verifier;

    /// @notice Rolling hash of the L1->L2 operations consumed so far: of none, while no queue exists.
    bytes32 public constant l1ToL2RollingHash = keccak256("");

    /// @notice Last batch whose data is on L1.
    uint64 public lastBatchSequenced;
    /// @notice Last batch whose proof was accepted.
    uint64 public lastVerifiedBatch;
    /// @notice `maxSequenceTimestamp` of the latest sequence.
    uint64 public lastMaxSequenceTimestamp;

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
    constructor(RollupParameters memory parameters) {
        if (parameters.trustedAggregatorTimeout > HALT_AGGREGATION_TIMEOUT) {
            revert TrustedAggregatorTimeoutExceedHaltAggregationTimeout();
        }
        if (!_isStateRoot(parameters.genesisStateRoot)) revert GenesisStateRootNotInsidePrime();
        if (address(parameters.verifier).code.length == 0) revert VerifierDoesNotExist();
        trustedSequencer = parameters.trustedSequencer;
        trustedAggregator = parameters.trustedAggregator;
        trustedAggregatorTimeout = parameters.trustedAggregatorTimeout;
        chainID = parameters.chainID;
        programHash = parameters.programHash;
        verifier = parameters.verifier;
        batchNumToStateRoot[0] = parameters.genesisStateRoot;
        batchNumToLeafCount[0] = parameters.genesisLeafCount;
    }

    /// @inheritdoc IRollup
    /// @dev The data is only in the calldata, and followers read it from the L1 transaction. A
    /// sequencer that could call through code, its own EIP-7702 code included, could hide it from
    /// them, so the call must be the transaction itself.
    function sequenceBatches(
        BatchData[] calldata batches,
        uint64 maxSequenceTimestamp,
        uint64 initSequencedBatch,
        address l2Coinbase
    ) external {
        if (msg.sender != trustedSequencer) revert OnlyTrustedSequencer();
        if (msg.sender != tx.origin || msg.sender.code.length != 0) {
            revert OnlyDirectCallOfSequencer();
        }
        uint256 batchCount = batches.length;
        if (batchCount == 0) revert SequenceZeroBatches();
        if (batchCount > MAX_VERIFY_BATCHES) revert ExceedMaxVerifyBatches();
        if (maxSequenceTimestamp > block.timestamp + MAX_SEQUENCE_TIMESTAMP_LEAD) {
            revert MaxTimestampSequenceInvalid();
        }
        uint64 oldLastBatch = lastBatchSequenced;
        if (initSequencedBatch != oldLastBatch) revert InitSequencedBatchDoesNotMatch();
        if (maxSequenceTimestamp < lastMaxSequenceTimestamp) revert SequencedTimestampInvalid();

        bytes32 accInputHash = sequencedBatches[oldLastBatch].accInputHash;
        for (uint256 index = 0; index < batchCount; ++index) {
            accInputHash = AccInputHash.next(
                accInputHash,
                _checkBatch(batches[index]),
                l1ToL2RollingHash,
                maxSequenceTimestamp,
                l2Coinbase,
                bytes32(0)
            );
        }

        // At most 1000 are added at a time: 2^64 is out of reach, and the cast is exact.
        uint64 newLastBatch = oldLastBatch + uint64(batchCount);
        lastBatchSequenced = newLastBatch;
        lastMaxSequenceTimestamp = maxSequenceTimestamp;
        sequencedBatches[newLastBatch] = SequencedBatchData({
            accInputHash: accInputHash,
            sequencedTimestamp: uint64(block.timestamp),
            previousLastBatchSequenced: oldLastBatch
        });
        emit SequenceBatches(newLastBatch, l1ToL2RollingHash);
    }

    /// @inheritdoc IRollup
    function verifyBatches(
        uint64 initNumBatch,
        uint64 finalNewBatch,
        bytes32 newStateRoot,
        uint64 newLeafCount,
        bytes32 newLocalExitRoot,
        bytes32 pubdataHash,
        bytes calldata proof
    ) external {
        _checkMayVerify(initNumBatch, finalNewBatch);
        bytes32 publicInputsHash = getPublicInputsHash(
            msg.sender,
            initNumBatch,
            finalNewBatch,
            newStateRoot,
            newLeafCount,
            newLocalExitRoot,
            pubdataHash
        );
        if (!verifier.verifyProof(publicInputsHash, proof)) revert InvalidProof();

        lastVerifiedBatch = finalNewBatch;
        batchNumToStateRoot[finalNewBatch] = newStateRoot;
        batchNumToLeafCount[finalNewBatch] = newLeafCount;
        batchNumToLocalExitRoot[finalNewBatch] = newLocalExitRoot;
        batchNumToProofKind[finalNewBatch] = verifier.proofKind();
        emit VerifyBatches(finalNewBatch, newStateRoot, msg.sender);
    }

    /// @inheritdoc IRollup
    /// @dev The byte layout is documented in `core/proving/public_inputs.ts`. Old root, old leaf
    /// count and both accInputHashes come from storage: the sender chooses none of them.
    function getPublicInputsHash(
        address prover,
        uint64 initNumBatch,
        uint64 finalNewBatch,
        bytes32 newStateRoot,
        uint64 newLeafCount,
        bytes32 newLocalExitRoot,
        bytes32 pubdataHash
    ) public view returns (bytes32) {
        bytes32 oldStateRoot = batchNumToStateRoot[initNumBatch];
        if (oldStateRoot == bytes32(0)) revert OldStateRootDoesNotExist();
        bytes32 oldAccInputHash = sequencedBatches[initNumBatch].accInputHash;
        if (initNumBatch != 0 && oldAccInputHash == bytes32(0)) {
            revert OldAccInputHashDoesNotExist();
        }
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

    /// @dev Who may verify what, before any public input is looked at.
    function _checkMayVerify(uint64 initNumBatch, uint64 finalNewBatch) private view {
        if (
            msg.sender != trustedAggregator
                && sequencedBatches[finalNewBatch].sequencedTimestamp + trustedAggregatorTimeout
                    > block.timestamp
        ) {
            revert TrustedAggregatorTimeoutNotExpired();
        }
        // A final batch below the first is refused further down, not by an arithmetic panic here.
        if (finalNewBatch > initNumBatch && finalNewBatch - initNumBatch > MAX_VERIFY_BATCHES) {
            revert ExceedMaxVerifyBatches();
        }
        if (batchNumToStateRoot[initNumBatch] == bytes32(0)) revert OldStateRootDoesNotExist();
        uint64 lastVerified = lastVerifiedBatch;
        if (initNumBatch > lastVerified) revert InitNumBatchAboveLastVerifiedBatch();
        if (finalNewBatch <= lastVerified) revert FinalNumBatchBelowLastVerifiedBatch();
    }

    /// @dev Checks one batch to sequence and hashes its data.
    function _checkBatch(BatchData calldata batch) private pure returns (bytes32) {
        bytes calldata transactions = batch.transactions;
        if (transactions.length > MAX_TRANSACTIONS_BYTE_LENGTH) {
            revert TransactionsLengthAboveMax();
        }
        if (
            batch.forcedGlobalExitRoot != bytes32(0) || batch.forcedTimestamp != 0
                || batch.forcedBlockHashL1 != bytes32(0)
        ) {
            revert ForcedDataDoesNotMatch();
        }
        return keccak256(transactions);
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
