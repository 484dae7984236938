import { assertEquals, assertRejects } from "@std/assert";
import { createJsonRpcL1Client } from "../../../core/l1/backends/json_rpc.ts";
import { encodeSequenceBatches } from "../../../core/l1/calls.ts";
import { readRollupParameters, readRollupState } from "../../../core/l1/rollup_views.ts";
import { decodeSequenceBatches } from "../../../core/l1/sequence_calldata.ts";
import { signL1Transaction } from "../../../core/l1/transaction.ts";
import type { L1Client } from "../../../core/l1/l1_client.ts";
import { RollupError } from "../../../core/primitives/errors.ts";
import { address, hash32, hexToBytes } from "../../../core/primitives/hex.ts";
import { LIMITS } from "../../../core/primitives/limits.ts";
import { batchNumber } from "../../../core/primitives/units.ts";
import { DEVNET_ROLES } from "../../../devnet/accounts.ts";
import { deployContracts, type DeployParameters } from "../../../devnet/deploy.ts";
import { createdAddress } from "../../../core/types/tx.ts";
import type { EmbeddedL1 } from "../../../devnet/l1/embedded_l1.ts";
import { createDispatcher, createRpcMethods } from "../../../devnet/rpc/dispatch.ts";
import { bindSequence } from "../../simulation/l1_actions.ts";
import { importChain } from "./ethereumjs_oracle.ts";
import { GENESIS_SEC, openL1, requireReceipt, signedBy, withL1 } from "./testing.ts";

const PARAMETERS: DeployParameters = {
  admin: DEVNET_ROLES.deployer.address,
  chainId: 901n,
  genesisStateRoot: hash32(`0x${"00000001".repeat(8)}`),
  genesisLeafCount: 25n,
  programHash: hash32(`0x${"ab".repeat(32)}`),
  trustedSequencer: DEVNET_ROLES.sequencer.address,
  trustedAggregator: DEVNET_ROLES.aggregator.address,
  trustedAggregatorTimeoutSec: 3_600n,
  forceBatchTimeoutSec: 7_200n,
};

function clientOf(l1: EmbeddedL1): L1Client {
  const { request } = createDispatcher(createRpcMethods({ chain: l1 }));
  return createJsonRpcL1Client({ request });
}

Deno.test("deployContracts() puts verifier and rollup at the addresses of nonces 0 and 1", async () => {
  await withL1({}, async (l1) => {
    const client = clientOf(l1);
    const deployed = await deployContracts(client, PARAMETERS);
    const deployer = DEVNET_ROLES.deployer.address;
    assertEquals(deployed, {
      verifier: createdAddress(deployer, 0n),
      rollup: createdAddress(deployer, 1n),
      deployedAtL1Block: 2n,
    });
    assertEquals(await readRollupParameters(client, deployed.rollup), {
      ...PARAMETERS,
      verifier: deployed.verifier,
    });
    assertEquals(await importChain(l1), 2n);
  });
});

Deno.test("deployContracts() finds what it deployed before, after a restart too", async () => {
  using kv = await Deno.openKv(":memory:");
  let first;
  {
    await using l1 = await openL1(kv);
    first = await deployContracts(clientOf(l1), PARAMETERS);
    assertEquals(await deployContracts(clientOf(l1), PARAMETERS), first);
  }
  await using l1 = await openL1(kv);
  assertEquals(await deployContracts(clientOf(l1), PARAMETERS), first);
  assertEquals(await l1.numberOf("latest"), 2n);
});

Deno.test("deployContracts() goes on where a crash stopped it", async () => {
  await withL1({}, async (l1) => {
    const client = clientOf(l1);
    let sends = 0;
    const dying: L1Client = {
      ...client,
      sendRawTransaction: (raw) => {
        if (++sends > 1) return Promise.reject(new Error("died"));
        return client.sendRawTransaction(raw);
      },
    };
    await assertRejects(() => deployContracts(dying, PARAMETERS), Error, "died");
    assertEquals((await deployContracts(client, PARAMETERS)).deployedAtL1Block, 2n);
  });
});

Deno.test("deployContracts() refuses contracts of another genesis and names the field", async () => {
  await withL1({}, async (l1) => {
    const client = clientOf(l1);
    await deployContracts(client, PARAMETERS);
    const cases: readonly (readonly [keyof DeployParameters, Partial<DeployParameters>])[] = [
      ["genesisStateRoot", { genesisStateRoot: hash32(`0x${"00000002".repeat(8)}`) }],
      ["programHash", { programHash: hash32(`0x${"cd".repeat(32)}`) }],
      ["chainId", { chainId: 902n }],
      ["genesisLeafCount", { genesisLeafCount: 26n }],
    ];
    for (const [field, change] of cases) {
      const error = await assertRejects(
        () => deployContracts(client, { ...PARAMETERS, ...change }),
        RollupError,
      );
      assertEquals(error.code, "GENESIS_MISMATCH");
      assertEquals(error.details["differing"], [field]);
    }
  });
});

Deno.test("deployContracts() accepts contracts that were deployed with other fees", async () => {
  await withL1({}, async (l1) => {
    const client = clientOf(l1);
    const { deployer } = DEVNET_ROLES;
    // The same bytes as above, sent by hand.
    await withL1({}, async (other) => {
      const deployed = await deployContracts(clientOf(other), PARAMETERS);
      for (let number = 1n; number <= 2n; number++) {
        const block = await other.block(number);
        const tx = block?.transactions[0]?.tx;
        const raw = signedBy(deployer, {
          nonce: number - 1n,
          to: undefined,
          valueWei: 0n,
          gasLimit: 7_000_000n,
          ...(tx === undefined ? {} : { data: tx.data }),
        });
        const { receipt } = await requireReceipt(l1, await l1.sendRawTransaction(raw));
        assertEquals(receipt.success, true);
      }
      assertEquals(await deployContracts(client, PARAMETERS), {
        ...deployed,
        deployedAtL1Block: 0n,
      });
    });
  });
});

Deno.test("deployContracts() says what to do when the L1 makes no block, or refuses", async () => {
  await withL1({ mining: "manual" }, async (l1) => {
    const client = clientOf(l1);
    const pending = await assertRejects(() => deployContracts(client, PARAMETERS), RollupError);
    assertEquals(pending.code, "DEPLOYMENT_PENDING");
    await l1.mine();
    await assertRejects(() => deployContracts(client, PARAMETERS), RollupError);
    await l1.mine();
    assertEquals((await deployContracts(client, PARAMETERS)).deployedAtL1Block, 2n);
  });
  await withL1({}, async (l1) => {
    const tooLong = { ...PARAMETERS, trustedAggregatorTimeoutSec: 10n ** 9n };
    const failed = await assertRejects(() => deployContracts(clientOf(l1), tooLong), RollupError);
    assertEquals(failed.code, "DEPLOYMENT_FAILED");
  });
});

Deno.test("createdAddress() gives the addresses that Ethereum gives", () => {
  // The first contracts of the first dev account, which every tool prints.
  const alice = address("0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266");
  assertEquals(createdAddress(alice, 0n), "0x5fbdb2315678afecb367f032d93f642f64180aa3");
  assertEquals(createdAddress(alice, 1n), "0xe7f1725e7734ce288f8367e1bb143e90bb3f0512");
});

Deno.test("sendRawTransaction() takes a sequence with the largest batch that the rollup accepts", async () => {
  await withL1({}, async (l1) => {
    const client = clientOf(l1);
    const { rollup } = await deployContracts(client, PARAMETERS);
    const { sequencer } = DEVNET_ROLES;
    const call = await bindSequence({ client, rollup }, {
      batches: [{
        transactions: new Uint8Array(LIMITS.maxBatchDataBytes).fill(0xff),
        timestampSec: GENESIS_SEC,
        operationCount: 0n,
      }],
      initSequencedBatch: batchNumber(0n),
      l2Coinbase: sequencer.address,
    });
    const data = encodeSequenceBatches(call);
    const gasLimit = await client.estimateGas({ from: sequencer.address, to: rollup, data });
    const { raw, hash } = signL1Transaction({
      chainId: await client.chainId(),
      nonce: await client.nonce(sequencer.address, "pending"),
      to: rollup,
      data: hexToBytes(data),
      valueWei: 0n,
      gasLimit,
      maxFeePerGasWei: 10n ** 10n,
      maxPriorityFeePerGasWei: 0n,
    }, sequencer.privateKey);
    assertEquals(await client.sendRawTransaction(raw), hash);
    assertEquals((await client.receipt(hash))?.success, true);
    assertEquals(decodeSequenceBatches((await client.transaction(hash))?.input ?? "0x"), call);
    assertEquals((await readRollupState(client, rollup)).lastBatchSequenced, 1n);
    assertEquals(await importChain(l1), 3n);
  });
});
