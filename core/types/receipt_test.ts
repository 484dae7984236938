import { assertEquals } from "@std/assert";
import { bloomMayContain } from "../crypto/bloom.ts";
import { address, hash32, hexToBytes } from "../primitives/hex.ts";
import { decodeRlp, rlpBytes, rlpList, rlpUint } from "../primitives/rlp.ts";
import { EMPTY_TRIE_ROOT } from "./block.ts";
import { encodeReceipt, logsBloom, type Receipt, receiptsRoot } from "./receipt.ts";

const emitter = address(`0x${"22".repeat(20)}`);
const topic = hash32(`0x${"33".repeat(32)}`);
const receipt: Receipt = {
  type: 0,
  success: true,
  gasUsed: 30_000n,
  cumulativeGasUsed: 51_000n,
  effectiveGasPriceWei: 7n,
  logs: [{ address: emitter, topics: [topic], data: Uint8Array.of(1, 2) }],
  contractAddress: undefined,
};

Deno.test("encodeReceipt() writes status, cumulative gas, bloom and logs", () => {
  const fields = rlpList(decodeRlp(encodeReceipt(receipt)), 4);
  assertEquals(rlpUint(fields[0]), 1n);
  assertEquals(rlpUint(fields[1]), 51_000n);
  assertEquals(rlpBytes(fields[2], 256), logsBloom(receipt.logs));
  assertEquals(fields[3], [[hexToBytes(emitter), [hexToBytes(topic)], Uint8Array.of(1, 2)]]);
});

Deno.test("encodeReceipt() writes a failure as the empty string", () => {
  const fields = rlpList(decodeRlp(encodeReceipt({ ...receipt, success: false })), 4);
  assertEquals(fields[0], new Uint8Array(0));
});

Deno.test("encodeReceipt() puts the type in front of typed receipts only (EIP-2718)", () => {
  const body = encodeReceipt(receipt);
  for (const type of [1, 2, 4] as const) {
    const encoded = encodeReceipt({ ...receipt, type });
    assertEquals([encoded[0], encoded.subarray(1)], [type, body]);
  }
});

Deno.test("logsBloom() holds address and topics, not data", () => {
  const bloom = logsBloom(receipt.logs);
  assertEquals(bloomMayContain(bloom, hexToBytes(emitter)), true);
  assertEquals(bloomMayContain(bloom, hexToBytes(topic)), true);
  assertEquals(bloomMayContain(bloom, Uint8Array.of(1, 2)), false);
  assertEquals(logsBloom([]), new Uint8Array(256));
});

Deno.test("receiptsRoot() of no receipts is the root of the empty trie", () => {
  assertEquals(receiptsRoot([]), EMPTY_TRIE_ROOT);
  assertEquals(receiptsRoot([receipt]) === EMPTY_TRIE_ROOT, false);
});
