/**
 * Slots of several accounts at once.
 * @module
 */
import type { Hash32 } from "../../../../core/primitives/hex.ts";
import { resolveNumber } from "../../block_reference.ts";
import { invalidParams, RpcError } from "../../errors.ts";
import { HASH_JSON, type JsonSchema, listJson } from "../../json_schema.ts";
import { MAX_STORAGE_KEYS } from "../../limits.ts";
import { chainMethod } from "../../method.ts";
import {
  address,
  blockReference,
  hash,
  isRecord,
  LATEST,
  list,
  param,
  type Schema,
  withDefault,
  wrong,
} from "../../schema.ts";
import { SIMULATION_CODES } from "../../simulate.ts";

const SLOTS_JSON: JsonSchema = { type: "object", additionalProperties: listJson(HASH_JSON) };
const slotList = list(hash, Number.MAX_SAFE_INTEGER);

/** Slots by account; names are kept as the client wrote them. */
const requests: Schema<readonly (readonly [account: string, slots: readonly Hash32[]])[]> = {
  json: SLOTS_JSON,
  parse(value, path) {
    if (!isRecord(value)) throw wrong(path, "an object of accounts", value);
    const read = Object.entries(value).map(([account, slots]) =>
      [
        address.parse(account, `${path}: account`),
        slotList.parse(slots, `${path}.${account.slice(0, 42)}`),
      ] as const
    );
    const count = read.reduce((sum, [, slots]) => sum + slots.length, 0);
    if (count > MAX_STORAGE_KEYS) {
      throw new RpcError(SIMULATION_CODES.tooMany, `too many slots (max ${MAX_STORAGE_KEYS})`);
    }
    if (count === 0) throw invalidParams(`invalid ${path}: empty request`);
    return read;
  },
};

/** `eth_getStorageValues`. */
export const ethGetStorageValues = chainMethod({
  name: "eth_getStorageValues",
  summary: "Slots of several accounts at once",
  params: [
    param("requests", requests),
    param("block", withDefault(blockReference, LATEST)),
  ],
  result: SLOTS_JSON,
  handler: async ({ chain }, [wanted, block]) => {
    const number = await resolveNumber(chain, block);
    const values: Record<string, readonly Hash32[]> = {};
    for (const [account, slots] of wanted) {
      const owner = address.parse(account, "account");
      values[account] = await Promise.all(
        slots.map((slot) => chain.storage(owner, slot, number)),
      );
    }
    return values;
  },
});
