/**
 * A crash after any commit of either chain: opened again and told the rest, the world ends with
 * the same bytes, and at most one step was repeated.
 */
import { assertEquals } from "@std/assert";
import type { LocalEngine } from "../../core/engine/local_engine.ts";
import { isRollupError } from "../../core/primitives/errors.ts";
import { address, hexToBytes } from "../../core/primitives/hex.ts";
import { encodeTransaction, signTransaction } from "../../core/types/tx.ts";
import { DEV_ACCOUNTS } from "../../devnet/accounts.ts";
import { L2_CHAIN_ID } from "../../devnet/chain_config.ts";
import { openWorld, type World } from "./world.ts";

const RECIPIENT = address(`0x${"42".repeat(20)}`);
/** Stores 7 in slot 0 of the created contract and leaves the code 0x00. */
const INIT_CODE = hexToBytes("0x60075f5560015ff3");

/** What a user does, one verb after another; each may be repeated after a crash. */
const SCRIPT: readonly ((engine: LocalEngine) => Promise<unknown>)[] = [
  (engine) => sendOnce(engine, 0n, false),
  (engine) => sendOnce(engine, 1n, true),
  sealOnce(1),
  (engine) => engine.submit(),
  (engine) => sendOnce(engine, 2n, false),
  sealOnce(2),
  (engine) => engine.prove(),
  (engine) => engine.submit(),
  (engine) => engine.sync(),
];

async function sendOnce(engine: LocalEngine, nonce: bigint, creation: boolean): Promise<void> {
  const [sender] = DEV_ACCOUNTS;
  if (sender === undefined) throw new Error("the devnet has accounts");
  const tx = signTransaction({
    type: 2,
    chainId: L2_CHAIN_ID,
    nonce,
    maxFeePerGasWei: 4_000_000_000n,
    maxPriorityFeePerGasWei: 1_000_000_000n,
    gasLimit: 300_000n,
    to: creation ? undefined : RECIPIENT,
    valueWei: creation ? 0n : 10n ** 17n,
    data: creation ? INIT_CODE : new Uint8Array(0),
    accessList: [],
    authorizations: [],
  }, sender.privateKey);
  try {
    await engine.sendTransaction(encodeTransaction(tx));
  } catch (error) {
    // It was admitted before the crash.
    if (isRollupError(error, "POOL_ALREADY_KNOWN")) return;
    if (isRollupError(error, "POOL_NONCE_TOO_LOW")) return;
    throw error;
  }
}

function sealOnce(batch: number): (engine: LocalEngine) => Promise<unknown> {
  return async (engine) => {
    const { sealed } = await engine.heads();
    if (sealed < batch) await engine.sealBatch();
  };
}

async function runWithCrash(crashAtCommit: number | undefined): Promise<World> {
  const world = await openWorld();
  if (crashAtCommit !== undefined) {
    // Odd commits die before they are made, even ones after.
    const when = crashAtCommit % 2 === 0 ? "after" : "before";
    world.fault.crashAt({ commit: crashAtCommit, when });
  }
  for (const verb of SCRIPT) {
    for (;;) {
      try {
        await verb(await world.engine());
        break;
      } catch (error) {
        if (!world.crashed()) throw error;
      }
    }
  }
  return world;
}

async function outcome(world: World): Promise<unknown> {
  const engine = await world.engine();
  return {
    heads: await engine.heads(),
    batches: [
      await engine.inspect({ kind: "batch", batch: 1 }),
      await engine.inspect({ kind: "batch", batch: 2 }),
    ],
    tip: await engine.inspect({ kind: "block", block: "latest" }),
    account: await engine.inspect({ kind: "account", address: RECIPIENT }),
  };
}

Deno.test("a crash after any one commit changes nothing of the outcome", async () => {
  let wanted: unknown;
  let commitCount: number;
  {
    await using calm = await runWithCrash(undefined);
    wanted = await outcome(calm);
    commitCount = calm.fault.commitCount();
  }
  for (let commit = 1; commit <= commitCount; commit++) {
    await using world = await runWithCrash(commit);
    assertEquals(await outcome(world), wanted, `crash at commit ${commit} of ${commitCount}`);
  }
});
