/**
 * Code of an account; `0x` for none.
 * @module
 */
import { bytesToHex } from "../../../../core/primitives/hex.ts";
import { resolveNumber } from "../../block_reference.ts";
import { BYTES_JSON } from "../../json_schema.ts";
import { chainMethod } from "../../method.ts";
import { address, blockReference, LATEST, param, withDefault } from "../../schema.ts";

/** `eth_getCode`. */
export const ethGetCode = chainMethod({
  name: "eth_getCode",
  summary: "Code of an account; `0x` for none",
  params: [param("address", address), param("block", withDefault(blockReference, LATEST))],
  result: BYTES_JSON,
  handler: async ({ chain }, [account, block]) =>
    bytesToHex(await chain.code(account, await resolveNumber(chain, block))),
});
