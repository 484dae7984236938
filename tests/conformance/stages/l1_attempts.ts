/**
 * Our transactions to L1 as tests look at them.
 *
 * Owns reading the rows of one world, and the way of a few batches through it. Does not own what is
 * sent or when.
 * @module
 */
import { assert } from "../../../core/primitives/errors.ts";
import { bytesToHex } from "../../../core/primitives/hex.ts";
import { readBlob } from "../../../core/store/blob.ts";
import { L1_ATTEMPTS, L1_TXS, type L1TxRow } from "../../../core/store/schema.ts";
import { listRows, showKey } from "../../../core/store/table.ts";
import { signedBy, user } from "../../simulation/signing.ts";
import type { World } from "../../simulation/world.ts";

/** The signed bytes of every attempt, by stage, last batch and index. */
export async function signedAttempts(world: World): Promise<Readonly<Record<string, string>>> {
  const { node } = await world.engine();
  const signed: Record<string, string> = {};
  for await (const { key, value } of listRows(node.kv, L1_ATTEMPTS)) {
    signed[showKey(key.slice(1))] = bytesToHex(await readBlob(node.kv, value.rawBlob));
  }
  return signed;
}

/** A row as one line: key, status, batches, nonce. */
export type TxLine = readonly [key: string, status: string, firstBatch: number, nonce: number];

/** Every row of `l1_txs`, in order of keys. */
export async function txLines(world: World): Promise<readonly TxLine[]> {
  const lines: TxLine[] = [];
  for (const [key, row] of await txRows(world)) {
    lines.push([key, row.status, Number(row.firstBatch), Number(row.nonce)]);
  }
  return lines;
}

/** Every row of `l1_txs` with its key. */
export async function txRows(world: World): Promise<readonly (readonly [string, L1TxRow])[]> {
  const { node } = await world.engine();
  const rows: [string, L1TxRow][] = [];
  for await (const { key, value } of listRows(node.kv, L1_TXS)) {
    rows.push([key.slice(1).map(String).join(" "), value]);
  }
  return rows;
}

/** Seals `count` batches of one payment each; the first has nonce `firstNonce` of user 0. */
export async function sealBatches(world: World, count: number, firstNonce = 0): Promise<void> {
  const engine = await world.engine();
  for (let index = 0; index < count; index++) {
    const nonce = BigInt(firstNonce + index);
    await engine.sendTransaction(signedBy(user(0), { nonce, to: user(1).address, valueWei: 1n }));
    await engine.sealBatch();
  }
}

/** Everything that is left to do, as a user would type it, until all is verified. */
export async function finish(world: World): Promise<void> {
  const engine = await world.engine();
  const l1 = await world.l1();
  for (let round = 0; round < 6; round++) {
    await engine.submit();
    await engine.prove();
    await engine.submit();
    await l1.mine();
    await engine.sync();
    const { sealed, verified } = await engine.heads();
    if (sealed === verified) return;
  }
  const heads = await engine.heads();
  assert(heads.sealed === heads.verified, `all is verified: ${JSON.stringify(heads)}`);
}

/** The status lines of what `submit` did. */
export async function submitLines(world: World): Promise<readonly string[]> {
  const views = await (await world.engine()).submit();
  return views.map(({ firstBatch, lastBatch, nonce, status }) =>
    `${firstBatch}-${lastBatch} nonce ${nonce} ${status}`
  );
}

/** Every transaction of `sender` that the L1 has mined: nonce, and whether it succeeded. */
export async function minedOf(
  world: World,
  sender: string,
): Promise<readonly (readonly [nonce: number, hash: string, success: boolean])[]> {
  const l1 = await world.l1();
  const found: [number, string, boolean][] = [];
  for (let number = 0n;; number++) {
    const block = await l1.block(number);
    if (block === undefined) return found;
    for (const tx of block.transactions) {
      if (tx.sender !== sender) continue;
      const receipt = await l1.receipt(tx.hash);
      found.push([Number(tx.tx.nonce), tx.hash, receipt?.receipt.success === true]);
    }
  }
}
