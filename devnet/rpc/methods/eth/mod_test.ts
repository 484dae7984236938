import { assertEquals } from "@std/assert";
import { recoverAddress } from "../../../../core/crypto/secp256k1.ts";
import { keccak256Bytes } from "../../../../core/crypto/keccak.ts";
import { bytesToHex } from "../../../../core/primitives/hex.ts";
import { decodeTransaction, recoverSender, transactionHash } from "../../../../core/types/tx.ts";
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

const CASES: Readonly<Record<string, Case>> = {
  eth_blobBaseFee: { check: equals("0x1"), wrong: TOO_MANY },
  eth_blockNumber: { check: equals("0x3"), wrong: TOO_MANY },
  eth_chainId: { check: equals("0x385"), wrong: TOO_MANY },
  eth_coinbase: { check: equals(`0x${"00".repeat(20)}`), wrong: TOO_MANY },
  eth_gasPrice: { check: equals("0x3b9aca07"), wrong: TOO_MANY },
  eth_maxPriorityFeePerGas: { check: equals("0x3b9aca00"), wrong: TOO_MANY },
  eth_newBlockFilter: { check: equals("0x1"), wrong: TOO_MANY },
  eth_newPendingTransactionFilter: { check: equals("0x1"), wrong: TOO_MANY },
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
      [[{}, "latest", { [ECHO]: {} }], "overrides are not supported"],
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
      [["0x1", "latest", [101]], "rewardPercentiles"],
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
    check: equals("0x1"),
    wrong: [[[{ toBlock: true }], "(filter).toBlock"]],
  },
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
