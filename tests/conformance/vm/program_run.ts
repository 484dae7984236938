/**
 * Runs of the program itself, below the executor: for what only its operator sees.
 *
 * Owns an environment over a small state and frames of transactions. Does not own any expectation.
 * @module
 */
import { assert } from "../../../core/primitives/errors.ts";
import { type Hash32, hash32, ZERO_HASH } from "../../../core/primitives/hex.ts";
import type { GenesisAccount } from "../../../core/types/genesis.ts";
import type { UnsignedTransaction } from "../../../core/types/tx.ts";
import { recoverAuthority } from "../../../core/vm/authorizations.ts";
import { genesisState } from "../../../core/vm/block_transition.ts";
import { createProgram } from "../../../core/vm/host/instance.ts";
import type {
  Program,
  ProgramEnvironment,
  ProgramResult,
  TxFrame,
} from "../../../core/vm/host/program.ts";
import { createMemoryStorage, type MemoryStorage } from "../../../core/vm/memory_storage.ts";
import { COINBASE, testConfig, testTx } from "./world.ts";

/** A run that has begun. */
export interface TestRun {
  readonly program: Program;
  readonly storage: MemoryStorage;
}

/** Gas costs nothing here, so that only nonce and message touch the state. */
const ENVIRONMENT: ProgramEnvironment = {
  chainId: 901n,
  number: 1n,
  timestampSec: 1_700_000_001n,
  coinbase: COINBASE,
  gasLimit: 1_000_000_000n,
  baseFeePerGasWei: 0n,
  prevRandao: ZERO_HASH,
  parentHash: hash32(`0x${"11".repeat(32)}`),
  gasPerPubdata: 0n,
  profile: "rollup",
  fork: "Osaka",
  blobBaseFeeWei: 1n,
  maxBlobs: 0,
  maxTxGas: 1n << 24n,
};

/** Begins a run over the funded accounts of `testConfig` and `accounts`. */
export async function beginRun(
  accounts: readonly Partial<GenesisAccount>[],
  prepare: (storage: MemoryStorage) => void = () => {},
): Promise<TestRun> {
  const environment = ENVIRONMENT;
  const storage = createMemoryStorage(genesisState(testConfig(accounts)));
  prepare(storage);
  const program = createProgram();
  await program.begin(environment, { storage });
  return { program, storage };
}

/** A transaction of account `from` that pays nothing for gas, as the program takes it. */
export function frame(
  from: number,
  nonce: bigint,
  fields: Partial<UnsignedTransaction> = {},
): TxFrame {
  const { tx, sender } = testTx(from, nonce, {
    maxFeePerGasWei: 0n,
    maxPriorityFeePerGasWei: 0n,
    ...fields,
  });
  return {
    ...tx,
    sender,
    maxFeePerBlobGasWei: 0n,
    authorizations: tx.authorizations.map((authorization) => ({
      ...authorization,
      authority: recoverAuthority(authorization, 901n),
    })),
    blobHashes: [],
    asTransaction: true,
  };
}

/** Runs a transaction that must be valid. */
export async function runValid(
  { program }: TestRun,
  tx: TxFrame,
): Promise<ProgramResult & { readonly kind: "ran" }> {
  const result = await program.runTx(tx);
  assert(result.kind === "ran", "the transaction is valid");
  return result;
}

/** Some commitment to a header. */
export const COMMITMENT: Hash32 = hash32(`0x${"22".repeat(32)}`);
