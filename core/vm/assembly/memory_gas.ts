/**
 * EVM memory of frames: what it costs to use more of it, and making it there.
 */
import { FRAME_MEMORY, FRAME_MEMORY_BYTES, getField, setField } from "./frames";
import { GAS_COPY_WORD, GAS_MEMORY_WORD } from "./gas";
import { COUNTER_MEMORY_WORDS, EVM_MEMORY_BASE, FAULT_MEMORY_FULL } from "./layout";
import { count, fault } from "./memory";

/** Pages that are asked for at least when memory has to grow: 4 MiB. */
const GROWTH_PAGES: u64 = 64;
const MAX_PAGES: u64 = 65536;
const PAGE_BYTES: u64 = 65536;
/** Nothing that reaches past this can be paid for with 64 bits of gas that anyone has. */
const MAX_REACH: u64 = 0x100000000;

/** Where the memory ends that some frame has used since the module began. */
let usedEnd: u64 = EVM_MEMORY_BASE;

/** What `useRange` found: an absolute address and a length. */
export let rangePtr: usize = 0;
export let rangeLength: u32 = 0;

/** Price of `words` words of memory. */
@inline
function memoryPrice(words: u64): i64 {
  return <i64> (<u64> GAS_MEMORY_WORD * words + words * words / 512);
}

/** Makes the memory of `frame` at least `end` bytes long (at most 2^32); answers the gas left. */
export function expandMemory(frame: usize, end: u64, gas: i64): i64 {
  const oldBytes = getField(frame, FRAME_MEMORY_BYTES);
  if (end <= oldBytes) return gas;
  const words = (end + 31) >> 5;
  const oldWords = <u64> (oldBytes >> 5);
  gas -= memoryPrice(words) - memoryPrice(oldWords);
  if (gas < 0) return gas;
  const base = getField(frame, FRAME_MEMORY);
  ensure(<u64> base + (words << 5));
  clear(<usize> base + oldBytes, <u64> base + (words << 5));
  setField(frame, FRAME_MEMORY_BYTES, <u32> (words << 5));
  count(COUNTER_MEMORY_WORDS, words - oldWords);
  return gas;
}

/**
 * Zeroes the memory up to `end`. What no frame has used yet is zero already, and is left alone: an
 * enormous memory that is paid for but not written takes no room on the machine.
 */
function clear(start: usize, end: u64): void {
  if (<u64> start < usedEnd) memory.fill(start, 0, <usize> (min(end, usedEnd) - start));
  if (end > usedEnd) usedEnd = end;
}

/** Lets wasm memory reach `end`. */
function ensure(end: u64): void {
  const pages = <u64> memory.size();
  const needed = (end + (PAGE_BYTES - 1)) / PAGE_BYTES;
  // A frame's length is kept in 32 bits, and so is every address.
  if (needed <= pages && end < MAX_REACH) return;
  if (needed >= MAX_PAGES) fault(FAULT_MEMORY_FULL);
  const wanted = min(max(needed - pages, GROWTH_PAGES), MAX_PAGES - pages);
  if (memory.grow(<i32> wanted) < 0 && memory.grow(<i32> (needed - pages)) < 0) {
    fault(FAULT_MEMORY_FULL);
  }
}

/**
 * Pays for the use of memory at the words `offset` and `size`, and tells where that is in
 * `rangePtr` and `rangeLength`; answers the gas left, negative when it does not suffice.
 */
export function useRange(frame: usize, offset: usize, size: usize, gas: i64): i64 {
  const length = load<u64>(size);
  if ((load<u64>(size, 8) | load<u64>(size, 16) | load<u64>(size, 24)) != 0) return -1;
  if (length == 0) {
    rangePtr = getField(frame, FRAME_MEMORY);
    rangeLength = 0;
    return gas;
  }
  const start = load<u64>(offset);
  if ((load<u64>(offset, 8) | load<u64>(offset, 16) | load<u64>(offset, 24)) != 0) return -1;
  if (start >= MAX_REACH || length >= MAX_REACH || start + length > MAX_REACH) return -1;
  gas = expandMemory(frame, start + length, gas);
  rangePtr = <usize> getField(frame, FRAME_MEMORY) + <usize> start;
  rangeLength = <u32> length;
  return gas;
}

/** Price of copying `length` bytes. */
@inline
export function copyPrice(length: u32): i64 {
  return GAS_COPY_WORD * <i64> wordsOf(length);
}

/** Words that hold `length` bytes. */
@inline
export function wordsOf(length: u32): u64 {
  return (<u64> length + 31) >> 5;
}

/**
 * Copies `length` bytes to `target` from the word `offset` of a source of `available` bytes; what
 * is past its end reads as zero.
 */
export function copyPadded(
  target: usize,
  length: u32,
  source: usize,
  available: u32,
  offset: usize,
): void {
  let copied: u32 = 0;
  const start = load<u64>(offset);
  const isFar = (load<u64>(offset, 8) | load<u64>(offset, 16) | load<u64>(offset, 24)) != 0;
  if (!isFar && start < available) {
    copied = min(length, available - <u32> start);
    memory.copy(target, source + <usize> start, copied);
  }
  memory.fill(target + copied, 0, length - copied);
}
