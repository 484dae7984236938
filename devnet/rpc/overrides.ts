/**
 * Overrides of state and block as clients write them.
 *
 * Owns their JSON, in the names of geth, of its older versions and of anvil, and what a call sees of a
 * block that is still to come. Does not own what an override does (each chain's).
 * @module
 */
import { type Address, type Hash32, hash32 } from "../../core/primitives/hex.ts";
import { resolveNumber } from "./block_reference.ts";
import type { AccountOverride, BlockOverrides, CallOverrides, ChainBackend } from "./chain.ts";
import { invalidParams } from "./errors.ts";
import { HASH_JSON, type JsonSchema } from "./json_schema.ts";
import { MAX_OVERRIDDEN_ACCOUNTS, MAX_OVERRIDDEN_SLOTS } from "./limits.ts";
import {
  address,
  type BlockReference,
  data,
  hash,
  isRecord,
  list,
  object,
  optional,
  quantity,
  type Schema,
  wrong,
} from "./schema.ts";

/** Slots and their values. */
const slots: Schema<ReadonlyMap<Hash32, Hash32>> = {
  json: { type: "object", additionalProperties: HASH_JSON },
  parse(value, path) {
    if (!isRecord(value)) throw wrong(path, "an object of slots", value);
    const entries = Object.entries(value);
    if (entries.length > MAX_OVERRIDDEN_SLOTS) {
      throw wrong(path, `at most ${MAX_OVERRIDDEN_SLOTS} slots`, value);
    }
    return new Map(entries.map(([slot, word]) => [
      word32.parse(slot, `${path}: slot`),
      word32.parse(word, `${path}.${slot.slice(0, 66)}`),
    ]));
  },
};

/** 32 bytes; shorter ones are padded on the left, as some clients write them. */
const word32: Schema<Hash32> = {
  json: HASH_JSON,
  parse(value, path) {
    if (typeof value === "string" && /^0x[0-9a-fA-F]{1,64}$/.test(value)) {
      return hash32(`0x${value.slice(2).padStart(64, "0")}`);
    }
    return hash.parse(value, path);
  },
};

const accountFields = object({
  balance: optional(quantity()),
  nonce: optional(quantity(64)),
  code: optional(data),
  state: optional(slots),
  stateDiff: optional(slots),
  movePrecompileToAddress: optional(address),
});

const accountOverride: Schema<AccountOverride> = {
  ...(accountFields.json === undefined ? {} : { json: accountFields.json }),
  parse(value, path) {
    const fields = accountFields.parse(value, path);
    const { balance, nonce, code, state, stateDiff, movePrecompileToAddress } = fields;
    if (state !== undefined && stateDiff !== undefined) {
      throw invalidParams(`invalid ${path}: the account has both 'state' and 'stateDiff'`);
    }
    return {
      ...(balance === undefined ? {} : { balanceWei: balance }),
      ...(nonce === undefined ? {} : { nonce }),
      ...(code === undefined ? {} : { code }),
      ...(state === undefined ? {} : { state }),
      ...(stateDiff === undefined ? {} : { stateDiff }),
      ...(movePrecompileToAddress === undefined
        ? {}
        : { movePrecompileTo: movePrecompileToAddress }),
    };
  },
};

const STATE_OVERRIDES_JSON: JsonSchema = {
  title: "state overrides",
  type: "object",
  additionalProperties: accountFields.json ?? {},
};

/** Accounts that are other than they were. */
export const stateOverrides: Schema<ReadonlyMap<Address, AccountOverride>> = {
  json: STATE_OVERRIDES_JSON,
  parse(value, path) {
    if (!isRecord(value)) throw wrong(path, "an object of accounts", value);
    const entries = Object.entries(value);
    if (entries.length > MAX_OVERRIDDEN_ACCOUNTS) {
      throw wrong(path, `at most ${MAX_OVERRIDDEN_ACCOUNTS} accounts`, value);
    }
    return new Map(entries.map(([account, override]) => [
      address.parse(account, `${path}: account`),
      accountOverride.parse(override, `${path}.${account.slice(0, 42)}`),
    ]));
  },
};

const withdrawal = object({
  index: quantity(64),
  validatorIndex: quantity(64),
  address,
  amount: quantity(64),
});

const MAX_WITHDRAWALS = 1_000;

const blockFields = object({
  number: optional(quantity(64)),
  time: optional(quantity(64)),
  gasLimit: optional(quantity(64)),
  feeRecipient: optional(address),
  prevRandao: optional(hash),
  difficulty: optional(quantity()),
  baseFeePerGas: optional(quantity()),
  blobBaseFee: optional(quantity()),
  beaconRoot: optional(hash),
  withdrawals: optional(list(withdrawal, MAX_WITHDRAWALS)),
  // What anvil takes for `number`.
  blockNumber: optional(quantity(64)),
  // Names of geth before eth_simulateV1.
  timestamp: optional(quantity(64)),
  coinbase: optional(address),
  random: optional(hash),
  baseFee: optional(quantity()),
});

/** A block whose environment is other than it was. */
export const blockOverrides: Schema<BlockOverrides> = {
  ...(blockFields.json === undefined ? {} : { json: blockFields.json }),
  parse(value, path) {
    const fields = blockFields.parse(value, path);
    const { gasLimit, difficulty, blobBaseFee, beaconRoot, withdrawals } = fields;
    const number = fields.number ?? fields.blockNumber;
    const timestampSec = fields.time ?? fields.timestamp;
    const coinbase = fields.feeRecipient ?? fields.coinbase;
    const prevRandao = fields.prevRandao ?? fields.random;
    const baseFeePerGasWei = fields.baseFeePerGas ?? fields.baseFee;
    return {
      ...(number === undefined ? {} : { number }),
      ...(timestampSec === undefined ? {} : { timestampSec }),
      ...(gasLimit === undefined ? {} : { gasLimit }),
      ...(coinbase === undefined ? {} : { coinbase }),
      ...(prevRandao === undefined ? {} : { prevRandao }),
      ...(difficulty === undefined ? {} : { difficulty }),
      ...(baseFeePerGasWei === undefined ? {} : { baseFeePerGasWei }),
      ...(blobBaseFee === undefined ? {} : { blobBaseFeeWei: blobBaseFee }),
      ...(beaconRoot === undefined ? {} : { beaconRoot }),
      ...(withdrawals === undefined ? {} : {
        withdrawals: withdrawals.map(({ amount, ...rest }) => ({ ...rest, amountGwei: amount })),
      }),
    };
  },
};

/** What a client wants to be otherwise. */
export interface WantedOverrides {
  readonly state: ReadonlyMap<Address, AccountOverride> | undefined;
  readonly block?: BlockOverrides | undefined;
}

/** Where a call runs. */
export interface CallPlace {
  /** On the state after this block, and in its environment… */
  readonly number: bigint;
  /** …but for these. */
  readonly overrides: CallOverrides;
}

/**
 * Where a call on `reference` runs: at the tag `pending` in the environment of the block to come.
 *
 * @throws RpcError for a block that is not there, and for overrides that no call can have.
 */
export async function resolveCallPlace(
  chain: ChainBackend,
  reference: BlockReference,
  wanted: WantedOverrides = { state: undefined },
): Promise<CallPlace> {
  const { state, block } = wanted;
  for (const key of ["beaconRoot", "withdrawals"] as const) {
    if (block?.[key] === undefined) continue;
    throw invalidParams(`block override "${key}" is not supported for this RPC method`);
  }
  const isPending = reference.kind === "tag" && reference.tag === "pending";
  const coming = isPending ? await chain.nextBlock?.() : undefined;
  const environment = { ...coming, ...block };
  return {
    number: await resolveNumber(chain, reference),
    overrides: {
      ...(state === undefined || state.size === 0 ? {} : { state }),
      ...(Object.keys(environment).length === 0 ? {} : { block: environment }),
    },
  };
}
