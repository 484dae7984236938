import { sha256 } from "@noble/hashes/sha2.js";
import { assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import { keccak256 } from "../crypto/keccak.ts";
import { RollupError } from "../primitives/errors.ts";
import { address, hash32 } from "../primitives/hex.ts";
import { decodeRlp, encodeRlp, rlpList } from "../primitives/rlp.ts";
import { blockNumber } from "../primitives/units.ts";
import {
  type BlockHeader,
  decodeHeader,
  EMPTY_REQUESTS_HASH,
  EMPTY_TRIE_ROOT,
  EMPTY_UNCLES_HASH,
  encodeHeader,
  headerHash,
  transactionsRoot,
} from "./block.ts";

const header: BlockHeader = {
  parentHash: hash32(`0x${"11".repeat(32)}`),
  coinbase: address(`0x${"22".repeat(20)}`),
  stateRoot: hash32(`0x${"33".repeat(32)}`),
  transactionsRoot: hash32(`0x${"44".repeat(32)}`),
  receiptsRoot: hash32(`0x${"55".repeat(32)}`),
  logsBloom: new Uint8Array(256).fill(0x66),
  number: blockNumber(7n),
  gasLimit: 30_000_000n,
  gasUsed: 21_000n,
  timestampSec: 1_700_000_000n,
  prevRandao: hash32(`0x${"77".repeat(32)}`),
  baseFeePerGasWei: 1_000_000_000n,
};

Deno.test("decodeHeader() gives back what encodeHeader() wrote", () => {
  assertEquals(decodeHeader(encodeHeader(header)), header);
  const zeros = { ...header, number: blockNumber(0n), gasUsed: 0n, timestampSec: 0n };
  assertEquals(decodeHeader(encodeHeader(zeros)), zeros);
});

Deno.test("headerHash() covers every field", () => {
  const base = headerHash(header);
  assertEquals(base, keccak256(encodeHeader(header)));
  const other = hash32(`0x${"99".repeat(32)}`);
  const changes: Partial<BlockHeader>[] = [
    { parentHash: other },
    { coinbase: address(`0x${"99".repeat(20)}`) },
    { stateRoot: other },
    { transactionsRoot: other },
    { receiptsRoot: other },
    { logsBloom: new Uint8Array(256) },
    { number: blockNumber(8n) },
    { gasLimit: 1n },
    { gasUsed: 1n },
    { timestampSec: 1n },
    { prevRandao: other },
    { baseFeePerGasWei: 1n },
  ];
  assertEquals(changes.length, Object.keys(header).length);
  for (const change of changes) assertNotEquals(headerHash({ ...header, ...change }), base);
});

Deno.test("decodeHeader() refuses another value in a constant field", () => {
  const fields = rlpList(decodeRlp(encodeHeader(header)), 21);
  const changes: [number, Uint8Array][] = [
    [1, new Uint8Array(32)], // uncles
    [7, Uint8Array.of(1)], // difficulty
    [12, Uint8Array.of(1)], // extraData
    [14, new Uint8Array(8).fill(1)], // nonce
    [16, new Uint8Array(32)], // withdrawalsRoot
    [17, Uint8Array.of(1)], // blobGasUsed
    [18, Uint8Array.of(1)], // excessBlobGas
    [19, new Uint8Array(32).fill(1)], // parentBeaconBlockRoot
    [20, new Uint8Array(32)], // requestsHash
  ];
  for (const [at, value] of changes) {
    const bytes = encodeRlp(fields.with(at, value));
    assertEquals(assertThrows(() => decodeHeader(bytes), RollupError).code, "BLOCK_MALFORMED");
  }
});

Deno.test("decodeHeader() refuses headers of another shape", () => {
  const fields = rlpList(decodeRlp(encodeHeader(header)), 21);
  const malformed = [
    new Uint8Array(0),
    encodeRlp(fields.slice(0, 20)),
    encodeRlp([...fields, new Uint8Array(0)]),
    encodeRlp(fields.with(6, new Uint8Array(255))),
    encodeRlp(fields.with(8, Uint8Array.of(0))),
    encodeRlp(fields.with(8, new Uint8Array(9).fill(1))),
    encodeHeader(header).subarray(0, -1),
  ];
  for (const bytes of malformed) {
    assertEquals(assertThrows(() => decodeHeader(bytes), RollupError).code, "RLP_INVALID");
  }
});

Deno.test("the constants of a header are the hashes of nothing", () => {
  assertEquals(EMPTY_UNCLES_HASH, keccak256(encodeRlp([])));
  assertEquals(EMPTY_TRIE_ROOT, keccak256(encodeRlp(new Uint8Array(0))));
  assertEquals(EMPTY_REQUESTS_HASH, `0x${sha256(new Uint8Array(0)).toHex()}`);
  assertEquals(transactionsRoot([]), EMPTY_TRIE_ROOT);
});
