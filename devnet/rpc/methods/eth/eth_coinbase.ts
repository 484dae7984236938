/**
 * Who takes the fees of the latest block.
 * @module
 */
import { ZERO_ADDRESS } from "../../../../core/primitives/hex.ts";
import { findHeader } from "../../block_reference.ts";
import { chainMethod } from "../../method.ts";
import { LATEST } from "../../schema.ts";

/** `eth_coinbase`: who takes the fees of the latest block. */
export const ethCoinbase = chainMethod({
  name: "eth_coinbase",
  params: [],
  handler: async ({ chain }) => (await findHeader(chain, LATEST))?.miner ?? ZERO_ADDRESS,
});
