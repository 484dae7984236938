/**
 * Who takes the fees of the latest block.
 * @module
 */
import { ZERO_ADDRESS } from "../../../../core/primitives/hex.ts";
import { findHeader } from "../../block_reference.ts";
import { ADDRESS_JSON } from "../../json_schema.ts";
import { chainMethod } from "../../method.ts";
import { LATEST } from "../../schema.ts";

/** `eth_coinbase`. */
export const ethCoinbase = chainMethod({
  name: "eth_coinbase",
  summary: "Who takes the fees of the latest block",
  params: [],
  result: ADDRESS_JSON,
  handler: async ({ chain }) => (await findHeader(chain, LATEST))?.miner ?? ZERO_ADDRESS,
});
