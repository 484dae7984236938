/**
 * The first block of the embedded L1.
 *
 * Owns what the devnet's own one holds, and that a stored chain is the one that is asked for. Does
 * not own the accounts of the devnet (`devnet/accounts.ts`) or genesis files (`genesis_json.ts`).
 * @module
 */
import { keccak256 } from "../../core/crypto/keccak.ts";
import { RollupError } from "../../core/primitives/errors.ts";
import { type Hash32, ZERO_HASH } from "../../core/primitives/hex.ts";
import { EMPTY_REQUESTS_HASH, EMPTY_TRIE_ROOT, EMPTY_UNCLES_HASH } from "../../core/types/block.ts";
import type { GenesisAccount } from "../../core/types/genesis.ts";
import { logsBloom } from "../../core/types/receipt.ts";
import { hashHeaderFields, type HeaderFields } from "../chain_header.ts";
import { INITIAL_BASE_FEE_WEI } from "./base_fee.ts";
import type { L1BlockStore } from "./block_store.ts";
import { L1_BLOCK_GAS_LIMIT, L1_COINBASE, toL1Block } from "./chain_block.ts";
import type { L1Evm } from "./evm.ts";
import { devnetForks, type ForkSchedule } from "./forks.ts";
import { L1_SCHEMA_VERSION } from "./schema.ts";
import { SYSTEM_CONTRACTS } from "./system_contracts.ts";

/** What the first block is made from. */
export interface L1Genesis {
  readonly forks: ForkSchedule;
  /** The header but for the root, which follows from the accounts. */
  readonly header: Omit<HeaderFields, "stateRoot">;
  readonly accounts: readonly GenesisAccount[];
  /** What a stored chain must have been made from. */
  readonly genesisHash: Hash32;
}

/** What the devnet's own chain is made from. */
export interface DevnetGenesis {
  readonly chainId: bigint;
  /** Counts when the chain is made; a stored chain keeps its own. */
  readonly timestampSec: bigint;
  readonly accounts: readonly GenesisAccount[];
}

/** Codes that this file throws. */
export type L1GenesisErrorCode = "L1_GENESIS_MISMATCH" | "L1_OTHER_VERSION";

/** Header fields that a block has which nothing came before and nothing is in. */
export const EMPTY_GENESIS_HEADER: Omit<HeaderFields, "stateRoot"> = {
  parentHash: ZERO_HASH,
  sha3Uncles: EMPTY_UNCLES_HASH,
  miner: L1_COINBASE,
  transactionsRoot: EMPTY_TRIE_ROOT,
  receiptsRoot: EMPTY_TRIE_ROOT,
  logsBloom: logsBloom([]),
  difficulty: 0n,
  number: 0n,
  gasLimit: L1_BLOCK_GAS_LIMIT,
  gasUsed: 0n,
  timestampSec: 0n,
  extraData: "0x",
  mixHash: ZERO_HASH,
  nonce: "0x0000000000000000",
  baseFeePerGasWei: INITIAL_BASE_FEE_WEI,
  withdrawalsRoot: EMPTY_TRIE_ROOT,
  blobGasUsed: 0n,
  excessBlobGas: 0n,
  parentBeaconBlockRoot: ZERO_HASH,
  requestsHash: EMPTY_REQUESTS_HASH,
};

/** The devnet's own chain: all forks up to Osaka and the contracts that its blocks write to. */
export function devnetGenesis({ chainId, timestampSec, accounts }: DevnetGenesis): L1Genesis {
  const all = [...accounts, ...SYSTEM_CONTRACTS];
  return {
    forks: devnetForks(chainId),
    header: { ...EMPTY_GENESIS_HEADER, timestampSec },
    accounts: all,
    // The time is left out: a restart has another one.
    genesisHash: hashGenesis({ chainId, accounts: all }),
  };
}

/**
 * Makes sure that the store holds the chain of `genesis`, and makes it in an empty one.
 *
 * @throws `L1_GENESIS_MISMATCH`, `L1_OTHER_VERSION`.
 */
export async function ensureGenesis(
  store: L1BlockStore,
  evm: L1Evm,
  genesis: L1Genesis,
): Promise<void> {
  const { genesisHash, forks: { chainId } } = genesis;
  // Before any row is decoded: the rows of another version may have another shape.
  const version = await store.schemaVersion();
  if (version !== undefined && version !== L1_SCHEMA_VERSION) throw otherVersion(version);
  const identity = await store.identity();
  if (identity === undefined) return await writeGenesis(store, evm, genesis);
  if (identity.genesisHash !== genesisHash || identity.chainId !== chainId) {
    throw genesisMismatch(
      { chainId: identity.chainId, genesisHash: identity.genesisHash },
      { chainId, genesisHash },
    );
  }
}

/** keccak256 of what tells one genesis from another, written as JSON. */
export function hashGenesis(value: unknown): Hash32 {
  const text = JSON.stringify(
    value,
    (_key, value: unknown) => typeof value === "bigint" ? `${value}n` : value,
  );
  return keccak256(new TextEncoder().encode(text));
}

async function writeGenesis(
  store: L1BlockStore,
  evm: L1Evm,
  genesis: L1Genesis,
): Promise<void> {
  const state = await evm.genesis(genesis.accounts);
  const header = { ...genesis.header, stateRoot: state.stateRoot };
  const block = toL1Block(
    { ...header, hash: hashHeaderFields(header) },
    { transactions: [], outcomes: [] },
    { uncles: [], withdrawals: header.withdrawalsRoot === undefined ? undefined : [] },
  );
  const { genesisHash, forks: { chainId } } = genesis;
  await store.commit({ block, state, leftPool: [], identity: { chainId, genesisHash } });
}
interface ShownGenesis {
  readonly chainId: bigint;
  readonly genesisHash: string;
}

function genesisMismatch(
  stored: ShownGenesis,
  wanted: ShownGenesis,
): RollupError<L1GenesisErrorCode> {
  return new RollupError(
    "L1_GENESIS_MISMATCH",
    `Cannot open the embedded L1 as chain ${wanted.chainId} with genesis ${wanted.genesisHash}: ` +
      `the data folder holds chain ${stored.chainId} with genesis ${stored.genesisHash}`,
    {
      details: { stored, wanted },
      mend: "Open it with the configuration it was made with, or choose another folder with " +
        "`--data DIR`.",
    },
  );
}

function otherVersion(schemaVersion: bigint): RollupError<L1GenesisErrorCode> {
  return new RollupError(
    "L1_OTHER_VERSION",
    `Cannot open the embedded L1 as version ${L1_SCHEMA_VERSION} of its tables: ` +
      `the data folder has version ${schemaVersion}`,
    {
      details: { schemaVersion, supportedVersion: L1_SCHEMA_VERSION },
      mend: "Use the version of varve that made the folder, or choose another one with " +
        "`--data DIR`.",
    },
  );
}
