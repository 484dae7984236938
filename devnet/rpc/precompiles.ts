/**
 * Where precompiles are, on either layer.
 *
 * Owns the addresses as far as RPC needs them. Does not own what is there.
 * @module
 */
import { type Address, address } from "../../core/primitives/hex.ts";

/** Those of Ethereum up to Prague are at 1 and on to this one. */
export const LAST_PRECOMPILE = 0x11n;
/** EIP-7951, of Osaka. */
export const P256_PRECOMPILE: Address = address(`0x${"100".padStart(40, "0")}`);
