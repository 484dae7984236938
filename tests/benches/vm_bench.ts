/**
 * How fast blocks execute: transfers, token-like calls and a tight loop.
 *
 * Each run executes one block of 200 transactions (the loop: one) on a state in memory, senders
 * already recovered. Run with `deno bench --allow-env tests/benches/vm_bench.ts`.
 * @module
 */
import {
  type Address,
  bigintToHash32,
  bytesToAddress,
  ZERO_HASH,
} from "../../core/primitives/hex.ts";
import { assert } from "../../core/primitives/errors.ts";
import { keccak256Bytes } from "../../core/crypto/keccak.ts";
import { createEthereumjsExecutor } from "../../core/vm/ethereumjs/mod.ts";
import { executeBlock, genesisState, sealHeader } from "../../core/vm/block_transition.ts";
import type { ExecutableTx } from "../../core/vm/executor.ts";
import { createMemoryStorage } from "../../core/vm/memory_storage.ts";
import { assemble } from "../conformance/vm/assemble.ts";
import { TARGET, testConfig, testTx } from "../conformance/vm/world.ts";

const TX_COUNT = 200;
/** Adds call data to the caller's slot and logs it: a token transfer without its checks. */
const TOKEN_CODE = assemble(
  "CALLER SLOAD 0 CALLDATALOAD ADD CALLER SSTORE 0 CALLDATALOAD 0 MSTORE 32 0 LOG0",
);
/** Counts down from the call data: 7 opcodes a round. */
const LOOP_CODE = assemble("0 CALLDATALOAD JUMPDEST 1 SWAP1 SUB DUP1 2 JUMPI");

const executor = createEthereumjsExecutor();

function recipient(index: number): Address {
  return bytesToAddress(keccak256Bytes(Uint8Array.of(index & 0xff, index >> 8)).subarray(12));
}

function benchBlock(name: string, code: `0x${string}`, transactions: readonly ExecutableTx[]) {
  const config = testConfig([{ address: TARGET, nonce: 1n, code }]);
  const genesis = genesisState(config);
  const storage = createMemoryStorage(genesis);
  const parent = sealHeader(genesis.draftHeader, ZERO_HASH);
  const timestampSec = parent.timestampSec + 2n;
  Deno.bench(name, async () => {
    const start = { executor, storage, config, parent, timestampSec, transactions };
    const result = await executeBlock(start);
    assert(
      result.receipts.length === transactions.length && result.receipts.every((r) => r.success),
      "every transaction of the bench succeeds",
    );
  });
}

benchBlock(
  `executeBlock(), ${TX_COUNT} transfers to new accounts`,
  "0x",
  Array.from(
    { length: TX_COUNT },
    (_, index) =>
      testTx(index % 10, BigInt(Math.floor(index / 10)), {
        to: recipient(index),
        valueWei: 1n,
        gasLimit: 21_000n,
      }),
  ),
);

benchBlock(
  `executeBlock(), ${TX_COUNT} token-like calls`,
  TOKEN_CODE,
  Array.from(
    { length: TX_COUNT },
    (_, index) =>
      testTx(index % 10, BigInt(Math.floor(index / 10)), {
        data: Uint8Array.fromHex(bigintToHash32(BigInt(index + 1)).slice(2)),
        gasLimit: 100_000n,
      }),
  ),
);

benchBlock(
  "executeBlock(), one loop of 100,000 opcodes",
  LOOP_CODE,
  [testTx(0, 0n, { data: Uint8Array.fromHex(bigintToHash32(14_286n).slice(2)) })],
);
