/**
 * Remembers the present of both layers, the clock and the pools; its id.
 * @module
 */
import { formatQuantity } from "../../format.ts";
import { QUANTITY_JSON } from "../../json_schema.ts";
import { devnetMethod } from "../../method.ts";

/** `evm_snapshot`: remembers the present of both layers, the clock and the pools; its id. */
export const evmSnapshot = devnetMethod({
  name: "evm_snapshot",
  aliases: ["anvil_snapshot"],
  summary: "Remembers the present of both layers, the clock and the pools; its id",
  params: [],
  result: QUANTITY_JSON,
  handler: async ({ devnet }) => formatQuantity(await devnet.snapshot()),
});
