/**
 * Blocks that somebody else made, as `geth export` writes them: RLP, one after another.
 *
 * Owns that each block is run again and that everything its header says of that is so. What its
 * maker was free to choose or had to work for is not checked: work, signatures of authorities,
 * difficulty, how far a gas limit moves, whether uncles are. Does not own execution (`evm.ts`) or
 * commits (`block_store.ts`).
 * @module
 */
import { equalBytes } from "../../core/primitives/bytes.ts";
import { assert, RollupError } from "../../core/primitives/errors.ts";
import { bytesToHex } from "../../core/primitives/hex.ts";
import {
  decodeRlp,
  encodeRlp,
  rlpBytes,
  type RlpItem,
  rlpList,
} from "../../core/primitives/rlp.ts";
import { transactionsRoot } from "../../core/types/block.ts";
import { logsBloom, receiptsRoot } from "../../core/types/receipt.ts";
import { decodeBlockTransaction, recoverSender, transactionHash } from "../../core/types/tx.ts";
import { fieldsToWithdrawal } from "../chain_block.ts";
import { fieldsToHeader } from "../chain_header.ts";
import type { ChainHeader } from "../rpc/chain.ts";
import { nextBaseFeeWei } from "./base_fee.ts";
import { nextExcessBlobGas } from "./blob_fee.ts";
import { toL1Outcome } from "./block_builder.ts";
import {
  blobGasUsed,
  type L1Block,
  type L1Environment,
  type L1IncludedTx,
  type L1Outcome,
  toL1Block,
  unclesHash,
  withdrawalsRoot,
} from "./chain_block.ts";
import type { L1Head } from "./chain_view.ts";
import { restoreDecreed } from "./decrees.ts";
import type { L1BlockEnd } from "./evm.ts";
import { type ForkSchedule, GAS_PER_BLOB, rulesAt } from "./forks.ts";
import type { OpenChain } from "./open_chain.ts";

/** Codes that this file throws. */
export type ChainImportErrorCode = "L1_IMPORT_MALFORMED" | "L1_IMPORT_INVALID";

/** A block as it was exported. */
type ExportedBlock = Pick<L1Block, "header" | "uncles" | "withdrawals"> & {
  readonly transactions: readonly L1IncludedTx[];
};

/** EIP-3675: nobody looks for nonces since the merge. */
const MERGED_NONCE = "0x0000000000000000";
/** Bytes of a length that RLP puts before a list. */
const MAX_LENGTH_BYTES = 4;

/**
 * Adds the blocks of `exported` to `chain`; those that it has already are compared and passed over.
 *
 * @throws `L1_IMPORT_MALFORMED`, `L1_IMPORT_INVALID` with the number and the field of the first
 * block that is not right; those before it stay.
 */
export async function importChain(chain: OpenChain, exported: Uint8Array): Promise<void> {
  const { view, forks, log } = chain;
  const first = view.head().header.number;
  for (const bytes of splitRlpStream(exported)) {
    const header = decodeExported(() => fieldsToHeader(rlpList(decodeRlp(bytes))[0] ?? []));
    const { number } = header;
    const known = await view.header(number);
    if (known !== undefined) {
      if (known.hash !== header.hash) throw otherBlock(header, known.hash);
      continue;
    }
    await importBlock(chain, decodeExported(() => decodeBlock(bytes, header)));
  }
  const { header } = view.head();
  if (header.number > first) {
    log.info("Imported L1 blocks", {
      chainId: forks.chainId,
      blockCount: header.number - first,
      latestHash: header.hash,
    });
  }
}

/** The single items of RLP that was written one after another. */
export function* splitRlpStream(bytes: Uint8Array): Generator<Uint8Array> {
  let offset = 0;
  while (offset < bytes.length) {
    const end = offset + itemSizeBytes(bytes, offset);
    if (end > bytes.length) {
      throw malformed(`it ends inside the block that begins at byte ${offset}`);
    }
    yield bytes.subarray(offset, end);
    offset = end;
  }
}

function itemSizeBytes(bytes: Uint8Array, offset: number): number {
  const prefix = bytes[offset] ?? 0;
  if (prefix < 0xc0) throw malformed(`no block, which is a list, begins at byte ${offset}`);
  if (prefix < 0xf8) return 1 + prefix - 0xc0;
  const lengthBytes = prefix - 0xf7;
  const length = bytes.subarray(offset + 1, offset + 1 + lengthBytes);
  if (lengthBytes > MAX_LENGTH_BYTES || length.length < lengthBytes) {
    throw malformed(`the length of the block that begins at byte ${offset} is not right`);
  }
  return 1 + lengthBytes + length.reduce((sum, byte) => sum * 256 + byte, 0);
}

function decodeBlock(bytes: Uint8Array, header: ChainHeader): ExportedBlock {
  const [, transactions, uncles, withdrawals] = rlpList(decodeRlp(bytes));
  return {
    header,
    transactions: rlpList(transactions).map(decodeIncluded),
    uncles: rlpList(uncles).map(fieldsToHeader),
    withdrawals: withdrawals === undefined
      ? undefined
      : rlpList(withdrawals).map(fieldsToWithdrawal),
  };
}

/** A legacy transaction is a list itself; a typed one is a byte string. */
function decodeIncluded(item: RlpItem): L1IncludedTx {
  const raw = item instanceof Uint8Array ? rlpBytes(item) : encodeRlp(item);
  const tx = decodeBlockTransaction(raw);
  return { hash: transactionHash(raw), raw, tx, sender: recoverSender(tx) };
}

async function importBlock(chain: OpenChain, block: ExportedBlock): Promise<void> {
  const { evm, view, store, nodes, clock, forks } = chain;
  const { header, transactions, uncles, withdrawals } = block;
  const parent = view.head();
  checkPlace(header, parent);
  const environment = toEnvironment(block, forks);
  checkBeforeRun(block, parent.header, environment);
  const execution = await evm.begin(parent.header.stateRoot, environment);
  const outcomes: L1Outcome[] = [];
  for (const [index, transaction] of transactions.entries()) {
    const outcome = await execution.run(transaction);
    if (outcome.kind !== "included") {
      throw invalidBlock(header, `transaction ${index}`, "valid", outcome.message);
    }
    outcomes.push(toL1Outcome(outcome));
  }
  const end = await execution.finish();
  checkAfterRun(header, outcomes, end);
  const imported = toL1Block(header, { transactions, outcomes }, { uncles, withdrawals });
  // What was decreed after the parent is in no block of somebody else's.
  if (chain.decreed !== undefined) await restoreDecreed(chain, undefined);
  await store.commit({ block: imported, state: end, leftPool: [] });
  nodes.remember(end);
  view.advance(imported);
  clock.observe(header.timestampSec);
}

/** What `block`, known from its bytes or from the store, runs in. */
export function toEnvironment(
  block: Pick<ExportedBlock, "header" | "uncles" | "withdrawals">,
  forks: ForkSchedule,
): L1Environment {
  const { header, uncles, withdrawals } = block;
  const { number, timestampSec, difficulty } = header;
  return {
    chainId: forks.chainId,
    number,
    timestampSec,
    coinbase: header.miner,
    gasLimit: header.gasLimit,
    baseFeePerGasWei: header.baseFeePerGasWei ?? 0n,
    prevRandao: header.mixHash,
    parentHash: header.parentHash,
    gasPerPubdata: 0n,
    rules: rulesAt(forks, { number, timestampSec, isMerged: difficulty === 0n }),
    difficulty,
    excessBlobGas: header.excessBlobGas,
    parentBeaconBlockRoot: header.parentBeaconBlockRoot,
    uncles,
    withdrawals,
  };
}

function checkPlace(header: ChainHeader, parent: L1Head): void {
  checkField({ header, name: "number", wanted: parent.header.number + 1n, got: header.number });
  checkField({ header, name: "parentHash", wanted: parent.hash, got: header.parentHash });
  if (header.timestampSec > parent.header.timestampSec) return;
  throw invalidBlock(
    header,
    "timestamp",
    `later than ${parent.header.timestampSec}`,
    header.timestampSec,
  );
}

/** What follows from the parent and the body alone. */
function checkBeforeRun(
  { header, transactions, uncles, withdrawals }: ExportedBlock,
  parent: ChainHeader,
  { rules }: L1Environment,
): void {
  const check = (name: keyof ChainHeader, wanted: unknown) =>
    checkField({ header, name, wanted, got: header[name] });
  check("transactionsRoot", transactionsRoot(transactions.map(({ raw }) => raw)));
  check("sha3Uncles", unclesHash(rules.isActive("paris") ? [] : uncles));
  if (rules.isActive("paris")) check("nonce", MERGED_NONCE);
  check("withdrawalsRoot", withdrawals === undefined ? undefined : withdrawalsRoot(withdrawals));
  checkPresence(header, "withdrawalsRoot", rules.isActive("shanghai"));
  checkPresence(header, "parentBeaconBlockRoot", rules.isActive("cancun"));
  checkPresence(header, "requestsHash", rules.isActive("prague"));
  check("baseFeePerGasWei", rules.isActive("london") ? nextBaseFeeWei(parent) : undefined);
  check("excessBlobGas", nextExcessBlobGas(parent, rules));
  const blobCount = transactions.reduce((sum, { tx }) => sum + (tx.blobHashes?.length ?? 0), 0);
  const blobGas = BigInt(blobCount) * GAS_PER_BLOB;
  check("blobGasUsed", rules.isActive("cancun") ? blobGas : undefined);
}

/** What only running it tells. */
function checkAfterRun(
  header: ChainHeader,
  outcomes: readonly L1Outcome[],
  end: L1BlockEnd,
): void {
  const check = (name: keyof ChainHeader, wanted: unknown) =>
    checkField({ header, name, wanted, got: header[name] });
  const receipts = outcomes.map(({ receipt }) => receipt);
  const bloom = logsBloom(receipts.flatMap(({ logs }) => logs));
  check("gasUsed", receipts.at(-1)?.cumulativeGasUsed ?? 0n);
  check("receiptsRoot", receiptsRoot(receipts));
  if (!equalBytes(bloom, header.logsBloom)) {
    throw invalidBlock(header, "logsBloom", bytesToHex(bloom), bytesToHex(header.logsBloom));
  }
  assert((header.blobGasUsed ?? 0n) === blobGasUsed(receipts), "blobs are counted the same twice");
  check("requestsHash", end.requestsHash);
  check("stateRoot", end.stateRoot);
}

function checkPresence(header: ChainHeader, name: keyof ChainHeader, isWanted: boolean): void {
  if ((header[name] !== undefined) === isWanted) return;
  throw invalidBlock(header, name, isWanted ? "there" : "absent", header[name] ?? "absent");
}

function checkField(
  field: {
    readonly header: ChainHeader;
    readonly name: string;
    readonly wanted: unknown;
    readonly got: unknown;
  },
): void {
  const { header, name, wanted, got } = field;
  if (wanted !== got) throw invalidBlock(header, name, wanted, got);
}

function decodeExported<Value>(decode: () => Value): Value {
  try {
    return decode();
  } catch (error) {
    if (!(error instanceof RollupError)) throw error;
    throw malformed(error.message, error);
  }
}

function malformed(reason: string, cause?: unknown): RollupError<ChainImportErrorCode> {
  return new RollupError("L1_IMPORT_MALFORMED", `Cannot read the exported chain: ${reason}`, {
    details: { reason },
    mend: "Give the blocks as `geth export` writes them.",
    cause,
  });
}

function otherBlock(
  { number, hash }: ChainHeader,
  knownHash: string,
): RollupError<ChainImportErrorCode> {
  return new RollupError(
    "L1_IMPORT_INVALID",
    `Cannot import block ${number} as its hash must be ${knownHash}, that of the block which the ` +
      `data folder has: it is ${hash}`,
    {
      details: { number, field: "hash" },
      mend: number === 0n
        ? "Give the genesis file that this chain was made with."
        : "Leave the chain file out to go on from what is there, or choose another folder with " +
          "`--data DIR`.",
    },
  );
}

function invalidBlock(
  { number }: ChainHeader,
  field: string,
  wanted: unknown,
  got: unknown,
): RollupError<ChainImportErrorCode> {
  return new RollupError(
    "L1_IMPORT_INVALID",
    `Cannot import block ${number} as its ${field} must be ${wanted ?? "absent"}: it is ` +
      `${got ?? "absent"}`,
    {
      details: { number, field },
      mend: number === 1n && field === "parentHash"
        ? "Give the genesis file that this chain was made with."
        : "Give the chain as it was exported, with its own genesis file.",
    },
  );
}
