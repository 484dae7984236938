/**
 * Lets the clock of both layers stand at a time; the seconds that it has jumped forward.
 * @module
 */
import { controlMethod } from "../../method.ts";
import { timeSchema } from "../../mining.ts";
import { param } from "../../schema.ts";

/**
 * `evm_setTime`: lets the clock of both layers stand at a time, earlier or later than now. Blocks
 * are always later than their parents: one whose time is passed comes a second after its parent.
 */
export const evmSetTime = controlMethod({
  name: "evm_setTime",
  aliases: ["anvil_setTime", "hardhat_setTime"],
  summary: "Lets the clock of both layers stand at a time; the seconds that it has jumped forward",
  params: [param("timestamp", timeSchema)],
  result: { type: "integer" },
  handler: ({ controls }, [timestampSec]) => {
    const jumpSec = controls.setTime(timestampSec);
    return jumpSec > 0n ? Number(jumpSec) : 0;
  },
});
