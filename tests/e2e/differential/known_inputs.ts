/**
 * What anvil 1.7.1 takes and geth and the embedded L1 refuse.
 *
 * Owns that part of the known differences. Does not own the rest (`known_differences.ts`).
 * @module
 */
import { type DifferenceContext, errorAt, type KnownDifference } from "./known_difference.ts";

/** Ours is -32602 with a text like `text`, where anvil answers. */
const refusedHere = (text: RegExp) => (_: unknown, { ours, theirs }: DifferenceContext): boolean =>
  "result" in theirs && errorAt(ours)?.code === -32602 && text.test(errorAt(ours)?.message ?? "");

/** In the order of `docs/RPC.md`. */
export const KNOWN_INPUTS: readonly KnownDifference[] = [
  {
    reason: "a quantity has no leading zeros in geth, and is an error with them; anvil takes it",
    methods: ["eth_call", "eth_getBalance", "eth_getBlockByNumber"],
    path: /^(result|error)$/,
    when: refusedHere(/\(no leading zeros\), got "0x0/),
  },
  {
    reason: "gas and value of a message are text in hex in geth; anvil takes JSON numbers and " +
      "decimal text too",
    methods: ["eth_call"],
    path: /^(result|error)$/,
    when: refusedHere(/\.(gas|value): expected a quantity in hex.*, got "?\d/),
  },
  {
    reason: "geth refuses a `toBlock` that is not there yet; anvil answers up to the latest block",
    methods: ["eth_getLogs"],
    path: /^(result|error)$/,
    when: refusedHere(/^block range extends beyond current head block/),
  },
];
