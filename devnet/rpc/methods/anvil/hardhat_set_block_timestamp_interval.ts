/**
 * Lets each block be so many milliseconds after its parent, rounded up to whole seconds.
 * @module
 */
import { NULL_JSON } from "../../json_schema.ts";
import { controlMethod } from "../../method.ts";
import { anyQuantity, param, wrong } from "../../schema.ts";

/** Of milliseconds: those of 2^32 seconds take fewer. */
const MILLISECOND_BITS = 43;

/**
 * `hardhat_setBlockTimestampInterval`: lets each block be so many milliseconds after its parent,
 * rounded up to whole seconds. No Hardhat has it, but viem's test client in its mode for Hardhat
 * asks for it, in milliseconds.
 */
export const hardhatSetBlockTimestampInterval = controlMethod({
  name: "hardhat_setBlockTimestampInterval",
  summary: "Lets each block be so many milliseconds after its parent, rounded up to whole seconds",
  params: [param("milliseconds", anyQuantity(MILLISECOND_BITS))],
  result: NULL_JSON,
  handler: ({ controls }, [milliseconds]) => {
    if (milliseconds === 0n) {
      throw wrong("argument 0 (milliseconds)", "at least 1: timestamps only grow", 0);
    }
    controls.setBlockTimestampInterval((milliseconds + 999n) / 1_000n);
    return null;
  },
});
