/**
 * The whole chain as bytes, in the format of anvil: gzipped JSON with accounts, blocks and
 * transactions.
 *
 * Owns the format. Keys are sorted and nothing in it comes from outside of the chain, so the same
 * chain gives the same bytes on every machine. Loading gives accounts their state; blocks of another
 * chain cannot follow ours, so they are not taken, and the rollup on ours stays. Does not own the
 * state's preimages (`preimages.ts`).
 * @module
 */
import { decodeRlp, rlpBytes, rlpList, rlpUint } from "../../core/primitives/rlp.ts";
import { bytesToBigint } from "../../core/primitives/bytes.ts";
import { RollupError } from "../../core/primitives/errors.ts";
import {
  type Address,
  address,
  bigintToHash32,
  bytesToHash32,
  bytesToHex,
  type Hash32,
  type Hex,
  hexToBytes,
} from "../../core/primitives/hex.ts";
import { toChainBlock, toChainReceipts } from "../chain_block.ts";
import { ROLLUP_ACCOUNTS } from "../deploy.ts";
import type { AccountDecree } from "../rpc/chain.ts";
import { MAX_TIME_BITS } from "../rpc/limits.ts";
import { formatHeader, formatReceipt, formatTransaction } from "../rpc/format.ts";
import { gunzipBounded } from "./bounded_gunzip.ts";
import { toRanBlock } from "./chain_block.ts";
import { decreeAccounts, groundRoot } from "./decrees.ts";
import { isUnsignedBy } from "./impersonation.ts";
import { headEnvironment, type OpenChain } from "./open_chain.ts";
import { readPreimages } from "./preimages.ts";

/** Codes that this file throws. */
export type StateDumpErrorCode = "STATE_DUMP_MALFORMED" | "STATE_DUMP_INCOMPLETE";

/** The state, the blocks and the transactions of `chain`. */
export async function dumpL1State(chain: OpenChain): Promise<Uint8Array> {
  const { view } = chain;
  const environment = headEnvironment(chain);
  const { header } = view.head();
  const blocks: unknown[] = [];
  const transactions: unknown[] = [];
  for (let number = 0n; number <= header.number; number++) {
    const block = await view.block(number);
    if (block === undefined) continue;
    const ran = toRanBlock(block);
    const shown = toChainBlock(ran);
    const receipts = toChainReceipts(ran);
    blocks.push({
      header: formatHeader(shown.header),
      transactions: shown.transactions.map((transaction, index) => ({
        transaction: formatTransaction(transaction),
        raw: bytesToHex(block.transactions[index]?.raw ?? new Uint8Array(0)),
        // Whose sender is named here, anvil takes the hash for one of its own making.
        impersonated_sender: isUnsignedBy(transaction.tx, transaction.sender)
          ? transaction.sender
          : null,
      })),
      ommers: [],
      withdrawals: null,
    });
    for (const receipt of receipts) {
      const { hash, sender, tx } = receipt.transaction;
      const outcome = block.outcomes[receipt.transaction.position?.index ?? 0];
      transactions.push({
        info: {
          transaction_hash: hash,
          transaction_index: receipt.transaction.position?.index ?? 0,
          from: sender,
          to: tx.to ?? null,
          contract_address: receipt.receipt.contractAddress ?? null,
          traces: [],
          exit: receipt.receipt.success ? "Stop" : "Revert",
          out: outcome === undefined ? null : bytesToHex(outcome.returnData),
          nonce: Number(tx.nonce),
          gas_used: Number(receipt.receipt.gasUsed),
        },
        receipt: formatReceipt(receipt, block.header.timestampSec),
        block_hash: block.hash,
        block_number: Number(number),
      });
    }
  }
  const dump = {
    block: {
      number: hexOf(header.number),
      beneficiary: header.miner,
      timestamp: hexOf(header.timestampSec),
      gas_limit: Number(header.gasLimit),
      basefee: Number(header.baseFeePerGasWei ?? 0n),
      difficulty: hexOf(header.difficulty),
      prevrandao: header.mixHash,
      blob_excess_gas_and_price: {
        excess_blob_gas: Number(environment.excessBlobGas ?? 0n),
        blob_gasprice: 1,
      },
    },
    accounts: await dumpAccounts(chain),
    best_block_number: Number(header.number),
    blocks,
    transactions,
    historical_states: null,
  };
  return await gzip(new TextEncoder().encode(JSON.stringify(dump)));
}

/**
 * Gives every account of `dump` its state of there, in one commit, but for those of the rollup
 * ({@linkcode ROLLUP_ACCOUNTS}); accounts that it does not name stay as they are. Takes gzipped JSON
 * as anvil's, and bare JSON. The clock jumps to the dump's latest block if that is later, so that no
 * contract finds its own past in the future.
 *
 * @throws `STATE_DUMP_MALFORMED`
 */
export async function loadL1State(chain: OpenChain, dump: Uint8Array): Promise<void> {
  const { clock } = chain;
  const content = await unpack(dump);
  const accounts = new Map(parseAccounts(content));
  // Those of another moment would be at odds with what the L2 and its senders have on disk.
  for (const account of ROLLUP_ACCOUNTS) accounts.delete(account);
  const aheadSec = parseTime(content) - clock.nowSec();
  await decreeAccounts(chain, accounts);
  if (aheadSec > 0n) clock.advance(aheadSec);
}

interface DumpedAccount {
  readonly nonce: number;
  readonly balance: Hex;
  readonly code: Hex;
  readonly storage: Readonly<Record<string, string>>;
}

async function dumpAccounts(chain: OpenChain): Promise<Record<string, DumpedAccount>> {
  const { evm, nodes } = chain;
  const preimages = await readPreimages(chain.store);
  const root = groundRoot(chain);
  const accounts: [Address, DumpedAccount][] = [];
  for await (const [hash, leaf] of walkTrie(nodes.get, root)) {
    const account = address(bytesToHex(preimageOf(preimages, hash)));
    const [nonce, balance, storageRoot] = rlpList(decodeRlp(leaf), 4);
    const code = await evm.code(root, account);
    const slots: [string, string][] = [];
    for await (
      const [slotHash, value] of walkTrie(nodes.get, bytesToHash32(rlpBytes(storageRoot, 32)))
    ) {
      const slot = bytesToHash32(preimageOf(preimages, slotHash));
      const stored = bytesToBigint(rlpBytes(decodeRlp(value)));
      slots.push([slot, bigintToHash32(stored)]);
    }
    accounts.push([account, {
      nonce: Number(rlpUint(nonce)),
      balance: hexOf(rlpUint(balance)),
      code: bytesToHex(code),
      storage: Object.fromEntries(slots.toSorted(byKey)),
    }]);
  }
  return Object.fromEntries(accounts.toSorted(byKey));
}

function byKey([left]: readonly [string, unknown], [right]: readonly [string, unknown]): number {
  return left < right ? -1 : left > right ? 1 : 0;
}

function preimageOf(preimages: ReadonlyMap<string, Uint8Array>, hash: string): Uint8Array {
  const preimage = preimages.get(hash);
  if (preimage !== undefined) return preimage;
  throw new RollupError<StateDumpErrorCode>(
    "STATE_DUMP_INCOMPLETE",
    `Cannot dump the state as every key must be known: nobody knows what 0x${hash} is the hash of`,
    {
      details: { hash },
      mend: "An imported chain names its keys by hash alone; dump a chain that was made here.",
    },
  );
}

/** Hashed keys and values of the leaves under `root`, in order. */
async function* walkTrie(
  get: (key: string) => Promise<Uint8Array | undefined>,
  root: Hash32,
): AsyncGenerator<[hash: string, value: Uint8Array]> {
  const node = await get(root.slice(2));
  // The empty trie has no node.
  if (node !== undefined) yield* walkNode(get, rlpList(decodeRlp(node)), "");
}

async function* walkNode(
  get: (key: string) => Promise<Uint8Array | undefined>,
  node: ReturnType<typeof rlpList>,
  prefix: string,
): AsyncGenerator<[hash: string, value: Uint8Array]> {
  const walkChild = async function* (child: (typeof node)[number] | undefined, path: string) {
    if (child === undefined) return;
    if (!(child instanceof Uint8Array)) yield* walkNode(get, child, path);
    else if (child.length === 32) {
      const bytes = await get(child.toHex());
      if (bytes !== undefined) yield* walkNode(get, rlpList(decodeRlp(bytes)), path);
    }
  };
  if (node.length === 17) {
    for (const [index, child] of node.slice(0, 16).entries()) {
      yield* walkChild(child, `${prefix}${index.toString(16)}`);
    }
    return;
  }
  const [encodedPath, content] = node;
  const nibbles = rlpBytes(encodedPath).toHex();
  const flags = Number.parseInt(nibbles.slice(0, 1), 16);
  const path = `${prefix}${nibbles.slice(flags % 2 === 1 ? 1 : 2)}`;
  if (flags >= 2) yield [path, rlpBytes(content)];
  else yield* walkChild(content, path);
}

function parseAccounts(dump: unknown): ReadonlyMap<Address, AccountDecree> {
  const accounts: unknown = Object(dump).accounts;
  if (typeof accounts !== "object" || accounts === null || Array.isArray(accounts)) {
    throw malformed("it has no accounts by address");
  }
  try {
    return new Map(
      Object.entries(accounts).map(([key, value]) => [address(key), parseAccount(value)]),
    );
  } catch (cause) {
    throw malformed(cause instanceof Error ? cause.message : String(cause), cause);
  }
}

/** When the dump's latest block was; 0 for dumps without one, as of early versions of anvil. */
function parseTime(dump: unknown): bigint {
  const { timestamp } = Object(Object(dump).block);
  const isTime = typeof timestamp === "string" && /^0x[0-9a-fA-F]{1,16}$/.test(timestamp);
  const timestampSec = isTime ? BigInt(timestamp) : 0n;
  return timestampSec < 1n << MAX_TIME_BITS ? timestampSec : 0n;
}

function parseAccount(value: unknown): AccountDecree {
  const { nonce, balance, code, storage } = Object(value);
  const slots: readonly [string, unknown][] = Object.entries(Object(storage));
  return {
    nonce: parseUint("nonce", nonce, 64n),
    balanceWei: parseUint("balance", balance, 256n),
    code: hexToBytes(String(code)),
    storage: new Map(slots.map(([slot, word]) => [
      bigintToHash32(BigInt(slot)),
      bigintToHash32(BigInt(String(word))),
    ])),
    isWholeStorage: true,
  };
}

function parseUint(name: string, value: bigint | boolean | number | string, bits: bigint): bigint {
  const uint = BigInt(value);
  if (uint >= 0n && uint < 1n << bits) return uint;
  throw new RangeError(`Cannot read ${uint} as ${name}: it has ${bits} bits and no sign`);
}

async function unpack(dump: Uint8Array): Promise<unknown> {
  const isPacked = dump[0] === 0x1f && dump[1] === 0x8b;
  try {
    const bytes = isPacked ? await gunzipBounded(dump) : dump;
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (cause) {
    throw malformed(cause instanceof Error ? cause.message : String(cause), cause);
  }
}

async function gzip(bytes: Uint8Array): Promise<Uint8Array> {
  const packed = await new Response(
    new Blob([bytes.slice()]).stream().pipeThrough(new CompressionStream("gzip")),
  ).bytes();
  // The byte that names the machine's system: the same everywhere.
  packed[9] = 0xff;
  return packed;
}

function hexOf(value: bigint): Hex {
  return `0x${value.toString(16)}`;
}

/** In anvil's words; the reason follows in the details. */
function malformed(reason: string, cause?: unknown): RollupError<StateDumpErrorCode> {
  return new RollupError(
    "STATE_DUMP_MALFORMED",
    "Failed to decode state dump",
    {
      details: { reason },
      mend: "Give what anvil_dumpState has answered, here or with anvil.",
      cause,
    },
  );
}
