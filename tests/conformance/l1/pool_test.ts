import { assert, assertEquals, assertRejects } from "@std/assert";
import { RollupError } from "../../../core/primitives/errors.ts";
import { decodeTransaction, encodeTransaction } from "../../../core/types/tx.ts";
import { decodeL1Transaction, MAX_L1_TX_BYTES } from "../../../devnet/l1/admission.ts";
import { L1_BLOCK_GAS_LIMIT } from "../../../devnet/l1/chain_block.ts";
import { importChain, requireBlock } from "./ethereumjs_oracle.ts";
import { devAccount, requireReceipt, signedBy, withL1 } from "./testing.ts";

const ALICE = devAccount(0);

Deno.test("sendRawTransaction() refuses with the code of each rule", async () => {
  await withL1({}, async (l1) => {
    await l1.sendRawTransaction(signedBy(ALICE, { nonce: 0n }));
    const cases: readonly (readonly [string, Uint8Array])[] = [
      ["POOL_NONCE_TOO_LOW", signedBy(ALICE, { nonce: 0n, valueWei: 2n })],
      ["POOL_INSUFFICIENT_FUNDS", signedBy(ALICE, { nonce: 1n, valueWei: 10n ** 24n })],
      ["POOL_INTRINSIC_GAS", signedBy(ALICE, { nonce: 1n, gasLimit: 20_999n })],
      ["POOL_GAS_LIMIT_EXCEEDED", signedBy(ALICE, { nonce: 1n, gasLimit: 16_777_217n })],
      [
        "POOL_FEE_TOO_LOW",
        signedBy(ALICE, {
          nonce: 1n,
          maxFeePerGasWei: 1n,
          maxPriorityFeePerGasWei: 1n,
        }),
      ],
      ["POOL_TIP_ABOVE_FEE", signedBy(ALICE, { nonce: 1n, maxPriorityFeePerGasWei: 10n ** 18n })],
      ["POOL_CHAIN_ID_MISMATCH", signedBy(ALICE, { nonce: 1n, chainId: 901n })],
      [
        "POOL_INIT_CODE_TOO_LARGE",
        signedBy(ALICE, {
          nonce: 1n,
          to: undefined,
          data: new Uint8Array(49_153),
          gasLimit: 16_000_000n,
        }),
      ],
      [
        "TX_OVERSIZED",
        signedBy(ALICE, {
          nonce: 1n,
          data: new Uint8Array(MAX_L1_TX_BYTES),
          gasLimit: 16_000_000n,
        }),
      ],
      ["TX_MALFORMED", new Uint8Array(0)],
      ["BLOB_SIDECAR_INVALID", Uint8Array.of(3, 0xc0)],
    ];
    for (const [code, raw] of cases) {
      const error = await assertRejects(() => l1.sendRawTransaction(raw), RollupError);
      assertEquals(error.code, code);
    }
    assertEquals(await l1.numberOf("latest"), 1n);
    assertEquals(await l1.pendingTransactions(), []);
  });
});

Deno.test("sendRawTransaction() refuses a signature with high s", async () => {
  await withL1({}, async (l1) => {
    const tx = decodeTransaction(signedBy(ALICE, { nonce: 0n }));
    const order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
    const flipped = encodeTransaction({ ...tx, s: order - tx.s, yParity: 1 - tx.yParity });
    const error = await assertRejects(() => l1.sendRawTransaction(flipped), RollupError);
    assertEquals(error.code, "TX_SIGNATURE_INVALID");
  });
});

Deno.test("sendRawTransaction() refuses what is known or mined already, as every node does", async () => {
  await withL1({ mining: "manual" }, async (l1) => {
    const raw = signedBy(ALICE, { nonce: 0n });
    const codeOfSending = async (): Promise<string> =>
      (await assertRejects(() => l1.sendRawTransaction(raw), RollupError)).code;
    await l1.sendRawTransaction(raw);
    assertEquals(await codeOfSending(), "POOL_ALREADY_KNOWN");
    assertEquals((await l1.pendingTransactions()).length, 1);
    await l1.mine();
    assertEquals(await codeOfSending(), "POOL_NONCE_TOO_LOW");
    assertEquals(await l1.pendingTransactions(), []);
    assertEquals(await l1.nonce(ALICE.address, 1n), 1n);
  });
});

Deno.test("sendRawTransaction() parks a nonce gap and mines both when it is filled", async () => {
  await withL1({}, async (l1) => {
    const second = await l1.sendRawTransaction(signedBy(ALICE, { nonce: 1n }));
    assertEquals(await l1.numberOf("latest"), 0n);
    assertEquals(await l1.receipt(second), undefined);
    assertEquals((await l1.transaction(second))?.position, undefined);
    assertEquals(await l1.pendingNonce(ALICE.address), 0n);
    const first = await l1.sendRawTransaction(signedBy(ALICE, { nonce: 0n }));
    assertEquals(await l1.numberOf("latest"), 1n);
    assertEquals((await requireReceipt(l1, first)).transaction.position?.index, 0);
    assertEquals((await requireReceipt(l1, second)).transaction.position?.index, 1);
    assertEquals(await l1.pendingNonce(ALICE.address), 2n);
  });
});

Deno.test("onPending() tells of a transaction when nothing before it is missing, as geth", async () => {
  await withL1({ mining: "manual" }, async (l1) => {
    const told: string[] = [];
    l1.onPending(({ hash }) => told.push(hash));
    const third = await l1.sendRawTransaction(signedBy(ALICE, { nonce: 2n }));
    const first = await l1.sendRawTransaction(signedBy(ALICE, { nonce: 0n }));
    assertEquals(told, [first]);
    const second = await l1.sendRawTransaction(signedBy(ALICE, { nonce: 1n }));
    assertEquals(told, [first, second, third]);
    const dearer = { nonce: 1n, maxFeePerGasWei: 10n ** 11n, maxPriorityFeePerGasWei: 10n ** 10n };
    const better = await l1.sendRawTransaction(signedBy(ALICE, dearer));
    assertEquals(told, [first, second, third, better]);
  });
});

Deno.test("sendRawTransaction() replaces at 10 % more and not below", async () => {
  await withL1({ mining: "manual" }, async (l1) => {
    const fees = (feeWei: bigint) => ({ maxFeePerGasWei: feeWei, maxPriorityFeePerGasWei: feeWei });
    const old = await l1.sendRawTransaction(signedBy(ALICE, { nonce: 0n, ...fees(10n ** 10n) }));
    const error = await assertRejects(
      () => l1.sendRawTransaction(signedBy(ALICE, { nonce: 0n, ...fees(109n * 10n ** 8n) })),
      RollupError,
    );
    assertEquals(error.code, "POOL_REPLACEMENT_UNDERPRICED");
    const replacement = await l1.sendRawTransaction(
      signedBy(ALICE, { nonce: 0n, ...fees(11n * 10n ** 9n) }),
    );
    await l1.mine();
    assertEquals(await l1.transaction(old), undefined);
    assertEquals((await requireReceipt(l1, replacement)).receipt.success, true);
  });
});

Deno.test("mine() takes what fits the block's gas and leaves the rest for the next", async () => {
  await withL1({ mining: "manual" }, async (l1) => {
    for (let index = 0; index < 3; index++) {
      await l1.sendRawTransaction(
        signedBy(devAccount(index), { nonce: 0n, gasLimit: 16_000_000n, data: new Uint8Array(1) }),
      );
    }
    // Unused gas is free again for those behind: the block counts what was used.
    await l1.mine();
    const block = await requireBlock(l1, 1n);
    assert(block.header.gasUsed < L1_BLOCK_GAS_LIMIT);
    assertEquals(block.transactions.length, 3);

    const burn = Uint8Array.of(0xfe); // INVALID burns everything
    for (let index = 0; index < 3; index++) {
      await l1.sendRawTransaction(signedBy(devAccount(index), {
        nonce: 1n,
        gasLimit: 16_000_000n,
        to: undefined,
        data: burn,
      }));
    }
    assertEquals((await requireBlock(l1, await l1.mine())).transactions.length, 1);
    assertEquals((await requireBlock(l1, await l1.mine())).transactions.length, 1);
    assertEquals((await requireBlock(l1, await l1.mine())).transactions.length, 1);
    assertEquals(await importChain(l1), 4n);
  });
});

Deno.test("automine ends when what waits needs more gas than a block has by now", async () => {
  await withL1({}, async (l1) => {
    // The gap keeps it waiting until blocks are too small for it.
    await l1.sendRawTransaction(signedBy(ALICE, { nonce: 1n, gasLimit: 1_000_000n }));
    await l1.controls.wish({ gasLimit: 100_000n });
    const first = await l1.sendRawTransaction(signedBy(ALICE, { nonce: 0n, gasLimit: 50_000n }));
    await requireReceipt(l1, first);
    assertEquals((await l1.pendingTransactions()).length, 1);
  });
});

Deno.test("mine() drops what the sender can pay no more", async () => {
  await withL1({ mining: "manual" }, async (l1) => {
    const almostAll = 9_999n * 10n ** 18n;
    await l1.sendRawTransaction(signedBy(ALICE, { nonce: 0n, valueWei: almostAll }));
    const broke = await l1.sendRawTransaction(signedBy(ALICE, { nonce: 1n, valueWei: almostAll }));
    await l1.mine();
    assertEquals(await l1.transaction(broke), undefined);
    assertEquals(await l1.pendingTransactions(), []);
    assertEquals(await l1.pendingNonce(ALICE.address), 1n);
  });
});

Deno.test("mine() orders by tip, each sender by nonce", async () => {
  await withL1({ mining: "manual" }, async (l1) => {
    const tip = (gwei: bigint) => ({ maxPriorityFeePerGasWei: gwei * 10n ** 9n });
    await l1.sendRawTransaction(signedBy(ALICE, { nonce: 0n, ...tip(1n) }));
    await l1.sendRawTransaction(signedBy(ALICE, { nonce: 1n, ...tip(5n) }));
    await l1.sendRawTransaction(signedBy(devAccount(1), { nonce: 0n, ...tip(3n) }));
    await l1.mine();
    const { transactions } = await requireBlock(l1, 1n);
    assertEquals(
      transactions.map(({ sender, tx }) => [sender, tx.nonce]),
      [[devAccount(1).address, 0n], [ALICE.address, 0n], [ALICE.address, 1n]],
    );
  });
});

Deno.test("sendRawTransaction() serves many senders at once, each with a receipt", async () => {
  await withL1({}, async (l1) => {
    const sent = await Promise.all(
      [0, 1, 2, 3, 4].flatMap((index) =>
        [0n, 1n, 2n].map((nonce) => l1.sendRawTransaction(signedBy(devAccount(index), { nonce })))
      ),
    );
    for (const hash of sent) assertEquals((await requireReceipt(l1, hash)).receipt.success, true);
    assertEquals(await importChain(l1), 15n);
  });
});

Deno.test("decodeL1Transaction() reads what is too large for the L2 as it was signed", () => {
  const data = new Uint8Array(120_000).fill(0xab);
  for (const type of [0, 1, 2] as const) {
    const fees = { maxFeePerGasWei: 2n, maxPriorityFeePerGasWei: type === 2 ? 1n : 2n };
    const raw = signedBy(ALICE, { nonce: 3n, type, data, gasLimit: 9n, ...fees });
    assertEquals(encodeTransaction(decodeL1Transaction(raw)), raw);
  }
});
