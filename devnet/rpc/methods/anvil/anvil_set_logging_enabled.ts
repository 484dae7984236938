/**
 * Whether anything but warnings is logged.
 * @module
 */
import { NULL_JSON } from "../../json_schema.ts";
import { devnetMethod } from "../../method.ts";
import { boolean, param } from "../../schema.ts";

/** `anvil_setLoggingEnabled`: whether anything but warnings is logged. */
export const anvilSetLoggingEnabled = devnetMethod({
  name: "anvil_setLoggingEnabled",
  aliases: ["hardhat_setLoggingEnabled"],
  summary: "Whether anything but warnings is logged",
  params: [param("enabled", boolean)],
  result: NULL_JSON,
  handler: ({ devnet }, [enabled]) => {
    devnet.setLoggingEnabled(enabled);
    return null;
  },
});
