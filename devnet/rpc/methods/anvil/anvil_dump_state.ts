/**
 * The latest state with all blocks and transactions, as gzipped JSON of anvil.
 * @module
 */
import { bytesToHex } from "../../../../core/primitives/hex.ts";
import { BYTES_JSON } from "../../json_schema.ts";
import { controlMethod } from "../../method.ts";
import { boolean, optional, param } from "../../schema.ts";

/**
 * `anvil_dumpState`: the latest state with all blocks and transactions, as gzipped JSON of anvil.
 * States of earlier blocks are never in it, whether they are asked for or not: the data folder has
 * them.
 */
export const anvilDumpState = controlMethod({
  name: "anvil_dumpState",
  aliases: ["hardhat_dumpState"],
  summary: "The latest state with all blocks and transactions, as gzipped JSON of anvil",
  params: [param("preserveHistoricalStates", optional(boolean))],
  result: BYTES_JSON,
  handler: async ({ controls }) => bytesToHex(await controls.dumpState()),
});
