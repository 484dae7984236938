/**
 * Seeded programs of raw opcodes for the fuzz: loops, calls, creations, precompiles with inputs
 * that are nearly right, and bytes that mean nothing.
 *
 * Owns how code is drawn. Does not own transactions (`random_messages.ts`) or who runs it all.
 * @module
 */
import { bigintToBytes } from "../../../core/primitives/bytes.ts";
import { precompileInput, PRECOMPILES } from "./random_precompiles.ts";
import type { Draw } from "./random_programs.ts";
import { randomBytes, randomWord } from "./random_words.ts";

/** An opcode, with how many words it takes and gives. */
type Op = readonly [opcode: number, takes: number, gives: number];

const two = (opcode: number): Op => [opcode, 2, 1];
const one = (opcode: number): Op => [opcode, 1, 1];
const none = (opcode: number): Op => [opcode, 0, 1];

/** Arithmetic, comparison and bits, by far the most of any program. */
const PURE_OPS: readonly Op[] = [
  ...[1, 2, 3, 4, 5, 6, 7, 0x0b, 0x10, 0x11, 0x12, 0x13, 0x14].map(two),
  ...[0x16, 0x17, 0x18, 0x1a, 0x1b, 0x1c, 0x1d].map(two),
  [0x08, 3, 1],
  [0x09, 3, 1],
  ...[0x15, 0x19, 0x1e].map(one),
];

const ENVIRONMENT_OPS: readonly Op[] = [
  ...[0x30, 0x32, 0x33, 0x34, 0x36, 0x38, 0x3a, 0x3d, 0x41, 0x42, 0x43].map(none),
  ...[0x44, 0x45, 0x46, 0x47, 0x48, 0x4a, 0x58, 0x59, 0x5a].map(none),
  ...[0x35, 0x49].map(one),
];

const ACCOUNT_OPS: readonly number[] = [0x31, 0x3b, 0x3f];

/** What a program may name: accounts that exist, and none. */
export interface Surroundings {
  readonly accounts: readonly bigint[];
}

/** A program under construction; `height` is what the stack holds when nothing went wrong. */
interface Writer {
  readonly code: number[];
  height: number;
  readonly draw: Draw;
  readonly around: Surroundings;
}

/** A program; creations inside of it nest `depth` deep. */
export function randomProgram(draw: Draw, around: Surroundings, depth = 2): Uint8Array {
  if (draw.chance(8)) return randomBytes(draw, draw.below(80));
  const writer: Writer = { code: [], height: 0, draw, around };
  const pieces = 2 + draw.below(12);
  for (let piece = 0; piece < pieces; piece++) writePiece(writer, depth);
  writeEnd(writer);
  const code = Uint8Array.from(writer.code);
  if (!draw.chance(10) || code.length === 0) return code;
  // Now and then a byte is another one: jumps into nowhere, stacks that do not add up.
  return code.with(draw.below(code.length), draw.below(256));
}

/** Init code that returns `runtime` after a prelude, or whatever the draw makes of that. */
export function randomInit(draw: Draw, around: Surroundings, depth: number): Uint8Array {
  if (draw.chance(10)) return randomBytes(draw, draw.below(60));
  const runtime = draw.chance(15)
    ? Uint8Array.of(draw.pick([0xef, 0xfe, 0x00]), ...randomBytes(draw, draw.below(30)))
    : randomProgram(draw, around, depth - 1);
  const prelude: Writer = { code: [], height: 0, draw, around };
  if (draw.chance(50)) writePiece(prelude, depth - 1);
  const start = prelude.code.length + 14;
  const size = [runtime.length >> 8, runtime.length & 255];
  // PUSH2 size, DUP1, PUSH2 start, PUSH1 0, CODECOPY, PUSH1 0, RETURN.
  const copy = [0x61, ...size, 0x80, 0x61, start >> 8, start & 255, 0x60, 0, 0x39, 0x60, 0, 0xf3];
  return Uint8Array.from([...prelude.code, ...copy, 0, ...runtime]);
}

function push(writer: Writer, value: bigint | number): void {
  const word = BigInt(value);
  const length = Math.ceil(word.toString(16).length / 2);
  const bytes = word === 0n ? new Uint8Array(0) : bigintToBytes(word, length);
  writer.code.push(0x5f + bytes.length, ...bytes);
  writer.height++;
}

function op(writer: Writer, [opcode, takes, gives]: Op): void {
  writer.code.push(opcode);
  writer.height = Math.max(writer.height - takes, 0) + gives;
}

/** Pushes until the stack holds `count` words. */
function need(writer: Writer, count: number): void {
  while (writer.height < count) push(writer, randomWord(writer.draw));
}

function dropTo(writer: Writer, height: number): void {
  while (writer.height > height) op(writer, [0x50, 1, 0]);
}

/** A place in memory: mostly near its start, now and then where gas ends. */
function place(draw: Draw): bigint {
  if (draw.chance(2)) return randomWord(draw);
  return BigInt(draw.chance(10) ? draw.below(5_000) : draw.below(160));
}

function account(writer: Writer): bigint {
  return writer.draw.chance(5) ? randomWord(writer.draw) : writer.draw.pick(writer.around.accounts);
}

function writePiece(writer: Writer, depth: number): void {
  const { draw } = writer;
  const kind = draw.below(100);
  if (kind < 30) return writePure(writer);
  if (kind < 38) return writeMemory(writer);
  if (kind < 50) return writeStorage(writer);
  if (kind < 56) return op(writer, draw.pick(ENVIRONMENT_OPS));
  if (kind < 60) {
    push(writer, account(writer));
    return op(writer, one(draw.pick(ACCOUNT_OPS)));
  }
  if (kind < 70) return writeCall(writer, account(writer));
  if (kind < 78) return writePrecompile(writer);
  if (kind < 84) return depth > 0 ? writeCreate(writer, depth) : writePure(writer);
  if (kind < 88) return writeLoop(writer, depth);
  if (kind < 92) return writeBranch(writer, depth);
  if (kind < 96) return writeLog(writer);
  if (kind < 98) return writeStack(writer);
  writer.code.push(draw.below(256));
}

function writePure(writer: Writer): void {
  const { draw } = writer;
  for (let count = 1 + draw.below(6); count > 0; count--) {
    if (draw.chance(6)) {
      // EXP: its gas follows the exponent.
      push(writer, draw.chance(20) ? randomWord(draw) : draw.below(300));
      push(writer, randomWord(draw));
      op(writer, two(0x0a));
      continue;
    }
    const pure = draw.pick(PURE_OPS);
    if (draw.chance(50)) push(writer, randomWord(draw));
    need(writer, pure[1]);
    op(writer, pure);
  }
}

function writeMemory(writer: Writer): void {
  const { draw } = writer;
  const copy = (opcode: number) => {
    push(writer, draw.chance(90) ? draw.below(100) : place(draw));
    push(writer, place(draw));
    push(writer, place(draw));
    op(writer, [opcode, 3, 0]);
  };
  switch (draw.below(9)) {
    case 0:
    case 1:
      push(writer, randomWord(draw));
      push(writer, place(draw));
      return op(writer, [draw.pick([0x52, 0x52, 0x53]), 2, 0]);
    case 2:
      push(writer, place(draw));
      return op(writer, one(0x51));
    case 3:
      return copy(0x37);
    case 4:
      return copy(0x39);
    case 5:
      return copy(0x5e);
    case 6:
      // Past the end of the return data is an exception: mostly nothing is copied.
      push(writer, draw.chance(80) ? 0 : draw.below(40));
      push(writer, draw.chance(90) ? 0 : place(draw));
      push(writer, place(draw));
      return op(writer, [0x3e, 3, 0]);
    case 7:
      push(writer, draw.below(100));
      push(writer, place(draw));
      push(writer, place(draw));
      push(writer, account(writer));
      return op(writer, [0x3c, 4, 0]);
    default:
      push(writer, draw.chance(95) ? draw.below(200) : place(draw));
      push(writer, place(draw));
      return op(writer, two(0x20));
  }
}

function writeStorage(writer: Writer): void {
  const { draw } = writer;
  const key = () => draw.chance(90) ? BigInt(draw.below(4)) : randomWord(draw);
  if (draw.chance(40)) {
    push(writer, key());
    return op(writer, one(draw.pick([0x54, 0x54, 0x5c])));
  }
  if (draw.chance(60)) need(writer, 1);
  else push(writer, draw.chance(50) ? draw.below(3) : randomWord(draw));
  push(writer, key());
  op(writer, [draw.pick([0x55, 0x55, 0x55, 0x5d]), 2, 0]);
}

function writeStack(writer: Writer): void {
  const { draw } = writer;
  const depth = 1 + draw.below(16);
  need(writer, depth + 1);
  op(writer, draw.chance(50) ? [0x7f + depth, 0, 1] : [0x8f + depth, 0, 0]);
}

function writeLog(writer: Writer): void {
  const { draw } = writer;
  const topics = draw.below(5);
  need(writer, topics);
  push(writer, draw.below(100));
  push(writer, place(draw));
  op(writer, [0xa0 + topics, topics + 2, 0]);
}

/** Counts down from a few; what is inside leaves the stack as it was. */
function writeLoop(writer: Writer, depth: number): void {
  const { draw, code } = writer;
  push(writer, draw.chance(5) ? 5_000 : 1 + draw.below(12));
  const start = code.length;
  const height = writer.height;
  code.push(0x5b);
  for (let pieces = 1 + draw.below(3); pieces > 0; pieces--) {
    if (draw.chance(70)) writePure(writer);
    else writePiece(writer, Math.min(depth, 1) - 1);
  }
  dropTo(writer, height);
  // PUSH1 1, SWAP1, SUB, DUP1, PUSH2 start, JUMPI.
  code.push(0x60, 1, 0x90, 0x03, 0x80, 0x61, start >> 8, start & 255, 0x57);
}

/** Jumps over a piece or not, as the draw or the word on the stack says. */
function writeBranch(writer: Writer, depth: number): void {
  const { draw, code } = writer;
  need(writer, 1);
  const hole = code.length + 1;
  code.push(0x61, 0, 0, 0x57);
  writer.height--;
  const height = writer.height;
  writePiece(writer, depth - 1);
  dropTo(writer, height);
  // A rare jump misses its mark.
  const target = code.length + (draw.chance(4) ? 1 : 0);
  code[hole] = target >> 8;
  code[hole + 1] = target & 255;
  code.push(0x5b);
  // Where the piece took more than it gave, both ways still meet with the same stack.
  writer.height = Math.min(writer.height, height);
}

function writeCall(writer: Writer, to: bigint, inputLength?: number): void {
  const { draw } = writer;
  const opcode = draw.pick([0xf1, 0xf1, 0xf2, 0xf4, 0xfa]);
  const hasValue = opcode === 0xf1 || opcode === 0xf2;
  push(writer, draw.chance(95) ? draw.below(70) : place(draw));
  push(writer, place(draw));
  push(writer, inputLength ?? draw.below(100));
  push(writer, inputLength === undefined ? place(draw) : 0n);
  if (hasValue) push(writer, draw.pick([0n, 0n, 0n, 1n, 1_000n, 1n << 200n]));
  push(writer, to);
  if (draw.chance(70)) op(writer, none(0x5a));
  else push(writer, draw.pick([0n, 700n, 2_300n, 30_000n, (1n << 256n) - 1n]));
  op(writer, [opcode, hasValue ? 7 : 6, 1]);
  if (draw.chance(50)) op(writer, none(0x3d));
}

/** Writes `bytes` to memory, from 0 on. */
function writeBytes(writer: Writer, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; at += 32) {
    const word = new Uint8Array(32);
    word.set(bytes.subarray(at, at + 32));
    push(writer, word.reduce((sum, byte) => sum << 8n | BigInt(byte), 0n));
    push(writer, at);
    op(writer, [0x52, 2, 0]);
  }
}

function writePrecompile(writer: Writer): void {
  const { draw } = writer;
  const number = draw.pick(PRECOMPILES);
  const good = precompileInput(draw, number);
  let input = good;
  if (draw.chance(25) && good.length > 0) {
    input = good.with(draw.below(good.length), draw.below(256));
  }
  if (draw.chance(15)) input = input.slice(0, draw.below(input.length + 1));
  writeBytes(writer, input);
  writeCall(writer, BigInt(number), input.length);
}

function writeCreate(writer: Writer, depth: number): void {
  const { draw } = writer;
  const init = randomInit(draw, writer.around, depth - 1).slice(0, 640);
  writeBytes(writer, init);
  const isCreate2 = draw.chance(50);
  if (isCreate2) push(writer, draw.below(2));
  push(writer, draw.chance(97) ? init.length : place(draw));
  push(writer, draw.chance(95) ? 0n : place(draw));
  push(writer, draw.pick([0n, 0n, 1n, 1n << 100n]));
  op(writer, isCreate2 ? [0xf5, 4, 1] : [0xf0, 3, 1]);
  if (draw.chance(50)) {
    // What was created is called, its address stays.
    writer.code.push(0x80);
    writer.height++;
    writer.code.push(0x5f, 0x5f, 0x5f, 0x5f, 0x5f, 0x85, 0x5a, 0xf1);
    writer.height++;
  }
}

function writeEnd(writer: Writer): void {
  const { draw } = writer;
  // What the stack holds in the end is seen by everybody.
  const words = Math.min(writer.height, 3);
  for (let word = 0; word < words; word++) {
    push(writer, word * 32);
    op(writer, [0x52, 2, 0]);
  }
  const kind = draw.below(20);
  if (kind < 2) {
    push(writer, account(writer));
    return op(writer, [0xff, 1, 0]);
  }
  if (kind < 5) return;
  push(writer, draw.chance(80) ? words * 32 : draw.below(300));
  push(writer, draw.chance(90) ? 0n : place(draw));
  op(writer, [kind < 8 ? 0xfd : 0xf3, 2, 0]);
}
