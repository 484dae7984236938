/**
 * `submit`: batches and proofs -> L1.
 *
 * Owns its flags and help. Does not own what is ready or how it is sent.
 * @module
 */
import { type CommandContext, defineCommand } from "../command.ts";
import { type FlagValues, usageError } from "../args.ts";
import { connect, CONNECT_FLAGS } from "../connect.ts";
import {
  L1_PAYER_EXCLUSIVE,
  L1_PAYER_FLAGS,
  readL1Payer,
  sendL1Call,
  withoutL1Key,
} from "../l1_payer.ts";
import { toJsonValue } from "../render.ts";
import { renderForcedBatch, renderSubmit } from "../views.ts";

/** The command. */
export const submit = defineCommand({
  name: "submit",
  summary: "Send what is ready to L1: batch data, then proofs",
  description:
    "Sends sealed batches with sequenceBatches, which makes them virtual, and proofs of sequenced " +
    "batches with verifyBatches, which L1 checks and which makes them consolidated. Prints nothing " +
    "to submit when all is there. Run sync afterwards to see what L1 made of it. With --forced it " +
    "sends neither: it sequences the operations of the queue on L1 that the sequencer has let " +
    "become overdue, which anyone may do.",
  flags: {
    forced: { type: "boolean", summary: "Sequence overdue operations of the queue on L1 instead" },
    ...CONNECT_FLAGS,
    ...L1_PAYER_FLAGS,
  },
  exclusive: L1_PAYER_EXCLUSIVE,
  positionals: [],
  examples: [
    { line: "varve submit", summary: "Send sealed batches and proofs that L1 lacks" },
    { line: "varve submit --json", summary: "The L1 transactions as a JSON array" },
    {
      line: "varve submit --forced --l1-from 2",
      summary: "What the sequencer has kept out, paid by devnet account 2",
    },
  ],
  async run(context, { flags }) {
    if (flags.forced) return await submitForced(context, flags);
    if (flags["l1-from"] !== undefined) throw payerWithoutForced();
    await using engine = await connect(context, flags);
    const views = await engine.submit(context.progress);
    context.show({ json: toJsonValue(views), text: renderSubmit(views) });
  },
});

type SubmitFlags = FlagValues<typeof CONNECT_FLAGS> & FlagValues<typeof L1_PAYER_FLAGS>;

async function submitForced(context: CommandContext, flags: SubmitFlags): Promise<void> {
  const payer = await readL1Payer(flags, context.services);
  await using engine = await connect(context, withoutL1Key(flags));
  const call = await sendL1Call(engine, { kind: "sequenceForceBatches" }, payer);
  const json = { purpose: call.plan.purpose, l1From: payer.address, l1Transaction: call.sent };
  context.show({ json: toJsonValue(json), text: renderForcedBatch(call) });
}

function payerWithoutForced() {
  return usageError(
    "USAGE_CONFLICT",
    "Cannot use --l1-from without --forced: batches and proofs are signed by the node's own keys",
    { details: { flag: "--l1-from" }, mend: "Add --forced, or leave --l1-from out." },
  );
}
