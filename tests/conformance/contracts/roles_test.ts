/** Every state-changing function of the rollup against every role. */
import { assertEquals } from "@std/assert";
import type { ContractFunctionName } from "viem";
import {
  encodeAcceptAdminRole,
  encodeActivateEmergencyState,
  encodeAddVerifier,
  encodeDeactivateEmergencyState,
  encodeForceBatch,
  encodeObsoleteVerifier,
  encodeRollbackBatches,
  encodeSequenceForceBatches,
  encodeSetForceBatchTimeout,
  encodeSetTrustedAggregator,
  encodeSetTrustedAggregatorTimeout,
  encodeSetTrustedSequencer,
  encodeTransferAdminRole,
  encodeUpdateProgram,
  encodeVerifyBatches,
  encodeVerifyBatchesTrustedAggregator,
} from "../../../core/l1/calls.ts";
import { ROLLUP_ABI } from "../../../core/l1/contracts/generated.ts";
import { type Address, address, hash32, type Hex } from "../../../core/primitives/hex.ts";
import { encodeSequence } from "../../simulation/l1_actions.ts";
import {
  batchOf,
  claimOf,
  force,
  provenClaim,
  refusalOf,
  type RollupWorld,
  sequence,
  sequenceOf,
} from "./scenario.ts";
import {
  ADMIN,
  AGGREGATOR,
  COINBASE,
  createRollupWorld,
  SEQUENCER,
  START_SEC,
  STRANGER,
} from "./world.ts";

const SUCCESSOR: Address = address(`0x${"66".repeat(20)}`);
const ROLES = {
  admin: ADMIN,
  successor: SUCCESSOR,
  sequencer: SEQUENCER,
  aggregator: AGGREGATOR,
  stranger: STRANGER,
} as const;
type Role = keyof typeof ROLES;
const EVERYONE: readonly Role[] = ["admin", "successor", "sequencer", "aggregator", "stranger"];

type StateChanging = ContractFunctionName<typeof ROLLUP_ABI, "nonpayable">;

/** Who may call a function in a state where nothing but the role can stand in the way. */
interface Rule {
  readonly may: readonly Role[];
  /** With what all others are refused. */
  readonly refusal: string;
  /** What must have happened before. */
  readonly prepare?: (world: RollupWorld) => Promise<void>;
  readonly data: (world: RollupWorld, caller: Address) => Hex | Promise<Hex>;
}

const PROGRAM = hash32(`0x${"ab".repeat(32)}`);
const OTHER_PROGRAM = hash32(`0x${"cd".repeat(32)}`);

const adminOnly = (data: Rule["data"], prepare?: Rule["prepare"]): Rule => ({
  may: ["admin"],
  refusal: "OnlyAdmin",
  data,
  ...(prepare === undefined ? {} : { prepare }),
});

const RULES: Readonly<Record<StateChanging, readonly Rule[]>> = {
  sequenceBatches: [{
    may: ["sequencer"],
    refusal: "OnlyTrustedSequencer",
    data: (world) => encodeSequence(world, sequenceOf([batchOf()])),
  }],
  forceBatch: [{
    may: EVERYONE,
    refusal: "",
    data: () => encodeForceBatch(Uint8Array.of(1)),
  }],
  sequenceForceBatches: [
    {
      may: EVERYONE,
      refusal: "",
      prepare: async (world) => {
        await force(world);
        world.setTime(START_SEC + 7_200n);
      },
      data: () => encodeSequenceForceBatches(1n),
    },
    // Nobody may before the deadline, not even the sequencer or the admin.
    {
      may: [],
      refusal: "ForceBatchTimeoutNotExpired",
      prepare: (world) => force(world),
      data: () => encodeSequenceForceBatches(1n),
    },
  ],
  verifyBatches: [
    {
      may: EVERYONE,
      refusal: "",
      prepare: async (world) => {
        await sequence(world);
        world.setTime(START_SEC + 3_600n);
      },
      data: async (world, caller) =>
        encodeVerifyBatches(await provenClaim(world, claimOf(0n, 1n), caller)),
    },
    {
      may: [],
      refusal: "TrustedAggregatorTimeoutNotExpired",
      prepare: (world) => sequence(world),
      data: async (world, caller) =>
        encodeVerifyBatches(await provenClaim(world, claimOf(0n, 1n), caller)),
    },
  ],
  verifyBatchesTrustedAggregator: [{
    may: ["aggregator"],
    refusal: "OnlyTrustedAggregator",
    prepare: (world) => sequence(world),
    data: async (world, caller) =>
      encodeVerifyBatchesTrustedAggregator(await provenClaim(world, claimOf(0n, 1n), caller)),
  }],
  rollbackBatches: [adminOnly(() => encodeRollbackBatches(0n), (world) => sequence(world))],
  activateEmergencyState: [
    {
      may: ["admin"],
      refusal: "HaltTimeoutNotExpired",
      prepare: (world) => sequence(world),
      data: () => encodeActivateEmergencyState(1n),
    },
    // The batch is old enough, but an emergency has just ended.
    {
      may: ["admin"],
      refusal: "HaltTimeoutNotExpired",
      prepare: async (world) => {
        await sequence(world);
        await asAdmin(world, encodeActivateEmergencyState(0n));
        world.setTime(START_SEC + 604_800n);
        await asAdmin(world, encodeDeactivateEmergencyState());
      },
      data: () => encodeActivateEmergencyState(1n),
    },
    {
      may: EVERYONE,
      refusal: "",
      prepare: async (world) => {
        await sequence(world);
        world.setTime(START_SEC + 604_800n);
      },
      data: () => encodeActivateEmergencyState(1n),
    },
  ],
  deactivateEmergencyState: [
    adminOnly(
      () => encodeDeactivateEmergencyState(),
      (world) => asAdmin(world, encodeActivateEmergencyState(0n)),
    ),
  ],
  setTrustedSequencer: [adminOnly(() => encodeSetTrustedSequencer(COINBASE))],
  setTrustedAggregator: [adminOnly(() => encodeSetTrustedAggregator(COINBASE))],
  setTrustedAggregatorTimeout: [adminOnly(() => encodeSetTrustedAggregatorTimeout(0n))],
  setForceBatchTimeout: [adminOnly(() => encodeSetForceBatchTimeout(0n))],
  transferAdminRole: [adminOnly(() => encodeTransferAdminRole(COINBASE))],
  acceptAdminRole: [{
    may: ["successor"],
    refusal: "OnlyPendingAdmin",
    data: () => encodeAcceptAdminRole(),
  }],
  addVerifier: [
    adminOnly((world) => encodeAddVerifier(OTHER_PROGRAM, world.parameters.verifier)),
  ],
  obsoleteVerifier: [adminOnly(() => encodeObsoleteVerifier(PROGRAM))],
  updateProgram: [
    adminOnly(
      () => encodeUpdateProgram(OTHER_PROGRAM),
      (world) => asAdmin(world, encodeAddVerifier(OTHER_PROGRAM, world.parameters.verifier)),
    ),
  ],
};

Deno.test("Rollup has a rule for each of its state-changing functions", () => {
  const names = ROLLUP_ABI.flatMap((entry) =>
    entry.type === "function" && !["view", "pure"].includes(entry.stateMutability)
      ? [entry.name]
      : []
  );
  assertEquals(names.toSorted(), Object.keys(RULES).toSorted());
});

for (const [name, rules] of Object.entries(RULES)) {
  Deno.test(`${name}() is refused to every role that lacks it, and to no other`, async () => {
    for (const rule of rules) {
      const world = await createRollupWorld();
      await asAdmin(world, encodeTransferAdminRole(SUCCESSOR));
      await rule.prepare?.(world);
      for (const [role, caller] of Object.entries(ROLES)) {
        const answer = await world.attempt(async () =>
          await refusalOf(world, caller, await rule.data(world, caller))
        );
        const expected = rule.may.some((each) => each === role) ? undefined : rule.refusal;
        assertEquals([role, answer], [role, expected]);
      }
    }
  });
}

Deno.test("Rollup has no fallback and no payable function", async () => {
  const world = await createRollupWorld();
  for (const data of ["0x", "0x00", "0xdeadbeef"] as const) {
    assertEquals(await refusalOf(world, STRANGER, data), "unknown");
  }
  const payable = ROLLUP_ABI.filter((entry) =>
    "stateMutability" in entry && String(entry.stateMutability) === "payable"
  );
  assertEquals(payable, []);
});

async function asAdmin(world: RollupWorld, data: Hex): Promise<void> {
  await world.mustSend({ from: ADMIN, to: world.rollup, data });
}
