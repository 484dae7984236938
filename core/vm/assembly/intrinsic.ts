/**
 * What a message costs before its first opcode, and the least that is charged for it.
 *
 * The same sums as `core/types/tx_gas.ts`, by fork. Sizes are bounded by TX_REGION, so that no sum
 * here can overflow.
 */
import {
  ACCESS_ENTRY_BYTES,
  ACCESS_ENTRY_KEYS_COUNT,
  FORK_PRAGUE,
  SLOT_FORK,
  TX_ACCESS_LIST_COUNT,
  TX_ACCESS_LIST_PTR,
  TX_AUTHORIZATIONS_COUNT,
  TX_DATA_LENGTH,
  TX_DATA_PTR,
  TX_FLAG_CREATE,
} from "./layout";
import { hasFlag } from "./tx_frame";
import { getNumber } from "./memory";

/** EIP-3860: twice the longest code of EIP-170. */
export const MAX_INIT_CODE_BYTES: u32 = 49_152;

const TX_BASE_GAS: u64 = 21_000;
const CREATION_GAS: u64 = 32_000;
const INIT_CODE_WORD_GAS: u64 = 2;
const ZERO_BYTE_GAS: u64 = 4;
/** EIP-2028. */
const NONZERO_BYTE_GAS: u64 = 16;
/** EIP-7623: a zero byte is one token, any other byte four. */
const FLOOR_TOKEN_GAS: u64 = 10;
const TOKENS_PER_NONZERO_BYTE: u64 = 4;
/** EIP-2930. */
const ACCESS_LIST_ADDRESS_GAS: u64 = 2_400;
const ACCESS_LIST_STORAGE_KEY_GAS: u64 = 1_900;
/** EIP-7702. */
const AUTHORIZATION_GAS: u64 = 25_000;

/** Gas before the first opcode, of the message that was priced last. */
export let intrinsicGas: u64 = 0;
/** The least gas that it is charged (EIP-7623); 0 before Prague. */
export let floorGas: u64 = 0;

/** Sets {@link intrinsicGas} and {@link floorGas}. */
export function priceMessage(frame: usize): void {
  const length = load<u32>(frame + TX_DATA_LENGTH);
  const zeros = <u64> countZeros(load<u32>(frame + TX_DATA_PTR), length);
  const others = <u64> length - zeros;
  let gas = TX_BASE_GAS + ZERO_BYTE_GAS * zeros + NONZERO_BYTE_GAS * others;
  if (hasFlag(frame, TX_FLAG_CREATE)) {
    gas += CREATION_GAS + INIT_CODE_WORD_GAS * ((<u64> length + 31) >> 5);
  }
  gas += accessListGas(frame);
  const isPrague = getNumber(SLOT_FORK) >= <u64> FORK_PRAGUE;
  if (isPrague) gas += AUTHORIZATION_GAS * <u64> load<u32>(frame + TX_AUTHORIZATIONS_COUNT);
  intrinsicGas = gas;
  floorGas = isPrague
    ? TX_BASE_GAS + FLOOR_TOKEN_GAS * (zeros + TOKENS_PER_NONZERO_BYTE * others)
    : 0;
}

/** A call that is not charged as a transaction costs only what it executes. */
export function priceNothing(): void {
  intrinsicGas = 0;
  floorGas = 0;
}

/** The lowest gas limit that the message may have. */
export function minimumGas(): u64 {
  return max<u64>(intrinsicGas, floorGas);
}

function accessListGas(frame: usize): u64 {
  const count = load<u32>(frame + TX_ACCESS_LIST_COUNT);
  let entry = <usize> load<u32>(frame + TX_ACCESS_LIST_PTR);
  let gas: u64 = 0;
  for (let i: u32 = 0; i < count; i++, entry += ACCESS_ENTRY_BYTES) {
    const keys = <u64> load<u32>(entry + ACCESS_ENTRY_KEYS_COUNT);
    gas += ACCESS_LIST_ADDRESS_GAS + ACCESS_LIST_STORAGE_KEY_GAS * keys;
  }
  return gas;
}

function countZeros(pointer: usize, length: u32): u32 {
  const end = pointer + length;
  let zeros: u32 = 0;
  const zero = i8x16.splat(0);
  for (; pointer + 16 <= end; pointer += 16) {
    zeros += popcnt(i8x16.bitmask(i8x16.eq(v128.load(pointer), zero)));
  }
  for (; pointer < end; pointer++) zeros += u32(load<u8>(pointer) == 0);
  return zeros;
}
