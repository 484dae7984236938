/** Blob transactions on the embedded L1, from their network form to the receipt. */
import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { bls12_381 as curve } from "@noble/curves/bls12-381.js";
import { signDigest } from "../../../core/crypto/secp256k1.ts";
import { bigintToBytes, concatBytes } from "../../../core/primitives/bytes.ts";
import { RollupError } from "../../../core/primitives/errors.ts";
import { bytesToHex, type Hash32, hash32 } from "../../../core/primitives/hex.ts";
import { createVirtualClock, silentLog } from "../../../core/primitives/ports.ts";
import { decodeRlp, encodeRlp, type RlpItem, uintToRlp } from "../../../core/primitives/rlp.ts";
import { transactionHash, type UnsignedTransaction } from "../../../core/types/tx.ts";
import { authorizationDigest } from "../../../core/vm/authorizations.ts";
import { encodeChainBlock } from "../../../devnet/chain_block.ts";
import { versionedHash } from "../../../devnet/l1/blob_sidecar.ts";
import { type EmbeddedL1, openEmbeddedL1 } from "../../../devnet/l1/embedded_l1.ts";
import { createDispatcher, createRpcMethods } from "../../../devnet/rpc/dispatch.ts";
import { devAccount, openL1, requireReceipt, signedBy, withL1 } from "./testing.ts";

const BLOB_GAS = 131_072n;
const CELLS = 128;
/** The point at infinity: the proof of every value of a polynomial that is the same everywhere. */
const INFINITY = new Uint8Array(48);
INFINITY[0] = 0xc0;

interface Blob {
  readonly bytes: Uint8Array;
  readonly commitment: Uint8Array;
  readonly proof: Uint8Array;
}

/** A blob of `value` everywhere. Its commitment needs no trusted setup: it is value times G. */
function blobOf(value: bigint): Blob {
  const bytes = new Uint8Array(Number(BLOB_GAS));
  const element = bigintToBytes(value, 32);
  for (let offset = 0; offset < bytes.length; offset += 32) bytes.set(element, offset);
  const commitment = value === 0n ? INFINITY : curve.G1.Point.BASE.multiply(value).toBytes(true);
  return { bytes, commitment, proof: INFINITY };
}

interface SendOptions {
  readonly nonce?: bigint;
  readonly form?: "blobs" | "cells";
  /** Another sidecar than that of the blobs that are named. */
  readonly change?: (sidecar: RlpItem[]) => RlpItem[];
  readonly fields?: Partial<UnsignedTransaction>;
}

/** A signed transaction in its network form (EIP-4844, EIP-7594), and what a block holds of it. */
function blobTransaction(blobs: readonly Blob[], options: SendOptions = {}) {
  const { nonce = 0n, form = "blobs", change = (sidecar) => sidecar, fields = {} } = options;
  const included = signedBy(devAccount(0), {
    type: 3,
    maxFeePerBlobGasWei: 10n,
    blobHashes: blobs.map(({ commitment }) => versionedHash(commitment)),
    nonce,
    ...fields,
  });
  const proofs = blobs.flatMap(({ proof }) =>
    Array.from({ length: form === "cells" ? CELLS : 1 }, () => proof)
  );
  const sidecar = [
    decodeRlp(included.subarray(1)),
    ...(form === "cells" ? [uintToRlp(1n)] : []),
    blobs.map(({ bytes }) => bytes),
    blobs.map(({ commitment }) => commitment),
    proofs,
  ];
  return { included, network: concatBytes(Uint8Array.of(3), encodeRlp(change(sidecar))) };
}

for (const form of ["blobs", "cells"] as const) {
  Deno.test(`sendRawTransaction() includes a transaction with blobs, proven by ${form}`, async () => {
    using kv = await Deno.openKv(":memory:");
    const l1 = await openL1(kv);
    const { included, network } = blobTransaction([blobOf(0n), blobOf(7n)], { form });
    const hash = await l1.sendRawTransaction(network);
    assertEquals(hash, transactionHash(included));
    const { receipt, transaction } = await requireReceipt(l1, hash);
    assertEquals(receipt.type, 3);
    assertEquals(receipt.success, true);
    assertEquals([receipt.blobGasUsed, receipt.blobGasPriceWei], [2n * BLOB_GAS, 1n]);
    // The chain keeps no blobs.
    assertEquals(transaction.raw, included);
    const header = await l1.header(1n);
    assertEquals([header?.blobGasUsed, header?.excessBlobGas], [2n * BLOB_GAS, 0n]);
    await l1[Symbol.asyncDispose]();
    await using again = await openL1(kv);
    assertEquals((await requireReceipt(again, hash)).receipt, receipt);
  });
}

Deno.test("sendRawTransaction() takes what gas and blobs cost, no more", async () => {
  await withL1({}, async (l1) => {
    const { address } = devAccount(0);
    const before = await l1.balance(address, 0n);
    const hash = await l1.sendRawTransaction(blobTransaction([blobOf(1n)]).network);
    const { receipt } = await requireReceipt(l1, hash);
    const paidWei = 1n + receipt.gasUsed * receipt.effectiveGasPriceWei + BLOB_GAS;
    assertEquals(await l1.balance(address, 1n), before - paidWei);
  });
});

Deno.test("sendRawTransaction() lets a blob transaction wait without its blobs, also over a restart", async () => {
  using kv = await Deno.openKv(":memory:");
  const l1 = await openL1(kv, { mining: "manual" });
  const { included, network } = blobTransaction([blobOf(5n)]);
  const hash = await l1.sendRawTransaction(network);
  assertEquals((await l1.pendingTransactions()).map(({ raw }) => raw), [included]);
  await l1[Symbol.asyncDispose]();
  await using again = await openL1(kv, { mining: "manual" });
  await again.mine();
  assertEquals((await requireReceipt(again, hash)).receipt.blobGasUsed, BLOB_GAS);
});

Deno.test("sendRawTransaction() refuses blobs that are not what the transaction says", async () => {
  const other = blobOf(2n);
  const field = new Uint8Array(Number(BLOB_GAS)).fill(0xff);
  const replaced = (index: number, item: RlpItem) => (sidecar: RlpItem[]) =>
    sidecar.with(index, item);
  const cases: readonly (readonly [reason: string, options: SendOptions])[] = [
    ["its blobs are missing", { change: ([tx]) => Array.isArray(tx) ? tx : [] }],
    ["the proof of a blob", { change: replaced(1, [other.bytes]) }],
    ["the proof of a blob", { change: replaced(3, [other.commitment]) }],
    ["the hash of commitment 0", { change: replaced(2, [other.commitment]) }],
    ["no field element", { change: replaced(1, [field]) }],
    ["0 of 1 proofs", { change: replaced(3, []) }],
    ["1 commitments for 2 blobs", { change: replaced(1, [other.bytes, other.bytes]) }],
    ["1 of 128 proofs", { form: "cells", change: replaced(4, [INFINITY]) }],
    ["version", { form: "cells", change: replaced(1, uintToRlp(2n)) }],
    ["no field element", { form: "cells", change: replaced(2, [field]) }],
    ["names 2 blobs and brings 1", { fields: { blobHashes: namesOf([blobOf(1n), other]) } }],
    ["RLP", { change: replaced(1, [other.bytes.subarray(1)]) }],
  ];
  await withL1({}, async (l1) => {
    for (const [reason, options] of cases) {
      const { network } = blobTransaction([blobOf(1n)], options);
      const error = await assertRejects(() => l1.sendRawTransaction(network), RollupError);
      assertEquals(error.code, "BLOB_SIDECAR_INVALID", `${reason}: ${error.message}`);
      assertStringIncludes(error.message, reason);
    }
    assertEquals(await l1.numberOf("latest"), 0n);
    assertEquals(await l1.pendingTransactions(), []);
  });
});

Deno.test("sendRawTransaction() refuses blobs that no block could hold", async () => {
  const seven = [1n, 2n, 3n, 4n, 5n, 6n, 7n].map(blobOf);
  const wrongVersion = hash32(`0x02${namesOf([blobOf(1n)])[0]?.slice(4)}`);
  await withL1({}, async (l1) => {
    for (
      const [code, { network }] of [
        ["BLOB_COUNT_INVALID", blobTransaction(seven)],
        ["TX_MALFORMED", blobTransaction([])],
        [
          "BLOB_FEE_TOO_LOW",
          blobTransaction([blobOf(1n)], { fields: { maxFeePerBlobGasWei: 0n } }),
        ],
        [
          "BLOB_SIDECAR_INVALID",
          blobTransaction([blobOf(1n)], { fields: { blobHashes: [wrongVersion] } }),
        ],
      ] as const
    ) {
      const error = await assertRejects(() => l1.sendRawTransaction(network), RollupError);
      assertEquals(error.code, code, error.message);
    }
  });
});

Deno.test("sendRawTransaction() refuses blobs before Cancun", async () => {
  using kv = await Deno.openKv(":memory:");
  await using l1 = await openWith(kv, {});
  const { network } = blobTransaction([blobOf(1n)]);
  const error = await assertRejects(() => l1.sendRawTransaction(network), RollupError);
  assertEquals(error.code, "BLOB_FORK_MISSING");
});

Deno.test("eth_sendTransaction and eth_fillTransaction refuse blobs, of which they have none", async () => {
  await withL1({}, async (l1) => {
    const { request } = createDispatcher(createRpcMethods({ chain: l1, log: silentLog }));
    const { address } = devAccount(0);
    const blobVersionedHashes = namesOf([blobOf(1n)]);
    const params = [{ from: address, to: address, blobVersionedHashes }];
    for (const method of ["eth_sendTransaction", "eth_fillTransaction"]) {
      const error = await assertRejects(() => request(method, params));
      assertStringIncludes(String(error), "signing blob transactions not supported");
    }
    assertEquals(await l1.numberOf("latest"), 0n);
  });
});

Deno.test("mine() moves the price of blobs by what the schedule says, and fills blocks to its limit", async () => {
  using kv = await Deno.openKv(":memory:");
  // One blob more or less changes the price by a factor of e.
  await using l1 = await openWith(kv, {
    cancunTime: 0,
    blobSchedule: { cancun: { target: 1, max: 3, baseFeeUpdateFraction: 131_072 } },
  });
  const caps = { maxFeePerBlobGasWei: 1_000n };
  for (let nonce = 0n; nonce < 2n; nonce++) {
    const { network } = blobTransaction([blobOf(3n), blobOf(4n)], { nonce, fields: caps });
    await l1.sendRawTransaction(network);
  }
  await l1.mine();
  // Two transactions have one blob more than a block.
  assertEquals((await l1.header(1n))?.blobGasUsed, 2n * BLOB_GAS);
  await l1.mine();
  const second = await l1.header(2n);
  assertEquals([second?.blobGasUsed, second?.excessBlobGas], [2n * BLOB_GAS, BLOB_GAS]);
  const [receipt] = await l1.receipts(2n);
  assertEquals(receipt?.receipt.blobGasPriceWei, 2n);
  await l1.mine();
  // 2 blobs above the target: e squared is 7.
  assertEquals((await l1.header(3n))?.excessBlobGas, 2n * BLOB_GAS);
  const { network } = blobTransaction([blobOf(3n)], {
    nonce: 2n,
    fields: { maxFeePerBlobGasWei: 1n },
  });
  const error = await assertRejects(() => l1.sendRawTransaction(network), RollupError);
  assertEquals(error.code, "BLOB_FEE_TOO_LOW");
});

Deno.test("importChain() takes blocks with blobs and delegations, as they were made", async () => {
  const config = { cancunTime: 0, pragueTime: 0, osakaTime: 0 };
  using maker = await Deno.openKv(":memory:");
  using taker = await Deno.openKv(":memory:");
  await using made = await openWith(maker, config);
  await made.sendRawTransaction(blobTransaction([blobOf(0n), blobOf(9n)]).network);
  const { address: user, privateKey } = devAccount(2);
  const claim = { chainId: 900n, address: devAccount(3).address, nonce: 0n };
  const delegation = { ...claim, ...signDigest(authorizationDigest(claim), privateKey) };
  await made.sendRawTransaction(
    signedBy(devAccount(0), {
      type: 4,
      nonce: 1n,
      gasLimit: 100_000n,
      authorizations: [delegation],
    }),
  );
  await made.mine();
  const block = await made.block(1n);
  assertEquals(block?.transactions.map(({ tx }) => tx.type), [3, 4]);
  const chain = block === undefined ? new Uint8Array(0) : encodeChainBlock(block);
  await using taken = await openWith(taker, config, chain);
  assertEquals(await taken.block(1n), block);
  assertEquals(await taken.receipts(1n), await made.receipts(1n));
  const code = await taken.code(user, 1n);
  assertEquals(bytesToHex(code), `0xef0100${claim.address.slice(2)}`);
});

function namesOf(blobs: readonly Blob[]): readonly Hash32[] {
  return blobs.map(({ commitment }) => versionedHash(commitment));
}

/** A chain of Shanghai, or of what `config` adds. */
async function openWith(
  kv: Deno.Kv,
  config: object,
  chain: Uint8Array = new Uint8Array(0),
): Promise<EmbeddedL1> {
  const londonKeys = ["homestead", "eip150", "eip155", "eip158", "byzantium", "constantinople"]
    .concat("petersburg", "istanbul", "berlin", "london");
  const geth = JSON.stringify({
    config: {
      chainId: 900,
      ...Object.fromEntries(londonKeys.map((fork) => [`${fork}Block`, 0])),
      terminalTotalDifficulty: 0,
      shanghaiTime: 0,
      ...config,
    },
    difficulty: "0x0",
    gasLimit: "0x1c9c380",
    alloc: { [devAccount(0).address]: { balance: "1000000000000000000000" } },
  });
  return await openEmbeddedL1({
    kv,
    clock: createVirtualClock(0n),
    genesis: { geth, chain },
    mining: "manual",
    log: silentLog,
  });
}
