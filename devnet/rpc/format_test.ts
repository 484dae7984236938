import { assertEquals } from "@std/assert";
import { address, hash32 } from "../../core/primitives/hex.ts";
import type { Transaction } from "../../core/types/tx.ts";
import type { ChainTransaction } from "./chain.ts";
import { checksumAddress, formatQuantity, formatTransaction } from "./format.ts";
import { createFixture } from "./testing/fixture.ts";

const ACCOUNT = address(`0x${"11".repeat(20)}`);
const HASH = hash32(`0x${"22".repeat(32)}`);
const TX: Transaction = {
  type: 4,
  chainId: 901n,
  nonce: 3n,
  maxFeePerGasWei: 20n,
  maxPriorityFeePerGasWei: 2n,
  gasLimit: 50_000n,
  to: ACCOUNT,
  valueWei: 0n,
  data: Uint8Array.of(1),
  accessList: [{ address: ACCOUNT, storageKeys: [HASH] }],
  authorizations: [{ chainId: 0n, address: ACCOUNT, nonce: 1n, yParity: 1, r: 16n, s: 17n }],
  yParity: 1,
  r: 10n,
  s: 11n,
};
const pending = (tx: Transaction): ChainTransaction => ({
  hash: HASH,
  raw: new Uint8Array(0),
  tx,
  sender: ACCOUNT,
  position: undefined,
});

Deno.test("formatTransaction() writes every field of a pending type 4 transaction", () => {
  assertEquals(formatTransaction(pending(TX)), {
    blockHash: null,
    blockNumber: null,
    blockTimestamp: null,
    from: ACCOUNT,
    gas: "0xc350",
    gasPrice: "0x14",
    maxFeePerGas: "0x14",
    maxPriorityFeePerGas: "0x2",
    hash: HASH,
    input: "0x01",
    nonce: "0x3",
    to: ACCOUNT,
    transactionIndex: null,
    value: "0x0",
    type: "0x4",
    accessList: [{ address: ACCOUNT, storageKeys: [HASH] }],
    authorizationList: [
      { chainId: "0x0", address: ACCOUNT, nonce: "0x1", yParity: "0x1", r: "0x10", s: "0x11" },
    ],
    chainId: "0x385",
    v: "0x1",
    r: "0xa",
    s: "0xb",
    yParity: "0x1",
  });
});

Deno.test("formatTransaction() gives an included type 2 its effective gas price", () => {
  const included = {
    ...pending({ ...TX, type: 2, authorizations: [] }),
    position: {
      blockHash: HASH,
      blockNumber: 5n,
      index: 0,
      timestampSec: 1_000n,
      baseFeePerGasWei: 7n,
    },
  };
  const { gasPrice, maxFeePerGas, blockNumber, transactionIndex, authorizationList } =
    formatTransaction(included);
  assertEquals([gasPrice, maxFeePerGas, blockNumber, transactionIndex], [
    "0x9",
    "0x14",
    "0x5",
    "0x0",
  ]);
  assertEquals(authorizationList, undefined);
});

Deno.test("formatTransaction() writes v of legacy transactions with and without EIP-155", () => {
  const shown = (chainId: bigint | undefined) => {
    const { v, yParity, accessList, maxFeePerGas, chainId: id } = formatTransaction(
      pending({ ...TX, type: 0, chainId, accessList: [], authorizations: [] }),
    );
    return [v, yParity, accessList, maxFeePerGas, id];
  };
  assertEquals(shown(901n), ["0x72e", undefined, undefined, undefined, "0x385"]);
  assertEquals(shown(undefined), ["0x1c", undefined, undefined, undefined, undefined]);
});

Deno.test("eth_getBlockByNumber has exactly geth's fields", async () => {
  const { dispatcher } = await createFixture();
  const block = await dispatcher.request("eth_getBlockByNumber", ["0x1", false]);
  assertEquals(Object.keys(Object(block)).toSorted(), [
    "baseFeePerGas",
    "blobGasUsed",
    "difficulty",
    "excessBlobGas",
    "extraData",
    "gasLimit",
    "gasUsed",
    "hash",
    "logsBloom",
    "miner",
    "mixHash",
    "nonce",
    "number",
    "parentBeaconBlockRoot",
    "parentHash",
    "receiptsRoot",
    "requestsHash",
    "sha3Uncles",
    "size",
    "stateRoot",
    "timestamp",
    "transactions",
    "transactionsRoot",
    "uncles",
    "withdrawals",
    "withdrawalsRoot",
  ]);
});

Deno.test("eth_getTransactionReceipt has exactly geth's fields", async () => {
  const { dispatcher, hashes, blocks, sender } = await createFixture();
  const receipt = await dispatcher.request("eth_getTransactionReceipt", [hashes[0]]);
  assertEquals(receipt, {
    blockHash: blocks[1]?.header.hash,
    blockNumber: "0x1",
    contractAddress: null,
    cumulativeGasUsed: "0x5208",
    effectiveGasPrice: "0x3b9aca07",
    from: sender,
    gasUsed: "0x5208",
    logs: [],
    logsBloom: `0x${"00".repeat(256)}`,
    status: "0x1",
    to: `0x${"99".repeat(20)}`,
    transactionHash: hashes[0],
    transactionIndex: "0x0",
    type: "0x2",
  });
});

Deno.test("formatQuantity() has no leading zeros", () => {
  assertEquals([0, 1n, 255, 2n ** 64n].map(formatQuantity), [
    "0x0",
    "0x1",
    "0xff",
    "0x10000000000000000",
  ]);
});

Deno.test("checksumAddress() agrees with the examples of EIP-55", () => {
  for (
    const example of [
      "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
      "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359",
      "0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB",
      "0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb",
    ]
  ) assertEquals<string>(checksumAddress(address(example)), example);
});
