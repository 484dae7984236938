/**
 * `sync`: L1 events -> heads; and a second node from L1 alone, held against this one.
 *
 * Owns its flags and help. Does not own reading L1.
 * @module
 */
import type { RebuildView } from "../../core/engine/engine.ts";
import { RollupError } from "../../core/primitives/errors.ts";
import { type FlagValues, usageError } from "../args.ts";
import { type CommandContext, defineCommand } from "../command.ts";
import { connect, CONNECT_EXCLUSIVE, CONNECT_FLAGS } from "../connect.ts";
import { toJsonValue } from "../render.ts";
import { renderRebuild, renderSync } from "../views.ts";

/** Codes of this file. */
export type SyncCommandErrorCode = "REBUILD_DIFFERS";

const SYNC_FLAGS = {
  ...CONNECT_FLAGS,
  "from-l1": {
    type: "boolean",
    summary: "Rebuild from L1 alone, beside the node, and compare; changes nothing of the node",
  },
  verify: {
    type: "boolean",
    summary: "With --from-l1: fail unless every batch and block is as the node has it",
  },
  into: {
    type: "string",
    placeholder: "DIR",
    summary: "With --from-l1: keep the rebuilt node in a folder; a second run goes on there",
  },
} as const;

/** The command. */
export const sync = defineCommand({
  name: "sync",
  summary: "Read the events of L1 and move the heads",
  description:
    "Reads L1 from where the last sync ended and moves the sequenced and verified heads; nothing " +
    "else moves them. Blocks that L1 has reorganised away are unwound first, and batches that only " +
    "L1 has are executed. With --from-l1 a second node executes all that L1 has, from genesis, and " +
    "its batches and blocks are held against the node's.",
  flags: SYNC_FLAGS,
  exclusive: CONNECT_EXCLUSIVE,
  positionals: [],
  examples: [
    { line: "varve sync", summary: "See which batches L1 has sequenced and verified" },
    { line: "varve sync --json | jq .verified", summary: "The last consolidated batch" },
    { line: "varve sync --from-l1 --verify", summary: "Prove to yourself that L1 says the same" },
    {
      line: "varve sync --from-l1 --into rebuilt",
      summary: "A follower's folder, for devnet --roles synchronizer --data rebuilt",
    },
  ],
  async run(context, { flags }) {
    if (flags["from-l1"]) return await rebuild(context, flags);
    if (flags.verify || flags.into !== undefined) throw rebuildFlagAlone(flags);
    await using engine = await connect(context, flags);
    const view = await engine.sync(context.progress);
    context.show({ json: toJsonValue(view), text: renderSync(view) });
  },
});

async function rebuild(
  context: CommandContext,
  flags: FlagValues<typeof SYNC_FLAGS>,
): Promise<void> {
  const { verify, into } = flags;
  await using engine = await connect(context, flags);
  // The node that answers may work in another folder than this process.
  const place = into === undefined ? {} : { into: context.services.absolutePath(into) };
  const view = await engine.rebuild(place, context.progress);
  if (verify && view.difference !== null) throw rebuildDiffers(view, view.difference);
  context.show({ json: toJsonValue(view), text: renderRebuild(view) });
}

function rebuildDiffers(
  view: RebuildView,
  { batch, field, here, fromL1 }: NonNullable<RebuildView["difference"]>,
): RollupError<SyncCommandErrorCode> {
  return new RollupError(
    "REBUILD_DIFFERS",
    `Cannot vouch for the node as its batches must be those of L1: ${field} of batch ${batch} is ` +
      `${here} here and ${fromL1} from L1`,
    {
      details: { ...view },
      mend: "Keep the data folder for a report, and start a follower from L1: " +
        "`sync --from-l1 --into DIR`.",
    },
  );
}

function rebuildFlagAlone({ verify }: { readonly verify: boolean }) {
  const flag = verify ? "--verify" : "--into";
  return usageError("USAGE_CONFLICT", `Cannot use ${flag} without --from-l1`, {
    details: { flag },
    mend: `Add --from-l1, or leave ${flag} out.`,
  });
}
