import {
  assert,
  assertEquals,
  assertMatch,
  assertNotEquals,
  assertStringIncludes,
} from "@std/assert";
import { bytesToHex, ZERO_HASH } from "../../../core/primitives/hex.ts";
import { recoverAddress } from "../../../core/crypto/secp256k1.ts";
import { keccak256Bytes } from "../../../core/crypto/keccak.ts";
import { decodeTransaction, recoverSender, transactionHash } from "../../../core/types/tx.ts";
import { ECHO, LOGGER } from "../testing/fake_chain.ts";
import {
  createFixture,
  type Fixture,
  RECIPIENT,
  refusalOf,
  signedRaw,
  TOPIC,
} from "../testing/fixture.ts";
import { CHAIN_METHODS, CONTROL_METHODS, ROLLUP_METHODS } from "./mod.ts";

/** A good request, what it must answer, and bad parameters with the name that is then blamed. */
interface Case {
  readonly params?: (fixture: Fixture) => readonly unknown[] | Promise<readonly unknown[]>;
  readonly check: (result: unknown, fixture: Fixture) => void | Promise<void>;
  readonly wrong: readonly [params: readonly unknown[], blamed: string][];
}

const equals = (wanted: unknown) => (result: unknown) => assertEquals(result, wanted);
const TOO_MANY: Case["wrong"] = [[[1], "too many arguments, want at most 0"]];
const UNKNOWN = `0x${"12".repeat(32)}`;

function field(value: unknown, name: string): unknown {
  if (typeof value !== "object" || value === null) throw new TypeError(`${value} has no ${name}`);
  return Reflect.get(value, name);
}

const CASES: Readonly<Record<string, Case>> = {
  anvil_mine: {
    params: () => [2, "0x0"],
    check: async (result, { chain }) => {
      assertEquals(result, null);
      assertEquals(await chain.numberOf("latest"), 5n);
    },
    wrong: [[["two"], "blocks"], [["0x1", "five"], "interval"], [["0xffffff"], "blocks"]],
  },
  anvil_dropTransaction: {
    params: async ({ chain }) => {
      await chain.controls?.setAutomine(false);
      return [await chain.sendRawTransaction(signedRaw(chain, { nonce: 3n }))];
    },
    check: async (result, { chain, dispatcher }) => {
      assertEquals(result, transactionHash(signedRaw(chain, { nonce: 3n })));
      assertEquals(await chain.pendingTransactions(), []);
      assertEquals(await dispatcher.request("anvil_dropTransaction", [result]), null);
    },
    wrong: [[["0x12"], "transactionHash"], [[], "transactionHash"]],
  },
  anvil_reorg: {
    // What an object leaves out is filled in as of block 1: nonce 1 in block 2, then 2 in block 3.
    params: ({ other }) => [2, [
      [{ to: RECIPIENT, value: "0x7" }, 1],
      [{ to: RECIPIENT, value: "0x6" }, 0],
      [{ from: other, to: RECIPIENT, nonce: "0x0", gas: "0x5208" }, 1],
    ]],
    check: async (result, { chain, blocks, sender, other }) => {
      assertEquals(result, null);
      assertEquals(await chain.numberOf("latest"), 3n);
      assertEquals((await chain.header(1n))?.hash, blocks[1]?.header.hash);
      assertNotEquals((await chain.header(2n))?.hash, blocks[2]?.header.hash);
      const made = await Promise.all([2n, 3n].map((number) => chain.block(number)));
      const entries = made.map((block) =>
        block?.transactions.map((entry) => [entry.sender, entry.tx.nonce, entry.tx.valueWei])
      );
      assertEquals(entries, [[[sender, 1n, 6n]], [[sender, 2n, 7n], [other, 0n, 0n]]]);
    },
    wrong: [
      [[], "depth"],
      [["two", []], "depth"],
      [[-1, []], "depth"],
      [[1, {}], "txBlockPairs"],
      [[1, ["0x02"]], "txBlockPairs"],
      [[1, [["0x0", 0]]], "(txBlockPairs)[0][0]"],
      [[1, [[{ to: "0x12" }, 0]]], "(txBlockPairs)[0][0].to"],
      [[1, [["0x02", "0x0"]]], "(txBlockPairs)[0][1]"],
      [[{ depth: 1, tx_block_pairs: [["0x02", -1]] }], "tx_block_pairs[0][1]"],
      [[{ txBlockPairs: [] }], "(depth).depth"],
    ],
  },
  anvil_rollback: {
    check: async (result, { chain, blocks }) => {
      assertEquals(result, null);
      assertEquals(await chain.numberOf("latest"), 2n);
      assertEquals(await chain.numberOfHash(blocks[3]?.header.hash ?? ZERO_HASH), undefined);
    },
    wrong: [[["one"], "depth"], [[-1], "depth"], [[4], "the fake says so"]],
  },
  anvil_setBalance: {
    params: () => [RECIPIENT, "0x64"],
    check: async (result, { chain }) => {
      assertEquals(result, null);
      assertEquals(await chain.balance(RECIPIENT, await chain.numberOf("latest")), 100n);
    },
    wrong: [[["0x12", "0x1"], "address"], [[RECIPIENT, "ten"], "balance"], [
      [RECIPIENT],
      "balance",
    ]],
  },
  anvil_setNextBlockBaseFeePerGas: {
    params: () => ["0x77359400"],
    check: async (result, { chain }) => {
      assertEquals(result, null);
      assertEquals(await chain.nextBaseFeePerGasWei(), 2_000_000_000n);
    },
    wrong: [[["low"], "baseFeePerGas"], [[], "baseFeePerGas"]],
  },
  hardhat_mine: {
    check: async (_result, { chain }) => assertEquals(await chain.numberOf("latest"), 4n),
    wrong: [[[-1], "blocks"]],
  },
  evm_mine: {
    params: () => [{ blocks: 3 }],
    check: async (result, { chain }) => {
      assertEquals(result, "0x0");
      assertEquals(await chain.numberOf("latest"), 6n);
    },
    wrong: [
      [[{ blocks: "x" }], "(options).blocks"],
      [[{ timestamp: "x" }], "(options).timestamp"],
      [["soon"], "options"],
    ],
  },
  evm_increaseTime: {
    params: async ({ dispatcher }) => {
      assertEquals(await dispatcher.request("evm_increaseTime", [40]), 40);
      return ["0x3c"];
    },
    check: async (result, { chain }) => {
      assertEquals(result, 100);
      assertEquals((await chain.header(await chain.mine()))?.timestampSec, 1_700_000_104n);
    },
    wrong: [[[-1], "seconds"], [["a day"], "seconds"], [[2 ** 40], "seconds"], [[], "seconds"]],
  },
  evm_setAutomine: {
    params: () => [false],
    check: async (result, { chain }) => {
      assertEquals(result, null);
      await chain.sendRawTransaction(signedRaw(chain, { nonce: 3n }));
      assertEquals(await chain.numberOf("latest"), 3n);
    },
    wrong: [[["yes"], "enabled"], [[], "enabled"]],
  },
  evm_setNextBlockTimestamp: {
    params: () => [1_700_000_500],
    check: async (result, { chain }) => {
      assertEquals(result, null);
      assertEquals((await chain.header(await chain.mine()))?.timestampSec, 1_700_000_500n);
    },
    wrong: [[["noon"], "timestamp"], [[1_700_000_003], "the fake says so"]],
  },
  eth_accounts: {
    check: (result, { sender, other }) => assertEquals(result, [sender, other]),
    wrong: TOO_MANY,
  },
  eth_blobBaseFee: { check: equals("0x1"), wrong: TOO_MANY },
  eth_blockNumber: { check: equals("0x3"), wrong: TOO_MANY },
  eth_call: {
    params: () => [{ to: ECHO, data: "0xbeef" }, "latest"],
    check: equals("0xbeef"),
    wrong: [
      [[], "transaction"],
      [[{ to: "0x12" }], "(transaction).to"],
      [[{ data: "0x1" }], "(transaction).data"],
      [[{ data: "0x01", input: "0x02" }], "(transaction)"],
      [[{ gasPrice: "0x1", maxFeePerGas: "0x1" }], "gasPrice"],
      [[{ maxFeePerGas: "0x1", maxPriorityFeePerGas: "0x2" }], "maxPriorityFeePerGas"],
      [[{}, "newest"], "block"],
      [[{}, "latest", { [ECHO]: {} }], "overrides are not supported"],
    ],
  },
  eth_chainId: { check: equals("0x385"), wrong: TOO_MANY },
  eth_coinbase: { check: equals(`0x${"00".repeat(20)}`), wrong: TOO_MANY },
  eth_estimateGas: {
    params: ({ sender }) => [{ from: sender, to: RECIPIENT, value: "0x1" }],
    check: equals("0x5208"),
    wrong: [[[{ value: "0x01" }], "(transaction).value"], [["0x"], "transaction"]],
  },
  eth_feeHistory: {
    params: () => ["0x2", "latest", [0, 50, 100]],
    check: (result) =>
      assertEquals(result, {
        oldestBlock: "0x2",
        baseFeePerGas: ["0x7", "0x7", "0x7"],
        gasUsedRatio: [21_544 / 30_000_000, 21_016 / 30_000_000],
        baseFeePerBlobGas: ["0x1", "0x1", "0x1"],
        blobGasUsedRatio: [0, 0],
        // Both offer 2 gwei as a gas price, so what is over the base fee is the tip.
        reward: [Array(3).fill("0x773593f9"), Array(3).fill("0x773593f9")],
      }),
    wrong: [
      [["0x1", "latest", [50, 20]], "rewardPercentiles"],
      [["0x1", "latest", [101]], "rewardPercentiles"],
      [["0x1", 3], "newestBlock"],
      [[null, "latest"], "blockCount"],
    ],
  },
  eth_gasPrice: { check: equals("0x3b9aca07"), wrong: TOO_MANY },
  eth_getBalance: {
    params: () => [RECIPIENT, "latest"],
    check: equals("0x5"),
    wrong: [[["0x99"], "address"], [[RECIPIENT, "0x01"], "block"], [[RECIPIENT, 1], "block"]],
  },
  eth_getBlockByHash: {
    params: ({ blocks }) => [blocks[1]?.header.hash, false],
    check: (result, { hashes }) => assertEquals(field(result, "transactions"), [hashes[0]]),
    wrong: [[["0x12", false], "blockHash"], [[UNKNOWN, "no"], "fullTransactions"]],
  },
  eth_getBlockByNumber: {
    params: () => ["0x1", true],
    check: (result, { blocks }) => {
      assertEquals(field(result, "hash"), blocks[1]?.header.hash);
      assertEquals(field(field(field(result, "transactions"), "0"), "value"), "0x5");
    },
    wrong: [[[1, true], "block"], [["0x1", 0], "fullTransactions"]],
  },
  eth_getBlockReceipts: {
    params: () => ["0x2"],
    check: (result, { hashes }) =>
      assertEquals(field(field(result, "0"), "transactionHash"), hashes[1]),
    wrong: [[[], "block"], [[{}], "block"]],
  },
  eth_getBlockTransactionCountByHash: {
    params: ({ blocks }) => [blocks[1]?.header.hash],
    check: equals("0x1"),
    wrong: [[["latest"], "blockHash"]],
  },
  eth_getBlockTransactionCountByNumber: {
    params: () => ["earliest"],
    check: equals("0x0"),
    wrong: [[["0xg"], "block"]],
  },
  eth_getCode: {
    params: () => [LOGGER],
    check: equals("0x6000"),
    wrong: [[[LOGGER, "0x1ffffffffffffffff"], "block"]],
  },
  eth_getFilterChanges: {
    params: async ({ dispatcher, chain }) => {
      const id = await dispatcher.request("eth_newBlockFilter");
      await chain.mine();
      return [id];
    },
    check: async (result, { chain }) => assertEquals(result, [(await chain.header(4n))?.hash]),
    wrong: [[[7], "filterId"]],
  },
  eth_getFilterLogs: {
    params: async ({ dispatcher }) => [
      await dispatcher.request("eth_newFilter", [{ fromBlock: "0x0", address: LOGGER }]),
    ],
    check: (result) => assertEquals(field(result, "length"), 1),
    wrong: [[[], "filterId"]],
  },
  eth_getHeaderByHash: {
    params: ({ blocks }) => [blocks[2]?.header.hash],
    check: (result) => {
      assertEquals(field(result, "number"), "0x2");
      assertEquals(field(result, "transactions"), undefined);
    },
    wrong: [[[null], "blockHash"]],
  },
  eth_getHeaderByNumber: {
    params: () => ["latest"],
    check: (result) => assertEquals(field(result, "number"), "0x3"),
    wrong: [[["first"], "block"]],
  },
  eth_getLogs: {
    params: () => [{ fromBlock: "earliest", topics: [TOPIC] }],
    check: (result, { hashes, blocks }) =>
      assertEquals(result, [{
        address: LOGGER,
        topics: [TOPIC],
        data: "0xbeef",
        blockNumber: "0x2",
        transactionHash: hashes[1],
        transactionIndex: "0x0",
        blockHash: blocks[2]?.header.hash,
        blockTimestamp: "0x6553f102",
        logIndex: "0x0",
        removed: false,
      }]),
    wrong: [
      [[], "filter"],
      [[{ address: "0x1" }], "(filter).address"],
      [[{ topics: ["0x1"] }], "(filter).topics[0]"],
      [[{ topics: [null, [TOPIC, 5]] }], "(filter).topics[1][1]"],
      [[{ topics: [null, null, null, null, null] }], "(filter).topics"],
      [[{ blockHash: UNKNOWN, fromBlock: "0x1" }], "blockHash"],
      [[{ fromBlock: "0x3", toBlock: "0x1" }], "fromBlock 3 is after toBlock 1"],
    ],
  },
  eth_getRawTransactionByHash: {
    params: ({ hashes }) => [hashes[0]],
    check: (result, { chain }) =>
      assertEquals(result, bytesToHex(signedRaw(chain, { valueWei: 5n }))),
    wrong: [[[true], "transactionHash"]],
  },
  eth_getStorageAt: {
    params: () => [LOGGER, "0x5", "latest"],
    check: equals(`0x${"00".repeat(31)}05`),
    wrong: [[[LOGGER, `0x${"11".repeat(33)}`], "slot"], [[LOGGER], "slot"]],
  },
  eth_getTransactionByBlockHashAndIndex: {
    params: ({ blocks }) => [blocks[3]?.header.hash, "0x0"],
    check: (result, { hashes }) => assertEquals(field(result, "hash"), hashes[2]),
    wrong: [[[UNKNOWN, 0], "index"]],
  },
  eth_getTransactionByBlockNumberAndIndex: {
    params: () => ["latest", "0x0"],
    check: (result, { hashes }) => assertEquals(field(result, "hash"), hashes[2]),
    wrong: [[["latest"], "index"]],
  },
  eth_getTransactionByHash: {
    params: ({ hashes }) => [hashes[0]],
    check: (result, { sender }) => assertEquals(field(result, "from"), sender),
    wrong: [[["0x"], "transactionHash"]],
  },
  eth_getTransactionCount: {
    params: ({ sender }) => [sender, "pending"],
    check: equals("0x3"),
    wrong: [[[{}], "address"]],
  },
  eth_getTransactionReceipt: {
    params: ({ hashes }) => [hashes[2]],
    check: (result) => assertEquals(field(result, "contractAddress"), ECHO),
    wrong: [[[[]], "transactionHash"]],
  },
  eth_getUncleByBlockHashAndIndex: {
    params: ({ blocks }) => [blocks[1]?.header.hash, "0x0"],
    check: equals(null),
    wrong: [[["0x0", "0x0"], "blockHash"]],
  },
  eth_getUncleByBlockNumberAndIndex: {
    params: () => ["0x1", "0x0"],
    check: equals(null),
    wrong: [[["0x1", "zero"], "index"]],
  },
  eth_getUncleCountByBlockHash: {
    params: ({ blocks }) => [blocks[1]?.header.hash],
    check: equals("0x0"),
    wrong: [[["0x0"], "blockHash"]],
  },
  eth_getUncleCountByBlockNumber: {
    params: () => ["0x99"],
    check: equals(null),
    wrong: [[[99], "block"]],
  },
  eth_maxPriorityFeePerGas: { check: equals("0x3b9aca00"), wrong: TOO_MANY },
  eth_newBlockFilter: { check: equals("0x1"), wrong: TOO_MANY },
  eth_newFilter: {
    params: () => [{}],
    check: equals("0x1"),
    wrong: [[[{ toBlock: true }], "(filter).toBlock"]],
  },
  eth_newPendingTransactionFilter: { check: equals("0x1"), wrong: TOO_MANY },
  eth_sendRawTransaction: {
    params: ({ chain }) => [bytesToHex(signedRaw(chain, { nonce: 3n }))],
    check: async (result, { chain }) => {
      const [included] = (await chain.block(4n))?.transactions ?? [];
      assertEquals(result, included?.hash);
    },
    wrong: [[["0xabc"], "transaction"], [["abcd"], "transaction"], [["0xff"], "Cannot decode"]],
  },
  eth_sendTransaction: {
    params: ({ other }) => [{ from: other, to: RECIPIENT, value: "0x2" }],
    check: async (result, { chain, other }) => {
      const [included] = (await chain.block(4n))?.transactions ?? [];
      assertEquals(result, included?.hash);
      assertEquals(included?.sender, other);
      const { type, nonce, gasLimit, maxFeePerGasWei } = included?.tx ?? {};
      assertEquals([type, nonce, gasLimit, maxFeePerGasWei], [2, 0n, 21_000n, 1_000_000_014n]);
    },
    wrong: [[[{ to: RECIPIENT }], "from"]],
  },
  eth_sign: {
    params: ({ other }) => [other, "0xdeadbeef"],
    check: (result, { other }) => assertEquals(signerOf(result, "deadbeef"), other),
    wrong: [[[RECIPIENT, "text"], "message"]],
  },
  personal_sign: {
    params: ({ other }) => ["0xdeadbeef", other],
    check: (result, { other }) => assertEquals(signerOf(result, "deadbeef"), other),
    wrong: [[["text", RECIPIENT], "message"]],
  },
  eth_signTransaction: {
    params: ({ other }) => [{
      from: other,
      to: RECIPIENT,
      gasPrice: "0x9",
      accessList: [{ address: LOGGER, storageKeys: [TOPIC] }],
    }],
    check: async (result, { other, chain }) => {
      const tx = decodeTransaction(Uint8Array.fromHex(String(result).slice(2)));
      assertEquals([tx.type, recoverSender(tx)], [1, other]);
      assertEquals(tx.accessList, [{ address: LOGGER, storageKeys: [TOPIC] }]);
      assertEquals(await chain.numberOf("latest"), 3n);
    },
    wrong: [[[{ accessList: [{}] }], "(transaction).accessList[0].address"]],
  },
  // Without a WebSocket both say so; `subscriptions_test.ts` has one.
  eth_subscribe: {
    params: () => [],
    check: () => {},
    wrong: [[["newSideHeads"], "subscription"], [["logs", { address: 1 }], "(filter).address"]],
  },
  eth_unsubscribe: { params: () => [], check: () => {}, wrong: [[[1], "subscriptionId"]] },
  eth_syncing: { check: equals(false), wrong: TOO_MANY },
  eth_uninstallFilter: {
    params: async ({ dispatcher }) => [await dispatcher.request("eth_newBlockFilter")],
    check: equals(true),
    wrong: [[["x".repeat(101)], "filterId"]],
  },
  net_listening: { check: equals(true), wrong: TOO_MANY },
  net_peerCount: { check: equals("0x0"), wrong: TOO_MANY },
  net_version: { check: equals("901"), wrong: TOO_MANY },
  rpc_modules: {
    check: (result) =>
      assertEquals(
        Object.keys(Object(result)).join(" "),
        "anvil eth evm hardhat net personal rpc txpool varve web3 zkevm",
      ),
    wrong: TOO_MANY,
  },
  txpool_content: { check: equals({ pending: {}, queued: {} }), wrong: TOO_MANY },
  txpool_contentFrom: {
    params: ({ sender }) => [sender],
    check: equals({ pending: {}, queued: {} }),
    wrong: [[[], "address"]],
  },
  txpool_inspect: { check: equals({ pending: {}, queued: {} }), wrong: TOO_MANY },
  txpool_status: { check: equals({ pending: "0x0", queued: "0x0" }), wrong: TOO_MANY },
  web3_clientVersion: {
    check: (result) => assertMatch(String(result), /^varve\/v\d+\.\d+\.\d+\//),
    wrong: TOO_MANY,
  },
  web3_sha3: {
    params: () => ["0x"],
    check: equals("0xc5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470"),
    wrong: [[[""], "data"]],
  },
  zkevm_batchNumber: { check: equals("0x3"), wrong: TOO_MANY },
  zkevm_virtualBatchNumber: { check: equals("0x2"), wrong: TOO_MANY },
  zkevm_verifiedBatchNumber: { check: equals("0x1"), wrong: TOO_MANY },
  zkevm_consolidatedBlockNumber: { check: equals("0x0"), wrong: TOO_MANY },
  zkevm_isBlockVirtualized: {
    params: ({ chain }) => {
      chain.tags.safe = 2n;
      return ["0x2"];
    },
    check: equals(true),
    wrong: [[["latest"], "block"]],
  },
  zkevm_isBlockConsolidated: {
    params: () => [1],
    check: equals(false),
    wrong: [[[1.5], "block"]],
  },
  zkevm_batchNumberByBlockNumber: {
    params: () => ["0x4"],
    check: equals("0x2"),
    wrong: [[[], "block"]],
  },
  zkevm_getBatchByNumber: {
    params: () => ["finalized", false],
    check: (result, { blocks, hashes }) => {
      assertEquals(field(result, "number"), "0x1");
      assertEquals(field(result, "sendSequencesTxHash"), `0x${"00".repeat(31)}07`);
      assertEquals(field(result, "verifyBatchTxHash"), null);
      assertEquals(field(result, "blocks"), [blocks[1]?.header.hash, blocks[2]?.header.hash]);
      assertEquals(field(result, "transactions"), [hashes[0], hashes[1]]);
    },
    wrong: [[["first"], "batch"], [["0x1", 1], "fullTransactions"]],
  },
  varve_acceptProof: {
    params: () => [2, "0xabcd"],
    check: (_result, { engine }) => assertEquals(engine.calls.at(-1), ["acceptProof", 2, "0xabcd"]),
    wrong: [[["0x2", "0x"], "batchNumber"], [[2, "proof"], "proof"]],
  },
  varve_estimateGas: {
    params: ({ sender }) => [{ from: sender, data: "0x", valueWei: "12" }],
    check: (result, { engine, sender }) => {
      assertEquals(result, 21_000);
      assertEquals(engine.calls.at(-1), [
        "estimateGas",
        { from: sender, data: "0x", valueWei: "12" },
      ]);
    },
    wrong: [
      [[{ from: RECIPIENT, data: "0x", valueWei: "0x1" }], "(request).valueWei"],
      [[{ data: "0x", valueWei: "1" }], "(request).from"],
    ],
  },
  varve_heads: {
    check: (result) => assertEquals(field(result, "sealed"), 3),
    wrong: TOO_MANY,
  },
  varve_inspect: {
    params: () => [{ kind: "table", table: "blocks" }],
    check: (_result, { engine }) =>
      assertEquals(engine.calls.at(-1), [
        "inspect",
        { kind: "table", table: "blocks", limit: 20 },
      ]),
    wrong: [
      [[{ kind: "everything" }], "(query).kind"],
      [[{ kind: "batch", batch: "0x1" }], "(query).batch"],
      [[{ kind: "block", block: "0x1" }], "(query).block"],
      [[{ kind: "tx" }], "(query).hash"],
      [[{ kind: "storage", address: RECIPIENT }], "(query).slot"],
    ],
  },
  varve_nextProofJob: {
    check: (result) => assertEquals(field(result, "witness"), "0x1234"),
    wrong: TOO_MANY,
  },
  varve_planL1: {
    params: ({ sender }) => [{ kind: "forceBatch", transaction: "0x0102" }, sender],
    check: (result, { engine, sender }) => {
      assertEquals(field(result, "nonce"), 5);
      const call = { kind: "forceBatch", transaction: "0x0102" };
      assertEquals(engine.calls.at(-1), ["planL1", call, sender]);
    },
    wrong: [
      [[{ kind: "verifyBatches" }, RECIPIENT], "(call).kind"],
      [[{ kind: "forceBatch" }, RECIPIENT], "(call).transaction"],
      [[{ kind: "sequenceForceBatches" }, "me"], "from"],
    ],
  },
  varve_prove: {
    check: (result) => assertEquals(field(field(result, "0"), "kind"), "mock"),
    wrong: TOO_MANY,
  },
  varve_rebuild: {
    params: () => [{ into: "/some/folder" }],
    check: (result, { engine }) => {
      assertEquals(field(result, "folder"), "/some/folder");
      assertEquals(engine.calls.at(-1), ["rebuild", { into: "/some/folder" }]);
    },
    wrong: [[["/some/folder"], "options"], [[{ into: 7 }], "(options).into"]],
  },
  varve_sealBatch: {
    check: (result) => assertEquals(field(result, "batchNumber"), 4),
    wrong: TOO_MANY,
  },
  varve_sendL1: {
    params: () => ["0x02c0"],
    check: (_result, { engine }) => assertEquals(engine.calls.at(-1), ["sendL1", "0x02c0"]),
    wrong: [[["02c0"], "raw"]],
  },
  varve_sendTransaction: {
    params: () => ["0x02c0"],
    check: (_result, { engine }) =>
      assertEquals(engine.calls.at(-1), ["sendTransaction", "0x02c0"]),
    wrong: [[["02c0"], "transaction"]],
  },
  varve_sender: {
    params: () => [RECIPIENT],
    check: (_result, { engine }) => assertEquals(engine.calls.at(-1), ["sender", RECIPIENT]),
    wrong: [[["me"], "address"]],
  },
  varve_submit: {
    check: (result) => assertEquals(field(result, "length"), 2),
    wrong: TOO_MANY,
  },
  varve_sync: {
    check: (result) => assertEquals(field(result, "toL1Block"), 22),
    wrong: TOO_MANY,
  },
};

function signerOf(signature: unknown, messageHex: string): unknown {
  const bytes = Uint8Array.fromHex(String(signature).slice(2));
  assertEquals(bytes.length, 65);
  const message = Uint8Array.fromHex(messageHex);
  const prefix = new TextEncoder().encode(`\x19Ethereum Signed Message:\n${message.length}`);
  const digest = keccak256Bytes(Uint8Array.from([...prefix, ...message]));
  return recoverAddress(digest, {
    r: BigInt(`0x${bytes.subarray(0, 32).toHex()}`),
    s: BigInt(`0x${bytes.subarray(32, 64).toHex()}`),
    yParity: (bytes[64] ?? 0) - 27,
  });
}

const NEEDS_SOCKET = ["eth_subscribe", "eth_unsubscribe"];
const CONTROL_NAMES = CONTROL_METHODS.map(({ name }) => name);
const ALL_NAMES = [...CHAIN_METHODS, ...CONTROL_METHODS, ...ROLLUP_METHODS].map(({ name }) => name);

Deno.test("methods/mod.ts lists each method once, and each has a case here", () => {
  assertEquals(new Set(ALL_NAMES).size, ALL_NAMES.length);
  assertEquals(Object.keys(CASES).toSorted(), ALL_NAMES.toSorted());
});

for (const [method, { params, check, wrong }] of Object.entries(CASES)) {
  const layer = CONTROL_NAMES.includes(method) ? "L1" : "L2";
  if (!NEEDS_SOCKET.includes(method)) {
    Deno.test(`${method} answers what it is for`, async () => {
      const fixture = await createFixture({ layer });
      const given = await params?.(fixture) ?? [];
      const result = await fixture.dispatcher.request(method, given);
      // What is not plain JSON would be lost or would throw on the wire.
      assertEquals(JSON.parse(JSON.stringify(result)), result);
      await check(result, fixture);
    });
  }
  Deno.test(`${method} names the wrong parameter`, async () => {
    const { dispatcher } = await createFixture({ layer });
    assert(wrong.length > 0);
    for (const [given, blamed] of wrong) {
      const error = await refusalOf(dispatcher, method, given);
      assertEquals(error.code, -32602, `${JSON.stringify(given)}: ${error.message}`);
      assertStringIncludes(error.message, blamed);
    }
  });
}

Deno.test("createRpcMethods() gives the L1 no method of the L2", async () => {
  const { methods, dispatcher } = await createFixture({ layer: "L1" });
  assertEquals(methods.names.filter((name) => /^(zkevm|varve)_/.test(name)), []);
  assertEquals((await refusalOf(dispatcher, "varve_heads", [])).code, -32601);
  assertEquals(await dispatcher.request("eth_chainId"), "0x384");
});

Deno.test("createRpcMethods() gives the L2 no control of the L1", async () => {
  const { methods, dispatcher } = await createFixture();
  assertEquals(methods.names.filter((name) => CONTROL_NAMES.includes(name)), []);
  assertEquals((await refusalOf(dispatcher, "anvil_reorg", [1, []])).code, -32601);
});

Deno.test("anvil_reorg takes its options by name too, bare or in the list", async () => {
  const { methods, chain } = await createFixture({ layer: "L1" });
  const seen = new Set<string>();
  for (
    const params of [
      { depth: 1, tx_block_pairs: [] },
      { depth: 1 },
      [{ depth: 1, txBlockPairs: [] }],
      [1, []],
      [1, null],
      ["0x1"],
    ]
  ) {
    assertEquals(await methods.call("anvil_reorg", params), null);
    seen.add((await chain.header(3n))?.hash ?? "none");
  }
  assertEquals(seen.size, 6);
});

Deno.test("anvil_reorg signs for the node's own accounts only", async () => {
  const { dispatcher, chain } = await createFixture({ layer: "L1" });
  const error = await refusalOf(dispatcher, "anvil_reorg", [1, [[{ from: RECIPIENT }, 0]]]);
  assertEquals(error.message, "unknown account");
  assertEquals(await chain.numberOf("latest"), 3n);
});

Deno.test("evm_mine takes the timestamp of its first block, anvil_mine an interval", async () => {
  const { dispatcher, chain } = await createFixture();
  await dispatcher.request("evm_mine", [1_700_000_050]);
  await dispatcher.request("evm_mine", [{ timestamp: "0x6553f164", blocks: 2 }]);
  const times = await Promise.all([4n, 5n].map((number) => chain.header(number)));
  assertEquals(times.map((header) => header?.timestampSec), [1_700_000_050n, 1_700_000_100n]);
  await dispatcher.request("anvil_mine", [2, "0xa"]);
  const last = await Promise.all([7n, 8n].map((number) => chain.header(number)));
  assertEquals(last.map((header) => header?.timestampSec), [1_700_000_017n, 1_700_000_028n]);
});
