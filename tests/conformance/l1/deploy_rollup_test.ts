/** Deploying on an L1 that is somebody else's: what survives, what is refused, what is on disk. */
import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { createJsonRpcL1Client } from "../../../core/l1/backends/json_rpc.ts";
import { readRollupParameters } from "../../../core/l1/rollup_views.ts";
import type { L1Client } from "../../../core/l1/l1_client.ts";
import type { L1Account } from "../../../core/pipeline/node.ts";
import { privateKeyToAddress } from "../../../core/crypto/secp256k1.ts";
import { assert, RollupError } from "../../../core/primitives/errors.ts";
import { createVirtualClock } from "../../../core/primitives/ports.ts";
import { GENESIS_TIMESTAMP_SEC } from "../../../devnet/chain_config.ts";
import {
  type DeployOutcome,
  deployRollup,
  type DeployRollupOptions,
} from "../../../devnet/deploy_rollup.ts";
import { readDeploymentFile } from "../../../devnet/deployment.ts";
import type { EmbeddedL1 } from "../../../devnet/l1/embedded_l1.ts";
import { createDispatcher, createRpcMethods } from "../../../devnet/rpc/dispatch.ts";
import { CHAIN_ID, devAccount, signedBy, withL1 } from "./testing.ts";

interface Place {
  readonly l1: EmbeddedL1;
  readonly client: L1Client;
  readonly file: string;
  readonly told: string[];
  deploy(change?: Partial<DeployRollupOptions>): Promise<DeployOutcome>;
}

/** An L1 whose time is after genesis, and a file that is not there yet. */
async function withPlace(test: (place: Place) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  const clock = createVirtualClock(GENESIS_TIMESTAMP_SEC);
  try {
    await withL1({ clock }, async (l1) => {
      await l1.mine();
      const client = clientOf(l1);
      const file = `${folder}/in/deployment.json`;
      const told: string[] = [];
      await test({
        l1,
        client,
        file,
        told,
        deploy: (change = {}) =>
          deployRollup({
            client,
            deployer: devAccount(3),
            file,
            settings: {},
            signal: new AbortController().signal,
            timeoutMs: 60_000,
            progress: (text) => void told.push(text),
            ...change,
          }),
      });
    });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

function clientOf(l1: EmbeddedL1): L1Client {
  const { request } = createDispatcher(createRpcMethods({ chain: l1 }));
  return createJsonRpcL1Client({ request });
}

async function codeOf(act: () => Promise<unknown>): Promise<string> {
  return (await assertRejects(act, RollupError)).code;
}

Deno.test("deployRollup() deploys, writes the file, and does nothing when done again", async () => {
  await withPlace(async ({ l1, client, file, deploy }) => {
    const { deployment, isRepeated } = await deploy();
    assertEquals(isRepeated, false);
    assertEquals(readDeploymentFile(file), { kind: "deployed", deployment });
    const { address } = devAccount(3);
    assertEquals(await readRollupParameters(client, deployment.rollup), {
      admin: address,
      trustedSequencer: address,
      trustedAggregator: address,
      trustedAggregatorTimeoutSec: 604_799n,
      forceBatchTimeoutSec: 432_000n,
      chainId: deployment.l2ChainId,
      genesisStateRoot: deployment.genesisStateRoot,
      genesisLeafCount: deployment.genesisLeafCount,
      programHash: deployment.programHash,
      verifier: deployment.verifier,
    });
    assertEquals(deployment.deployedAtL1Block, await l1.numberOf("latest"));
    const before = await l1.numberOf("latest");
    assertEquals(await deploy(), { deployment, isRepeated: true });
    assertEquals(await l1.numberOf("latest"), before);
  });
});

Deno.test("deployRollup() takes every setting into the contract", async () => {
  await withPlace(async ({ client, deploy }) => {
    const settings = {
      admin: devAccount(4).address,
      sequencer: devAccount(5).address,
      aggregator: devAccount(6).address,
      aggregatorTimeoutSec: 60n,
      forceTimeoutSec: 120n,
      gasPerPubdata: 0n,
    };
    const { deployment } = await deploy({ settings });
    const found = await readRollupParameters(client, deployment.rollup);
    assertEquals([found.admin, found.trustedSequencer, found.trustedAggregator], [
      settings.admin,
      settings.sequencer,
      settings.aggregator,
    ]);
    assertEquals([found.trustedAggregatorTimeoutSec, found.forceBatchTimeoutSec], [60n, 120n]);
    assertEquals([deployment.gasPerPubdata, deployment.coinbase], [0n, settings.sequencer]);
    assertEquals(
      await codeOf(() => deploy({ settings: { gasPerPubdata: 1n } })),
      "DEPLOYMENT_DIFFERS",
    );
    assertEquals((await deploy({ settings: { gasPerPubdata: 0n } })).isRepeated, true);
  });
});

Deno.test("deployRollup() goes on after a crash at any question to L1, and deploys each contract once", async () => {
  for (let lives = 0;; lives++) {
    let isWhole = false;
    await withPlace(async ({ l1, client, file, deploy }) => {
      let left = lives;
      const dying = mapMethods(client, async (ask) => {
        // The question is answered or not: a crash may come on either side of what was sent.
        if (left-- > 0) return await ask();
        if (lives % 2 === 0) await ask();
        throw new Error("died");
      });
      isWhole = await deploy({ client: dying }).then(() => true, () => false);
      const { deployment } = await deploy();
      assertEquals(readDeploymentFile(file), { kind: "deployed", deployment });
      assertEquals(await client.nonce(devAccount(3).address, "latest"), 2n);
      assertEquals(await l1.numberOf("latest"), 3n);
    });
    if (isWhole) break;
    assert(lives < 100, "a deployment has a bounded number of questions");
  }
});

Deno.test("deployRollup() ends its waiting, and goes on once L1 has made its blocks", async () => {
  await withPlace(async ({ l1, file, deploy }) => {
    await l1.setAutomine(false);
    assertEquals(await codeOf(() => deploy({ timeoutMs: 0 })), "DEPLOYMENT_PENDING");
    assertEquals(readDeploymentFile(file)?.kind, "unfinished");
    const aborted = AbortSignal.abort();
    assertEquals(await codeOf(() => deploy({ signal: aborted })), "DEPLOYMENT_PENDING");
    await l1.mine();
    await l1.setAutomine(true);
    const { deployment } = await deploy();
    assertEquals(readDeploymentFile(file), { kind: "deployed", deployment });
  });
});

Deno.test("deployRollup() raises the fee of what waits, under the same nonce", async () => {
  await withPlace(async ({ l1, client, file, told, deploy }) => {
    await l1.setAutomine(false);
    assertEquals(
      await codeOf(() => deploy({ timeoutMs: 400, bumpAfterMs: 0 })),
      "DEPLOYMENT_PENDING",
    );
    const found = readDeploymentFile(file);
    assert(found?.kind === "unfinished", "it waits");
    assertEquals(found.journal.entries.length, 1);
    assert((found.journal.entries[0]?.attempts.length ?? 0) > 1, "the fee was raised");
    assertStringIncludes(told.join("\n"), "Raising the fee of the verifier");
    await l1.mine();
    await l1.setAutomine(true);
    await deploy();
    assertEquals(await client.nonce(devAccount(3).address, "latest"), 2n);
  });
});

Deno.test("deployRollup() signs anew when another transaction took the nonce", async () => {
  await withPlace(async ({ l1, client, told, deploy }) => {
    const deaf = { ...client, sendRawTransaction: () => Promise.reject(new Error("died")) };
    await assertRejects(() => deploy({ client: deaf }), Error, "died");
    await l1.sendRawTransaction(signedBy(devAccount(3), { nonce: 0n }));
    const { deployment } = await deploy();
    assertStringIncludes(told.join("\n"), "Another transaction took L1 nonce 0");
    assertEquals((await readRollupParameters(client, deployment.rollup)).chainId, 901n);
  });
});

Deno.test("deployRollup() refuses to go on with another key or other arguments", async () => {
  await withPlace(async ({ client, deploy }) => {
    let sends = 0;
    const dying: L1Client = {
      ...client,
      sendRawTransaction: (raw) =>
        ++sends > 1 ? Promise.reject(new Error("died")) : client.sendRawTransaction(raw),
    };
    await assertRejects(() => deploy({ client: dying }), Error, "died");
    assertEquals(await codeOf(() => deploy({ deployer: devAccount(4) })), "DEPLOYMENT_DIFFERS");
    const settings = { admin: devAccount(4).address };
    assertEquals(await codeOf(() => deploy({ settings })), "DEPLOYMENT_DIFFERS");
    assertEquals((await deploy()).isRepeated, false);
  });
});

Deno.test("deployRollup() refuses a file of another chain, before and after it is finished", async () => {
  await withPlace(async ({ client, deploy }) => {
    const elsewhere = { ...client, chainId: () => Promise.resolve(CHAIN_ID + 1n) };
    const deaf = { ...client, sendRawTransaction: () => Promise.reject(new Error("died")) };
    await assertRejects(() => deploy({ client: deaf }), Error, "died");
    assertEquals(await codeOf(() => deploy({ client: elsewhere })), "L1_CHAIN_MISMATCH");
    await deploy();
    assertEquals(await codeOf(() => deploy({ client: elsewhere })), "L1_CHAIN_MISMATCH");
  });
});

Deno.test("deployRollup() says that the contract is gone when L1 starts anew", async () => {
  await withPlace(async ({ deploy }) => {
    await deploy();
    await withL1({ clock: createVirtualClock(GENESIS_TIMESTAMP_SEC) }, async (fresh) => {
      assertEquals(await codeOf(() => deploy({ client: clientOf(fresh) })), "DEPLOYMENT_GONE");
    });
  });
});

Deno.test("deployRollup() refuses without funds, above the cap, and what the contract refuses", async () => {
  await withPlace(async ({ client, file, deploy }) => {
    const privateKey = new Uint8Array(32).fill(7);
    const poor: L1Account = { privateKey, address: privateKeyToAddress(privateKey) };
    const error = await assertRejects(() => deploy({ deployer: poor }), RollupError);
    assertEquals([error.code, error.details.address], ["L1_INSUFFICIENT_FUNDS", poor.address]);
    assertStringIncludes(error.mend, poor.address);
    const cheap = { settings: { maxFeePerGasWei: 1n } };
    assertEquals(await codeOf(() => deploy(cheap)), "L1_FEE_ABOVE_CAP");
    // Nothing was signed so far.
    assertEquals(readDeploymentFile(file), undefined);
    const slow = { settings: { aggregatorTimeoutSec: 10n ** 9n } };
    assertEquals(await codeOf(() => deploy(slow)), "DEPLOYMENT_FAILED");
    const { baseFeePerGasWei } = await client.fees();
    const settings = { maxFeePerGasWei: baseFeePerGasWei + 1n };
    assertEquals((await deploy({ settings })).isRepeated, false);
  });
});

Deno.test("deployRollup() waits for an L1 that has reached genesis", async () => {
  await withPlace(async ({ deploy }) => {
    await withL1({}, async (old) => {
      assertEquals(await codeOf(() => deploy({ client: clientOf(old) })), "L1_TIME_BEFORE_GENESIS");
    });
  });
});

/** Each method of `client` through `around`. */
function mapMethods(
  client: L1Client,
  around: <Result>(ask: () => Promise<Result>) => Promise<Result>,
): L1Client {
  return {
    chainId: () => around(() => client.chainId()),
    block: (at) => around(() => client.block(at)),
    logs: (filter) => around(() => client.logs(filter)),
    transaction: (hash) => around(() => client.transaction(hash)),
    receipt: (hash) => around(() => client.receipt(hash)),
    nonce: (account, tag) => around(() => client.nonce(account, tag)),
    balance: (account) => around(() => client.balance(account)),
    call: (call) => around(() => client.call(call)),
    estimateGas: (call) => around(() => client.estimateGas(call)),
    fees: () => around(() => client.fees()),
    sendRawTransaction: (raw) => around(() => client.sendRawTransaction(raw)),
  };
}
