/**
 * Lets the EVM of ethereumjs work on a {@linkcode WorldState}.
 *
 * Owns the translation between both vocabularies. Does not own any state: `attach` names it.
 * @module
 */
import type { StateManagerInterface } from "@ethereumjs/common";
import {
  Account,
  type Address as EvmAddress,
  KECCAK256_NULL,
  KECCAK256_RLP,
} from "@ethereumjs/util";
import { assert } from "../../core/primitives/errors.ts";
import {
  type Address,
  bytesToAddress,
  bytesToHash32,
  type Hash32,
  hexToBytes,
  ZERO_HASH,
} from "../../core/primitives/hex.ts";
import type { AccountFields, MaybePromise, WorldState } from "./world_state.ts";

/** A state manager whose state can be changed between transactions. */
export interface AttachableStateManager extends StateManagerInterface {
  /** From now on everything reads and writes `state`. */
  attach(state: WorldState): void;
  /** Forgets the state: a read before the next `attach` is a defect. */
  detach(): void;
}

const NO_ACCOUNT: AccountFields = { nonce: 0n, balanceWei: 0n, codeHash: ZERO_HASH };
/** How many hash texts are kept as bytes; contracts in use are few. */
const MAX_CODE_HASHES = 1_024;

/** A state manager without a state yet. */
export function createStateManager(): AttachableStateManager {
  let attached: WorldState | undefined;
  const state = (): WorldState => {
    assert(attached !== undefined, "the EVM runs only while a state is attached");
    return attached;
  };
  const codeHashBytes = createCodeHashCache();

  const putAccount = async (evmAddress: EvmAddress, account: Account | undefined) => {
    await state().setAccount(toAddress(evmAddress), toFields(account));
  };
  return {
    attach: (next) => {
      attached = next;
    },
    detach: () => {
      attached = undefined;
    },
    getAccount: (evmAddress) =>
      settle(state().account(toAddress(evmAddress)), (fields) => {
        if (isAbsent(fields)) return undefined;
        const codeHash = codeHashBytes(fields.codeHash);
        // A new object each time: the EVM changes it before it puts it back.
        return new Account(fields.nonce, fields.balanceWei, KECCAK256_RLP, codeHash);
      }),
    putAccount,
    deleteAccount: async (evmAddress) => {
      const address = toAddress(evmAddress);
      state().clearSeenSlots(address);
      await state().setAccount(address, NO_ACCOUNT);
    },
    modifyAccountFields: async (evmAddress, changed) => {
      const address = toAddress(evmAddress);
      const fields = await state().account(address);
      await state().setAccount(address, {
        nonce: changed.nonce ?? fields.nonce,
        balanceWei: changed.balance ?? fields.balanceWei,
        codeHash: changed.codeHash === undefined ? fields.codeHash : toCodeHash(changed.codeHash),
      });
    },
    putCode: async (evmAddress, code) => {
      const address = toAddress(evmAddress);
      const fields = await state().account(address);
      await state().setAccount(address, { ...fields, codeHash: state().storeCode(code) });
    },
    getCode: async (evmAddress) => {
      const fields = await state().account(toAddress(evmAddress));
      return state().code(fields.codeHash);
    },
    getCodeSize: async (evmAddress) => {
      const fields = await state().account(toAddress(evmAddress));
      return (await state().code(fields.codeHash)).length;
    },
    getStorage: (evmAddress, key) =>
      settle(state().slot(toAddress(evmAddress), bytesToHash32(key)), (value) => value),
    putStorage: async (evmAddress, key, value) => {
      await state().setSlot(toAddress(evmAddress), bytesToHash32(key), value);
    },
    clearStorage: (evmAddress) => {
      state().clearSeenSlots(toAddress(evmAddress));
      return Promise.resolve();
    },
    checkpoint: () => {
      state().checkpoint();
      return Promise.resolve();
    },
    commit: () => {
      state().keep();
      return Promise.resolve();
    },
    revert: () => {
      state().undo();
      return Promise.resolve();
    },
    originalStorageCache: {
      get: (evmAddress, key) =>
        settle(
          state().slotAtTxStart(toAddress(evmAddress), bytesToHash32(key)),
          (value) => value,
        ),
      clear: () => {},
    },
    getStateRoot: () => Promise.reject(withoutRoot()),
    setStateRoot: () => Promise.reject(withoutRoot()),
    hasStateRoot: () => Promise.reject(withoutRoot()),
    clearCaches: () => {},
    shallowCopy: () => {
      throw withoutRoot();
    },
  };
}

function toAddress(evmAddress: EvmAddress): Address {
  return bytesToAddress(evmAddress.bytes);
}

function toFields(account: Account | undefined): AccountFields {
  if (account === undefined) return NO_ACCOUNT;
  return {
    nonce: account.nonce,
    balanceWei: account.balance,
    codeHash: toCodeHash(account.codeHash),
  };
}

/** The EVM writes "no code" as the hash of nothing, the state as absence. */
function toCodeHash(bytes: Uint8Array): Hash32 {
  const codeHash = bytesToHash32(bytes);
  return codeHash === EMPTY_CODE_HASH ? ZERO_HASH : codeHash;
}

const EMPTY_CODE_HASH = bytesToHash32(KECCAK256_NULL);

function createCodeHashCache(): (codeHash: Hash32) => Uint8Array {
  const bytesByHash = new Map<Hash32, Uint8Array>([[ZERO_HASH, KECCAK256_NULL]]);
  return (codeHash) => {
    const known = bytesByHash.get(codeHash);
    if (known !== undefined) return known;
    if (bytesByHash.size >= MAX_CODE_HASHES) {
      bytesByHash.clear();
      bytesByHash.set(ZERO_HASH, KECCAK256_NULL);
    }
    const bytes = hexToBytes(codeHash);
    bytesByHash.set(codeHash, bytes);
    return bytes;
  };
}

function isAbsent(fields: AccountFields): boolean {
  return fields.nonce === 0n && fields.balanceWei === 0n && fields.codeHash === ZERO_HASH;
}

/** The interface wants a promise even for what is there. */
function settle<From, To>(value: MaybePromise<From>, change: (value: From) => To): Promise<To> {
  return value instanceof Promise ? value.then(change) : Promise.resolve(change(value));
}

function withoutRoot(): Error {
  return new Error("the uniform state map has its root in the state tree, not here");
}
