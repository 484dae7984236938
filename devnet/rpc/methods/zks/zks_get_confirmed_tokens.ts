/**
 * Tokens that the chain knows by itself: ether alone.
 * @module
 */
import { ZERO_ADDRESS } from "../../../../core/primitives/hex.ts";
import { ADDRESS_JSON, listJson, objectJson, TEXT_JSON } from "../../json_schema.ts";
import { rollupMethod } from "../../method.ts";
import { COUNT_JSON } from "../../rollup_json.ts";
import { param, wholeNumber, withDefault } from "../../schema.ts";

/** `zks_getConfirmedTokens`. */
export const zksGetConfirmedTokens = rollupMethod({
  name: "zks_getConfirmedTokens",
  summary: "Tokens that the chain knows by itself: ether alone",
  params: [
    param("from", withDefault(wholeNumber, 0)),
    param("limit", withDefault(wholeNumber, 100)),
  ],
  result: listJson(objectJson({
    l1Address: ADDRESS_JSON,
    l2Address: ADDRESS_JSON,
    name: TEXT_JSON,
    symbol: TEXT_JSON,
    decimals: COUNT_JSON,
  })),
  handler: (_context, [from, limit]) =>
    from > 0 || limit === 0 ? [] : [{
      l1Address: ZERO_ADDRESS,
      l2Address: `0x${"800a".padStart(40, "0")}`,
      name: "Ether",
      symbol: "ETH",
      decimals: 18,
    }],
});
