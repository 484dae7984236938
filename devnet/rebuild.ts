/**
 * The store of a node that is rebuilt from L1: in memory, or a folder of its own.
 *
 * Owns that such a folder is a follower's like any other, so that `devnet --roles synchronizer` can
 * go on in it, and that nothing else is ever written into. Does not own rebuilding
 * (`core/engine/rebuild.ts`).
 * @module
 */
import { RollupError } from "../core/primitives/errors.ts";
import { acquireLease } from "../core/store/lease.ts";
import type { StoreErrorCode } from "../core/store/table.ts";
import type { FreshKv } from "../core/engine/create_engine.ts";
import {
  type Deployment,
  DEPLOYMENT_FILE,
  readDeploymentFile,
  writeDeploymentFile,
} from "./deployment.ts";
import { checkL1Record, keepL1Record } from "./l1_record.ts";
import { openKvFile } from "./open_node.ts";

/** Files that tell a data folder of this tool from any other folder. */
const FOLDER_FILES: readonly string[] = ["node.kv", "l1.json"];

/**
 * Opens the store at `folder`, made if it is not there; without one, in memory. The folder gets the
 * deployment, as whoever goes on there needs it.
 *
 * @throws `DATA_FOLDER_OWNED`, `DATA_FOLDER_UNUSABLE` for a folder with other things in it,
 * `L1_MISMATCH`, `STORE_FILE_CORRUPT`
 */
export async function openFreshKv(
  deployment: Deployment,
  folder: string | undefined,
): Promise<FreshKv> {
  if (folder === undefined) {
    return {
      kv: await Deno.openKv(":memory:"),
      folder: undefined,
      close: () => Promise.resolve(),
    };
  }
  refuseOtherFolder(folder);
  await using undo = new AsyncDisposableStack();
  const lease = acquireLease(folder, { pid: Deno.pid, rpcUrl: undefined });
  undo.defer(() => lease.release());
  const record = {
    kind: "external",
    l1ChainId: deployment.l1ChainId,
    rollup: deployment.rollup,
  } as const;
  checkL1Record(folder, record);
  keepL1Record(folder, record);
  const file = `${folder}/${DEPLOYMENT_FILE}`;
  if (readDeploymentFile(file) === undefined) {
    writeDeploymentFile(file, { kind: "deployed", deployment });
  }
  const kv = await openKvFile(`${folder}/node.kv`);
  const taken = undo.move();
  return { kv, folder: Deno.realPathSync(folder), close: () => taken.disposeAsync() };
}

/** A request over RPC may name any folder: only a new one, or one of ours, is written into. */
function refuseOtherFolder(folder: string): void {
  if (folder === "") throw unusable(folder, "it has no name");
  let names: string[];
  try {
    names = [...Deno.readDirSync(folder)].map(({ name }) => name);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return;
    throw unusable(folder, error instanceof Error ? error.message : String(error), error);
  }
  if (names.length === 0 || names.some((name) => FOLDER_FILES.includes(name))) return;
  throw unusable(folder, "it holds other things");
}

function unusable(
  folder: string,
  reason: string,
  cause?: unknown,
): RollupError<StoreErrorCode> {
  return new RollupError(
    "DATA_FOLDER_UNUSABLE",
    `Cannot rebuild into "${folder}" as it must be new or a rebuilt node's: ${reason}`,
    {
      details: { folder },
      mend: "Name another folder with `--into DIR`; it is made if it is not there.",
      cause,
    },
  );
}
