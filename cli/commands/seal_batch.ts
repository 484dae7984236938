/**
 * `seal-batch`: pool -> blocks -> batch.
 *
 * Owns its flags and help. Does not own sealing.
 * @module
 */
import { defineCommand } from "../command.ts";
import { connect, CONNECT_EXCLUSIVE, CONNECT_FLAGS } from "../connect.ts";
import { toJsonValue } from "../render.ts";
import { renderSeal } from "../views.ts";

/** The command. */
export const sealBatch = defineCommand({
  name: "seal-batch",
  summary: "Close the open batch: pool -> blocks -> batch",
  description:
    "Builds a block of what the pool holds and seals all blocks since the last batch into a new " +
    "one. Refused when there is nothing to seal.",
  flags: CONNECT_FLAGS,
  exclusive: CONNECT_EXCLUSIVE,
  positionals: [],
  examples: [
    { line: "varve seal-batch", summary: "Seal what was sent so far" },
    {
      line: "varve seal-batch --json | jq .stateRoot",
      summary: "The state root that a proof of the batch must reach",
    },
  ],
  async run(context, { flags }) {
    await using engine = await connect(context, flags);
    context.progress("Sealing a batch");
    const view = await engine.sealBatch();
    context.show({ json: toJsonValue(view), text: renderSeal(view) });
  },
});
