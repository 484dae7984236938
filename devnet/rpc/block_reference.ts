/**
 * From a block as clients name it to a block of the chain.
 *
 * Owns what an unknown block means: an error where state is asked for, nothing where the block
 * itself is. Does not own the meaning of tags (the chain's).
 * @module
 */
import type { ChainBackend, ChainBlock, ChainHeader } from "./chain.ts";
import { refusal, RPC_CODES, type RpcError } from "./errors.ts";
import type { BlockReference } from "./schema.ts";

/**
 * The number of a block whose state is asked for.
 *
 * @throws RpcError -32000 `header not found` for a block that this chain does not have.
 */
export async function resolveNumber(
  chain: ChainBackend,
  reference: BlockReference,
): Promise<bigint> {
  const number = await findNumber(chain, reference);
  if (number !== undefined) return number;
  const head = await chain.numberOf("latest");
  throw refusal(
    RPC_CODES.serverError,
    "BLOCK_NOT_FOUND",
    reference.kind === "hash" ? "header for hash not found" : "header not found",
    `Name a block of this ${chain.layer}: numbers go up to ${head}.`,
  );
}

/** The number of a block, or `undefined` when this chain does not have it. */
export async function findNumber(
  chain: ChainBackend,
  reference: BlockReference,
): Promise<bigint | undefined> {
  if (reference.kind === "tag") return await chain.numberOf(reference.tag);
  if (reference.kind === "hash") return await chain.numberOfHash(reference.hash);
  const head = await chain.numberOf("latest");
  return reference.number <= head ? reference.number : undefined;
}

/** The block with its transactions, if there. */
export async function findBlock(
  chain: ChainBackend,
  reference: BlockReference,
): Promise<ChainBlock | undefined> {
  const number = await findNumber(chain, reference);
  const block = number === undefined ? undefined : await chain.block(number);
  return block !== undefined && isNamed(block.header, reference) ? block : undefined;
}

/** The header alone, if there. */
export async function findHeader(
  chain: ChainBackend,
  reference: BlockReference,
): Promise<ChainHeader | undefined> {
  const number = await findNumber(chain, reference);
  const header = number === undefined ? undefined : await chain.header(number);
  return header !== undefined && isNamed(header, reference) ? header : undefined;
}

/** The block with its transactions. @throws RpcError -32000 for one that is not there. */
export async function requireBlock(
  chain: ChainBackend,
  reference: BlockReference,
): Promise<ChainBlock> {
  return await findBlock(chain, reference) ?? await refuseUnknown(chain, reference);
}

/** The header alone. @throws RpcError -32000 for one that is not there. */
export async function requireHeader(
  chain: ChainBackend,
  reference: BlockReference,
): Promise<ChainHeader> {
  return await findHeader(chain, reference) ?? await refuseUnknown(chain, reference);
}

/** What execution-apis has for a block from before Amsterdam, which is to bring access lists. */
export function noAccessList({ number }: ChainHeader): RpcError {
  return refusal(
    RPC_CODES.resourceNotFound,
    "BLOCK_ACCESS_LIST_ABSENT",
    `Resource not found: block ${number} is from before Amsterdam and has no access list`,
    "Trace the block with prestateTracer in diffMode for what it read and wrote.",
  );
}

async function refuseUnknown(chain: ChainBackend, reference: BlockReference): Promise<never> {
  await resolveNumber(chain, reference);
  throw refusal(
    RPC_CODES.serverError,
    "BLOCK_NOT_FOUND",
    "block not found",
    "It went while it was read; ask again.",
  );
}

/** Another block may have taken the place of the one that was named by its hash meanwhile. */
function isNamed(header: ChainHeader, reference: BlockReference): boolean {
  return reference.kind !== "hash" || header.hash === reference.hash;
}
