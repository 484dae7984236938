/**
 * Lets an account send with a signature only, as before.
 * @module
 */
import { NULL_JSON } from "../../json_schema.ts";
import { controlMethod } from "../../method.ts";
import { address, param } from "../../schema.ts";

/** `anvil_stopImpersonatingAccount`: lets an account send with a signature only, as before. */
export const anvilStopImpersonatingAccount = controlMethod({
  name: "anvil_stopImpersonatingAccount",
  aliases: ["hardhat_stopImpersonatingAccount"],
  summary: "Lets an account send with a signature only, as before",
  params: [param("address", address)],
  result: NULL_JSON,
  handler: ({ controls }, [account]) => {
    controls.impersonate(account, false);
    return null;
  },
});
