/**
 * What every Engine must do, whether it is in this process or behind RPC.
 *
 * Owns one script over all verbs, refusals included, and the criteria on its answers. Does not own
 * how an engine is opened; answers are JSON, so two engines can be compared by `assertEquals`.
 * @module
 */
import { assertEquals, assertObjectMatch } from "@std/assert";
import type { Engine, InspectQuery, JsonValue } from "../../../core/engine/engine.ts";
import { proveJob } from "../../../core/engine/prove_job.ts";
import { RollupError } from "../../../core/primitives/errors.ts";
import { signL1Transaction } from "../../../core/l1/transaction.ts";
import { address, bytesToHex, hash32, hexToBytes } from "../../../core/primitives/hex.ts";
import { LIMITS } from "../../../core/primitives/limits.ts";
import { TABLES } from "../../../core/store/schema.ts";
import { signedBy, user } from "../../simulation/signing.ts";

/** An engine under test, over a fresh rollup that mines its L1 at once. */
export interface EngineUnderTest extends AsyncDisposable {
  readonly engine: Engine;
}

/** What one question of the script was answered. */
export type Answer =
  | { readonly asked: string; readonly answer: unknown }
  | { readonly asked: string; readonly refused: Refusal };

/** A refusal as a caller sees it, numbers as text. */
export interface Refusal {
  readonly code: string;
  readonly message: string;
  readonly mend: string;
  readonly details: unknown;
}

const RECIPIENT = address(`0x${"42".repeat(20)}`);
const NOBODY = address(`0x${"99".repeat(20)}`);
const NO_HASH = hash32(`0x${"77".repeat(32)}`);
const SLOT = hash32(`0x${"00".repeat(32)}`);
/** Stores 7 in slot 0 of the created contract and leaves the code 0x00. */
const INIT_CODE = hexToBytes("0x60075f5560015ff3");
/** Reverts at once. */
const REVERTING = hexToBytes("0x5f5ffd");

/** Runs the script and gives every answer in order. */
export async function runEngineScript(engine: Engine): Promise<readonly Answer[]> {
  const answers: Answer[] = [];
  const ask = async <Result>(
    asked: string,
    verb: () => Promise<Result>,
  ): Promise<Result | undefined> => {
    try {
      const answer = await verb();
      answers.push({ asked, answer });
      return answer;
    } catch (error) {
      if (!(error instanceof RollupError)) throw error;
      answers.push({ asked, refused: toRefusal(error) });
      return undefined;
    }
  };
  const send = (asked: string, raw: Uint8Array) => ask(asked, () => engine.sendTransaction(raw));
  const look = async (when: string) => {
    await ask(`${when}: heads`, () => engine.heads());
    for (const query of QUERIES) {
      await ask(`${when}: ${JSON.stringify(query)}`, () => engine.inspect(query));
    }
  };

  await look("empty");
  await ask("seal nothing", () => engine.sealBatch());
  await ask("submit nothing", () => engine.submit());
  await ask("prove nothing", () => engine.prove());
  await ask("job of nothing", () => engine.nextProofJob());
  await ask("first sync", () => engine.sync());
  await ask("proof of nothing", () => engine.acceptProof(1, "0x00"));

  await ask("sender", () => engine.sender(user(0).address));
  await ask("sender nobody", () => engine.sender(NOBODY));
  const transfer = { from: user(0).address, to: RECIPIENT, data: "0x", valueWei: "5" } as const;
  await ask("estimate transfer", () => engine.estimateGas(transfer));
  const creation = { from: user(0).address, data: bytesToHex(INIT_CODE), valueWei: "0" } as const;
  await ask("estimate creation", () => engine.estimateGas(creation));
  await ask(
    "estimate revert",
    () => engine.estimateGas({ ...creation, data: bytesToHex(REVERTING) }),
  );
  await ask("estimate poor", () => engine.estimateGas({ ...transfer, from: NOBODY }));

  await sendAll(send);
  await look("pooled");
  await ask("sender with pool", () => engine.sender(user(0).address));
  const sealed = await ask("seal", () => engine.sealBatch());
  await look("sealed");
  if (sealed !== undefined) {
    await ask("block by number", () => engine.inspect({ kind: "block", block: sealed.lastBlock }));
  }
  await ask("submit", () => engine.submit());
  await look("submitted");
  const job = await ask("job", () => engine.nextProofJob());
  await ask("proof of another batch", () => engine.acceptProof(2, "0x00"));
  await ask("false proof", () => engine.acceptProof(1, "0x00"));
  if (job !== undefined && job !== null) {
    const proof = await proveJob(job);
    await ask("proof", () => engine.acceptProof(job.batchNumber, proof));
    await ask("proof again", () => engine.acceptProof(job.batchNumber, proof));
  }
  await send("another", signedBy(user(1), { nonce: 0n, to: RECIPIENT, valueWei: 1n }));
  await ask("seal another", () => engine.sealBatch());
  await ask("prove", () => engine.prove());
  await ask("submit all", () => engine.submit());
  await ask("sync", () => engine.sync());
  await ask("sync again", () => engine.sync());
  await look("verified");
  await forceOne(ask, engine);
  await ask("rebuild", () => engine.rebuild({}));
  return answers;
}

type Ask = <Result>(asked: string, verb: () => Promise<Result>) => Promise<Result | undefined>;

/** The verbs of the queue on L1. */
async function forceOne(ask: Ask, engine: Engine): Promise<void> {
  const payer = user(3);
  const overdue = { kind: "sequenceForceBatches" } as const;
  await ask("plan nothing overdue", () => engine.planL1(overdue, payer.address));
  await ask(
    "force nothing",
    () => engine.planL1({ kind: "forceBatch", transaction: "0x" }, payer.address),
  );
  const raw = bytesToHex(signedBy(payer, { nonce: 0n, to: RECIPIENT, valueWei: 3n }));
  const plan = await ask(
    "plan force",
    () => engine.planL1({ kind: "forceBatch", transaction: raw }, payer.address),
  );
  if (plan !== undefined) {
    const signed = signL1Transaction({
      chainId: BigInt(plan.chainId),
      nonce: BigInt(plan.nonce),
      to: address(plan.to),
      data: hexToBytes(plan.data),
      valueWei: 0n,
      gasLimit: BigInt(plan.gasLimit),
      maxFeePerGasWei: BigInt(plan.maxFeePerGasWei),
      maxPriorityFeePerGasWei: BigInt(plan.maxPriorityFeePerGasWei),
    }, payer.privateKey);
    await ask("force", () => engine.sendL1(bytesToHex(signed.raw)));
  }
  await ask("send junk to L1", () => engine.sendL1("0x02c0"));
  await ask("sync queue", () => engine.sync());
  await ask("queue", () => engine.inspect({ kind: "operations" }));
  await ask("sender with operation", () => engine.sender(payer.address));
  await ask("seal forced", () => engine.sealBatch());
  await ask("consumed queue", () => engine.inspect({ kind: "operations" }));
}

/** What the pool takes and what it refuses, each for its own reason. */
async function sendAll(
  send: (asked: string, raw: Uint8Array) => Promise<unknown>,
): Promise<void> {
  const first = signedBy(user(0), { nonce: 0n, to: RECIPIENT, valueWei: 5n });
  await send("transfer", first);
  await send("transfer again", first);
  await send("creation", signedBy(user(0), { nonce: 1n, data: INIT_CODE }));
  await send("revert", signedBy(user(0), { nonce: 2n, data: REVERTING }));
  await send("gap", signedBy(user(0), { nonce: 4n, to: RECIPIENT }));
  await send("underpriced", signedBy(user(0), { nonce: 0n, to: RECIPIENT, valueWei: 6n }));
  const farNonce = LIMITS.maxPoolNonceAhead + 1_000n;
  await send("far nonce", signedBy(user(0), { nonce: farNonce, to: RECIPIENT }));
  await send("poor", signedBy(user(2), { nonce: 0n, to: RECIPIENT, valueWei: 10n ** 30n }));
  await send("other chain", signedBy(user(2), { nonce: 0n, to: RECIPIENT, chainId: 1n }));
  await send("little gas", signedBy(user(2), { nonce: 0n, to: RECIPIENT, gasLimit: 20_999n }));
  await send("much gas", signedBy(user(2), { nonce: 0n, to: RECIPIENT, gasLimit: 30_000_001n }));
  await send(
    "too much gas",
    signedBy(user(2), { nonce: 0n, to: RECIPIENT, gasLimit: 17_000_000n }),
  );
  await send(
    "low fee",
    signedBy(user(2), { nonce: 0n, maxFeePerGasWei: 1n, maxPriorityFeePerGasWei: 0n }),
  );
  await send(
    "tip above fee",
    signedBy(user(2), { nonce: 0n, maxPriorityFeePerGasWei: 10n ** 11n }),
  );
  await send(
    "large data",
    signedBy(user(2), { nonce: 0n, to: RECIPIENT, data: new Uint8Array(100_001) }),
  );
  await send("init code", signedBy(user(2), { nonce: 0n, data: new Uint8Array(60_000) }));
  await send("nothing", new Uint8Array(0));
  await send("junk", Uint8Array.of(2, 0xc0));
  await send("type 3", Uint8Array.of(3, 0xc0));
  await send("truncated", first.subarray(0, first.length - 1));
}

const QUERIES: readonly InspectQuery[] = [
  { kind: "heads" },
  { kind: "block", block: "latest" },
  { kind: "block", block: "safe" },
  { kind: "block", block: "finalized" },
  { kind: "block", block: 0 },
  { kind: "block", block: 99 },
  { kind: "block", block: NO_HASH },
  { kind: "batch", batch: "latest" },
  { kind: "batch", batch: "safe" },
  { kind: "batch", batch: "finalized" },
  { kind: "batch", batch: 1 },
  { kind: "batch", batch: 99 },
  { kind: "tx", hash: NO_HASH },
  { kind: "account", address: user(0).address },
  { kind: "account", address: NOBODY },
  { kind: "storage", address: NOBODY, slot: SLOT },
  { kind: "proof", address: NOBODY, slots: [SLOT], batch: "latest" },
  { kind: "proof", address: NOBODY, slots: [SLOT, SLOT], batch: 0 },
  { kind: "proof", address: NOBODY, slots: [SLOT], batch: 99 },
  { kind: "data", batch: 1 },
  { kind: "data", batch: 99 },
  { kind: "witness", batch: 1 },
  { kind: "witness", batch: 99 },
  { kind: "code", hash: NO_HASH },
  { kind: "chain" },
  { kind: "l1", block: 0 },
  { kind: "pool" },
  { kind: "operations" },
  { kind: "tables" },
  { kind: "table", table: "no_such_table", limit: 5 },
  ...TABLES.map(({ name }): InspectQuery => ({ kind: "table", table: name, limit: 5 })),
];

/** What must hold of the answers of any engine. */
export function assertEngineAnswers(answers: readonly Answer[]): void {
  const codes = Object.fromEntries(
    answers.flatMap((each) => ("refused" in each ? [[each.asked, each.refused.code]] : [])),
  );
  const wanted = {
    "seal nothing": "NOTHING_TO_SEAL",
    "proof of nothing": "PROOF_JOB_UNKNOWN",
    "estimate revert": "EXECUTION_REVERTED",
    "estimate poor": "INSUFFICIENT_FUNDS",
    "transfer again": "POOL_ALREADY_KNOWN",
    "underpriced": "POOL_REPLACEMENT_UNDERPRICED",
    "far nonce": "POOL_NONCE_TOO_HIGH",
    "poor": "POOL_INSUFFICIENT_FUNDS",
    "other chain": "POOL_CHAIN_ID_MISMATCH",
    "little gas": "POOL_INTRINSIC_GAS",
    "much gas": "POOL_GAS_LIMIT_EXCEEDED",
    "too much gas": "POOL_GAS_LIMIT_EXCEEDED",
    "low fee": "POOL_FEE_TOO_LOW",
    "tip above fee": "POOL_TIP_ABOVE_FEE",
    "large data": "POOL_OVERSIZED_DATA",
    "init code": "POOL_INIT_CODE_TOO_LARGE",
    "nothing": "TX_MALFORMED",
    "junk": "TX_MALFORMED",
    "type 3": "TX_TYPE_UNSUPPORTED",
    "truncated": "TX_MALFORMED",
    "proof of another batch": "PROOF_JOB_UNKNOWN",
    "false proof": "PROOF_INVALID",
    "proof again": "PROOF_JOB_UNKNOWN",
    "plan nothing overdue": "NO_OVERDUE_OPERATION",
    "force nothing": "OPERATION_SIZE",
    "send junk to L1": "L1_REJECTED",
    // The worlds of this suite have no place for a second node; `rebuild_test.ts` has.
    "rebuild": "REBUILD_UNAVAILABLE",
  };
  const unplanned = Object.entries(codes).filter(([asked]) => !asked.includes(": "));
  assertEquals(Object.fromEntries(unplanned), wanted);
  for (const each of answers) {
    if (!("refused" in each)) continue;
    const { message, mend } = each.refused;
    assertEquals([message.startsWith("Cannot "), mend.length > 0], [true, true], each.asked);
  }
  const answerTo = (asked: string): unknown =>
    answers.flatMap((each) => (each.asked === asked && "answer" in each ? [each.answer] : []))[0];
  assertEquals(answerTo("verified: heads"), {
    block: 2,
    sealed: 2,
    sequenced: 2,
    proven: 2,
    verified: 2,
    l1Block: 5,
    pooled: 1,
  });
  const queued = { number: 1, sender: user(3).address };
  assertObjectMatch(Object(answerTo("force")), { status: "mined", operation: { number: 1 } });
  assertObjectMatch(Object(answerTo("queue")), { 0: { ...queued, status: "waiting" } });
  assertObjectMatch(Object(answerTo("sender with operation")), { nonce: 1 });
  assertObjectMatch(Object(answerTo("consumed queue")), { 0: { ...queued, status: "consumed" } });
  assertEquals(answerTo("submit nothing"), []);
  assertEquals(answerTo("prove nothing"), []);
  assertEquals(answerTo("job of nothing"), null);
}

/** Details as they survive JSON: numbers of any size as text. */
function toRefusal({ code, message, mend, details }: RollupError): Refusal {
  const shown: JsonValue = JSON.parse(
    JSON.stringify(details, (_key, value) => typeof value === "bigint" ? String(value) : value),
  );
  return { code, message, mend, details: shown };
}
