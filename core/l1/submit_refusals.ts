/**
 * What a refusal of the rollup contract means to the one who sends batches and proofs.
 *
 * Owns a page from the contract's custom errors to the check that failed and what to do next. Does
 * not own decoding (`revert.ts`), nor which refusals only ask for patience (`pipeline/stages`).
 * @module
 */

/** One check of the contract. */
export interface RefusalMeaning {
  /** What the contract found, as the end of a sentence. */
  readonly check: string;
  /** The next thing to do. */
  readonly mend: string;
}

const SYNC = "Run `sync` to read what L1 says, then `submit` again.";
const OTHER_KEY = "Send with the key of the account that the contract names, or let the admin " +
  "change it; `inspect-state heads` shows how far the chain is.";
const DEFECT = "This is a defect of varve or of the contract: keep the data folder and report it.";
const NEW_PROOF = "Run `prove` again, then `submit`.";

/** Every error that `sequenceBatches` and both ways to verify can end with. */
export const REFUSAL_MEANINGS: Readonly<Record<string, RefusalMeaning>> = {
  OnlyTrustedSequencer: {
    check: "the sender is not the account that the contract lets sequence",
    mend: OTHER_KEY,
  },
  OnlyTrustedAggregator: {
    check: "the sender is not the account that the contract lets verify without waiting",
    mend: OTHER_KEY,
  },
  OnlyDirectCallOfSequencer: {
    check: "the sender has code (EIP-7702), so followers could not read the data it sends",
    mend: "Take the delegation of the sequencer's account back, then run `submit` again.",
  },
  OnlyNotEmergencyState: {
    check: "the contract is in emergency state",
    mend: "Wait until the admin ends it (deactivateEmergencyState), then run `submit` again.",
  },
  SequenceZeroBatches: { check: "the call has no batch", mend: DEFECT },
  ExceedMaxVerifyBatches: { check: "the call has more than 1,000 batches", mend: DEFECT },
  TransactionsLengthAboveMax: {
    check: "the data of a batch is longer than 120,000 bytes",
    mend: DEFECT,
  },
  OperationCountAboveMax: {
    check: "a batch consumes more than 50 L1->L2 operations",
    mend: DEFECT,
  },
  InitSequencedBatchDoesNotMatch: {
    check: "L1 has another number of batches than this node read last: somebody else sequenced, " +
      "or L1 reorganised",
    mend: SYNC,
  },
  FinalAccInputHashDoesNotMatch: {
    check: "another history is on L1 than this call was made for: somebody else sequenced, or L1 " +
      "reorganised",
    mend: SYNC,
  },
  MaxTimestampSequenceInvalid: {
    check: "the batches are of a later time than L1 has: their timestamp is more than 36 s ahead",
    mend: "Set this machine's clock, or wait until L1 has come as far.",
  },
  SequencedTimestampInvalid: {
    check: "the batches are of an earlier time than what L1 has last, sequenced or forced",
    mend: SYNC,
  },
  ForceBatchesOverflow: {
    check: "the batches consume more L1->L2 operations than L1 has: it reorganised",
    mend: SYNC,
  },
  ForceBatchDeadlinePassed: {
    check: "the deadline of an L1->L2 operation is over that these batches leave out",
    mend: "Run `sync`, then `seal-batch`, which puts waiting operations in, then `submit`.",
  },
  TrustedAggregatorTimeoutNotExpired: {
    check: "only the trusted aggregator may verify these batches yet",
    mend: "Wait until the timeout is over, then run `submit` again.",
  },
  OldStateRootDoesNotExist: {
    check: "no verified batch on L1 is the one that the proof starts from",
    mend: SYNC,
  },
  OldAccInputHashDoesNotExist: {
    check: "the proof does not start where a sequence on L1 ends",
    mend: SYNC,
  },
  NewAccInputHashDoesNotExist: {
    check: "the proof does not end where a sequence on L1 ends",
    mend: SYNC,
  },
  NewStateRootNotInsidePrime: { check: "the new state root is no state root", mend: DEFECT },
  InitNumBatchAboveLastVerifiedBatch: {
    check: "the proof starts after the last batch that L1 has verified: L1 reorganised",
    mend: SYNC,
  },
  FinalNumBatchBelowLastVerifiedBatch: {
    check: "L1 has verified these batches already",
    mend: SYNC,
  },
  VerifierObsolete: {
    check: "the verifier of this program was switched off",
    mend: "Let the admin name another program or verifier (addVerifier, updateProgram).",
  },
  VerifierDoesNotExist: {
    check: "the contract has no verifier for this program",
    mend: "Let the admin add one (addVerifier).",
  },
  InvalidProof: {
    check: "the verifier does not take the proof for what L1 has: another prover, program or data",
    mend: NEW_PROOF,
  },
};

/** What an error name means; an unknown one comes from another contract or another version. */
export function refusalMeaning(errorName: string): RefusalMeaning {
  // The name is L1's: only own properties are an answer.
  const known = Object.hasOwn(REFUSAL_MEANINGS, errorName)
    ? REFUSAL_MEANINGS[errorName]
    : undefined;
  return known ?? {
    check: "the contract gave no reason that this version of varve knows",
    mend: "Check that the rollup contract is of this version, then run `sync` and `submit` again.",
  };
}
