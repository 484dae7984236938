/**
 * Dumps of the L1 and loading them, on a real devnet: what a load brings, and that the rollup goes on.
 * @module
 */
import { assertEquals, assertNotEquals } from "@std/assert";
import { createdAddress } from "../../../core/types/tx.ts";
import { DEVNET_ROLES } from "../../../devnet/accounts.ts";
import { field } from "../../../devnet/rpc/testing/method_cases.ts";
import { ALICE, balanceOf, NOBODY, refusalOf, seal, send, withDevnet } from "./dev_steps.ts";
import { type OpenDevnet, openDevnet, type Port } from "./open_devnet.ts";

Deno.test("anvil_dumpState gives the same bytes for the same chain, and loads elsewhere", async () => {
  const live = async (): Promise<unknown> => {
    let dump: unknown;
    await withDevnet({ mode: "manual" }, async ({ l1 }) => {
      await send(l1, NOBODY, "0x5");
      await l1("anvil_setStorageAt", [NOBODY, "0x1", `0x${"07".repeat(32)}`]);
      await l1("evm_mine");
      dump = await l1("anvil_dumpState");
      assertEquals(await l1("hardhat_dumpState"), dump);
    });
    return dump;
  };
  const dump = await live();
  assertEquals(await live(), dump);
  await withDevnet({ mode: "manual" }, async ({ l1 }) => {
    assertEquals(await l1("anvil_loadState", [dump]), true);
    assertEquals(await balanceOf(l1, NOBODY), 5n);
    const word = await l1("eth_getStorageAt", [NOBODY, "0x1", "latest"]);
    assertEquals(word, `0x${"07".repeat(32)}`);
    const text = new TextEncoder().encode('{"accounts":[]}').toHex();
    const packed = await gzip(new Uint8Array(20_000_000));
    for (const malformed of ["0x00", `0x${text}`, `0x${packed.toHex()}`]) {
      const error = await refusalOf(l1("anvil_loadState", [malformed]));
      assertEquals([error.code, error.message], [-32602, "Failed to decode state dump"]);
    }
  });
});

Deno.test("anvil_loadState takes what anvil has dumped", async () => {
  const dump = {
    block: { number: "0x2", timestamp: "0x6b01b111", gas_limit: 30000000, basefee: 875175000 },
    accounts: {
      [NOBODY]: {
        nonce: 3,
        balance: "0x5",
        code: "0x6001",
        storage: { [`0x${"01".padStart(64, "0")}`]: `0x${"07".padStart(64, "0")}` },
      },
    },
    best_block_number: 2,
    blocks: [],
    transactions: [],
    historical_states: null,
  };
  const packed = await gzip(new TextEncoder().encode(JSON.stringify(dump)));
  await withDevnet({ mode: "manual" }, async ({ l1 }) => {
    assertEquals(await l1("hardhat_loadState", [`0x${packed.toHex()}`]), true);
    assertEquals(await balanceOf(l1, NOBODY), 5n);
    assertEquals(await l1("eth_getTransactionCount", [NOBODY, "latest"]), "0x3");
    assertEquals(await l1("eth_getCode", [NOBODY, "latest"]), "0x6001");
    const word = await l1("eth_getStorageAt", [NOBODY, "0x1", "latest"]);
    assertEquals(word, `0x${"07".padStart(64, "0")}`);
  });
});

Deno.test("anvil_loadState takes the devnet's own dump, and the rollup goes on", async () => {
  let older: unknown;
  await withDevnet({ mode: "manual" }, async (open) => {
    const { l1 } = open;
    await finalizeTransfer(open);
    await send(l1, NOBODY, "0x5");
    const dump = await l1("anvil_dumpState");
    const then = await stateOf(l1, ALICE);
    await finalizeTransfer(open);
    await send(l1, NOBODY, "0x7");
    assertEquals(await l1("anvil_loadState", [dump]), true);
    assertEquals([await balanceOf(l1, NOBODY), await stateOf(l1, ALICE)], [5n, then]);
    await finalizeTransfer(open);
    // Now one that is ahead of the chain.
    older = await l1("anvil_dumpState");
    await l1("anvil_reset");
    assertEquals(await balanceOf(l1, NOBODY), 0n);
    assertEquals(await l1("anvil_loadState", [older]), true);
    assertEquals(await balanceOf(l1, NOBODY), 5n);
    await finalizeTransfer(open);
  });
  await withDevnet({ mode: "manual" }, async (open, dataDir) => {
    assertEquals(await open.l1("anvil_loadState", [older]), true);
    assertEquals(await balanceOf(open.l1, NOBODY), 5n);
    await finalizeTransfer(open);
    await open.devnet.shutdown();
    await using again = await openDevnet(dataDir, { mode: "manual" });
    assertEquals(await balanceOf(again.l1, NOBODY), 5n);
    await finalizeTransfer(again);
  });
});

Deno.test("anvil_loadState leaves the rollup's contracts and the node's accounts as they are", async () => {
  const { deployer, sequencer, aggregator } = DEVNET_ROLES;
  const kept = [
    createdAddress(deployer.address, 0n),
    createdAddress(deployer.address, 1n),
    deployer.address,
    sequencer.address,
    aggregator.address,
  ];
  const other = { nonce: 77, balance: "0x0", code: "0x", storage: {} };
  const accounts = Object.fromEntries([...kept, NOBODY].map((account) => [account, other]));
  const dump = new TextEncoder().encode(JSON.stringify({ accounts })).toHex();
  await withDevnet({ mode: "manual" }, async (open) => {
    const { l1 } = open;
    await finalizeTransfer(open);
    const look = () => Promise.all(kept.map((account) => stateOf(l1, account)));
    const before = await look();
    assertEquals(await l1("anvil_loadState", [`0x${dump}`]), true);
    assertEquals(await look(), before);
    assertEquals(await l1("eth_getTransactionCount", [NOBODY, "latest"]), "0x4d");
    await finalizeTransfer(open);
    assertNotEquals(await look(), before);
  });
});

async function stateOf(l1: Port, account: string): Promise<unknown> {
  const slots = ["0x0", "0x1", "0x2", "0x3"];
  return await Promise.all([
    l1("eth_getAccountInfo", [account, "latest"]),
    ...slots.map((slot) => l1("eth_getStorageAt", [account, slot, "latest"])),
  ]);
}

/** A transaction of the L2 until its batch is verified on L1; what L1 refuses is thrown. */
async function finalizeTransfer({ l2 }: OpenDevnet): Promise<void> {
  await send(l2, NOBODY);
  await l2("evm_mine");
  await seal(l2);
  for (const verb of ["submit", "prove", "submit", "sync"]) await l2(`varve_${verb}`);
  const numberAt = async (tag: string) =>
    field(await l2("eth_getBlockByNumber", [tag, false]), "number");
  assertEquals(await numberAt("finalized"), await numberAt("latest"));
}

async function gzip(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  return await new Response(
    new Blob([bytes]).stream().pipeThrough(new CompressionStream("gzip")),
  ).bytes();
}
