import { assertEquals, assertRejects } from "@std/assert";
import { sha256 } from "@noble/hashes/sha2.js";
import { RollupError } from "../../primitives/errors.ts";
import { address, bigintToHash32, bytesToHex, hash32, ZERO_HASH } from "../../primitives/hex.ts";
import {
  balanceSlot,
  GAS_PER_PUBDATA_SLOT,
  HEADER_COMMITMENT_SLOT,
  SYSTEM_CONTEXT_ADDRESS,
} from "../../types/state.ts";
import { WASM_BASE64 } from "../generated.ts";
import { createMemoryStorage } from "../memory_storage.ts";
import { createProgram, createStraightProgram, isNotAtHand, programHash } from "./instance.ts";
import type { ProgramEnvironment, ProgramResult, TxFrame } from "./program.ts";

const SENDER = address(`0x${"11".repeat(20)}`);
const ENVIRONMENT: ProgramEnvironment = {
  chainId: 901n,
  number: 1n,
  timestampSec: 10n,
  coinbase: address(`0x${"cb".repeat(20)}`),
  gasLimit: 30_000_000n,
  baseFeePerGasWei: 1n,
  prevRandao: ZERO_HASH,
  parentHash: bigintToHash32(7n),
  gasPerPubdata: 0n,
  profile: "rollup",
  fork: "Osaka",
  blobBaseFeeWei: 1n,
  maxBlobs: 0,
  maxTxGas: 1n << 24n,
};
const FRAME: TxFrame = {
  type: 2,
  sender: SENDER,
  to: address(`0x${"22".repeat(20)}`),
  valueWei: 5n,
  maxFeePerGasWei: 1n,
  maxPriorityFeePerGasWei: 0n,
  maxFeePerBlobGasWei: 0n,
  chainId: 901n,
  gasLimit: 21_000n,
  nonce: 0n,
  data: new Uint8Array(0),
  accessList: [],
  authorizations: [],
  blobHashes: [],
  asTransaction: true,
};
const COMMITMENT = bigintToHash32(99n);

const funded = () =>
  createMemoryStorage({
    writes: [{ ...balanceSlot(SENDER), value: bigintToHash32(1_000_000n) }],
    codes: new Map(),
  });

/** A run in `environment` that has begun. */
async function begun(overrides: Partial<ProgramEnvironment> = {}) {
  const program = createProgram();
  await program.begin({ ...ENVIRONMENT, ...overrides }, { storage: funded() });
  return program;
}

Deno.test("programHash() is the SHA-256 of the module", () => {
  const module = Uint8Array.fromBase64(WASM_BASE64);
  assertEquals(programHash(), hash32(bytesToHex(sha256(module))));
});

Deno.test("createProgram() runs a transaction and closes with the block's commitment", async () => {
  const program = await begun();
  const result = await program.runTx(FRAME);
  assertEquals(result.kind === "ran" && [result.exception, result.gasUsed], [0, 21_000n]);
  assertEquals(program.counters().txCount, 1);
  const { diffs, newCodes } = await program.close(() => COMMITMENT);
  const commitment = diffs.find(({ address: owner }) => owner === SYSTEM_CONTEXT_ADDRESS);
  assertEquals(commitment?.slot, HEADER_COMMITMENT_SLOT);
  assertEquals(commitment?.newValue, COMMITMENT);
  assertEquals(newCodes.size, 0);
});

Deno.test("createProgram() starts anew with each begin()", async () => {
  const program = await begun();
  const first = withLogs(await program.runTx(FRAME));
  await program.begin(ENVIRONMENT, { storage: funded() });
  assertEquals(program.counters().txCount, 0);
  assertEquals(program.vectors().refunds, []);
  assertEquals(withLogs(await program.runTx(FRAME)), first);
});

/** With the logs in the place of what would decode them. */
function withLogs(result: ProgramResult) {
  return result.kind === "ran" ? { ...result, logs: result.logs() } : result;
}

Deno.test("createProgram() refuses an environment that no block has", async () => {
  const bad: readonly Partial<ProgramEnvironment>[] = [
    { number: (1n << 63n) + 1n },
    { timestampSec: (1n << 63n) + 1n },
    { baseFeePerGasWei: 1n << 64n },
    // The state says 0.
    { gasPerPubdata: 1n },
  ];
  for (const overrides of bad) {
    const error = await assertRejects(() => begun(overrides), RollupError);
    assertEquals(error.code, "PROGRAM_REFUSED");
  }
  const priced = createMemoryStorage({
    writes: [{
      address: SYSTEM_CONTEXT_ADDRESS,
      slot: GAS_PER_PUBDATA_SLOT,
      value: bigintToHash32(1n),
    }],
    codes: new Map(),
  });
  await createProgram().begin({ ...ENVIRONMENT, gasPerPubdata: 1n }, { storage: priced });
});

Deno.test("createProgram() refuses a transaction that its memory does not take, and goes on", async () => {
  const program = await begun();
  const data = new Uint8Array(1 << 24);
  const error = await assertRejects(() => program.runTx({ ...FRAME, data }), RollupError);
  assertEquals(error.code, "PROGRAM_TX_OVERSIZED");
  assertEquals((await program.runTx(FRAME)).kind, "ran");
});

Deno.test("createStraightProgram() comes to what a program that may wait comes to, again and again", async () => {
  const expected = withLogs(await (await begun()).call(FRAME));
  const straight = createStraightProgram();
  for (let run = 0; run < 3; run++) {
    assertEquals(
      withLogs(straight.callAtOnce(ENVIRONMENT, { storage: funded() }, FRAME)),
      expected,
    );
  }
});

Deno.test("createStraightProgram() ends where it would have to wait", () => {
  const storage = { ...funded(), readSlot: () => Promise.reject(new Error("nobody waits")) };
  const world = { storage, breathe: () => undefined };
  const error = thrownBy(() => createStraightProgram().callAtOnce(ENVIRONMENT, world, FRAME));
  assertEquals([isNotAtHand(error), isNotAtHand(new Error())], [true, false]);
});

function thrownBy(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return error;
  }
  return undefined;
}
