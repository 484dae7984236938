/** One provocation for each custom error of the contracts, through the public ABI alone. */
import { assertEquals } from "@std/assert";
import type { ContractErrorName } from "viem";
import {
  encodeAcceptAdminRole,
  encodeActivateEmergencyState,
  encodeAddVerifier,
  encodeDeactivateEmergencyState,
  encodeDeployRollup,
  encodeForceBatch,
  encodeObsoleteVerifier,
  encodeRollbackBatches,
  encodeSequenceBatches,
  encodeSequenceForceBatches,
  encodeSetForceBatchTimeout,
  encodeSetTrustedAggregatorTimeout,
  encodeUpdateProgram,
  encodeVerifyBatches,
  encodeVerifyBatchesTrustedAggregator,
  type RollupParameters,
  type VerifyBatchesCall,
} from "../../../core/l1/calls.ts";
import { ROLLUP_ABI } from "../../../core/l1/contracts/generated.ts";
import type { SequencedBatchInput } from "../../../core/l1/sequence_calldata.ts";
import {
  type Address,
  address,
  hash32,
  type Hex,
  ZERO_HASH,
} from "../../../core/primitives/hex.ts";
import { encodeSequence } from "../../simulation/l1_actions.ts";
import {
  batchOf,
  claimOf,
  force,
  type RollupWorld,
  sequence,
  sequenceOf,
  verify,
} from "./scenario.ts";
import { ADMIN, AGGREGATOR, createRollupWorld, SEQUENCER, START_SEC, STRANGER } from "./world.ts";

type ErrorName = ContractErrorName<typeof ROLLUP_ABI>;
/** The message that is refused; whatever must come before it has been sent. */
type Provocation = (
  world: RollupWorld,
) => Promise<{ readonly from: Address; readonly origin?: Address; readonly data: Hex }>;

/** Sender of deployments: these go to no address. */
const DEPLOYER: Address = address(`0x${"77".repeat(20)}`);
const WEEK_SEC = 604_800n;
const PROGRAM = hash32(`0x${"ab".repeat(32)}`);
const OTHER_PROGRAM = hash32(`0x${"cd".repeat(32)}`);

const PROVOCATIONS: Readonly<Record<ErrorName, Provocation>> = {
  OnlyAdmin: by(STRANGER, () => encodeObsoleteVerifier(PROGRAM)),
  OnlyPendingAdmin: by(STRANGER, () => encodeAcceptAdminRole()),
  OnlyTrustedSequencer: by(STRANGER, (world) => encodeSequence(world, sequenceOf([batchOf()]))),
  OnlyTrustedAggregator: by(STRANGER, () => encodeVerifyBatchesTrustedAggregator(claimOf(0n, 1n))),
  OnlyDirectCallOfSequencer: async (world) => {
    const data = await encodeSequence(world, sequenceOf([batchOf()]));
    return { from: SEQUENCER, origin: STRANGER, data };
  },
  OnlyNotEmergencyState: sequencing([batchOf()], emergency),
  OnlyEmergencyState: by(ADMIN, () => encodeDeactivateEmergencyState()),

  SequenceZeroBatches: sequencing([]),
  ExceedMaxVerifyBatches: sequencing(Array<SequencedBatchInput>(1_001).fill(batchOf())),
  MaxTimestampSequenceInvalid: sequencing([batchOf({ timestampSec: START_SEC + 37n })]),
  InitSequencedBatchDoesNotMatch: sequencing([batchOf()], (world) => sequence(world)),
  FinalAccInputHashDoesNotMatch: by(SEQUENCER, () => {
    const call = sequenceOf([batchOf()]);
    return encodeSequenceBatches({ ...call, expectedFinalAccInputHash: ZERO_HASH });
  }),
  SequencedTimestampInvalid: sequencing([batchOf(), batchOf({ timestampSec: START_SEC - 1n })]),
  TransactionsLengthAboveMax: sequencing([batchOf({ transactions: new Uint8Array(120_001) })]),

  ForceBatchesNotAllowedOnEmergencyState: by(
    STRANGER,
    () => encodeForceBatch(Uint8Array.of(1)),
    emergency,
  ),
  OperationCountAboveMax: by(STRANGER, () => encodeSequenceForceBatches(51n)),
  ForceBatchesOverflow: sequencing([batchOf({ operationCount: 1n })]),
  ForceBatchDeadlinePassed: sequencing([batchOf()], overdue),
  ForceBatchTimeoutNotExpired: by(
    STRANGER,
    () => encodeSequenceForceBatches(1n),
    (world) => force(world),
  ),
  HaltTimeoutNotExpiredAfterEmergencyState: by(
    STRANGER,
    () => encodeSequenceForceBatches(1n),
    async (world) => {
      await overdue(world);
      await emergency(world);
      await send(world, ADMIN, encodeDeactivateEmergencyState());
    },
  ),

  TrustedAggregatorTimeoutNotExpired: by(
    STRANGER,
    () => encodeVerifyBatches(claimOf(0n, 1n)),
    (world) => sequence(world),
  ),
  OldStateRootDoesNotExist: verifying(claimOf(1n, 3n), async (world) => {
    await sequenceThrice(world);
    await verify(world, 0n, 2n);
  }),
  InitNumBatchAboveLastVerifiedBatch: verifying(claimOf(1n, 2n), sequenceThrice),
  FinalNumBatchBelowLastVerifiedBatch: verifying(claimOf(0n, 0n)),
  InitBatchMustMatchCurrentForkID: verifying(claimOf(0n, 2n), async (world) => {
    await sequence(world);
    await verify(world, 0n, 1n);
    await send(world, ADMIN, encodeAddVerifier(OTHER_PROGRAM, world.parameters.verifier));
    await send(world, ADMIN, encodeUpdateProgram(OTHER_PROGRAM));
    await sequence(world);
  }),
  OldAccInputHashDoesNotExist: verifying(claimOf(1n, 3n), async (world) => {
    await sequence(world, [0, 0]);
    await verify(world, 0n, 2n);
    await sequence(world);
  }),
  NewAccInputHashDoesNotExist: verifying(claimOf(0n, 1n)),
  NewStateRootNotInsidePrime: verifying(
    claimOf(0n, 1n, { newStateRoot: hash32(`0x${"ff".repeat(32)}`) }),
    (world) => sequence(world),
  ),
  InvalidProof: verifying(claimOf(0n, 1n), (world) => sequence(world)),
  VerifierObsolete: verifying(claimOf(0n, 1n), async (world) => {
    await sequence(world);
    await send(world, ADMIN, encodeObsoleteVerifier(PROGRAM));
  }),

  RollbackBatchIsNotValid: by(ADMIN, () => encodeRollbackBatches(0n)),
  RollbackBatchIsNotEndOfSequence: by(
    ADMIN,
    () => encodeRollbackBatches(1n),
    (world) => sequence(world, [0, 0]),
  ),

  BatchAlreadyVerified: by(STRANGER, () => encodeActivateEmergencyState(0n)),
  BatchNotSequencedOrNotSequenceEnd: by(STRANGER, () => encodeActivateEmergencyState(1n)),
  HaltTimeoutNotExpired: by(
    STRANGER,
    () => encodeActivateEmergencyState(1n),
    (world) => sequence(world),
  ),

  GenesisStateRootNotInsidePrime: deploying({ genesisStateRoot: ZERO_HASH }),
  TrustedAggregatorTimeoutExceedHaltAggregationTimeout: by(
    ADMIN,
    () => encodeSetTrustedAggregatorTimeout(WEEK_SEC + 1n),
  ),
  NewTrustedAggregatorTimeoutMustBeLower: by(
    ADMIN,
    () => encodeSetTrustedAggregatorTimeout(WEEK_SEC),
  ),
  InvalidRangeForceBatchTimeout: by(ADMIN, () => encodeSetForceBatchTimeout(WEEK_SEC)),
  VerifierDoesNotExist: by(ADMIN, () => encodeUpdateProgram(OTHER_PROGRAM)),
  VerifierAlreadyExists: by(
    ADMIN,
    (world) => encodeAddVerifier(PROGRAM, world.parameters.verifier),
  ),
  AllSequencedBatchesMustBeVerified: by(
    ADMIN,
    () => encodeUpdateProgram(PROGRAM),
    (world) => sequence(world),
  ),
};

Deno.test("every custom error of the contracts has a provocation", () => {
  const names = ROLLUP_ABI.flatMap((entry) => entry.type === "error" ? [entry.name] : []);
  assertEquals(Object.keys(PROVOCATIONS).toSorted(), names.toSorted());
});

for (const [errorName, provoke] of Object.entries(PROVOCATIONS)) {
  Deno.test(`Rollup refuses with ${errorName}`, async () => {
    const world = await createRollupWorld();
    const message = await provoke(world);
    const to = message.from === DEPLOYER ? {} : { to: world.rollup };
    assertEquals(await world.send({ ...message, ...to }), { kind: "reverted", errorName });
  });
}

function by(
  from: Address,
  data: (world: RollupWorld) => Hex | Promise<Hex>,
  prepare?: (world: RollupWorld) => Promise<void>,
): Provocation {
  return async (world) => {
    await prepare?.(world);
    return { from, data: await data(world) };
  };
}

function sequencing(
  batches: readonly SequencedBatchInput[],
  prepare?: (world: RollupWorld) => Promise<void>,
): Provocation {
  return by(SEQUENCER, (world) => encodeSequence(world, sequenceOf(batches)), prepare);
}

function verifying(
  call: VerifyBatchesCall,
  prepare?: (world: RollupWorld) => Promise<void>,
): Provocation {
  return by(AGGREGATOR, () => encodeVerifyBatchesTrustedAggregator(call), prepare);
}

function deploying(change: Partial<RollupParameters>): Provocation {
  return by(DEPLOYER, (world) => encodeDeployRollup({ ...world.parameters, ...change }));
}

async function send(world: RollupWorld, from: Address, data: Hex): Promise<void> {
  await world.mustSend({ from, to: world.rollup, data });
}

function emergency(world: RollupWorld): Promise<void> {
  return send(world, ADMIN, encodeActivateEmergencyState(0n));
}

async function overdue(world: RollupWorld): Promise<void> {
  await force(world);
  world.setTime(START_SEC + 7_200n);
}

async function sequenceThrice(world: RollupWorld): Promise<void> {
  for (const counts of [[0], [0], [0]]) await sequence(world, counts);
}
