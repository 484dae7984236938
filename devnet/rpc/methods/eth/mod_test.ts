import { assertEquals, assertMatch } from "@std/assert";
import { privateKeyToAccount } from "viem/accounts";
import { recoverAddress } from "../../../../core/crypto/secp256k1.ts";
import { keccak256Bytes } from "../../../../core/crypto/keccak.ts";
import { bytesToHex } from "../../../../core/primitives/hex.ts";
import { decodeTransaction, recoverSender } from "../../../../core/types/tx.ts";
import { ECHO, LOGGER } from "../../testing/fake_chain.ts";
import { RECIPIENT, signedRaw, TOPIC } from "../../testing/fixture.ts";
import {
  type Case,
  equals,
  field,
  testMethods,
  TOO_MANY,
  UNKNOWN,
} from "../../testing/method_cases.ts";
import { ETH_METHODS } from "./mod.ts";

const TYPED_DATA = {
  types: { Mail: [{ name: "text", type: "string" }, { name: "count", type: "uint256" }] },
  primaryType: "Mail",
  domain: { name: "varve", chainId: 901 },
  message: { text: "hello", count: 7 },
} as const;

const isId = (result: unknown): void => assertMatch(String(result), /^0x[1-9a-f][0-9a-f]{21,31}$/);

const CASES: Readonly<Record<string, Case>> = {
  eth_baseFee: { check: equals("0x7"), wrong: TOO_MANY },
  eth_pendingTransactions: { check: equals([]), wrong: TOO_MANY },
  eth_capabilities: {
    check: (result, { blocks }) => {
      assertEquals(field(result, "head"), { number: "0x3", hash: blocks[3]?.header.hash });
      assertEquals(field(result, "logs"), { disabled: false, oldestBlock: "0x0" });
    },
    wrong: TOO_MANY,
  },
  eth_config: {
    layer: "L1",
    check: (result) => {
      assertEquals(field(field(result, "current"), "forkId"), "0x01020304");
      assertEquals(field(field(result, "current"), "chainId"), "0x384");
      assertEquals(field(result, "next"), null);
    },
    wrong: TOO_MANY,
  },
  eth_createAccessList: {
    params: ({ sender }) => [{ from: sender, to: ECHO }],
    check: (result) => assertEquals(field(result, "accessList"), []),
    wrong: [[[], "transaction"], [[{}, "newest"], "block"]],
  },
  eth_fillTransaction: {
    params: ({ sender }) => [{ from: sender, to: RECIPIENT, value: "0x1" }],
    check: (result) => {
      const tx = decodeTransaction(Uint8Array.fromHex(String(field(result, "raw")).slice(2)));
      assertEquals([tx.type, tx.nonce, tx.gasLimit, tx.r], [2, 3n, 21_000n, 0n]);
      assertEquals(field(field(result, "tx"), "nonce"), "0x3");
    },
    wrong: [[[], "transaction"], [[{ value: "1" }], "(transaction).value"]],
  },
  eth_getAccount: {
    layer: "L1",
    params: () => [RECIPIENT, "0x1"],
    // The fake has an account of no code hash: one that is not there.
    check: equals({
      nonce: "0x1",
      balance: "0x1",
      storageRoot: "0x56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421",
      codeHash: "0xc5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470",
    }),
    wrong: [[["0x99"], "address"]],
  },
  eth_hashrate: { check: equals("0x0"), wrong: TOO_MANY },
  eth_getAccountInfo: {
    params: () => [RECIPIENT],
    check: equals({ balance: "0x5", nonce: "0x0", code: "0x" }),
    wrong: [[["0x99"], "address"]],
  },
  eth_getProof: {
    params: () => [RECIPIENT, ["0x05", TOPIC], "0x1"],
    check: equals({
      address: RECIPIENT,
      accountProof: ["0xc0"],
      balance: "0x1",
      codeHash: `0x${"00".repeat(32)}`,
      nonce: "0x1",
      storageHash: `0x${"2".padStart(64, "0")}`,
      // As geth: a short key comes back as a quantity.
      storageProof: [
        { key: "0x5", value: "0x5", proof: ["0xc180"] },
        { key: TOPIC, value: TOPIC, proof: ["0xc180"] },
      ],
    }),
    wrong: [[["0x99"], "address"], [[RECIPIENT, ["0xg"]], "(storageKeys)[0]"]],
  },
  eth_getRawTransactionByBlockHashAndIndex: {
    params: ({ blocks }) => [blocks[1]?.header.hash, "0x0"],
    check: (result, { blocks }) =>
      assertEquals(result, bytesToHex(blocks[1]?.transactions[0]?.raw ?? new Uint8Array(0))),
    wrong: [[["0x12", "0x0"], "blockHash"], [[UNKNOWN, 0], "index"]],
  },
  eth_getRawTransactionByBlockNumberAndIndex: {
    params: () => ["0x1", "0x9"],
    check: equals("0x"),
    wrong: [[["one", "0x0"], "block"], [["0x1", "0x01"], "index"]],
  },
  eth_getStorageValues: {
    params: () => [{ [LOGGER]: [TOPIC], [ECHO]: [] }],
    check: equals({ [LOGGER]: [TOPIC], [ECHO]: [] }),
    wrong: [[[], "requests"], [[{ [LOGGER]: ["0x1"] }], "requests"], [[{}], "empty request"]],
  },
  eth_getTransactionBySenderAndNonce: {
    params: ({ sender }) => [sender, "0x1"],
    check: (result, { hashes }) => assertEquals(field(result, "hash"), hashes[1]),
    wrong: [[["0x1", "0x1"], "sender"], [[ECHO, "one"], "nonce"]],
  },
  eth_sendRawTransactionSync: {
    params: ({ chain }) => [bytesToHex(signedRaw(chain, { nonce: 3n })), "0x64"],
    check: (result) => assertEquals(field(result, "blockNumber"), "0x4"),
    wrong: [[["0x1"], "transaction"], [["0x", "soon"], "timeoutMs"]],
  },
  eth_simulateV1: {
    params: () => [{
      blockStateCalls: [
        { blockOverrides: { number: "0x5" }, calls: [{ to: ECHO, input: "0x12" }, {}] },
      ],
    }],
    check: (result) => {
      // Block 4 fills the gap.
      assertEquals(field(field(result, "0"), "calls"), []);
      assertEquals(field(field(result, "1"), "number"), "0x5");
      const [done, failed] = [0, 1].map((index) =>
        field(field(field(result, "1"), "calls"), String(index))
      );
      assertEquals([field(done, "status"), field(done, "maxUsedGas")], ["0x1", "0x55f0"]);
      assertEquals([field(failed, "status"), field(field(failed, "error"), "code")], ["0x0", 3]);
    },
    wrong: [
      [[{ blockStateCalls: [] }], "empty input"],
      [[{ blockStateCalls: [{ calls: [{ to: 1 }] }] }], "blockStateCalls[0].calls[0].to"],
      [[{ blockStateCalls: [{}], validation: 1 }], "validation"],
    ],
  },
  eth_blobBaseFee: { check: equals("0x1"), wrong: TOO_MANY },
  eth_blockNumber: { check: equals("0x3"), wrong: TOO_MANY },
  eth_chainId: { check: equals("0x385"), wrong: TOO_MANY },
  eth_coinbase: { check: equals(`0x${"00".repeat(20)}`), wrong: TOO_MANY },
  eth_gasPrice: { check: equals("0x3b9aca07"), wrong: TOO_MANY },
  eth_maxPriorityFeePerGas: { check: equals("0x3b9aca00"), wrong: TOO_MANY },
  eth_newBlockFilter: { check: isId, wrong: TOO_MANY },
  eth_newPendingTransactionFilter: { check: isId, wrong: [[[1], "fullTransactions"]] },
  eth_unsubscribe: { params: () => [], check: () => {}, wrong: [[[1], "subscriptionId"]] },
  eth_syncing: { check: equals(false), wrong: TOO_MANY },
  eth_accounts: {
    check: (result, { sender, other }) => assertEquals(result, [sender, other]),
    wrong: TOO_MANY,
  },
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
      [[{}, "latest", { "0x12": {} }], "stateOverrides"],
      [[{}, "latest", { [ECHO]: { balance: 1 } }], "balance"],
      [[{}, "latest", { [ECHO]: { state: {}, stateDiff: {} } }], "both 'state' and 'stateDiff'"],
      [[{}, "latest", {}, { number: 1 }], "(blockOverrides).number"],
      [[{}, "latest", {}, { withdrawals: [] }], "withdrawals"],
    ],
  },
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
      [
        ["0x1", "latest", [101]],
        "(rewardPercentiles): expected percentiles from 0 to 100, got 101",
      ],
      [["0x1", 3], "newestBlock"],
      [[null, "latest"], "blockCount"],
    ],
  },
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
  eth_getBlockAccessList: {
    params: () => [UNKNOWN],
    check: equals(null),
    wrong: [[[], "block"], [["newest"], "block"]],
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
  eth_newFilter: {
    params: () => [{}],
    check: isId,
    wrong: [[[{ toBlock: true }], "(filter).toBlock"]],
  },
  eth_sendRawTransaction: {
    params: ({ chain }) => [bytesToHex(signedRaw(chain, { nonce: 3n }))],
    check: async (result, { chain }) => {
      const [included] = (await chain.block(4n))?.transactions ?? [];
      assertEquals(result, included?.hash);
    },
    wrong: [[["0xabc"], "transaction"], [["abcd"], "transaction"]],
  },
  eth_sendUnsignedTransaction: {
    params: () => [{ from: RECIPIENT, to: RECIPIENT, gas: "0x5208" }],
    check: async (result, { chain }) => {
      const [included] = (await chain.block(4n))?.transactions ?? [];
      assertEquals([included?.hash, included?.sender], [result, RECIPIENT]);
    },
    wrong: [[[{ to: RECIPIENT }], "from"], [[], "transaction"]],
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
  eth_sendTransactionSync: {
    params: ({ other }) => [{ from: other, to: RECIPIENT, value: "0x2" }, 100],
    check: (result, { other }) =>
      assertEquals([field(result, "blockNumber"), field(result, "from")], ["0x4", other]),
    wrong: [[[{ to: RECIPIENT }], "from"], [[{}, "soon"], "timeoutMs"]],
  },
  eth_sign: {
    params: ({ other }) => [other, "0xdeadbeef"],
    check: (result, { other }) => assertEquals(signerOf(result, "deadbeef"), other),
    wrong: [[[RECIPIENT, "text"], "message"]],
  },
  eth_signTypedData_v4: {
    params: ({ sender }) => [sender, JSON.stringify(TYPED_DATA)],
    // As viem signs it with the same key, which is 32 bytes of 1.
    check: async (result) =>
      assertEquals(
        result,
        await privateKeyToAccount(`0x${"01".repeat(32)}`).signTypedData({
          ...TYPED_DATA,
          message: { ...TYPED_DATA.message, count: 7n },
        }),
      ),
    wrong: [
      [[ECHO], "typedData"],
      [[ECHO, "{"], "typedData"],
      [[ECHO, { ...TYPED_DATA, types: { Mail: [7] } }], "(typedData).types"],
      [[ECHO, { ...TYPED_DATA, message: { text: "a", count: "x" } }], "typedData"],
    ],
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
  eth_subscribe: {
    params: () => [],
    check: () => {},
    wrong: [[["newSideHeads"], "subscription"], [["logs", { address: 1 }], "(filter).address"]],
  },
  eth_uninstallFilter: {
    params: async ({ dispatcher }) => [await dispatcher.request("eth_newBlockFilter")],
    check: equals(true),
    wrong: [[["x".repeat(101)], "filterId"]],
  },
};

testMethods(ETH_METHODS, CASES);

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
