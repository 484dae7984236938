/**
 * What Otterscan asks of the embedded L1: who made a contract, and who took part in what.
 */
import { assertEquals } from "@std/assert";
import { assert } from "../../../core/primitives/errors.ts";
import { type Address, type Hash32, hexToBytes } from "../../../core/primitives/hex.ts";
import type { EmbeddedL1 } from "../../../devnet/l1/embedded_l1.ts";
import { framesOfTransaction } from "../../../devnet/rpc/otterscan/frames.ts";
import {
  findBySenderAndNonce,
  findCreator,
  searchAfter,
  searchBefore,
} from "../../../devnet/rpc/otterscan/history.ts";
import { devAccount, initCodeOf, requireReceipt, signedBy, withL1 } from "./testing.ts";

/** Calls the account in the first word of its data with 3 wei. */
const FORWARDER = "0x60006000600060006003600035620186a0f100";

async function deployForwarder(l1: EmbeddedL1): Promise<{ hash: Hash32; contract: Address }> {
  const hash = await l1.sendRawTransaction(signedBy(devAccount(0), {
    nonce: 0n,
    to: undefined,
    valueWei: 0n,
    gasLimit: 1_000_000n,
    data: initCodeOf(hexToBytes(FORWARDER)),
  }));
  const contract = (await requireReceipt(l1, hash)).receipt.contractAddress;
  assert(contract !== undefined, "the forwarder is deployed");
  return { hash, contract };
}

Deno.test("findCreator() finds the transaction that made a contract", async () => {
  await withL1({}, async (l1) => {
    const { hash, contract } = await deployForwarder(l1);
    await l1.mine();
    assertEquals(await findCreator(l1, contract), { hash, creator: devAccount(0).address });
    assertEquals(await findCreator(l1, devAccount(3).address), undefined);
  });
});

Deno.test("searchBefore() and searchAfter() find accounts that only code called", async () => {
  await withL1({}, async (l1) => {
    const { contract } = await deployForwarder(l1);
    const target = devAccount(4).address;
    const raw = signedBy(devAccount(0), {
      nonce: 1n,
      to: contract,
      valueWei: 3n,
      gasLimit: 200_000n,
      data: hexToBytes(`0x${target.slice(2).padStart(64, "0")}`),
    });
    const hash = await l1.sendRawTransaction(raw);
    await l1.mine();
    const until = await l1.numberOf("latest") + 1n;
    for (
      const { found, isComplete } of [
        await searchBefore(l1, target, { until, pageSize: 5 }),
        await searchAfter(l1, target, { from: 1n, pageSize: 5 }),
      ]
    ) {
      assertEquals(found.map(({ entry }) => entry.transaction.hash), [hash]);
      assertEquals(isComplete, true);
    }
    const { frames } = await framesOfTransaction(l1, hash);
    assertEquals(frames.map(({ start }) => [start.to, start.valueWei]), [
      [contract, 3n],
      [target, 3n],
    ]);
    assertEquals(await findBySenderAndNonce(l1, devAccount(0).address, 1n), hash);
    assertEquals(await findBySenderAndNonce(l1, devAccount(0).address, 2n), undefined);
  });
});
