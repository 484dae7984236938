import { assertEquals, assertRejects } from "@std/assert";
import { keccak256 } from "../../crypto/keccak.ts";
import {
  address,
  bigintToHash32,
  bytesToHex,
  hexToBytes,
  ZERO_HASH,
} from "../../primitives/hex.ts";
import { privateKeyToAddress } from "../../crypto/secp256k1.ts";
import {
  balanceSlot,
  codeHashSlot,
  HEADER_COMMITMENT_SLOT,
  SYSTEM_CONTEXT_ADDRESS,
} from "../../types/state.ts";
import { signTransaction } from "../../types/tx.ts";
import type { BlockEnvironment, CallRequest, ExecutableTx, StoragePort } from "../executor.ts";
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

Deno.test("createWasmExecutor().call() reads a slot once while the state has the same moment", async () => {
  const executor = createWasmExecutor();
  let reads = 0;
  const at = (value: bigint, moment?: object): StoragePort => {
    const plain = storageWith(value);
    return {
      ...plain,
      isAtHand: true,
      ...(moment === undefined ? {} : { moment }),
      readSlot: (...slot) => {
        reads++;
        return plain.readSlot(...slot);
      },
    };
  };
  const call = async (storage: StoragePort) => {
    const before = reads;
    const { returnData } = await executor.call(ENVIRONMENT, storage, REQUEST);
    return [bytesToHex(returnData), reads > before];
  };
  const first = {};
  assertEquals(await call(at(1n, first)), [bigintToHash32(1n), true]);
  assertEquals(await call(at(1n, first)), [bigintToHash32(1n), false]);
  assertEquals(await call(at(2n, {})), [bigintToHash32(2n), true]);
  // Without a moment nothing is kept, not even for one that is known.
  assertEquals(await call(at(3n)), [bigintToHash32(3n), true]);
  assertEquals(await call(at(4n)), [bigintToHash32(4n), true]);
  assertEquals(await call(at(1n, first)), [bigintToHash32(1n), true]);
});

Deno.test("createWasmExecutor().call() runs in the environment of each call", async () => {
  const executor = createWasmExecutor();
  /** Returns NUMBER, TIMESTAMP and BASEFEE. */
  const code = hexToBytes("0x435f52426020524860405260605ff3");
  const storage = {
    ...createMemoryStorage({
      writes: [{ ...codeHashSlot(CONTRACT), value: keccak256(code) }],
      codes: new Map([[keccak256(code), code]]),
    }),
    isAtHand: true,
    moment: {},
  };
  const call = async (changed: Partial<BlockEnvironment>) => {
    const environment = { ...ENVIRONMENT, ...changed };
    const { returnData } = await executor.call(environment, storage, REQUEST);
    return [0, 32, 64].map((at) => BigInt(bytesToHex(returnData.subarray(at, at + 32))));
  };
  assertEquals(await call({}), [1n, 10n, 0n]);
  assertEquals(await call({}), [1n, 10n, 0n]);
  assertEquals(await call({ number: 2n }), [2n, 10n, 0n]);
  assertEquals(await call({ timestampSec: 11n }), [1n, 11n, 0n]);
  assertEquals(await call({}), [1n, 10n, 0n]);
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

const KEY = new Uint8Array(32).fill(1);
const SENDER = privateKeyToAddress(KEY);
/** Adds 1 to slot 0 and returns what was there. */
const COUNTER_CODE = hexToBytes("0x5f54806001015f555f5260205ff3");
const COUNTER_HASH = keccak256(COUNTER_CODE);

/** A state whose contract counts, and whose sender has funds; codes come as `readCode` says. */
function countingStorage(readCode: () => Uint8Array | Promise<Uint8Array>): StoragePort {
  const storage = createMemoryStorage({
    writes: [
      { ...codeHashSlot(CONTRACT), value: COUNTER_HASH },
      { ...balanceSlot(SENDER), value: bigintToHash32(10n ** 18n) },
    ],
    codes: new Map([[COUNTER_HASH, COUNTER_CODE]]),
  });
  return { ...storage, readCode };
}

function txTo(to: typeof CONTRACT, nonce: bigint): ExecutableTx {
  const tx = signTransaction({
    type: 2,
    chainId: 901n,
    nonce,
    maxFeePerGasWei: 1n,
    maxPriorityFeePerGasWei: 1n,
    gasLimit: 200_000n,
    to,
    valueWei: 0n,
    data: new Uint8Array(0),
    accessList: [],
    authorizations: [],
  }, KEY);
  return { tx, sender: SENDER };
}

/** What a block comes to in which one transaction of several is taken back and one is not valid. */
async function runBlock(storage: StoragePort): Promise<unknown> {
  const block = await createWasmExecutor().begin(ENVIRONMENT, storage);
  const outcomes = [
    await block.run(txTo(SENDER, 0n)),
    await block.run(txTo(CONTRACT, 7n)),
    await block.run(txTo(CONTRACT, 1n)),
  ];
  block.undoLast();
  const counters = [block.counters()];
  outcomes.push(await block.run(txTo(CONTRACT, 1n)), await block.run(txTo(CONTRACT, 2n)));
  counters.push(block.counters());
  const output = await block.finish(() => [{
    address: SYSTEM_CONTEXT_ADDRESS,
    slot: HEADER_COMMITMENT_SLOT,
    value: bigintToHash32(5n),
  }]);
  return { outcomes, counters, output };
}

Deno.test("a block comes to the same whether it goes straight through, waits, or has to in between", async () => {
  const expected = await runBlock(countingStorage(() => COUNTER_CODE));
  const late = () => Promise.resolve(COUNTER_CODE);
  const storages: readonly StoragePort[] = [
    countingStorage(late),
    { ...countingStorage(() => COUNTER_CODE), isAtHand: true },
    { ...countingStorage(late), isAtHand: true },
  ];
  for (const storage of storages) assertEquals(await runBlock(storage), expected);
  // Not even the start finds what was said to be at hand.
  const plain = countingStorage(late);
  const slow: StoragePort = {
    ...plain,
    isAtHand: true,
    readSlot: (...slot) => Promise.resolve(plain.readSlot(...slot)),
    isWritten: (...slot) => Promise.resolve(plain.isWritten(...slot)),
  };
  assertEquals(await runBlock(slow), expected);
});

Deno.test("a block runs in its own environment, whatever calls have run in between", async () => {
  /** Keeps NUMBER, TIMESTAMP, BASEFEE, COINBASE and GASLIMIT in slots 0 to 4. */
  const code = hexToBytes("0x435f55426001554860025541600355456004550000");
  const executor = createWasmExecutor();
  const storage = (moment: object): StoragePort => ({
    ...createMemoryStorage({
      writes: [
        { ...codeHashSlot(CONTRACT), value: keccak256(code) },
        { ...balanceSlot(SENDER), value: bigintToHash32(10n ** 18n) },
      ],
      codes: new Map([[keccak256(code), code]]),
    }),
    isAtHand: true,
    moment,
  });
  const moment = {};
  const writtenBy = async (environment: BlockEnvironment) => {
    const block = await executor.begin(environment, storage(moment));
    await block.run(txTo(CONTRACT, 0n));
    const { diffs } = await block.finish(() => [{
      address: SYSTEM_CONTEXT_ADDRESS,
      slot: HEADER_COMMITMENT_SLOT,
      value: bigintToHash32(5n),
    }]);
    return diffs.filter((diff) => diff.address === CONTRACT).map((diff) => BigInt(diff.newValue));
  };
  const other = { ...ENVIRONMENT, coinbase: SENDER, baseFeePerGasWei: 1n, gasLimit: 20_000_000n };
  const read = async (environment: BlockEnvironment) =>
    await executor.call(environment, storage(moment), REQUEST);
  const first = await writtenBy(ENVIRONMENT);
  assertEquals(first, [1n, 10n, BigInt(ENVIRONMENT.coinbase), 30_000_000n]);
  // The same block again, made anew after it was taken back, with a call elsewhere in between.
  await read(other);
  assertEquals(await writtenBy(ENVIRONMENT), first);
  const second = await writtenBy(other);
  assertEquals(second, [1n, 10n, 1n, BigInt(SENDER), 20_000_000n]);
  await read(ENVIRONMENT);
  assertEquals(await writtenBy(other), second);
  await read(ENVIRONMENT);
  assertEquals(await writtenBy(ENVIRONMENT), first);
});

Deno.test("a block goes on after a code that could not be fetched", async () => {
  let failures = 2;
  const storage: StoragePort = {
    ...countingStorage(() => {
      if (failures > 0) return Promise.reject(new Error("the disk is gone"));
      return COUNTER_CODE;
    }),
    isAtHand: true,
  };
  const block = await createWasmExecutor().begin(ENVIRONMENT, storage);
  const first = await block.run(txTo(SENDER, 0n));
  await assertRejects(() => block.run(txTo(CONTRACT, 1n)), Error, "the disk is gone");
  failures = 0;
  const second = await block.run(txTo(CONTRACT, 1n));
  assertEquals([first.kind, second.kind, block.counters().txCount], ["included", "included", 2]);
});
