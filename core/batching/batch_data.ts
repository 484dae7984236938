/**
 * The bytes of a batch that L1 keeps, format version 1.
 *
 * Owns the format, frozen in `fixtures/wire/batch_data_v1.json`, and its total decoder: L1 accepts
 * any bytes, so every byte string is either a list of blocks or malformed, and decoding never
 * throws. Does not own what a transaction's bytes mean: execution skips what is no transaction.
 *
 * ```text
 * batch       = 0x01, block, block, …            the version; at least one block
 * block       = header, transaction, …           no transaction is legal
 * header      = 0x0b, uint32 delta timestamp, uint32 count of consumed L1->L2 operations
 * transaction = uint32 length, EIP-2718 bytes    length is 1 to `LIMITS.maxTxBytes`
 * ```
 *
 * All integers are big-endian. The header is that of Polygon's etrog fork, its second word counts
 * operations in the place of an index: the next ones of the L1 queue, whose bytes are not repeated. A length stays below 2^24, so its first byte is 0x00 and
 * tells a transaction from a header.
 * @module
 */
import { bigintToBytes, ByteReader } from "../primitives/bytes.ts";
import { assert } from "../primitives/errors.ts";
import { LIMITS } from "../primitives/limits.ts";

/** Size of what precedes the first block. */
export const batchFrameBytes = 1;

/** Size of a block without its transactions. */
export const blockHeaderBytes = 9;

/** The most that a block can be after its parent, in seconds. */
export const MAX_TIME_STEP_SEC = (1n << 32n) - 1n;

const VERSION = 0x01;
const HEADER_MARK = 0x0b;
const TX_MARK = 0x00;
const TX_LENGTH_BYTES = 4;

/** A block as batch data tells it. */
export interface BatchDataBlock {
  readonly timestampSec: bigint;
  /** L1->L2 operations that the block consumes: the next ones of the L1 queue. */
  readonly l1ToL2OperationCount: number;
  /** Opaque byte strings, meant to be EIP-2718 transactions. */
  readonly transactions: readonly Uint8Array[];
}

/** A block to encode. */
export type BatchDataBlockInput =
  & Omit<BatchDataBlock, "l1ToL2OperationCount">
  & Partial<Pick<BatchDataBlock, "l1ToL2OperationCount">>;

/** Why bytes are no batch: the first broken rule from front to back. */
export type BatchDataErrorCode =
  | "BATCH_DATA_OVERSIZED"
  | "BATCH_DATA_VERSION_UNKNOWN"
  | "BATCH_DATA_HEADER_MISSING"
  | "BATCH_DATA_ITEM_UNKNOWN"
  | "BATCH_DATA_TRUNCATED"
  | "BATCH_DATA_TIMESTAMP_NOT_INCREASING"
  | "BATCH_DATA_TIMESTAMP_ABOVE_LIMIT"
  | "BATCH_DATA_OPERATION_COUNT"
  | "BATCH_DATA_OPERATION_GAS"
  | "BATCH_DATA_TX_LENGTH"
  | "BATCH_DATA_BLOCK_COUNT"
  | "BATCH_DATA_TX_COUNT";

/** Why bytes are no batch, for people as well. */
export interface BatchDataFault {
  readonly code: BatchDataErrorCode;
  readonly message: string;
}

/** What bytes of L1 are: blocks, or malformed, in which case their transactions do nothing. */
export type DecodedBatch =
  | { readonly ok: true; readonly blocks: readonly BatchDataBlock[] }
  | { readonly ok: false; readonly reason: BatchDataFault };

/**
 * The batch data of `blocks`, which follow a block of `previousTimestampSec`.
 *
 * The caller has sealed within the limits, so a block that breaks a rule is a defect.
 */
export function encodeBatchData(
  blocks: readonly BatchDataBlockInput[],
  previousTimestampSec: bigint,
): Uint8Array {
  assert(blocks.length > 0, "a batch has at least one block");
  assert(blocks.length <= LIMITS.maxBlocksPerBatch, "the sealer counts blocks");
  const sizeBytes = batchDataSizeBytes(blocks);
  assert(sizeBytes <= LIMITS.maxBatchDataBytes, "the sealer closes a batch before it is too long");
  const data = new Uint8Array(sizeBytes);
  data[0] = VERSION;
  let offset = batchFrameBytes;
  let timestampSec = previousTimestampSec;
  let txCount = 0;
  let operationCount = 0;
  for (const block of blocks) {
    txCount += block.transactions.length;
    assert(txCount <= LIMITS.maxTxsPerBatch, "the sealer counts transactions");
    const deltaSec = block.timestampSec - timestampSec;
    assert(
      deltaSec >= 1n && deltaSec <= MAX_TIME_STEP_SEC,
      "timestamps increase by a 32-bit step",
    );
    timestampSec = block.timestampSec;
    data[offset] = HEADER_MARK;
    data.set(bigintToBytes(deltaSec, 4), offset + 1);
    const consumed = block.l1ToL2OperationCount ?? 0;
    operationCount += consumed;
    assert(operationCount <= LIMITS.maxOperationsPerBatch, "the sealer counts L1->L2 operations");
    data.set(bigintToBytes(BigInt(consumed), 4), offset + 5);
    offset += blockHeaderBytes;
    for (const raw of block.transactions) {
      assert(raw.length >= 1 && raw.length <= LIMITS.maxTxBytes, "admission bounds transactions");
      data.set(bigintToBytes(BigInt(raw.length), TX_LENGTH_BYTES), offset);
      data.set(raw, offset + TX_LENGTH_BYTES);
      offset += txBytes(raw);
    }
  }
  return data;
}

/**
 * What `data` says. Never throws, whatever the bytes; what decodes encodes to the same bytes.
 *
 * Timestamps must rise strictly from `previousTimestampSec` and stay at or below
 * `limitTimestampSec`, the `timestamp` with which the batch was sequenced on L1.
 */
export function decodeBatchData(
  data: Uint8Array,
  previousTimestampSec: bigint,
  limitTimestampSec: bigint,
): DecodedBatch {
  if (data.length > LIMITS.maxBatchDataBytes) {
    return malformed(
      "BATCH_DATA_OVERSIZED",
      `it must have at most ${LIMITS.maxBatchDataBytes} bytes: it has ${data.length}`,
    );
  }
  const [version] = data;
  if (version !== VERSION) {
    const got = version === undefined ? "it is empty" : `it starts with ${hexByte(version)}`;
    return malformed("BATCH_DATA_VERSION_UNKNOWN", `it must start with version 0x01: ${got}`);
  }
  const reader = new ByteReader(data.subarray(batchFrameBytes));
  const blocks: { header: Header; transactions: Uint8Array[] }[] = [];
  let timestampSec = previousTimestampSec;
  let txCount = 0;
  let operationCount = 0;
  do {
    const current = blocks.at(-1);
    const mark = reader.peek();
    if (mark === HEADER_MARK) {
      const header = decodeHeader(reader, timestampSec, limitTimestampSec);
      if ("code" in header) return { ok: false, reason: header };
      if (blocks.length >= LIMITS.maxBlocksPerBatch) return tooMany("BLOCK", "blocks");
      timestampSec = header.timestampSec;
      operationCount += header.l1ToL2OperationCount;
      if (operationCount > LIMITS.maxOperationsPerBatch) {
        return tooMany("OPERATION", "L1->L2 operations");
      }
      blocks.push({ header, transactions: [] });
    } else if (current === undefined) {
      const got = mark < 0 ? "nothing follows the version" : `it is ${hexByte(mark)}`;
      return malformed("BATCH_DATA_HEADER_MISSING", `its first item must be a header: ${got}`);
    } else if (mark === TX_MARK) {
      const raw = decodeTx(reader);
      if ("code" in raw) return { ok: false, reason: raw };
      if (++txCount > LIMITS.maxTxsPerBatch) return tooMany("TX", "transactions");
      current.transactions.push(raw);
    } else {
      return malformed(
        "BATCH_DATA_ITEM_UNKNOWN",
        `an item must start with 0x0b or 0x00: it starts with ${hexByte(mark)}`,
      );
    }
  } while (reader.remainingBytes() > 0);
  return {
    ok: true,
    blocks: blocks.map(({ header, transactions }) => ({ ...header, transactions })),
  };
}

/** The size of the batch data of `blocks`. */
export function batchDataSizeBytes(
  blocks: readonly Pick<BatchDataBlock, "transactions">[],
): number {
  let sizeBytes = batchFrameBytes;
  for (const block of blocks) {
    sizeBytes += blockHeaderBytes;
    for (const raw of block.transactions) sizeBytes += txBytes(raw);
  }
  return sizeBytes;
}

/** What `raw` adds to the size of batch data. */
export function txBytes(raw: Uint8Array): number {
  return TX_LENGTH_BYTES + raw.length;
}

type Header = Omit<BatchDataBlock, "transactions">;

function decodeHeader(
  reader: ByteReader,
  previousTimestampSec: bigint,
  limitTimestampSec: bigint,
): Header | BatchDataFault {
  if (reader.remainingBytes() < blockHeaderBytes) return truncated("a header", reader);
  reader.take(1);
  const deltaSec = reader.takeUint(4);
  const l1ToL2OperationCount = reader.takeLength(4);
  if (deltaSec === 0n) {
    return fault(
      "BATCH_DATA_TIMESTAMP_NOT_INCREASING",
      `a block must be at least 1 second after the one before: it is at ${previousTimestampSec} too`,
    );
  }
  const timestampSec = previousTimestampSec + deltaSec;
  if (timestampSec > limitTimestampSec) {
    return fault(
      "BATCH_DATA_TIMESTAMP_ABOVE_LIMIT",
      `a block's timestamp must be at most ${limitTimestampSec}: it is ${timestampSec}`,
    );
  }
  return { timestampSec, l1ToL2OperationCount };
}

function decodeTx(reader: ByteReader): Uint8Array | BatchDataFault {
  if (reader.remainingBytes() < TX_LENGTH_BYTES) return truncated("a length", reader);
  const sizeBytes = reader.takeLength(TX_LENGTH_BYTES);
  if (sizeBytes < 1 || sizeBytes > LIMITS.maxTxBytes) {
    return fault(
      "BATCH_DATA_TX_LENGTH",
      `a transaction must have 1 to ${LIMITS.maxTxBytes} bytes: its length says ${sizeBytes}`,
    );
  }
  if (reader.remainingBytes() < sizeBytes) return truncated("a transaction", reader);
  return reader.take(sizeBytes);
}

const MOST = {
  BLOCK: LIMITS.maxBlocksPerBatch,
  TX: LIMITS.maxTxsPerBatch,
  OPERATION: LIMITS.maxOperationsPerBatch,
} as const;

function tooMany(what: keyof typeof MOST, word: string): DecodedBatch {
  return malformed(
    `BATCH_DATA_${what}_COUNT`,
    `it must have at most ${MOST[what]} ${word}: it has more`,
  );
}

function truncated(what: string, reader: ByteReader): BatchDataFault {
  return fault(
    "BATCH_DATA_TRUNCATED",
    `${what} must be whole: only ${reader.remainingBytes()} bytes are left for it`,
  );
}

function malformed(code: BatchDataErrorCode, condition: string): DecodedBatch {
  return { ok: false, reason: fault(code, condition) };
}

function fault(code: BatchDataErrorCode, condition: string): BatchDataFault {
  return { code, message: `Cannot decode batch data as ${condition}` };
}

function hexByte(byte: number): string {
  return `0x${byte.toString(16).padStart(2, "0")}`;
}
