/**
 * The read methods of the ZK Stack and of Polygon zkEVM, as their clients call them.
 *
 * Owns what viem's `zksync` actions make of the answers, that proofs of the state tree hold, and
 * that both families tell of the same batches. Does not own the batches.
 * @module
 */
import { assertEquals } from "@std/assert";
import { createPublicClient, createWalletClient, defineChain, http, parseEther } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import { chainConfig, publicActionsL2 } from "viem/zksync";
import { assert } from "../../core/primitives/errors.ts";
import {
  address as toAddress,
  bytesToHash32,
  hexToBytes,
  ZERO_HASH,
} from "../../core/primitives/hex.ts";
import {
  createPoseidon2TreeHash,
  type LeafProof,
  type TreeProof,
  verifyProof,
} from "../../core/tree/mod.ts";
import { balanceSlot, flatKey } from "../../core/types/state.ts";
import { openRpcFiles } from "../tools/update_openrpc.ts";
import {
  ACCOUNT_1,
  type DevnetProcess,
  KEY_0,
  rpc,
  startDevnetProcess,
  temporaryFolder,
  waitFor,
} from "./testing.ts";

const NOBODY = `0x${"de".repeat(20)}` as const;

Deno.test("viem/zksync and zkEVM methods tell of a batch on its way to L1", async (t) => {
  await using folder = await temporaryFolder();
  await using devnet = await startDevnetProcess(folder.path);
  const chain = defineChain({
    ...chainConfig,
    id: 901,
    name: "varve L2",
    nativeCurrency: { name: "Ether", symbol: "ETH", decimals: 18 },
    rpcUrls: { default: { http: [devnet.l2Url] } },
  });
  const client = createPublicClient({ chain, transport: http() }).extend(publicActionsL2());
  const account = privateKeyToAccount(KEY_0);
  const wallet = createWalletClient({
    account,
    chain: { ...chain, serializers: undefined },
    transport: http(),
  });
  const hash = await wallet.sendTransaction({ to: ACCOUNT_1, value: parseEther("1") });
  await waitFor(() => rpc(devnet.l2Url, "zkevm_verifiedBatchNumber"), (at) => at === "0x1");

  await t.step("what the chain is", async () => {
    assertEquals(BigInt(await client.getL1ChainId()), 900n);
    assertEquals(BigInt(await client.getL1BatchNumber()), 1n);
    const rollup = Object(devnet.facts["contracts"]).Rollup;
    assertEquals(await client.getMainContractAddress(), String(rollup).toLowerCase());
    assertEquals(BigInt(await client.getBaseTokenL1Address()), 1n);
    assertEquals(await client.getTestnetPaymasterAddress(), null);
    assertEquals(await client.getBridgehubContractAddress(), null);
    assert(BigInt(await client.getGasPerPubdata()) > 0n, "pubdata costs gas");
  });

  await t.step("batches, blocks and transactions in detail", async () => {
    assertEquals((await client.getL1BatchBlockRange({ l1BatchNumber: 1 })).map(Number), [1, 1]);
    const batch = await client.getL1BatchDetails({ number: 1 });
    assertEquals([batch.status, batch.l1TxCount, batch.l2TxCount], ["verified", 0, 1]);
    const commit = await rpc(devnet.l1Url, "eth_getTransactionReceipt", batch.commitTxHash);
    assertEquals(Object(commit).status, "0x1");
    const execute = await rpc(devnet.l1Url, "eth_getTransactionReceipt", batch.executeTxHash);
    assertEquals(Object(execute).status, "0x1");
    assert(!Number.isNaN(Date.parse(String(batch.executedAt))), "times are ISO 8601");
    const block = await client.getBlockDetails({ number: 1 });
    assertEquals([block.l1BatchNumber, block.commitTxHash], [1, batch.commitTxHash]);
    const details = await client.getTransactionDetails({ txHash: hash });
    assertEquals([details.status, details.ethExecuteTxHash], ["verified", batch.executeTxHash]);
    const [raw] = await client.getRawBlockTransaction({ number: 1 });
    assertEquals(raw?.commonData.L2?.initiatorAddress, account.address.toLowerCase());
    const described = await rpc(devnet.l2Url, "zkevm_getBatchByNumber", "0x1", true);
    const { stateRoot, sendSequencesTxHash, verifyBatchTxHash, transactions } = Object(described);
    assertEquals([sendSequencesTxHash, verifyBatchTxHash, stateRoot], [
      batch.commitTxHash,
      batch.executeTxHash,
      batch.rootHash,
    ]);
    assertEquals(transactions[0].hash, hash);
  });

  await t.step("blocks, transactions and receipts name their batch", async () => {
    const block = await client.getBlock({ blockNumber: 1n });
    assertEquals(block.l1BatchNumber, 1n);
    const receipt = await client.getTransactionReceipt({ hash });
    assertEquals([receipt.l1BatchNumber, receipt.l1BatchTxIndex], [1n, 0n]);
    assertEquals(receipt.l2ToL1Logs, []);
    for (const tag of ["committed", "l1_committed", "fast_finalized"]) {
      const tagged = await rpc(devnet.l2Url, "eth_getBlockByNumber", tag, false);
      assertEquals(Object(tagged).hash, block.hash, tag);
    }
  });

  await t.step("fees", async () => {
    const fee = await client.estimateFee({ account, to: ACCOUNT_1, value: 1n });
    assert(fee.gasLimit >= 21_000n && fee.maxFeePerGas > 0n, "a transfer has a price");
    const input = Object(await rpc(devnet.l2Url, "zks_getBatchFeeInput")).PubdataIndependent;
    assert(input.fair_pubdata_price > 0, "pubdata has a price");
    const counters = await rpc(devnet.l2Url, "zkevm_estimateCounters", {
      from: account.address,
      to: ACCOUNT_1,
      value: "0x1",
    });
    const { countersUsed, countersLimits } = Object(counters);
    assert(BigInt(countersUsed.gasUsed) >= 21_000n, "a transfer uses gas");
    assert(BigInt(countersLimits.maxSteps) > 0n, "steps are bounded");
  });

  await t.step("zks_getProof holds under the state root that L1 has", () => checkProofs(devnet));

  await t.step("what is not there is null", async () => {
    const url = devnet.l2Url;
    assertEquals(await rpc(url, "zks_getL1BatchDetails", 99), null);
    assertEquals(await rpc(url, "zks_getBlockDetails", 99), null);
    assertEquals(await rpc(url, "zks_getTransactionDetails", ZERO_HASH), null);
    assertEquals(await rpc(url, "zks_getProof", ACCOUNT_1, [ZERO_HASH], 99), null);
    assertEquals(await rpc(url, "zks_getBytecodeByHash", ZERO_HASH), null);
    assertEquals(await rpc(url, "zkevm_getBatchByNumber", "0x63", false), null);
    assertEquals(await rpc(url, "zkevm_getBatchWitness", "0x63"), null);
  });

  await t.step("rpc.discover of each port is the committed document", async () => {
    const files = openRpcFiles();
    for (const [index, url] of [devnet.l1Url, devnet.l2Url].entries()) {
      const served = Object(await rpc(url, "rpc.discover"));
      const written = files[index]?.document;
      assertEquals(served.methods.map(nameOf), written?.methods.map(nameOf));
      assertEquals(served, JSON.parse(JSON.stringify(written)));
    }
  });
});

function nameOf(method: { readonly name: string }): string {
  return method.name;
}

/** A balance that is there and one that is not, as the tree's verifier sees their proofs. */
async function checkProofs({ l2Url }: DevnetProcess): Promise<void> {
  // A later block: the proof is of the batch all the same.
  await rpc(l2Url, "anvil_mine", "0x1");
  const batch = Object(await rpc(l2Url, "zkevm_getBatchByNumber", "0x1", false));
  const hash = createPoseidon2TreeHash();
  const root = hexToBytes(batch.stateRoot);
  for (const owner of [ACCOUNT_1.toLowerCase(), NOBODY]) {
    const { address, slot } = balanceSlot(toAddress(owner));
    const answer = Object(await rpc(l2Url, "zks_getProof", address, [slot], 1));
    assertEquals([answer.stateRoot, answer.l1BatchNumber], [batch.stateRoot, 1]);
    const [entry] = answer.storageProof;
    const key = flatKey({ address, slot });
    assertEquals(entry.leafKey, bytesToHash32(key));
    const shown = verifyProof(hash, readProof(entry), { root, key });
    if (owner === NOBODY) assertEquals([shown.kind, entry.value], ["absent", ZERO_HASH]);
    else {
      assert(shown.kind === "present", "a funded account has its slot");
      assertEquals(bytesToHash32(shown.value), entry.value);
      assertEquals(BigInt(entry.value), parseEther("10001"));
    }
  }
}

interface JsonLeaf {
  readonly index: number;
  readonly key: string;
  readonly value: string;
  readonly nextIndex: number;
  readonly proof: readonly string[];
}

function readProof(
  entry: JsonLeaf & {
    readonly leafKey: string;
    readonly absence?: { readonly low: JsonLeaf; readonly next: JsonLeaf };
  },
): TreeProof {
  const { absence } = entry;
  if (absence === undefined) {
    return { kind: "presence", entry: readLeaf({ ...entry, key: entry.leafKey }) };
  }
  return { kind: "absence", low: readLeaf(absence.low), next: readLeaf(absence.next) };
}

function readLeaf({ index, key, value, nextIndex, proof }: JsonLeaf): LeafProof {
  return {
    leaf: {
      index,
      nextIndex,
      key: Uint8Array.fromHex(key.slice(2)),
      value: Uint8Array.fromHex(value.slice(2)),
    },
    siblings: proof.map((each) => Uint8Array.fromHex(each.slice(2))),
  };
}
