/**
 * Code of an account; `0x` for none.
 * @module
 */
import { bytesToHex } from "../../../../core/primitives/hex.ts";
import { resolveNumber } from "../../block_reference.ts";
import { chainMethod } from "../../method.ts";
import { address, blockReference, LATEST, param, withDefault } from "../../schema.ts";

/** `eth_getCode`: code of an account; `0x` for none. */
export const ethGetCode = chainMethod({
  name: "eth_getCode",
  params: [param("address", address), param("block", withDefault(blockReference, LATEST))],
  handler: async ({ chain }, [account, block]) =>
    bytesToHex(await chain.code(account, await resolveNumber(chain, block))),
});
