import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { keccak256 } from "../crypto/keccak.ts";
import { privateKeyToAddress } from "../crypto/secp256k1.ts";
import { AssertionError, RollupError } from "../primitives/errors.ts";
import { address, bigintToHash32, hash32, ZERO_HASH } from "../primitives/hex.ts";
import { EMPTY_TRIE_ROOT, encodeHeader, headerHash, transactionsRoot } from "../types/block.ts";
import { NO_COUNTERS } from "../types/counters.ts";
import type { ChainConfig, GenesisAccount } from "../types/genesis.ts";
import { type Receipt, receiptsRoot } from "../types/receipt.ts";
import {
  balanceSlot,
  codeHashSlot,
  compareSlots,
  HEADER_COMMITMENT_SLOT,
  HISTORY_STORAGE_ADDRESS,
  nonceSlot,
  type StateDiff,
  SYSTEM_CONTEXT_ADDRESS,
} from "../types/state.ts";
import { encodeTransaction, signTransaction } from "../types/tx.ts";
import {
  executeBlock,
  executePlannedBlock,
  genesisState,
  openBlock,
  sealHeader,
} from "./block_transition.ts";
import type { BlockEnvironment, ExecutableTx, Executor } from "./executor.ts";
import { HISTORY_STORAGE_CODE } from "./history.ts";
import { createMemoryStorage } from "./memory_storage.ts";
import { evmUsage } from "./usage.ts";

const KEY = new Uint8Array(32).fill(1);
const ALICE = privateKeyToAddress(KEY);
const ACCOUNT: GenesisAccount = {
  address: ALICE,
  balanceWei: 5n,
  nonce: 0n,
  code: "0x",
  storage: [],
};
const CONFIG: ChainConfig = {
  chainId: 901n,
  l1ChainId: 900n,
  genesisTimestampSec: 1_000n,
  coinbase: address(`0x${"cb".repeat(20)}`),
  blockGasLimit: 30_000_000n,
  initialBaseFeePerGasWei: 1_000_000_000n,
  gasPerPubdata: 0n,
  dataAvailability: "transactions",
  accounts: [ACCOUNT],
};

function testTx(nonce: bigint): ExecutableTx {
  const tx = signTransaction({
    type: 2,
    chainId: 901n,
    nonce,
    maxFeePerGasWei: 1n,
    maxPriorityFeePerGasWei: 1n,
    gasLimit: 21_000n,
    to: ALICE,
    valueWei: 0n,
    data: new Uint8Array(0),
    accessList: [],
    authorizations: [],
  }, KEY);
  return { tx, sender: ALICE };
}

/** Takes transactions with an even nonce for 21,000 gas each and writes what the block says. */
function evenExecutor(begun: BlockEnvironment[] = []): Executor {
  return {
    programHash: ZERO_HASH,
    begin: (environment) => {
      begun.push(environment);
      const receipts: Receipt[] = [];
      const gasUsed = () => 21_000n * BigInt(receipts.length);
      const counters = () => ({ ...NO_COUNTERS, gasUsed: gasUsed(), txCount: receipts.length });
      return Promise.resolve({
        counters,
        undoLast: () => {
          receipts.pop();
        },
        gasLeft: () => environment.gasLimit - gasUsed(),
        run: ({ tx }) => {
          if (tx.nonce % 2n === 1n) {
            return Promise.resolve({ kind: "invalid", reason: "INVALID", message: "odd" } as const);
          }
          const receipt: Receipt = {
            type: tx.type,
            success: true,
            gasUsed: 21_000n,
            cumulativeGasUsed: gasUsed() + 21_000n,
            effectiveGasPriceWei: 1n,
            logs: [{ address: ALICE, topics: [ZERO_HASH], data: new Uint8Array(0) }],
            contractAddress: undefined,
          };
          receipts.push(receipt);
          const returnData = new Uint8Array(0);
          return Promise.resolve(
            {
              kind: "included",
              receipt,
              returnData,
              exception: undefined,
              usage: evmUsage(21_000n),
            } as const,
          );
        },
        finish: (systemWrites) => {
          const diffs: StateDiff[] = systemWrites(receipts).map((write) => ({
            address: write.address,
            slot: write.slot,
            oldValue: ZERO_HASH,
            newValue: write.value,
          }));
          return Promise.resolve({ receipts, diffs, newCodes: new Map(), counters: counters() });
        },
      });
    },
    call: () => Promise.reject(new Error("no block calls")),
    trace: () => Promise.reject(new Error("no block is traced")),
  };
}

function testStart(executor: Executor) {
  const genesis = genesisState(CONFIG);
  const parent = sealHeader(genesis.draftHeader, hash32(`0x${"aa".repeat(32)}`));
  const storage = createMemoryStorage(genesis);
  return { executor, storage, config: CONFIG, parent, timestampSec: 1_002n };
}

Deno.test("executeBlock() includes valid transactions and skips the others", async () => {
  const start = testStart(evenExecutor());
  const transactions = [0n, 1n, 2n].map(testTx);
  const result = await executeBlock({ ...start, transactions });
  const included = [0n, 2n].map((nonce) => encodeTransaction(testTx(nonce).tx));
  assertEquals(result.outcomes.map((outcome) => outcome.kind), ["included", "invalid", "included"]);
  assertEquals(result.transactions, included);
  assertEquals(result.draftHeader.transactionsRoot, transactionsRoot(included));
  assertEquals(result.draftHeader.receiptsRoot, receiptsRoot(result.receipts));
  assertEquals(result.draftHeader.gasUsed, 42_000n);
  assertEquals(result.draftHeader.parentHash, headerHash(start.parent));
  assert(result.draftHeader.logsBloom.some((byte) => byte !== 0));
});

Deno.test("executePlannedBlock() runs operations first and says what of them is in the block", async () => {
  const { timestampSec, ...start } = testStart(evenExecutor());
  const operations = [0n, 1n, 2n].map(testTx);
  // The last one came as an operation already; this executor includes it all the same.
  const data = [3n, 4n, 0n].map(testTx);
  const block = { timestampSec, operations, transactions: data };
  const { result, included, operationTxCount } = await executePlannedBlock({ ...start, block });
  assertEquals(included, [0n, 2n, 4n, 0n].map(testTx));
  assertEquals(operationTxCount, 2);
  const transactions = [...operations, ...data];
  assertEquals(result, await executeBlock({ ...start, timestampSec, transactions }));
  assertEquals(result.transactions, included.map(({ tx }) => encodeTransaction(tx)));
});

Deno.test("executePlannedBlock() makes a block of nothing", async () => {
  const { timestampSec, ...start } = testStart(evenExecutor());
  const block = { timestampSec, operations: [], transactions: [] };
  const { result, included, operationTxCount } = await executePlannedBlock({ ...start, block });
  assertEquals([included, operationTxCount], [[], 0]);
  assertEquals(result, await executeBlock({ ...start, timestampSec, transactions: [] }));
});

Deno.test("executeBlock() commits to the header with a zero state root", async () => {
  const result = await executeBlock({ ...testStart(evenExecutor()), transactions: [testTx(0n)] });
  const header = sealHeader(result.draftHeader, ZERO_HASH);
  assertEquals(result.diffs, [{
    address: SYSTEM_CONTEXT_ADDRESS,
    slot: HEADER_COMMITMENT_SLOT,
    oldValue: ZERO_HASH,
    newValue: keccak256(encodeHeader(header)),
  }]);
});

Deno.test("executeBlock() makes an empty block of no transactions", async () => {
  const result = await executeBlock({ ...testStart(evenExecutor()), transactions: [] });
  assertEquals(result.draftHeader.transactionsRoot, EMPTY_TRIE_ROOT);
  assertEquals(result.draftHeader.receiptsRoot, EMPTY_TRIE_ROOT);
  assertEquals(result.draftHeader.gasUsed, 0n);
});

Deno.test("openBlock() gives the same block, one transaction at a time", async () => {
  const begun: BlockEnvironment[] = [];
  const block = await openBlock(testStart(evenExecutor(begun)));
  assertEquals(begun, [block.environment]);
  assertEquals(block.gasLeft(), 30_000_000n);
  const transactions = [0n, 1n, 2n].map(testTx);
  for (const tx of transactions) await block.run(tx);
  assertEquals(block.gasLeft(), 29_958_000n);
  const whole = await executeBlock({ ...testStart(evenExecutor()), transactions });
  assertEquals(await block.close(), whole);
});

Deno.test("openBlock() asserts that time goes on", async () => {
  const start = { ...testStart(evenExecutor()), timestampSec: 1_000n };
  await assertRejects(() => openBlock(start), AssertionError);
});

Deno.test("sealHeader() adds nothing but the root", () => {
  const { draftHeader } = genesisState(CONFIG);
  const root = hash32(`0x${"12".repeat(32)}`);
  assertEquals(sealHeader(draftHeader, root), { ...draftHeader, stateRoot: root });
});

Deno.test("genesisState() writes accounts, the history contract and the header commitment", () => {
  const contract: GenesisAccount = {
    address: address(`0x${"c0".repeat(20)}`),
    balanceWei: 0n,
    nonce: 1n,
    code: "0x00",
    storage: [{ slot: ZERO_HASH, value: bigintToHash32(3n) }],
  };
  const { writes, codes, draftHeader } = genesisState({ ...CONFIG, accounts: [ACCOUNT, contract] });
  const historyCode = keccak256(Uint8Array.fromHex(HISTORY_STORAGE_CODE.slice(2)));
  const expected = [
    { ...balanceSlot(ALICE), value: bigintToHash32(5n) },
    { ...nonceSlot(contract.address), value: bigintToHash32(1n) },
    { ...codeHashSlot(contract.address), value: keccak256(Uint8Array.of(0)) },
    { address: contract.address, slot: ZERO_HASH, value: bigintToHash32(3n) },
    { ...nonceSlot(HISTORY_STORAGE_ADDRESS), value: bigintToHash32(1n) },
    { ...codeHashSlot(HISTORY_STORAGE_ADDRESS), value: historyCode },
    {
      address: SYSTEM_CONTEXT_ADDRESS,
      slot: HEADER_COMMITMENT_SLOT,
      value: headerHash(sealHeader(draftHeader, ZERO_HASH)),
    },
  ];
  assertEquals(writes, expected.sort(compareSlots));
  assertEquals([...codes.keys()].sort(), [historyCode, keccak256(Uint8Array.of(0))].sort());
  assertEquals(draftHeader.number, 0n);
  assertEquals(draftHeader.parentHash, ZERO_HASH);
  assertEquals(draftHeader.timestampSec, 1_000n);
  assertEquals(draftHeader.baseFeePerGasWei, 1_000_000_000n);
});

Deno.test("genesisState() refuses accounts that no chain could hold", () => {
  const hostile: readonly (readonly Partial<GenesisAccount>[])[] = [
    [{}, {}],
    [{ address: HISTORY_STORAGE_ADDRESS }],
    [{ address: SYSTEM_CONTEXT_ADDRESS }],
    [{ storage: [{ slot: ZERO_HASH, value: bigintToHash32(1n) }] }],
    [{ balanceWei: 1n << 256n }],
    [{ balanceWei: -1n }],
    [{ nonce: 1n << 64n }],
  ];
  for (const changes of hostile) {
    const accounts = changes.map((change) => ({ ...ACCOUNT, ...change }));
    const error = assertThrows(() => genesisState({ ...CONFIG, accounts }), RollupError);
    assertEquals(error.code, "GENESIS_INVALID");
  }
});
