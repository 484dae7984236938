/**
 * Balance, nonce and code of an account at once.
 * @module
 */
import { bytesToHex } from "../../../../core/primitives/hex.ts";
import { resolveNumber } from "../../block_reference.ts";
import { formatQuantity } from "../../format.ts";
import { BYTES_JSON, objectJson, QUANTITY_JSON } from "../../json_schema.ts";
import { chainMethod } from "../../method.ts";
import { address, blockReference, LATEST, param, withDefault } from "../../schema.ts";

/** `eth_getAccountInfo`. */
export const ethGetAccountInfo = chainMethod({
  name: "eth_getAccountInfo",
  summary: "Balance, nonce and code of an account at once",
  params: [param("address", address), param("block", withDefault(blockReference, LATEST))],
  result: objectJson({ balance: QUANTITY_JSON, nonce: QUANTITY_JSON, code: BYTES_JSON }),
  handler: async ({ chain }, [account, block]) => {
    const number = await resolveNumber(chain, block);
    return {
      balance: formatQuantity(await chain.balance(account, number)),
      nonce: formatQuantity(await chain.nonce(account, number)),
      code: bytesToHex(await chain.code(account, number)),
    };
  },
});
