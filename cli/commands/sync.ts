/**
 * `sync`: L1 events -> heads.
 *
 * Owns its flags and help. Does not own reading L1.
 * @module
 */
import { defineCommand } from "../command.ts";
import { connect, CONNECT_FLAGS } from "../connect.ts";
import { toJsonValue } from "../render.ts";
import { renderSync } from "../views.ts";

/** The command. */
export const sync = defineCommand({
  name: "sync",
  summary: "Read the events of L1 and move the heads",
  description:
    "Reads L1 from where the last sync ended and moves the sequenced and verified heads; nothing " +
    "else moves them. Blocks that L1 has reorganised away are unwound first.",
  flags: CONNECT_FLAGS,
  positionals: [],
  examples: [
    { line: "varve sync", summary: "See which batches L1 has sequenced and verified" },
    { line: "varve sync --json | jq .verified", summary: "The last consolidated batch" },
  ],
  async run(context, { flags }) {
    await using engine = await connect(context, flags);
    const view = await engine.sync(context.progress);
    context.show({ json: toJsonValue(view), text: renderSync(view) });
  },
});
