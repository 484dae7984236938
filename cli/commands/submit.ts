/**
 * `submit`: batches and proofs -> L1.
 *
 * Owns its flags and help. Does not own what is ready or how it is sent.
 * @module
 */
import { defineCommand } from "../command.ts";
import { connect, CONNECT_FLAGS } from "../connect.ts";
import { toJsonValue } from "../render.ts";
import { renderSubmit } from "../views.ts";

/** The command. */
export const submit = defineCommand({
  name: "submit",
  summary: "Send what is ready to L1: batch data, then proofs",
  description:
    "Sends sealed batches with sequenceBatches, which makes them virtual, and proofs of sequenced " +
    "batches with verifyBatches, which L1 checks and which makes them consolidated. Prints nothing " +
    "to submit when all is there. Run sync afterwards to see what L1 made of it.",
  flags: CONNECT_FLAGS,
  positionals: [],
  examples: [
    { line: "varve submit", summary: "Send sealed batches and proofs that L1 lacks" },
    { line: "varve submit --json", summary: "The L1 transactions as a JSON array" },
  ],
  async run(context, { flags }) {
    await using engine = await connect(context, flags);
    const views = await engine.submit(context.progress);
    context.show({ json: toJsonValue(views), text: renderSubmit(views) });
  },
});
