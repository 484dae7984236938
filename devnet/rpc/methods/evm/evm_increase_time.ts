/**
 * Lets the clock of both layers jump.
 * @module
 */
import { chainMethod } from "../../method.ts";
import { secondsSchema } from "../../mining.ts";
import { param } from "../../schema.ts";

/**
 * `evm_increaseTime`: lets the clock of both layers jump. Answers with the seconds that it jumped in
 * all, as anvil does. After a restart only the times that the chains have reached are known.
 */
export const evmIncreaseTime = chainMethod({
  name: "evm_increaseTime",
  isDev: true,
  params: [param("seconds", secondsSchema)],
  handler: ({ chain }, [seconds]) => Number(chain.increaseTime(seconds)),
});
