/**
 * The types held against the chain of ethereum/execution-apis, which go-ethereum made: 54 blocks
 * from Homestead to Osaka. Skipped where `../shared/vectors/execution-apis` is absent.
 */
import { assertEquals } from "@std/assert";
import { keccak256 } from "../../../core/crypto/keccak.ts";
import { orderedTrieRoot } from "../../../core/crypto/ordered_trie.ts";
import { assert } from "../../../core/primitives/errors.ts";
import {
  address,
  bytesToHash32,
  bytesToHex,
  hash32,
  hexToBytes,
} from "../../../core/primitives/hex.ts";
import {
  decodeRlp,
  encodeRlp,
  rlpBytes,
  type RlpItem,
  rlpList,
  rlpUint,
} from "../../../core/primitives/rlp.ts";
import { decodeHeader, encodeHeader, transactionsRoot } from "../../../core/types/block.ts";
import {
  type EventLog,
  logsBloom,
  type Receipt,
  receiptsRoot,
} from "../../../core/types/receipt.ts";
import {
  decodeTransaction,
  encodeTransaction,
  recoverSender,
  transactionHash,
} from "../../../core/types/tx.ts";

const SUITE = new URL("../../../../shared/vectors/execution-apis/", import.meta.url);
const isAbsent = !exists(SUITE);
const note = isAbsent ? " (skipped: ../shared/vectors/execution-apis is absent)" : "";

function exists(url: URL): boolean {
  try {
    return Deno.statSync(url).isDirectory;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

interface ChainBlock {
  readonly header: readonly RlpItem[];
  readonly headerBytes: Uint8Array;
  /** EIP-2718 bytes. */
  readonly transactions: readonly Uint8Array[];
}

/** The blocks of `chain.rlp`, which stand one after another. */
function readChain(): ChainBlock[] {
  const file = Deno.readFileSync(new URL("chain.rlp", SUITE));
  const blocks: ChainBlock[] = [];
  for (let offset = 0; offset < file.length;) {
    // Every block of the file is a list with a length field of two bytes.
    assert(file[offset] === 0xf9, "a block of the file starts with 0xf9");
    const end = offset + 3 + ((file[offset + 1] ?? 0) << 8) + (file[offset + 2] ?? 0);
    const [header, body] = rlpList(decodeRlp(file.slice(offset, end)));
    blocks.push({
      header: rlpList(header),
      headerBytes: encodeRlp(rlpList(header)),
      transactions: rlpList(body).map((tx) => tx instanceof Uint8Array ? tx : encodeRlp(tx)),
    });
    offset = end;
  }
  return blocks;
}

/** Result of the response in an `.io` file. */
function readResult(path: string): unknown {
  const text = Deno.readTextFileSync(new URL(`tests/${path}`, SUITE));
  const line = text.split("\n").find((candidate) => candidate.startsWith("<< "));
  assert(line !== undefined, "an .io file has a response");
  return JSON.parse(line.slice(3)).result;
}

function vectorTest(name: string, check: () => void): void {
  Deno.test({ name: `${name}${note}`, ignore: isAbsent, fn: check });
}

vectorTest("encodeRlp() and keccak256() give each block the hash that its child names", () => {
  const blocks = readChain();
  assertEquals(blocks.length, 54);
  for (const [index, child] of blocks.slice(1).entries()) {
    const parent = blocks[index];
    assert(parent !== undefined, "every block but the first has a parent in the file");
    assertEquals(keccak256(parent.headerBytes), bytesToHash32(rlpBytes(child.header[0], 32)));
  }
});

vectorTest("transactionsRoot() is the root that each header names", () => {
  for (const block of readChain()) {
    assertEquals(
      transactionsRoot(block.transactions),
      bytesToHash32(rlpBytes(block.header[4], 32)),
      `block ${rlpUint(block.header[8])}`,
    );
  }
});

vectorTest("decodeTransaction() reads each transaction of the chain, and refuses blobs", () => {
  const countByType = new Map<number, number>();
  for (const raw of readChain().flatMap((block) => block.transactions)) {
    const type = (raw[0] ?? 0) >= 0xc0 ? 0 : raw[0] ?? 0;
    countByType.set(type, (countByType.get(type) ?? 0) + 1);
    if (type === 3) continue;
    const tx = decodeTransaction(raw);
    assertEquals(encodeTransaction(tx), raw);
    // The chain's one sender; the wrong digest would recover a random address.
    assertEquals<string>(
      recoverSender(tx),
      "0x7435ed30a8b4aeb0877cef0c6e8cffe834eb865f",
      transactionHash(raw),
    );
  }
  assertEquals([...countByType.keys()].sort(), [0, 1, 2, 3, 4]);
});

vectorTest("decodeHeader() reads a real Osaka header once its beacon root is zeroed", () => {
  let readCount = 0;
  for (const { header, headerBytes } of readChain()) {
    const hasNoBody = header.length === 21 &&
      rlpBytes(header[16]).toHex().startsWith("56e81f17") &&
      [17, 18].every((at) => rlpBytes(header[at]).length === 0);
    if (!hasNoBody) continue;
    const decoded = decodeHeader(encodeRlp(header.with(19, new Uint8Array(32))));
    const again = rlpList(decodeRlp(encodeHeader(decoded)), 21);
    const restored = encodeRlp(again.with(19, rlpBytes(header[19], 32)));
    assertEquals(keccak256(restored), keccak256(headerBytes));
    readCount++;
  }
  assertEquals(readCount > 0, true);
});

interface RpcReceipt {
  readonly type: string;
  readonly status: string;
  readonly gasUsed: string;
  readonly cumulativeGasUsed: string;
  readonly effectiveGasPrice: string;
  readonly logsBloom: string;
  readonly logs: readonly { address: string; topics: readonly string[]; data: string }[];
}

function toReceipt(receipt: RpcReceipt): Receipt {
  const type = Number(receipt.type);
  assert(type === 0 || type === 1 || type === 2 || type === 4, "the block has no blobs");
  const logs: EventLog[] = receipt.logs.map((log) => ({
    address: address(log.address),
    topics: log.topics.map(hash32),
    data: hexToBytes(log.data),
  }));
  return {
    type,
    success: receipt.status === "0x1",
    gasUsed: BigInt(receipt.gasUsed),
    cumulativeGasUsed: BigInt(receipt.cumulativeGasUsed),
    effectiveGasPriceWei: BigInt(receipt.effectiveGasPrice),
    logs,
    contractAddress: undefined,
  };
}

vectorTest("receiptsRoot() and logsBloom() are those of the last block's header", () => {
  // What the vector's publisher documents is what the cast names.
  const rpcReceipts = readResult(
    "eth_getBlockReceipts/get-block-receipts-latest.io",
  ) as RpcReceipt[];
  const receipts = rpcReceipts.map(toReceipt);
  const last = readChain().at(-1);
  assert(last !== undefined, "the file has blocks");
  assertEquals(receipts.length, last.transactions.length);
  assertEquals(receiptsRoot(receipts), bytesToHash32(rlpBytes(last.header[5], 32)));
  const logs = receipts.flatMap((receipt) => receipt.logs);
  assertEquals(logsBloom(logs), rlpBytes(last.header[6], 256));
  for (const [index, receipt] of receipts.entries()) {
    assertEquals<string | undefined>(
      bytesToHex(logsBloom(receipt.logs)),
      rpcReceipts[index]?.logsBloom,
    );
  }
});

vectorTest("orderedTrieRoot() over raw receipts is the root that block 3 names", () => {
  const raws = readResult("debug_getRawReceipts/get-block-n.io") as string[];
  const block = readChain()[2];
  assertEquals(
    orderedTrieRoot(raws.map(hexToBytes)),
    bytesToHash32(rlpBytes(block?.header[5], 32)),
  );
});
