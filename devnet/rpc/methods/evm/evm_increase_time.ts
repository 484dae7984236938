/**
 * Lets the clock of both layers jump; the seconds that it has jumped in all.
 * @module
 */
import { chainMethod } from "../../method.ts";
import { secondsSchema } from "../../mining.ts";
import { param } from "../../schema.ts";

/**
 * `evm_increaseTime`: lets the clock of both layers jump, and answers with the seconds that it has
 * jumped in all, as anvil does. After a restart only the times that the chains have reached are
 * known.
 */
export const evmIncreaseTime = chainMethod({
  name: "evm_increaseTime",
  aliases: ["anvil_increaseTime"],
  summary: "Lets the clock of both layers jump; the seconds that it has jumped in all",
  isDev: true,
  params: [param("seconds", secondsSchema)],
  result: { type: "integer" },
  handler: ({ chain }, [seconds]) => Number(chain.increaseTime(seconds)),
});
