import { assertEquals } from "@std/assert";
import { keccak256 } from "../../crypto/keccak.ts";
import {
  address,
  bigintToHash32,
  bytesToHex,
  hexToBytes,
  ZERO_HASH,
} from "../../primitives/hex.ts";
import { codeHashSlot } from "../../types/state.ts";
import type { BlockEnvironment, CallRequest, StoragePort } from "../executor.ts";
import { createMemoryStorage } from "../memory_storage.ts";
import { createWasmExecutor } from "./wasm_executor.ts";

const CONTRACT = address(`0x${"22".repeat(20)}`);
/** Returns slot 0. */
const CODE = hexToBytes("0x5f545f5260205ff3");
const CODE_HASH = keccak256(CODE);
const ENVIRONMENT: BlockEnvironment = {
  chainId: 901n,
  number: 1n,
  timestampSec: 10n,
  coinbase: address(`0x${"cb".repeat(20)}`),
  gasLimit: 30_000_000n,
  baseFeePerGasWei: 0n,
  prevRandao: ZERO_HASH,
  parentHash: bigintToHash32(7n),
  gasPerPubdata: 0n,
};
const REQUEST: CallRequest = {
  from: address(`0x${"11".repeat(20)}`),
  to: CONTRACT,
  data: new Uint8Array(0),
  valueWei: 0n,
  gasLimit: 100_000n,
  gasPriceWei: 0n,
  asTransaction: true,
  accessList: [],
  authorizations: [],
};

/** A state whose contract holds `value` in slot 0. */
function storageWith(value: bigint): StoragePort {
  return createMemoryStorage({
    writes: [
      { ...codeHashSlot(CONTRACT), value: CODE_HASH },
      { address: CONTRACT, slot: ZERO_HASH, value: bigintToHash32(value) },
    ],
    codes: new Map([[CODE_HASH, CODE]]),
  });
}

Deno.test("createWasmExecutor().call() answers alike whether the state is at hand or not", async () => {
  const executor = createWasmExecutor();
  for (const isAtHand of [false, true, true, false]) {
    for (const value of [1n, 2n]) {
      const storage = { ...storageWith(value), isAtHand };
      const outcome = await executor.call(ENVIRONMENT, storage, REQUEST);
      assertEquals(bytesToHex(outcome.returnData), bigintToHash32(value));
    }
  }
});

Deno.test("createWasmExecutor().call() waits for a code that is not at hand, and goes on", async () => {
  const executor = createWasmExecutor();
  let fetched = 0;
  const storage: StoragePort = {
    ...storageWith(3n),
    isAtHand: true,
    readCode: () => {
      fetched++;
      return Promise.resolve(CODE);
    },
  };
  for (let call = 0; call < 3; call++) {
    const outcome = await executor.call(ENVIRONMENT, storage, REQUEST);
    assertEquals(bytesToHex(outcome.returnData), bigintToHash32(3n));
  }
  // Asked for by the run that could not wait, and by the one that could.
  assertEquals(fetched, 2);
});

Deno.test("createWasmExecutor().call() waits where others are to have a turn", async () => {
  const executor = createWasmExecutor();
  // The sum of nothing and nothing on bn254.
  const costly = { ...REQUEST, to: address(`0x${"00".repeat(19)}06`) };
  let pauses = 0;
  const breathe = (): Promise<void> => {
    pauses++;
    return Promise.resolve();
  };
  const storage = { ...storageWith(0n), isAtHand: true };
  const outcome = await executor.call(ENVIRONMENT, storage, costly, { breathe });
  assertEquals([outcome.success, pauses > 1], [true, true]);
});
