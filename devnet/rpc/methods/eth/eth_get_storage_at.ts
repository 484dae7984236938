/**
 * 32 bytes of an account's storage.
 * @module
 */
import { resolveNumber } from "../../block_reference.ts";
import { HASH_JSON } from "../../json_schema.ts";
import { chainMethod } from "../../method.ts";
import { address, blockReference, LATEST, param, storageSlot, withDefault } from "../../schema.ts";

/** `eth_getStorageAt`. */
export const ethGetStorageAt = chainMethod({
  name: "eth_getStorageAt",
  summary: "32 bytes of an account's storage",
  params: [
    param("address", address),
    param("slot", storageSlot),
    param("block", withDefault(blockReference, LATEST)),
  ],
  result: HASH_JSON,
  handler: async ({ chain }, [account, slot, block]) =>
    await chain.storage(account, slot, await resolveNumber(chain, block)),
});
