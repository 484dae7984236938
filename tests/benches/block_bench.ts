/**
 * How many transfers a second enter the pool and get into blocks, in process and over HTTP.
 *
 * In process: blocks of 200 transfers from 200 senders to new accounts, real signatures, state on a
 * KV file. Over HTTP: `eth_sendRawTransaction` one after another to our devnet and to anvil, where
 * each transaction makes a block; the same bytes for both.
 * @module
 */
import { assert } from "../../core/primitives/errors.ts";
import { bytesToHex } from "../../core/primitives/hex.ts";
import { DEV_ACCOUNTS } from "../../devnet/accounts.ts";
import { openBenchEngine } from "./bench_engine.ts";
import { rpc, startAnvil, startVarve, temporaryFolder } from "./processes.ts";
import { median, printTable, ratio, timed } from "./report.ts";
import { createSenders, signTransfer, toGenesisAccounts } from "./signed_transfers.ts";

const BLOCKS = 12;
const TXS_PER_BLOCK = 200;
const HTTP_TXS = 300;

await benchBlocks();
await benchHttp();

async function benchBlocks(): Promise<void> {
  await using folder = await temporaryFolder();
  const senders = createSenders(TXS_PER_BLOCK);
  await using engine = await openBenchEngine(`${folder.path}/node.kv`, toGenesisAccounts(senders));
  const admitMs: number[] = [];
  const buildMs: number[] = [];
  for (let block = 0; block < BLOCKS; block++) {
    const raws = senders.map((sender, index) =>
      signTransfer(sender, block, block * TXS_PER_BLOCK + index)
    );
    const admitted = await timed(async () => {
      for (const raw of raws) await engine.sendTransaction(raw);
    });
    const built = await timed(() => engine.mineBlock());
    assert(
      engine.node.tip.get().counters.txCount === TXS_PER_BLOCK,
      "a block takes all that is ready",
    );
    // A batch of its own for each block: two would not fit the limit of transactions.
    await engine.sealBatch();
    // The first block warms up.
    if (block === 0) continue;
    admitMs.push(admitted.ms);
    buildMs.push(built.ms);
  }
  const rate = (ms: number): number => TXS_PER_BLOCK / ms * 1_000;
  const bothMs = admitMs.map((ms, index) => ms + (buildMs[index] ?? 0));
  printTable(
    `Blocks of ${TXS_PER_BLOCK} transfers, ${TXS_PER_BLOCK} senders, ${BLOCKS - 1} blocks, on disk`,
    ["", "median ms a block", "tx/s"],
    [
      ["admission, signature included", median(admitMs), rate(median(admitMs))],
      ["build: run, tree, commit", median(buildMs), rate(median(buildMs))],
      ["both", median(bothMs), rate(median(bothMs))],
    ],
  );
}

async function benchHttp(): Promise<void> {
  const raws = Array.from({ length: HTTP_TXS }, (_, index) => {
    const sender = DEV_ACCOUNTS[index % DEV_ACCOUNTS.length];
    assert(sender !== undefined, "the devnet has accounts");
    return bytesToHex(signTransfer(sender, Math.floor(index / DEV_ACCOUNTS.length), index));
  });
  await using folder = await temporaryFolder();
  await using ours = await startVarve(folder.path);
  await using manual = await startVarve(`${folder.path}/manual`, "--manual");
  await using anvil = await startAnvil();
  const oursMs = await sendAll(ours.url, raws);
  const manualMs = await sendAll(manual.url, raws);
  const anvilMs = anvil === undefined ? undefined : await sendAll(anvil.url, raws);
  const row = (name: string, ms: number) =>
    [name, ms / HTTP_TXS, HTTP_TXS / ms * 1_000, ratio(ms, anvilMs)] as const;
  printTable(
    `eth_sendRawTransaction over HTTP, ${HTTP_TXS} transfers, 10 senders, one after another`,
    ["", "ms a tx", "tx/s", "time to anvil"],
    [
      row("varve, a block a tx, batches to L1 beside it", oursMs),
      row("varve --manual, pool only", manualMs),
      ...(anvilMs === undefined ? [] : [row("anvil, a block a tx", anvilMs)]),
    ],
  );
}

async function sendAll(url: string, raws: readonly string[]): Promise<number> {
  const { ms } = await timed(async () => {
    for (const raw of raws) await rpc(url, "eth_sendRawTransaction", raw);
  });
  return ms;
}
