/**
 * Header hash and list roots held against `@ethereumjs`, an independent implementation.
 */
import { createBlockHeader } from "@ethereumjs/block";
import { Common, Hardfork, Mainnet } from "@ethereumjs/common";
import { createMPT } from "@ethereumjs/mpt";
import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { orderedTrieRoot } from "../../../core/crypto/ordered_trie.ts";
import { bytesToAddress, bytesToHash32, bytesToHex } from "../../../core/primitives/hex.ts";
import { encodeRlp, uintToRlp } from "../../../core/primitives/rlp.ts";
import { blockNumber } from "../../../core/primitives/units.ts";
import {
  type BlockHeader,
  EMPTY_REQUESTS_HASH,
  EMPTY_TRIE_ROOT,
  headerHash,
} from "../../../core/types/block.ts";

const SEED = 7_685;
const common = new Common({ chain: Mainnet, hardfork: Hardfork.Osaka });

const uint = (bits: number) => fc.bigInt({ min: 0n, max: (1n << BigInt(bits)) - 1n });
const hashes = fc.uint8Array({ minLength: 32, maxLength: 32 }).map(bytesToHash32);
const headers: fc.Arbitrary<BlockHeader> = fc.record({
  parentHash: hashes,
  coinbase: fc.uint8Array({ minLength: 20, maxLength: 20 }).map(bytesToAddress),
  stateRoot: hashes,
  transactionsRoot: hashes,
  receiptsRoot: hashes,
  logsBloom: fc.uint8Array({ minLength: 256, maxLength: 256 }),
  number: uint(63).map((number) => blockNumber(number + 1n)),
  gasLimit: uint(40).map((gas) => gas + 5_000n),
  gasUsed: uint(12),
  timestampSec: uint(60),
  prevRandao: hashes,
  baseFeePerGasWei: uint(120).map((fee) => fee + 7n),
});

Deno.test("headerHash() is the hash that @ethereumjs/block computes of an Osaka header", () => {
  fc.assert(
    fc.property(headers, (header) => {
      const theirs = createBlockHeader({
        parentHash: header.parentHash,
        coinbase: header.coinbase,
        stateRoot: header.stateRoot,
        transactionsTrie: header.transactionsRoot,
        receiptTrie: header.receiptsRoot,
        logsBloom: header.logsBloom,
        number: header.number,
        gasLimit: header.gasLimit,
        gasUsed: header.gasUsed,
        timestamp: header.timestampSec,
        mixHash: header.prevRandao,
        baseFeePerGas: header.baseFeePerGasWei,
        withdrawalsRoot: EMPTY_TRIE_ROOT,
        blobGasUsed: 0n,
        excessBlobGas: 0n,
        parentBeaconBlockRoot: new Uint8Array(32),
        requestsHash: EMPTY_REQUESTS_HASH,
      }, { common, skipConsensusFormatValidation: true });
      assertEquals<string>(headerHash(header), bytesToHex(theirs.hash()));
    }),
    { seed: SEED, numRuns: 50 },
  );
});

async function mptRoot(items: readonly Uint8Array[]): Promise<string> {
  const trie = await createMPT({ useRootPersistence: false });
  for (const [index, item] of items.entries()) {
    await trie.put(encodeRlp(uintToRlp(BigInt(index))), item);
  }
  return bytesToHex(trie.root());
}

Deno.test("orderedTrieRoot() is the root of @ethereumjs/mpt at every shape of the key space", async () => {
  // Keys change length at 1, 128 and 256; single-byte items give nodes shorter than a hash.
  for (const count of [1, 2, 3, 15, 16, 17, 127, 128, 129, 130, 255, 256, 257, 300]) {
    for (const sizeBytes of [1, 3, 31, 32, 33, 110]) {
      const items = Array.from(
        { length: count },
        (_, index) => new Uint8Array(sizeBytes).fill(1 + index % 255),
      );
      assertEquals<string>(orderedTrieRoot(items), await mptRoot(items), `${count} x ${sizeBytes}`);
    }
  }
});

Deno.test("orderedTrieRoot() is the root of @ethereumjs/mpt for items of any size", async () => {
  const lists = fc.array(fc.uint8Array({ minLength: 1, maxLength: 90 }), { maxLength: 60 });
  await fc.assert(
    fc.asyncProperty(lists, async (items) => {
      assertEquals<string>(orderedTrieRoot(items), await mptRoot(items));
    }),
    { seed: SEED, numRuns: 40 },
  );
});
