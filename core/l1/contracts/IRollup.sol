// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IVerifier} from "./IVerifier.sol";

/// @title Structs, events, errors and functions of the rollup on L1
/// @notice Verbs, checks and names are Polygon's where it has them (v1 to elderberry, and banana's
/// rollback); see `core/l1/calls.ts` and `core/l1/events.ts` for the other side.
interface IRollup {
    /// @notice What a rollup is created with.
    /// @param admin The account that changes settings; the zero address means nobody ever can.
    /// @param trustedSequencer The only account that sequences what is no forced batch.
    /// @param trustedAggregator The account that verifies without waiting.
    /// @param trustedAggregatorTimeout Seconds after sequencing until anyone may verify.
    /// @param forceBatchTimeout Seconds that the sequencer has to consume an L1->L2 operation.
    /// @param chainID Chain id of the L2; never changes.
    /// @param genesisStateRoot State root of batch 0; never changes.
    /// @param genesisLeafCount Leaves of the state tree of batch 0; never changes.
    /// @param programHash Hash of the program that proofs must have executed.
    /// @param verifier Judge of proofs of that program.
    struct RollupParameters {
        address admin;
        address trustedSequencer;
        address trustedAggregator;
        uint64 trustedAggregatorTimeout;
        uint64 forceBatchTimeout;
        uint64 chainID;
        bytes32 genesisStateRoot;
        uint64 genesisLeafCount;
        bytes32 programHash;
        IVerifier verifier;
    }

    /// @notice One batch to sequence.
    /// @param transactions Batch data; any bytes are accepted.
    /// @param timestamp Latest timestamp, in seconds, that a block of the batch may have. Each batch
    /// has its own, so that its accInputHash does not depend on which batches share a call.
    /// @param operationCount How many operations the batch consumes, from the head of the queue.
    struct BatchData {
        bytes transactions;
        uint64 timestamp;
        uint64 operationCount;
    }

    /// @notice Kept for the last batch of each sequence, so proofs start and end there.
    /// @param accInputHash Hash chain after the batch.
    /// @param sequencedTimestamp Timestamp of the L1 block that sequenced it.
    /// @param previousLastBatchSequenced Last batch of the sequence before.
    /// @param maxSequenceTimestamp Timestamp of the last batch of the sequence.
    /// @param lastForceBatchSequenced Last operation that is consumed after the batch.
    struct SequencedBatchData {
        bytes32 accInputHash;
        uint64 sequencedTimestamp;
        uint64 previousLastBatchSequenced;
        uint64 maxSequenceTimestamp;
        uint64 lastForceBatchSequenced;
    }

    /// @notice Kept for each operation of the queue.
    /// @param rollingHash Rolling hash of all operations up to this one.
    /// @param deadline From this L1 time on, in seconds, the sequencer cannot pass it by, except in
    /// the week after an emergency.
    struct ForcedBatchData {
        bytes32 rollingHash;
        uint64 deadline;
    }

    /// @notice Kept for each program that ever had a verifier.
    /// @param verifier Judge of proofs of the program.
    /// @param isObsolete Whether the verifier is switched off.
    /// @param proofKind Name of the kind of proof, as the verifier gave it when it was added.
    struct VerifierData {
        IVerifier verifier;
        bool isObsolete;
        string proofKind;
    }

    /// @notice Batches up to `numBatch` are sequenced; `l1InfoRoot` is the rolling hash of the
    /// operations that are consumed after the last of them.
    event SequenceBatches(uint64 indexed numBatch, bytes32 l1InfoRoot);

    /// @notice Batch `numBatch` was sequenced without the sequencer: it has no data, consumes the
    /// operations up to `lastForceBatch`, and its fees go to `coinbase`.
    event SequenceForceBatches(
        uint64 indexed numBatch, uint64 lastForceBatch, uint64 timestamp, address coinbase
    );

    /// @notice Operation `forceBatchNum` entered the queue.
    event ForceBatch(
        uint64 indexed forceBatchNum,
        bytes32 rollingHash,
        address sequencer,
        uint64 deadline,
        bytes transaction
    );

    /// @notice Batches up to `numBatch` are verified and lead to `stateRoot`; sent by anyone.
    event VerifyBatches(
        uint64 indexed numBatch, bytes32 stateRoot, address indexed aggregator
    );

    /// @notice Batches up to `numBatch` are verified and lead to `stateRoot`; sent by the trusted
    /// aggregator.
    event VerifyBatchesTrustedAggregator(
        uint64 indexed numBatch, bytes32 stateRoot, address indexed aggregator
    );

    /// @notice Batches above `targetBatch` are sequenced no more; the hash chain ends with
    /// `accInputHashToRollback`.
    event RollbackBatches(uint64 indexed targetBatch, bytes32 accInputHashToRollback);

    /// @notice Sequencing and verification by anyone have stopped.
    event EmergencyStateActivated();
    /// @notice Sequencing and verification by anyone go on.
    event EmergencyStateDeactivated();

    /// @notice Another account sequences.
    event SetTrustedSequencer(address newTrustedSequencer);
    /// @notice Another account verifies without waiting.
    event SetTrustedAggregator(address newTrustedAggregator);
    /// @notice Seconds after sequencing until anyone may verify have changed.
    event SetTrustedAggregatorTimeout(uint64 newTrustedAggregatorTimeout);
    /// @notice Seconds that the sequencer has to consume a new operation have changed.
    event SetForceBatchTimeout(uint64 newForceBatchTimeout);
    /// @notice The admin has named a successor, who has to accept.
    event TransferAdminRole(address newPendingAdmin);
    /// @notice The successor is admin.
    event AcceptAdminRole(address newAdmin);

    /// @notice Proofs of the program `programHash` can be judged.
    event AddVerifier(bytes32 indexed programHash, address verifier, string proofKind);
    /// @notice Proofs of the program `programHash` are refused from now on.
    event ObsoleteVerifier(bytes32 indexed programHash);
    /// @notice Batches after `numBatch` are proven by the program `programHash`.
    event UpdateProgram(uint64 numBatch, bytes32 programHash);

    /// @notice The sender is not the admin.
    error OnlyAdmin();
    /// @notice The sender is not the successor that the admin has named.
    error OnlyPendingAdmin();
    /// @notice The sender is not the trusted sequencer.
    error OnlyTrustedSequencer();
    /// @notice The sender is not the trusted aggregator.
    error OnlyTrustedAggregator();
    /// @notice The trusted sequencer called through a contract or through delegated code.
    error OnlyDirectCallOfSequencer();
    /// @notice Not while the emergency state lasts.
    error OnlyNotEmergencyState();
    /// @notice Only while the emergency state lasts.
    error OnlyEmergencyState();

    /// @notice A sequence must hold at least one batch, and a forced batch one operation.
    error SequenceZeroBatches();
    /// @notice More batches in one call than can be verified at once.
    error ExceedMaxVerifyBatches();
    /// @notice The timestamp of a batch is too far ahead of the L1 block.
    error MaxTimestampSequenceInvalid();
    /// @notice `initSequencedBatch` is not the last sequenced batch.
    error InitSequencedBatchDoesNotMatch();
    /// @notice The hash chain after the last batch is not the expected one: the batches would follow
    /// another history than the sender knew.
    error FinalAccInputHashDoesNotMatch();
    /// @notice The timestamp is before what the previous sequence allowed its blocks.
    error SequencedTimestampInvalid();
    /// @notice The data of a batch, or an operation, is too long, or an operation has no bytes.
    error TransactionsLengthAboveMax();

    /// @notice No operations are taken in the emergency state.
    error ForceBatchesNotAllowedOnEmergencyState();
    /// @notice A batch consumes more operations than one may.
    error OperationCountAboveMax();
    /// @notice A batch consumes more operations than the queue holds.
    error ForceBatchesOverflow();
    /// @notice An operation whose deadline has passed would be left in the queue.
    error ForceBatchDeadlinePassed();
    /// @notice The sequencer still has time to consume these operations.
    error ForceBatchTimeoutNotExpired();
    /// @notice After an emergency the sequencer has a week before others may sequence.
    error HaltTimeoutNotExpiredAfterEmergencyState();

    /// @notice Only the trusted aggregator may verify before the timeout.
    error TrustedAggregatorTimeoutNotExpired();
    /// @notice No state root is known for `initNumBatch`.
    error OldStateRootDoesNotExist();
    /// @notice `initNumBatch` is above the last verified batch.
    error InitNumBatchAboveLastVerifiedBatch();
    /// @notice `finalNewBatch` is not above the last verified batch.
    error FinalNumBatchBelowLastVerifiedBatch();
    /// @notice `initNumBatch` was verified by the program before this one.
    error InitBatchMustMatchCurrentForkID();
    /// @notice `initNumBatch` is not the last batch of a sequence.
    error OldAccInputHashDoesNotExist();
    /// @notice `finalNewBatch` is not the last batch of a sequence.
    error NewAccInputHashDoesNotExist();
    /// @notice The new state root is zero, or a limb of it is no KoalaBear field element.
    error NewStateRootNotInsidePrime();
    /// @notice The verifier refused the proof for these public inputs.
    error InvalidProof();
    /// @notice The verifier of the program is switched off.
    error VerifierObsolete();

    /// @notice The batch to go back to is not below the last sequenced one, or already verified.
    error RollbackBatchIsNotValid();
    /// @notice The batch to go back to is not the last batch of a sequence.
    error RollbackBatchIsNotEndOfSequence();

    /// @notice The batch is verified: it proves no halt.
    error BatchAlreadyVerified();
    /// @notice The batch is not the last of a sequence.
    error BatchNotSequencedOrNotSequenceEnd();
    /// @notice The batch has not waited a week for its proof, or the last emergency ended less than
    /// a week ago.
    error HaltTimeoutNotExpired();

    /// @notice The genesis state root is zero, or a limb of it is no KoalaBear field element.
    error GenesisStateRootNotInsidePrime();
    /// @notice The trusted aggregator's timeout is longer than a week.
    error TrustedAggregatorTimeoutExceedHaltAggregationTimeout();
    /// @notice Outside the emergency state the trusted aggregator's timeout only goes down.
    error NewTrustedAggregatorTimeoutMustBeLower();
    /// @notice The operations' timeout is longer than a week, or outside the emergency state not
    /// lower than before.
    error InvalidRangeForceBatchTimeout();
    /// @notice There is no contract at the verifier's address, or no verifier of the program.
    error VerifierDoesNotExist();
    /// @notice The program has a verifier that is not switched off.
    error VerifierAlreadyExists();
    /// @notice A program takes over only where the one before has nothing left to prove.
    error AllSequencedBatchesMustBeVerified();

    /// @notice Puts the data of batches on L1: they become virtual. Only the trusted sequencer, by
    /// a direct call, outside the emergency state. Afterwards no operation whose deadline has passed
    /// may be left in the queue, except in the week after an emergency.
    /// @param batches Batches in order; the first is number `initSequencedBatch` + 1.
    /// @param initSequencedBatch Must be the last sequenced batch.
    /// @param expectedFinalAccInputHash Must be the accInputHash after the last of the batches. Since
    /// it covers all batches before, the call counts only behind the history it was made for.
    /// @param l2Coinbase L2 account that collects the fees of these batches.
    function sequenceBatches(
        BatchData[] calldata batches,
        uint64 initSequencedBatch,
        bytes32 expectedFinalAccInputHash,
        address l2Coinbase
    ) external;

    /// @notice Puts an L1->L2 operation at the end of the queue. Anyone, contracts too, outside the
    /// emergency state.
    /// @param transaction EIP-2718 bytes of one signed L2 transaction. Any bytes are accepted: what
    /// is no valid transaction when its turn comes does nothing.
    function forceBatch(bytes calldata transaction) external;

    /// @notice Sequences one batch that consumes operations whose deadline has passed and has no
    /// transactions else. Anyone, outside the emergency state and the week after it.
    /// @param operationCount How many, from the head of the queue.
    function sequenceForceBatches(uint64 operationCount) external;

    /// @notice Checks a proof of the batches `initNumBatch` + 1 to `finalNewBatch`: they become
    /// consolidated. Anyone, outside the emergency state, once `trustedAggregatorTimeout` has
    /// passed since `finalNewBatch` was sequenced.
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

    /// @notice The same by the trusted aggregator, at any time, in the emergency state too.
    /// @param initNumBatch Verified batch that the proof starts from.
    /// @param finalNewBatch Last batch that the proof covers.
    /// @param newStateRoot State root after `finalNewBatch`.
    /// @param newLeafCount Leaves of the state tree after `finalNewBatch`.
    /// @param newLocalExitRoot Root of the L2->L1 log tree of the batches.
    /// @param pubdataHash keccak256 of the pubdata of the batches.
    /// @param proof Bytes for the verifier.
    function verifyBatchesTrustedAggregator(
        uint64 initNumBatch,
        uint64 finalNewBatch,
        bytes32 newStateRoot,
        uint64 newLeafCount,
        bytes32 newLocalExitRoot,
        bytes32 pubdataHash,
        bytes calldata proof
    ) external;

    /// @notice The hash that a proof sent by `prover` must prove. Reverts as the verify functions do
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

    /// @notice Owner power: drops sequenced batches that are not verified, so that they can be
    /// sequenced again otherwise. What they had consumed of the queue is back in it, overdue
    /// operations included. Only the admin.
    /// @param targetBatch Last batch that stays: the last of a sequence, or 0.
    function rollbackBatches(uint64 targetBatch) external;

    /// @notice Stops sequencing and verification by anyone. Owner power: the admin may at any time.
    /// Anyone else needs a batch that has waited a week for its proof, and no emergency may have
    /// ended in that week.
    /// @param sequencedBatchNum That batch; of no meaning to the admin.
    function activateEmergencyState(uint64 sequencedBatchNum) external;

    /// @notice Owner power: ends the emergency state. The sequencer then has a week to catch up with
    /// the queue: until it is over nobody else sequences, and operations may be left waiting. Only
    /// the admin.
    function deactivateEmergencyState() external;

    /// @notice Owner power: names the account that sequences. Only the admin.
    function setTrustedSequencer(address newTrustedSequencer) external;

    /// @notice Owner power: names the account that verifies without waiting. Only the admin.
    function setTrustedAggregator(address newTrustedAggregator) external;

    /// @notice Owner power: changes the seconds after sequencing until anyone may verify; outside
    /// the emergency state only downwards, and never above a week. Only the admin.
    function setTrustedAggregatorTimeout(uint64 newTrustedAggregatorTimeout) external;

    /// @notice Owner power: changes the seconds that the sequencer has to consume operations that
    /// are still to come; outside the emergency state only downwards, and never above a week. Only
    /// the admin.
    function setForceBatchTimeout(uint64 newForceBatchTimeout) external;

    /// @notice Owner power: names a successor. Nothing changes until that account accepts, so that
    /// the role cannot be lost to a mistyped address. Only the admin.
    function transferAdminRole(address newPendingAdmin) external;

    /// @notice Takes the admin's role. Only the named successor.
    function acceptAdminRole() external;

    /// @notice Owner power: gives a program a verifier, where it has none or an obsolete one. Only
    /// the admin. Whoever chooses verifiers can choose one that accepts false proofs.
    function addVerifier(bytes32 programHash, IVerifier verifier) external;

    /// @notice Owner power: the off switch of a broken verifier. Nothing is verified any more until
    /// the program has another verifier, or another program has taken over. Only the admin.
    function obsoleteVerifier(bytes32 programHash) external;

    /// @notice Owner power: from the last verified batch on, another program proves. All sequenced
    /// batches must be verified, so nobody's sequenced transactions change their meaning. Only the
    /// admin.
    function updateProgram(bytes32 programHash) external;
}
