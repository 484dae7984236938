/**
 * What a transaction that failed returned.
 * @module
 */
import { bytesToHex } from "../../../../core/primitives/hex.ts";
import { BYTES_JSON } from "../../json_schema.ts";
import { chainMethod } from "../../method.ts";
import { framesOfTransaction } from "../../otterscan/frames.ts";
import { hash, param } from "../../schema.ts";

/** `ots_getTransactionError`; `0x` for one that succeeded. */
export const otsGetTransactionError = chainMethod({
  name: "ots_getTransactionError",
  summary: "What a transaction that failed returned",
  params: [param("hash", hash)],
  result: BYTES_JSON,
  handler: async ({ chain }, [hash]) => {
    const { success, returnData } = await framesOfTransaction(chain, hash);
    return success ? "0x" : bytesToHex(returnData);
  },
});
