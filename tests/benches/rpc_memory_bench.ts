/**
 * Resident memory of the devnet's process over 10,000 blocks and 1,000,000 requests.
 *
 * Each of ten parts sends 1,000 transfers, which make a block each, waits until the L1 has verified
 * them and then asks 100,000 requests of several kinds. What grows from part to part after the first
 * ones is a leak. With `--write FILE` the table replaces its part of that file.
 * @module
 */
import { assert } from "../../core/primitives/errors.ts";
import { bytesToHex } from "../../core/primitives/hex.ts";
import { DEV_ACCOUNTS } from "../../devnet/accounts.ts";
import { load, postRequest } from "./http_load.ts";
import { residentMib, rpc, startVarve, temporaryFolder } from "./processes.ts";
import { print, printTable, type Row, timed, writeSection } from "./report.ts";
import { signTransfer } from "./signed_transfers.ts";

const PARTS = 10;
const BLOCKS = 1_000;
const REQUESTS = 100_000;
const AT_ONCE = 16;
/** Receivers in all: what a state of many accounts takes is another bench. */
const RECEIVERS = 1_000;
const TITLE = "Memory of the devnet, L1 and L2 in one process, over blocks of one transfer and " +
  "requests of ten kinds";
const COLUMNS = ["blocks so far", "requests so far", "resident MiB", "seconds"];
/** Bound of the wait for finality, in looks. */
const MAX_LOOKS = 6_000;

const [sender] = DEV_ACCOUNTS;
assert(sender !== undefined, "the devnet has accounts");

await using folder = await temporaryFolder();
await using devnet = await startVarve(folder.path);
const { pid, url } = devnet;
const requests = mixedRequests();
const rows: Row[] = [["0", "0", await residentMib(pid) ?? NaN, "-"]];
for (let part = 1; part <= PARTS; part++) {
  const raws = Array.from({ length: BLOCKS }, (_, index) => {
    const nonce = (part - 1) * BLOCKS + index;
    return bytesToHex(signTransfer(sender, nonce, nonce % RECEIVERS));
  });
  const { ms } = await timed(async () => {
    for (const raw of raws) await rpc(url, "eth_sendRawTransaction", raw);
    await finalized(part * BLOCKS);
    await load(url, requests, AT_ONCE);
  });
  const row: Row = [
    (part * BLOCKS).toLocaleString("en"),
    (part * REQUESTS).toLocaleString("en"),
    await residentMib(pid) ?? NaN,
    ms / 1_000,
  ];
  print(row.join("  "));
  rows.push(row);
  // Each time: it takes minutes, and may be ended early.
  await writeSection("rpc-memory", TITLE, COLUMNS, rows);
}
printTable(TITLE, COLUMNS, rows);

/** Requests that read the head, state, blocks, receipts and logs. */
function mixedRequests(): readonly Uint8Array[] {
  const from = sender?.address ?? "0x";
  const kinds: readonly (readonly [string, readonly unknown[]])[] = [
    ["eth_blockNumber", []],
    ["eth_getBalance", [from, "latest"]],
    ["eth_getTransactionCount", [from, "pending"]],
    ["eth_call", [{ from, to: from }, "latest"]],
    ["eth_getBlockByNumber", ["latest", true]],
    ["eth_getBlockReceipts", ["latest"]],
    ["eth_getLogs", [{ fromBlock: "latest" }]],
    ["eth_gasPrice", []],
    ["eth_feeHistory", ["0x4", "latest", [50]]],
    ["eth_chainId", []],
  ];
  const made = kinds.map(([method, params]) =>
    postRequest(url, { jsonrpc: "2.0", id: 1, method, params })
  );
  return Array.from({ length: REQUESTS }, (_, index) => made[index % made.length] ?? made)
    .flat();
}

/** Waits until the L1 has verified block `number`. */
async function finalized(number: number): Promise<void> {
  for (let look = 0; look < MAX_LOOKS; look++) {
    const block = await rpc(url, "eth_getBlockByNumber", "finalized", false);
    if (typeof block === "object" && block !== null && "number" in block) {
      if (Number(block.number) >= number) return;
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`the L1 has not verified block ${number} after ${MAX_LOOKS} looks`);
}
