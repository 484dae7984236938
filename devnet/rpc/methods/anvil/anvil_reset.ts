/**
 * Takes both layers back to what they were when the devnet was first started.
 * @module
 */
import { refusal, RPC_CODES } from "../../errors.ts";
import { NULL_JSON } from "../../json_schema.ts";
import { devnetMethod } from "../../method.ts";
import { isRecord, param, type Schema, wrong } from "../../schema.ts";

/** Takes what clients send who do not fork; an address to fork from is refused. */
const resetOptions: Schema<undefined> = {
  json: { type: "object" },
  isOptional: true,
  parse(value, path) {
    if (value === undefined || value === null) return undefined;
    if (!isRecord(value)) throw wrong(path, "an object", value);
    const { forking } = value;
    if (!isRecord(forking) || typeof forking.jsonRpcUrl !== "string") return undefined;
    throw refusal(
      RPC_CODES.serverError,
      "DEV_METHOD_UNSUPPORTED",
      "Cannot fork another chain: this devnet has chains of its own only",
      "Leave forking away, or load accounts with anvil_loadState.",
    );
  },
};

/** `anvil_reset`: takes both layers back to what they were when the devnet was first started. */
export const anvilReset = devnetMethod({
  name: "anvil_reset",
  aliases: ["hardhat_reset"],
  summary: "Takes both layers back to what they were when the devnet was first started",
  params: [param("options", resetOptions)],
  result: NULL_JSON,
  handler: async ({ devnet }) => {
    await devnet.reset();
    return null;
  },
});
