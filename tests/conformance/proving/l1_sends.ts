/**
 * Calls of the rollup contract that no stage makes: those of users and of hostile sequencers.
 *
 * Owns signing and sending. Does not own what the calls mean.
 * @module
 */
import { assertEquals } from "@std/assert";
import { signL1Transaction } from "../../../core/l1/transaction.ts";
import type { L1Account, L1Connection } from "../../../core/pipeline/node.ts";
import { type Hex, hexToBytes } from "../../../core/primitives/hex.ts";

/** Sends a call to the rollup contract, which must not revert. */
export async function sendToRollup(l1: L1Connection, from: L1Account, data: Hex): Promise<void> {
  const { client, chainId, rollup } = l1;
  const fees = await client.fees();
  const { raw, hash } = signL1Transaction({
    chainId,
    nonce: await client.nonce(from.address, "pending"),
    to: rollup,
    data: hexToBytes(data),
    valueWei: 0n,
    gasLimit: 3_000_000n,
    maxFeePerGasWei: 2n * fees.baseFeePerGasWei + fees.maxPriorityFeePerGasWei,
    maxPriorityFeePerGasWei: fees.maxPriorityFeePerGasWei,
  }, from.privateKey);
  await client.sendRawTransaction(raw);
  assertEquals((await client.receipt(hash))?.success, true);
}
