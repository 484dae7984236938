/**
 * `prove`: batch -> proof, in the node or as a worker beside it.
 *
 * Owns its flags, help and the worker's loop. Does not own proving.
 * @module
 */
import { isRollupError } from "../../core/primitives/errors.ts";
import type { Engine, ProveView } from "../../core/engine/engine.ts";
import { type CommandContext, defineCommand } from "../command.ts";
import { connect, CONNECT_EXCLUSIVE, CONNECT_FLAGS } from "../connect.ts";
import { toJsonValue } from "../render.ts";
import { renderProve } from "../views.ts";

/** Where a devnet's L2 answers unless it was told otherwise. */
export const DEFAULT_L2_RPC_URL = "http://127.0.0.1:9545";

/** How long a worker waits before it asks again for a job. */
export const POLL_INTERVAL_MS = 1000;

/** The command. */
export const prove = defineCommand({
  name: "prove",
  summary: "Prove batches that have no proof yet",
  description:
    "Proves every sealed batch from its witness alone, checks each proof and keeps it for submit. " +
    "With --worker it opens no data folder: it asks the devnet at --rpc (default " +
    `${DEFAULT_L2_RPC_URL}) for one job after another, proves here and hands the proofs back, ` +
    "until Ctrl-C; its answer is the list of all proofs.",
  flags: {
    ...CONNECT_FLAGS,
    worker: { type: "boolean", summary: "Take jobs from a devnet over RPC until Ctrl-C" },
    once: { type: "boolean", summary: "With --worker: stop when no job is left" },
  },
  exclusive: CONNECT_EXCLUSIVE,
  positionals: [],
  examples: [
    { line: "varve prove", summary: "Prove all that is sealed" },
    {
      line: "varve prove --worker --rpc http://127.0.0.1:9545",
      summary: "A prover in a process of its own",
    },
    { line: "varve prove --worker --once --json", summary: "Drain the queue and list the proofs" },
  ],
  async run(context, { flags }) {
    const rpc = flags.rpc ?? (flags.worker ? DEFAULT_L2_RPC_URL : undefined);
    await using engine = await connect(context, { ...flags, rpc });
    const views = flags.worker
      ? await work(context, engine, flags.once)
      : await engine.prove(context.progress);
    context.show({ json: toJsonValue(views), text: renderProve(views) });
  },
});

/** Proves job after job; ends at the interrupt, or at an empty queue when `once`. */
async function work(
  context: CommandContext,
  engine: Engine,
  once: boolean,
): Promise<readonly ProveView[]> {
  const signal = context.interruptSignal();
  const views: ProveView[] = [];
  while (!signal.aborted) {
    const job = await engine.nextProofJob();
    if (job === null) {
      if (once) break;
      if (views.length === 0) context.progress("Waiting for a batch to prove");
      await context.wait(POLL_INTERVAL_MS, signal);
      continue;
    }
    context.progress(`Proving batch ${job.batchNumber}`);
    const proof = await context.services.proveJob(job);
    try {
      views.push(await engine.acceptProof(job.batchNumber, proof));
    } catch (error) {
      if (!isRollupError(error, "PROOF_JOB_UNKNOWN")) throw error;
      context.progress(`Another prover was faster with batch ${job.batchNumber}`);
      continue;
    }
    context.progress(`Proof of batch ${job.batchNumber} accepted`);
  }
  return views;
}
