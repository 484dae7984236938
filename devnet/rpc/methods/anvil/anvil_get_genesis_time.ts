/**
 * Timestamp of the genesis block, in seconds.
 * @module
 */
import { chainMethod } from "../../method.ts";

/** `anvil_getGenesisTime`: timestamp of the genesis block, in seconds. */
export const anvilGetGenesisTime = chainMethod({
  name: "anvil_getGenesisTime",
  summary: "Timestamp of the genesis block, in seconds",
  isDev: true,
  params: [],
  result: { type: "integer" },
  handler: async ({ chain }) => Number((await chain.header(0n))?.timestampSec ?? 0n),
});
