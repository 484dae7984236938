// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IVerifier} from "./IVerifier.sol";

/// @title Structs, events, errors and functions of the rollup on L1
/// @notice Verbs, checks and names are Polygon's (elderberry); see `core/l1/calls.ts` and
/// `core/l1/events.ts` for the other side.
interface IRollup {
    /// @notice What a rollup is created with; nothing of it changes later.
    /// @param trustedSequencer The only account that sequences.
    /// @param trustedAggregator The account that verifies without waiting.
    /// @param trustedAggregatorTimeout Seconds after sequencing until anyone may verify.
    /// @param chainID Chain id of the L2.
    /// @param genesisStateRoot State root of batch 0.
    /// @param genesisLeafCount Leaves of the state tree of batch 0.
    /// @param programHash Hash of the program that every proof must have executed.
    /// @param verifier Judge of proofs.
    struct RollupParameters {
        address trustedSequencer;
        address trustedAggregator;
        uint64 trustedAggregatorTimeout;
        uint64 chainID;
        bytes32 genesisStateRoot;
        uint64 genesisLeafCount;
        bytes32 programHash;
        IVerifier verifier;
    }

    /// @notice One batch to sequence, with elderberry's ABI.
    /// @param transactions Batch data; any bytes are accepted.
    /// @param forcedGlobalExitRoot Must be zero: there are no forced batches yet.
    /// @param forcedTimestamp Must be zero.
    /// @param forcedBlockHashL1 Must be zero.
    struct BatchData {
        bytes transactions;
        bytes32 forcedGlobalExitRoot;
        uint64 forcedTimestamp;
        bytes32 forcedBlockHashL1;
    }

    /// @notice Kept for the last batch of each sequence, so proofs start and end there.
    /// @param accInputHash Hash chain after the batch.
    /// @param sequencedTimestamp Timestamp of the L1 block that sequenced it.
    /// @param previousLastBatchSequenced Last batch of the sequence before.
    struct SequencedBatchData {
        bytes32 accInputHash;
        uint64 sequencedTimestamp;
        uint64 previousLastBatchSequenced;
    }

    /// @notice Batches up to `numBatch` are sequenced; `l1InfoRoot` went into their accInputHash.
    event SequenceBatches(uint64 indexed numBatch, bytes32 l1InfoRoot);

    /// @notice Batches up to `numBatch` are verified and lead to `stateRoot`.
    event VerifyBatches(
        uint64 indexed numBatch, bytes32 stateRoot, address indexed aggregator
    );

    /// @notice The sender is not the trusted sequencer.
    error OnlyTrustedSequencer();
    /// @notice The trusted sequencer called through a contract or through delegated code.
    error OnlyDirectCallOfSequencer();
    /// @notice A sequence must hold at least one batch.
    error SequenceZeroBatches();
    /// @notice More batches in one call than can be verified at once.
    error ExceedMaxVerifyBatches();
    /// @notice `maxSequenceTimestamp` is too far ahead of the L1 block.
    error MaxTimestampSequenceInvalid();
    /// @notice `initSequencedBatch` is not the last sequenced batch.
    error InitSequencedBatchDoesNotMatch();
    /// @notice `maxSequenceTimestamp` is before that of the previous sequence.
    error SequencedTimestampInvalid();
    /// @notice The data of a batch is too long.
    error TransactionsLengthAboveMax();
    /// @notice The batch claims forced data that no queue holds.
    error ForcedDataDoesNotMatch();
    /// @notice Only the trusted aggregator may verify before the timeout.
    error TrustedAggregatorTimeoutNotExpired();
    /// @notice No state root is known for `initNumBatch`.
    error OldStateRootDoesNotExist();
    /// @notice `initNumBatch` is above the last verified batch.
    error InitNumBatchAboveLastVerifiedBatch();
    /// @notice `finalNewBatch` is not above the last verified batch.
    error FinalNumBatchBelowLastVerifiedBatch();
    /// @notice `initNumBatch` is not the last batch of a sequence.
    error OldAccInputHashDoesNotExist();
    /// @notice `finalNewBatch` is not the last batch of a sequence.
    error NewAccInputHashDoesNotExist();
    /// @notice The new state root is zero, or a limb of it is no KoalaBear field element.
    error NewStateRootNotInsidePrime();
    /// @notice The verifier refused the proof for these public inputs.
    error InvalidProof();
    /// @notice The genesis state root is zero, or a limb of it is no KoalaBear field element.
    error GenesisStateRootNotInsidePrime();
    /// @notice The trusted aggregator's timeout is longer than a week.
    error TrustedAggregatorTimeoutExceedHaltAggregationTimeout();
    /// @notice There is no contract at the verifier's address.
    error VerifierDoesNotExist();

    /// @notice Puts the data of batches on L1: they become virtual.
    /// @param batches Batches in order; the first is number `initSequencedBatch` + 1.
    /// @param maxSequenceTimestamp Latest timestamp, in seconds, of any of their blocks.
    /// @param initSequencedBatch Must be the last sequenced batch.
    /// @param l2Coinbase L2 account that collects the fees of these batches.
    function sequenceBatches(
        BatchData[] calldata batches,
        uint64 maxSequenceTimestamp,
        uint64 initSequencedBatch,
        address l2Coinbase
    ) external;

    /// @notice Checks a proof of the batches `initNumBatch` + 1 to `finalNewBatch`: they become
    /// consolidated.
    /// @param initNumBatch Verified batch that the proof starts from.
    /// @param finalNewBatch Last batch that the proof covers.
    /// @param newStateRoot State root after `finalNewBatch`.
    /// @param newLeafCount Leaves of the state tree after `finalNewBatch`.
    /// @param newLocalExitRoot Root of the L2->L1 log tree of the batches.
    /// @param pubdataHash keccak256 of the pubdata of the batches.
    /// @param proof Bytes for the verifier.
    function verifyBatches(
        uint64 initNumBatch,
        uint64 finalNewBatch,
        bytes32 newStateRoot,
        uint64 newLeafCount,
        bytes32 newLocalExitRoot,
        bytes32 pubdataHash,
        bytes calldata proof
    ) external;

    /// @notice The hash that a proof sent by `prover` must prove. Reverts as `verifyBatches` does
    /// when a batch or the new root is unusable.
    function getPublicInputsHash(
        address prover,
        uint64 initNumBatch,
        uint64 finalNewBatch,
        bytes32 newStateRoot,
        uint64 newLeafCount,
        bytes32 newLocalExitRoot,
        bytes32 pubdataHash
    ) external view returns (bytes32);
}
