/**
 * The bootloader: opens a run, runs the transactions that the operator described, closes.
 *
 * A run is one block. All that it knows between transactions is in the interface page (index,
 * counters) and in the state: an external snapshot, or a start after a trap, needs no more.
 * `core/vm/PROGRAM.md` tells the life cycle and what the operator does at each hook.
 */
import { hook } from "./host";
import {
  FORK_OSAKA,
  HOOK_FINAL_BATCH_INFO,
  HOOK_PUBDATA_REQUESTED,
  HOOK_TX_HAS_ENDED,
  MAX_TXS,
  MODE_BATCH,
  MODE_CALL,
  MODE_ONE_TX,
  PROFILE_ETHEREUM,
  PROFILE_ROLLUP,
  PUBDATA_BASE,
  PUBDATA_END,
  RUN_CLOSED,
  RUN_NO_TX,
  RUN_REFUSED,
  RUN_TX_ENDED,
  SLOT_BASE_FEE,
  SLOT_BLOB_BASE_FEE,
  SLOT_FAULT,
  SLOT_FICTIVE_COMMITMENT,
  SLOT_FICTIVE_NUMBER,
  SLOT_FICTIVE_TIMESTAMP,
  SLOT_FORK,
  SLOT_GAS_LIMIT,
  SLOT_GAS_PER_PUBDATA,
  SLOT_HOOK_PARAM_0,
  SLOT_HOOK_PARAM_1,
  SLOT_NUMBER,
  SLOT_OPERATOR,
  SLOT_PARENT_HASH,
  SLOT_PROFILE,
  SLOT_PUBDATA_LENGTH,
  SLOT_TIMESTAMP,
  SLOT_TX_INDEX,
  TX_DESCRIPTION_BYTES,
  TX_DESCRIPTIONS_BASE,
  WORD_BYTES,
} from "./layout";
import { getNumber, setNumber, slotPtr } from "./memory";
import { clearResult } from "./results";
import {
  bareAccount,
  beginTx,
  collectDiffs,
  outputPtr,
  resetState,
  slot,
  slotValue,
  writeSlotFree,
} from "./state";
import { runCall, runTransaction } from "./transaction";
import { isFrame } from "./tx_frame";
import { equal, fitsU64, loadBE, setU64 } from "./words";

/** EIP-2935: `HISTORY_SERVE_WINDOW`. */
const HISTORY_WINDOW: u64 = 8191;
/** Numbers and timestamps leave room for arithmetic. */
const MOST_NUMBER: u64 = 1 << 63;

/** Word: EIP-2935's contract, 0x0000F90827F1C53a10cb7A02335B175320002935. */
const history: usize = memory.data<u64>([0x335b175320002935, 0x27f1c53a10cb7a02, 0xf908, 0]);
/** Word: the system context, 0x800B; its slot 0 holds the commitment to the header. */
const systemContext: usize = memory.data<u64>([0x800b, 0, 0, 0]);
/** Slot of the system context that holds the gas for each byte of pubdata. */
const GAS_PER_PUBDATA_KEY: u64 = 1;
const key: usize = memory.data(WORD_BYTES, 16);
const word: usize = memory.data(WORD_BYTES, 16);

/** Opens a run in the environment of the interface page: 0, or RUN_REFUSED and nothing changed. */
export function begin(): i32 {
  if (!isEnvironment()) return RUN_REFUSED;
  resetState();
  beginTx();
  clearResult();
  setNumber(SLOT_TX_INDEX, 0);
  setNumber(SLOT_FAULT, 0);
  if (!isRollup()) return 0;
  const number = getNumber(SLOT_NUMBER);
  if (number > 0) {
    setU64(key, (number - 1) % HISTORY_WINDOW);
    writeSystemSlot(history, SLOT_PARENT_HASH);
  }
  return isPubdataPriceOfState() ? 0 : RUN_REFUSED;
}

/** The price of pubdata is no choice of the operator: the state holds it, and so the state root. */
function isPubdataPriceOfState(): bool {
  setU64(key, GAS_PER_PUBDATA_KEY);
  setU64(word, getNumber(SLOT_GAS_PER_PUBDATA));
  return equal(slotValue(slot(bareAccount(systemContext), key)), word);
}

/** Runs in one of the modes; answers RUN_…. */
export function run(mode: i32): i32 {
  if (mode == MODE_ONE_TX) return runNext();
  if (mode == MODE_CALL) return runFirstAsCall();
  if (mode != MODE_BATCH) return RUN_REFUSED;
  let answer: i32;
  do answer = runNext(); while (answer == RUN_TX_ENDED);
  return answer == RUN_NO_TX ? close() : answer;
}

function runNext(): i32 {
  const index = getNumber(SLOT_TX_INDEX);
  if (index >= <u64> MAX_TXS) return RUN_NO_TX;
  const description = <usize> TX_DESCRIPTIONS_BASE + <usize> index * TX_DESCRIPTION_BYTES;
  if (load<u32>(description) != 1) return RUN_NO_TX;
  const frame = frameOf(description);
  if (frame == 0) return RUN_REFUSED;
  runTransaction(frame);
  // Before the hook: a rollback by the operator from inside of it is not counted over.
  setNumber(SLOT_TX_INDEX, index + 1);
  hook(HOOK_TX_HAS_ENDED);
  return RUN_TX_ENDED;
}

function runFirstAsCall(): i32 {
  const frame = frameOf(TX_DESCRIPTIONS_BASE);
  if (frame == 0) return RUN_REFUSED;
  runCall(frame);
  return RUN_TX_ENDED;
}

/** The described frame, or 0 when it does not lie in its region. */
function frameOf(description: usize): usize {
  const frame = <usize> load<u32>(description + 4);
  return isFrame(frame) ? frame : 0;
}

/** The fictive block, the commitment to the header, and the request for pubdata. */
function close(): i32 {
  hook(HOOK_FINAL_BATCH_INFO);
  const number = getNumber(SLOT_FICTIVE_NUMBER);
  const timestamp = getNumber(SLOT_FICTIVE_TIMESTAMP);
  if (number != getNumber(SLOT_NUMBER) + 1 || timestamp != getNumber(SLOT_TIMESTAMP) + 1) {
    return RUN_REFUSED;
  }
  if (isRollup()) {
    beginTx();
    setU64(key, 0);
    writeSystemSlot(systemContext, SLOT_FICTIVE_COMMITMENT);
  }
  setNumber(SLOT_HOOK_PARAM_0, collectDiffs());
  setNumber(SLOT_HOOK_PARAM_1, outputPtr());
  setNumber(SLOT_PUBDATA_LENGTH, 0);
  hook(HOOK_PUBDATA_REQUESTED);
  const length = getNumber(SLOT_PUBDATA_LENGTH);
  return length <= <u64> (PUBDATA_END - PUBDATA_BASE) ? RUN_CLOSED : RUN_REFUSED;
}

/** Writes a word of the interface page to slot `key`: the block's own write, which nobody pays. */
function writeSystemSlot(contract: usize, source: i32): void {
  loadBE(word, slotPtr(source));
  writeSlotFree(slot(bareAccount(contract), key), word);
}

/** What zk-stack, section 1.1, asks of prices is asked of the rollup alone. */
function isEnvironment(): bool {
  const isKnown = getNumber(SLOT_PROFILE) <= <u64> PROFILE_ETHEREUM;
  if (!isKnown || getNumber(SLOT_FORK) > <u64> FORK_OSAKA) return false;
  if (!isAddress(SLOT_OPERATOR)) return false;
  if (!isRollup()) return true;
  return getNumber(SLOT_NUMBER) <= MOST_NUMBER && getNumber(SLOT_TIMESTAMP) <= MOST_NUMBER &&
    isPrice(SLOT_BASE_FEE) && isPrice(SLOT_BLOB_BASE_FEE);
}

function isPrice(source: i32): bool {
  loadBE(word, slotPtr(source));
  return fitsU64(word);
}

/** The first 12 bytes of the word are zero. */
function isAddress(source: i32): bool {
  const pointer = slotPtr(source);
  return load<u64>(pointer) == 0 && load<u32>(pointer + 8) == 0;
}

function isRollup(): bool {
  return getNumber(SLOT_PROFILE) == PROFILE_ROLLUP;
}
