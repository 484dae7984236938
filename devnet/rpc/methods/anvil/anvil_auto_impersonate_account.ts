/**
 * Lets every account send without a signature, or ends that.
 * @module
 */
import { NULL_JSON } from "../../json_schema.ts";
import { controlMethod } from "../../method.ts";
import { boolean, param } from "../../schema.ts";

/** `anvil_autoImpersonateAccount`: lets every account send without a signature, or ends that. */
export const anvilAutoImpersonateAccount = controlMethod({
  name: "anvil_autoImpersonateAccount",
  aliases: ["hardhat_autoImpersonateAccount"],
  summary: "Lets every account send without a signature, or ends that",
  params: [param("enabled", boolean)],
  result: NULL_JSON,
  handler: ({ controls }, [enabled]) => {
    controls.autoImpersonate(enabled);
    return null;
  },
});
