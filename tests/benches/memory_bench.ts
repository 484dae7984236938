/**
 * Resident memory of the devnet's process: idle, and after 1,000 blocks of one transfer.
 *
 * Anvil gets the same bytes for comparison. Both mine a block for each transaction; ours also seals,
 * proves and verifies batches on its L1, and is waited for until that is done.
 * @module
 */
import { assert } from "../../core/primitives/errors.ts";
import { bytesToHex } from "../../core/primitives/hex.ts";
import { DEV_ACCOUNTS } from "../../devnet/accounts.ts";
import {
  type DevnetProcess,
  residentMib,
  rpc,
  startAnvil,
  startVarve,
  temporaryFolder,
} from "./processes.ts";
import { printTable, timed } from "./report.ts";
import { signTransfer } from "./signed_transfers.ts";

const BLOCKS = 1_000;
/** Bound of the wait for finality: asks, each of which is answered between stages. */
const MAX_ASKS = 20_000;

const [sender] = DEV_ACCOUNTS;
assert(sender !== undefined, "the devnet has accounts");
const raws = Array.from(
  { length: BLOCKS },
  (_, nonce) => bytesToHex(signTransfer(sender, nonce, nonce)),
);

await using folder = await temporaryFolder();
await using ours = await startVarve(folder.path);
await using anvil = await startAnvil();
printTable(
  `Resident memory, ${BLOCKS} blocks of one transfer`,
  ["", "idle MiB", `after ${BLOCKS} blocks`, "seconds"],
  [
    await measure("varve, L1 and L2", ours, true),
    ...(anvil === undefined ? [] : [await measure("anvil", anvil, false)]),
  ],
);

async function measure(name: string, devnet: DevnetProcess, waitsForL1: boolean) {
  const idle = await residentMib(devnet.pid) ?? NaN;
  const { ms } = await timed(async () => {
    for (const raw of raws) await rpc(devnet.url, "eth_sendRawTransaction", raw);
    if (waitsForL1) await finalized(devnet.url);
  });
  return [name, idle, await residentMib(devnet.pid) ?? NaN, ms / 1_000] as const;
}

async function finalized(url: string): Promise<void> {
  for (let ask = 0; ask < MAX_ASKS; ask++) {
    const block = await rpc(url, "eth_getBlockByNumber", "finalized", false);
    if (typeof block === "object" && block !== null && "number" in block) {
      if (Number(block.number) >= BLOCKS) return;
    }
  }
  throw new Error(`the L1 has not verified block ${BLOCKS} after ${MAX_ASKS} asks`);
}
