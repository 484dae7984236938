/**
 * Whether an account has code.
 * @module
 */
import { resolveNumber } from "../../block_reference.ts";
import { BOOLEAN_JSON } from "../../json_schema.ts";
import { chainMethod } from "../../method.ts";
import { address, LATEST, param, withDefault } from "../../schema.ts";
import { anyBlockNumber } from "../../otterscan/shapes.ts";

/** `ots_hasCode`. */
export const otsHasCode = chainMethod({
  name: "ots_hasCode",
  summary: "Whether an account has code",
  params: [param("address", address), param("block", withDefault(anyBlockNumber, LATEST))],
  result: BOOLEAN_JSON,
  handler: async ({ chain }, [account, block]) =>
    (await chain.code(account, await resolveNumber(chain, block))).length > 0,
});
