/**
 * Lets an account send without a signature.
 * @module
 */
import { NULL_JSON } from "../../json_schema.ts";
import { controlMethod } from "../../method.ts";
import { address, param } from "../../schema.ts";

/** `anvil_impersonateAccount`: lets an account send without a signature. */
export const anvilImpersonateAccount = controlMethod({
  name: "anvil_impersonateAccount",
  aliases: ["hardhat_impersonateAccount"],
  summary: "Lets an account send without a signature",
  params: [param("address", address)],
  result: NULL_JSON,
  handler: ({ controls }, [account]) => {
    controls.impersonate(account, true);
    return null;
  },
});
