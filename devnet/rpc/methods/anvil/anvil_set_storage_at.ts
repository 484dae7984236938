/**
 * Writes a storage slot at once, without a block.
 * @module
 */
import { BOOLEAN_JSON } from "../../json_schema.ts";
import { controlMethod } from "../../method.ts";
import { address, anyStorageSlot, param, storageSlot } from "../../schema.ts";

/** `anvil_setStorageAt`: writes a storage slot at once, without a block. */
export const anvilSetStorageAt = controlMethod({
  name: "anvil_setStorageAt",
  aliases: ["hardhat_setStorageAt", "evm_setAccountStorageAt"],
  summary: "Writes a storage slot at once, without a block",
  params: [param("address", address), param("slot", anyStorageSlot), param("value", storageSlot)],
  result: BOOLEAN_JSON,
  handler: async ({ controls }, [account, slot, value]) => {
    await controls.decree(new Map([[account, { storage: new Map([[slot, value]]) }]]));
    return true;
  },
});
