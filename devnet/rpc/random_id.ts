/**
 * Ids that only their owner knows.
 *
 * Owns how filters and subscriptions are named: whoever could guess a name could read or end what
 * is another's.
 * @module
 */
import { bytesToBigint } from "../../core/primitives/bytes.ts";
import type { Hex } from "../../core/primitives/hex.ts";
import { formatQuantity } from "./format.ts";

const ID_BYTES = 16;

/** 128 random bits as a quantity, as geth has it. */
export function drawId(): Hex {
  return formatQuantity(bytesToBigint(crypto.getRandomValues(new Uint8Array(ID_BYTES))));
}
