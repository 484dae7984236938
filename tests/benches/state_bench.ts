/**
 * Whether the size of the state is felt: opening it, and committing a block.
 *
 * The state is one genesis account a slot, on a KV file. Blocks have one transfer, and 200 transfers
 * from 200 senders.
 * @module
 */
import { assert } from "../../core/primitives/errors.ts";
import { createPoseidon2TreeHash } from "../../core/tree/mod.ts";
import { openState } from "../../core/store/state.ts";
import type { GenesisAccount } from "../../core/types/genesis.ts";
import { openBenchEngine } from "./bench_engine.ts";
import { temporaryFolder } from "./processes.ts";
import { median, printTable, timed } from "./report.ts";
import {
  createSenders,
  numberedAddress,
  signTransfer,
  toGenesisAccounts,
} from "./signed_transfers.ts";

const SLOT_COUNTS = [1_000, 100_000];
const SENDERS = createSenders(200);
const SMALL_BLOCKS = 21;
const LARGE_BLOCKS = 7;

const rows = [];
for (const slotCount of SLOT_COUNTS) rows.push(await measure(slotCount));
printTable(
  "State on disk by slots",
  ["slots", "make, ms", "open state, ms", "open engine, ms", "block of 1, ms", "block of 200, ms"],
  rows,
);

async function measure(slotCount: number): Promise<(string | number)[]> {
  await using folder = await temporaryFolder();
  const path = `${folder.path}/node.kv`;
  const accounts = createAccounts(slotCount);
  const made = await timed(() => openBenchEngine(path, accounts));
  await made.result[Symbol.asyncDispose]();
  const stateMs = await openStateAlone(path, slotCount);
  const opened = await timed(() => openBenchEngine(path, accounts));
  await using engine = opened.result;
  let nextIndex = slotCount;
  const blockMs = async (txCount: number, round: number): Promise<number> => {
    for (const sender of SENDERS.slice(0, txCount)) {
      await engine.sendTransaction(signTransfer(sender, round, nextIndex++));
    }
    return (await timed(() => engine.mineBlock())).ms;
  };
  const large: number[] = [];
  for (let round = 0; round < LARGE_BLOCKS; round++) large.push(await blockMs(200, round));
  const small: number[] = [];
  for (let round = 0; round < SMALL_BLOCKS; round++) {
    small.push(await blockMs(1, LARGE_BLOCKS + round));
  }
  return [
    slotCount.toLocaleString("en"),
    made.ms,
    stateMs,
    opened.ms,
    median(small),
    median(large.slice(1)),
  ];
}

/** Opens only the tree, as of block 0. */
async function openStateAlone(path: string, slotCount: number): Promise<number> {
  const kv = await Deno.openKv(path);
  const { ms, result } = await timed(() => openState(kv, createPoseidon2TreeHash(), 0n));
  assert(result.tree.leafCount() >= slotCount, "every account has its slot");
  kv.close();
  return ms;
}

function createAccounts(slotCount: number): GenesisAccount[] {
  const others = Array.from({ length: slotCount - SENDERS.length }, (_, index): GenesisAccount => ({
    address: numberedAddress(index),
    balanceWei: 1n,
    nonce: 0n,
    code: "0x",
    storage: [],
  }));
  return [...toGenesisAccounts(SENDERS), ...others];
}
