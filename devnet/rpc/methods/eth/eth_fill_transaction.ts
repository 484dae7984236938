/**
 * A transaction with everything filled in that the client left out, for it to sign.
 * @module
 */
import { bytesToHex, ZERO_ADDRESS } from "../../../../core/primitives/hex.ts";
import { encodeTransaction, transactionHash } from "../../../../core/types/tx.ts";
import { TRANSACTION_JSON } from "../../chain_json.ts";
import { formatTransaction } from "../../format.ts";
import { BYTES_JSON, objectJson } from "../../json_schema.ts";
import { chainMethod } from "../../method.ts";
import { param } from "../../schema.ts";
import { fillTransaction, transactionRequest } from "../../transaction_request.ts";

/** `eth_fillTransaction`. */
export const ethFillTransaction = chainMethod({
  name: "eth_fillTransaction",
  summary: "A transaction with everything filled in that the client left out, for it to sign",
  params: [param("transaction", transactionRequest)],
  result: objectJson({ raw: BYTES_JSON, tx: TRANSACTION_JSON }),
  handler: async ({ chain }, [request]) => {
    const sender = request.from ?? ZERO_ADDRESS;
    const filled = await fillTransaction(chain, sender, request);
    const tx = { ...filled, yParity: 0, r: 0n, s: 0n };
    const raw = encodeTransaction(tx);
    const hash = transactionHash(raw);
    return {
      raw: bytesToHex(raw),
      tx: formatTransaction({ hash, raw, tx, sender, position: undefined }),
    };
  },
});
