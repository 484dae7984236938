/**
 * Which transactions an account took part in, and which one made it, without an index.
 *
 * Owns the search, by halving where the state decides and block by block where it does not, and its
 * bounds. Does not own shapes (`shapes.ts`).
 * @module
 */
import type { Address, Hash32 } from "../../../core/primitives/hex.ts";
import type { ChainBackend, ChainBlock, ChainReceipt } from "../chain.ts";
import { refusal, RPC_CODES } from "../errors.ts";
import { MAX_SEARCHED_BLOCKS } from "../limits.ts";
import { collectFrames } from "./frames.ts";

/** A transaction with what clients want to see beside it. */
export interface FoundTransaction {
  readonly entry: ChainReceipt;
  readonly timestampSec: bigint;
}

/** Some transactions, latest first. */
export interface FoundPage {
  readonly found: readonly FoundTransaction[];
  /** Whether the search came to the end of the chain in its direction. */
  readonly isComplete: boolean;
}

/** Gas of a transfer: one that used more ran code, and may have called anybody. */
const TRANSFER_GAS = 21_000n;

/**
 * Transactions of `account` in blocks before `until`, latest first: at least `pageSize` if there are
 * so many, and all of the last block that was looked at.
 *
 * @throws RpcError `SEARCH_TOO_LONG`
 */
export async function searchBefore(
  chain: ChainBackend,
  account: Address,
  page: { readonly until: bigint; readonly pageSize: number },
): Promise<FoundPage> {
  const found: FoundTransaction[] = [];
  let number = page.until - 1n;
  for (; number > 0n && found.length < page.pageSize; number--) {
    checkSpan(page.until - number);
    found.push(...(await findInBlock(chain, account, number)).toReversed());
  }
  return { found, isComplete: number <= 0n };
}

/** As {@linkcode searchBefore}, in blocks from `from` on; the answer is latest first, too. */
export async function searchAfter(
  chain: ChainBackend,
  account: Address,
  page: { readonly from: bigint; readonly pageSize: number },
): Promise<FoundPage> {
  const found: FoundTransaction[] = [];
  const head = await chain.numberOf("latest");
  let number = page.from;
  for (; number <= head && found.length < page.pageSize; number++) {
    checkSpan(number - page.from);
    found.push(...await findInBlock(chain, account, number));
  }
  return { found: found.toReversed(), isComplete: number > head };
}

/** The included transaction of `sender` with `nonce`. */
export async function findBySenderAndNonce(
  chain: ChainBackend,
  sender: Address,
  nonce: bigint,
): Promise<Hash32 | undefined> {
  const number = await firstBlockWhere(
    chain,
    async (at) => await chain.nonce(sender, at) > nonce,
  );
  const block = number === undefined ? undefined : await chain.block(number);
  return block?.transactions.find((entry) => entry.sender === sender && entry.tx.nonce === nonce)
    ?.hash;
}

/** Who created the contract `account`, in which transaction; nobody did one of genesis. */
export async function findCreator(
  chain: ChainBackend,
  account: Address,
): Promise<{ readonly hash: Hash32; readonly creator: Address } | undefined> {
  const number = await firstBlockWhere(
    chain,
    async (at) => (await chain.code(account, at)).length > 0,
  );
  if (number === undefined || number === 0n) return undefined;
  for (const { transaction, frames } of await collectFrames(chain, { kind: "block", number })) {
    const creation = frames.find(({ start, isUndone }) =>
      !isUndone && start.to === account && (start.kind === "CREATE" || start.kind === "CREATE2")
    );
    if (creation !== undefined && transaction !== undefined) {
      return { hash: transaction.hash, creator: creation.start.from };
    }
  }
  return undefined;
}

/** The first block after which `isTrue`, which stays true once it is. */
async function firstBlockWhere(
  chain: ChainBackend,
  isTrue: (number: bigint) => Promise<boolean>,
): Promise<bigint | undefined> {
  let last = await chain.numberOf("latest");
  if (!await isTrue(last)) return undefined;
  let first = 0n;
  while (first < last) {
    const middle = (first + last) / 2n;
    if (await isTrue(middle)) last = middle;
    else first = middle + 1n;
  }
  return first;
}

async function findInBlock(
  chain: ChainBackend,
  account: Address,
  number: bigint,
): Promise<readonly FoundTransaction[]> {
  const block = await chain.block(number);
  if (block === undefined || block.transactions.length === 0) return [];
  const receipts = await chain.receipts(number);
  const calling = await findCalling(chain, account, { block, receipts });
  return receipts
    .filter((entry) => isParty(entry, account) || calling.has(entry.transaction.hash))
    .map((entry) => ({ entry, timestampSec: block.header.timestampSec }));
}

function isParty({ transaction, receipt }: ChainReceipt, account: Address): boolean {
  return transaction.sender === account || transaction.tx.to === account ||
    receipt.contractAddress === account;
}

/** Transactions whose code called `account`; where nothing can run again, nobody knows. */
async function findCalling(
  chain: ChainBackend,
  account: Address,
  { block, receipts }: {
    readonly block: ChainBlock;
    readonly receipts: readonly ChainReceipt[];
  },
): Promise<ReadonlySet<Hash32>> {
  const mayCall = receipts.some((entry) =>
    entry.receipt.gasUsed > TRANSFER_GAS && !isParty(entry, account)
  );
  if (!mayCall || chain.tracing === undefined) return new Set();
  const { number } = block.header;
  const framed = await collectFrames(chain, { kind: "block", number });
  return new Set(
    framed.flatMap(({ transaction, frames }) =>
      transaction !== undefined &&
        frames.some(({ start }) => start.from === account || start.to === account)
        ? [transaction.hash]
        : []
    ),
  );
}

function checkSpan(blockCount: bigint): void {
  if (blockCount <= MAX_SEARCHED_BLOCKS) return;
  throw refusal(
    RPC_CODES.serverError,
    "SEARCH_TOO_LONG",
    `search spans more than ${MAX_SEARCHED_BLOCKS} blocks`,
    "Search from a block that is nearer to the transactions.",
  );
}
