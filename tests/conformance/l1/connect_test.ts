/** Connecting to an L1 that is somebody else's: each thing that may be wrong about it is named. */
import { assertEquals, assertRejects, assertStringIncludes, assertThrows } from "@std/assert";
import type { GenesisFacts } from "../../../core/engine/genesis_facts.ts";
import { createJsonRpcL1Client } from "../../../core/l1/backends/json_rpc.ts";
import type { L1Client } from "../../../core/l1/l1_client.ts";
import { type Role, ROLES } from "../../../core/pipeline/node.ts";
import { RollupError } from "../../../core/primitives/errors.ts";
import { hash32 } from "../../../core/primitives/hex.ts";
import { createVirtualClock } from "../../../core/primitives/ports.ts";
import { GENESIS_TIMESTAMP_SEC } from "../../../devnet/chain_config.ts";
import { deployRollup } from "../../../devnet/deploy_rollup.ts";
import type { Deployment } from "../../../devnet/deployment.ts";
import { connectL1Node, type ConnectL1NodeOptions } from "../../../devnet/l1_connection.ts";
import { checkL1Record, keepL1Record, readL1Record } from "../../../devnet/l1_record.ts";
import { createDispatcher, createRpcMethods } from "../../../devnet/rpc/dispatch.ts";
import { devAccount, withL1 } from "./testing.ts";

const ALL = new Set<Role>(ROLES);
const OTHER_HASH = hash32(`0x${"ab".repeat(32)}`);

interface Deployed {
  readonly deployment: Deployment;
  connect(change?: Partial<ConnectL1NodeOptions>): ReturnType<typeof connectL1Node>;
  readonly genesis: GenesisFacts;
  readonly client: L1Client;
}

async function withDeployed(test: (deployed: Deployed) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await withL1({ clock: createVirtualClock(GENESIS_TIMESTAMP_SEC) }, async (l1) => {
      await l1.mine();
      const { request } = createDispatcher(createRpcMethods({ chain: l1 }));
      const client = createJsonRpcL1Client({ request });
      const { deployment } = await deployRollup({
        client,
        deployer: devAccount(3),
        file: `${folder}/deployment.json`,
        settings: { aggregator: devAccount(4).address },
        signal: new AbortController().signal,
        timeoutMs: 60_000,
        progress: () => {},
      });
      const genesis: GenesisFacts = {
        chainId: deployment.l2ChainId,
        stateRoot: deployment.genesisStateRoot,
        leafCount: deployment.genesisLeafCount,
        programHash: deployment.programHash,
      };
      const options = { client, deployment, genesis, key: devAccount(3), roles: ALL };
      await test({
        deployment,
        genesis,
        client,
        connect: (change = {}) => connectL1Node({ ...options, ...change }),
      });
    });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("connectL1Node() signs with the key, and says whom the contract trusts", async () => {
  await withDeployed(async ({ deployment, connect }) => {
    const { sequencer, aggregator, rollup, trustedSequencer, trustedAggregator } = await connect();
    assertEquals([sequencer, aggregator], [devAccount(3), devAccount(3)]);
    assertEquals([rollup, trustedSequencer, trustedAggregator], [
      deployment.rollup,
      devAccount(3).address,
      devAccount(4).address,
    ]);
  });
});

Deno.test("connectL1Node() without a key names the trusted accounts and cannot sign", async () => {
  await withDeployed(async ({ connect }) => {
    const { sequencer, aggregator } = await connect({ key: undefined });
    assertEquals([sequencer.address, aggregator.address], [
      devAccount(3).address,
      devAccount(4).address,
    ]);
    assertEquals([sequencer.privateKey.length, aggregator.privateKey.length], [0, 0]);
  });
});

Deno.test("connectL1Node() refuses another chain, an empty address, another genesis or program", async () => {
  await withDeployed(async ({ client, deployment, genesis, connect }) => {
    const cases: readonly (readonly [string, Partial<ConnectL1NodeOptions>])[] = [
      ["L1_CHAIN_MISMATCH", { client: { ...client, chainId: () => Promise.resolve(1n) } }],
      [
        "L1_ROLLUP_MISSING",
        { deployment: { ...deployment, rollup: devAccount(7).address } },
      ],
      // A contract, but no rollup.
      ["L1_ROLLUP_MISSING", { deployment: { ...deployment, rollup: deployment.verifier } }],
      ["GENESIS_MISMATCH", { genesis: { ...genesis, stateRoot: OTHER_HASH } }],
      ["GENESIS_MISMATCH", { genesis: { ...genesis, leafCount: 17n } }],
      ["GENESIS_MISMATCH", { genesis: { ...genesis, programHash: OTHER_HASH } }],
      ["GENESIS_MISMATCH", { genesis: { ...genesis, chainId: 902n } }],
    ];
    for (const [code, change] of cases) {
      const error = await assertRejects(() => connect(change), RollupError);
      assertEquals(error.code, code, error.message);
    }
  });
});

Deno.test("connectL1Node() refuses to sequence with another key, and lets it do all else", async () => {
  await withDeployed(async ({ connect }) => {
    const error = await assertRejects(() => connect({ key: devAccount(5) }), RollupError);
    assertEquals(error.code, "L1_KEY_NOT_SEQUENCER");
    assertStringIncludes(error.message, devAccount(3).address);
    assertStringIncludes(error.message, devAccount(5).address);
    const roles = new Set<Role>(["prover", "submitter", "synchronizer"]);
    const connection = await connect({ key: devAccount(5), roles });
    assertEquals(connection.aggregator, devAccount(5));
  });
});

Deno.test("checkL1Record() keeps a folder to the L1 that it began with", async () => {
  const folder = await Deno.makeTempDir();
  const external = {
    kind: "external",
    l1ChainId: 31_337n,
    rollup: devAccount(1).address,
  } as const;
  const refusals = [
    { kind: "embedded" },
    { ...external, l1ChainId: 31_338n },
    { ...external, rollup: devAccount(2).address },
  ] as const;
  try {
    for (const record of [external, { kind: "embedded" }] as const) {
      assertEquals(readL1Record(folder), undefined);
      checkL1Record(folder, record);
      keepL1Record(folder, record);
      checkL1Record(folder, record);
      assertEquals(readL1Record(folder), record);
      for (const other of refusals) {
        if (other.kind === record.kind && record.kind === "embedded") continue;
        const error = assertThrows(() => checkL1Record(folder, other), RollupError);
        assertEquals(error.code, "L1_MISMATCH");
      }
      await Deno.remove(`${folder}/l1.json`);
    }
    for (const text of ["", "{}", '{"kind":"external","l1ChainId":1,"rollup":"0x"}', "null"]) {
      await Deno.writeTextFile(`${folder}/l1.json`, text);
      const error = assertThrows(() => checkL1Record(folder, external), RollupError);
      assertEquals(error.code, "DATA_FOLDER_UNUSABLE", text);
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
