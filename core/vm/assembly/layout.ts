/**
 * The memory of the program, as the operator and the program share it.
 *
 * Owns every address, slot number, code and flag that both sides use; the host imports this very
 * file. All values are plain numbers, so that it is TypeScript and AssemblyScript at once. The page
 * for readers is `core/vm/PROGRAM.md`.
 *
 * A slot is 32 bytes at address `32 * slot`. A word slot holds 256 bits big-endian; a number slot
 * holds an unsigned 64-bit number little-endian in its first 8 bytes (signed where it says so).
 */

export const WORD_BYTES = 32;

// Batch environment: written by the operator before `begin`.
/** Word: who collects fees, right-aligned. */
export const SLOT_OPERATOR = 0;
/** Word: hash of the block before; goes into the EIP-2935 ring (rollup profile). */
export const SLOT_PARENT_HASH = 1;
/** Number: seconds. */
export const SLOT_TIMESTAMP = 2;
/** Number. */
export const SLOT_NUMBER = 3;
/** Number: gas for each byte of pubdata; 0 charges none. */
export const SLOT_GAS_PER_PUBDATA = 4;
/** Word. */
export const SLOT_CHAIN_ID = 5;
/** Word: wei. */
export const SLOT_BASE_FEE = 6;
/** Number: PROFILE_…. */
export const SLOT_PROFILE = 7;
/** Number: FORK_…. */
export const SLOT_FORK = 8;
/** Number: gas of the block. */
export const SLOT_GAS_LIMIT = 9;
/** Word. */
export const SLOT_PREV_RANDAO = 10;
/** Word: wei for each unit of blob gas. */
export const SLOT_BLOB_BASE_FEE = 11;
/** Number: most blobs of one transaction; 0 where type 3 is not known. */
export const SLOT_MAX_BLOBS = 12;
/** Number: most gas of one transaction (EIP-7825); 0 for no bound. */
export const SLOT_MAX_TX_GAS = 13;
/** Number: any; keys the hash tables. Changes no result, only who can guess collisions. */
export const SLOT_TABLE_SEED = 14;

// The fictive block: written by the operator at hook FINAL_BATCH_INFO.
/** Number: that of the last block plus 1. */
export const SLOT_FICTIVE_NUMBER = 16;
/** Number: that of the last block plus 1. */
export const SLOT_FICTIVE_TIMESTAMP = 17;
/** Word: what the state is to remember of the block that was just run. */
export const SLOT_FICTIVE_COMMITMENT = 18;

// Hooks.
/** Numbers: parameters of the hook that is being called. */
export const SLOT_HOOK_PARAM_0 = 24;
export const SLOT_HOOK_PARAM_1 = 25;
export const SLOT_HOOK_PARAM_2 = 26;
/** Number: gas; the operator's answer to ASK_OPERATOR_FOR_REFUND. */
export const SLOT_OPERATOR_REFUND = 27;
/** Number: bytes of pubdata that the operator wrote at PUBDATA_REQUESTED, from PUBDATA_BASE on. */
export const SLOT_PUBDATA_LENGTH = 28;

// Transactions: descriptions are at TX_DESCRIPTIONS_BASE.
/** Number: index of the transaction that runs next. Bootloader state. */
export const SLOT_TX_INDEX = 32;
/** Number: FAULT_… of the trap that just happened, for the operator's report. */
export const SLOT_FAULT = 33;

// Result of the transaction or call that ran last.
/** Number: 0 when it ran, else INVALID_…. */
export const SLOT_RESULT_INVALID = 64;
/** Number: 0 for success, else EXCEPTION_…. */
export const SLOT_RESULT_EXCEPTION = 65;
/** Number: all gas that is charged. */
export const SLOT_RESULT_GAS_USED = 66;
/** Number: the part of it that the EVM used, after refunds and floor. */
export const SLOT_RESULT_EVM_GAS_USED = 67;
/** Signed number: bytes of pubdata that it added. */
export const SLOT_RESULT_PUBDATA_BYTES = 68;
/** Number: gas charged for them. */
export const SLOT_RESULT_PUBDATA_GAS = 69;
/** Number: EVM refund that was applied (EIP-3529). */
export const SLOT_RESULT_REFUND = 70;
/** Number: sum of storage refunds of the accounting (zk-stack, section 2.3). */
export const SLOT_RESULT_STORAGE_REFUND = 71;
/** Numbers: where return data is. */
export const SLOT_RESULT_RETURN_PTR = 72;
export const SLOT_RESULT_RETURN_LENGTH = 73;
/** Numbers: where logs are, see LOG_…. */
export const SLOT_RESULT_LOGS_PTR = 74;
export const SLOT_RESULT_LOGS_COUNT = 75;
/** Word: the created account, and number 1 in the slot after when there is one. */
export const SLOT_RESULT_CREATED = 76;
export const SLOT_RESULT_HAS_CREATED = 77;
/** Word: wei. */
export const SLOT_RESULT_GAS_PRICE = 78;
/** Words: what is there and what is needed, for the message of an invalid transaction. */
export const SLOT_RESULT_HAVE = 79;
export const SLOT_RESULT_NEED = 80;

// Counters of the run; numbers. External snapshots restore them, frames do not.
export const SLOT_COUNTERS = 96;
export const COUNTER_STEPS = 0;
export const COUNTER_KECCAK_F = 1;
export const COUNTER_SHA256_BLOCKS = 2;
export const COUNTER_ECRECOVERS = 3;
/** Product of lengths and iterations as EIP-2565 has it, before division. */
export const COUNTER_MODEXP_WORK = 4;
/** Pairs of all pairing checks; a point evaluation counts 2. */
export const COUNTER_PAIRINGS = 5;
/** Additions, multiplications and maps on curves; an MSM counts its terms; P-256 counts 1. */
export const COUNTER_CURVE_OPERATIONS = 6;
export const COUNTER_MEMORY_WORDS = 7;
export const COUNTER_STORAGE_READS = 8;
export const COUNTER_STORAGE_WRITES = 9;
export const COUNTER_LOG_BYTES = 10;
/** Signed: running total of the accounting. Frames do restore this one. */
export const COUNTER_PUBDATA_BYTES = 11;
export const COUNTER_GAS_USED = 12;
export const COUNTER_TXS = 13;
export const COUNTER_COUNT = 14;

// Regions, as byte addresses. Memory is virtual: what is not touched costs nothing.
/** Descriptions of transactions: 8 bytes each, u32 flag (1 = run) and u32 address of its frame. */
export const TX_DESCRIPTIONS_BASE = 0x8000;
export const TX_DESCRIPTION_BYTES = 8;
export const MAX_TXS = 1024;
/** Where the compiler's own data begin; 64 KiB to 1 MiB. */
export const STATIC_BASE = 0x10000;
/** Transactions, 32-aligned (TX_…). */
export const TX_REGION_BASE = 0x100000;
export const TX_REGION_END = 0x1000000;
/** Frames of the call stack. */
export const FRAMES_BASE = 0x1000000;
/** Operand stacks, one after the other. */
export const STACKS_BASE = 0x1100000;
/** Codes with their analysis; kept over runs. */
export const CODES_BASE = 0x3400000;
export const CODES_END = 0x1b400000;
/** Accounts, slots and their hash tables. */
export const CELLS_BASE = 0x1b400000;
export const CELLS_END = 0x25400000;
export const UNDO_BASE = 0x25400000;
export const UNDO_END = 0x2d400000;
export const LOGS_BASE = 0x2d400000;
export const LOGS_END = 0x31400000;
/** The vectors `refunds` and `pubdata_costs`, signed 32-bit each. */
export const REFUNDS_BASE = 0x31400000;
export const PUBDATA_COSTS_BASE = 0x33400000;
export const PUBDATA_COSTS_END = 0x35400000;
/** Return data of the call that ended last. */
export const RETURN_DATA_BASE = 0x35400000;
export const RETURN_DATA_END = 0x3d400000;
/** What the program hands out at the end (diffs, codes), and the operator's pubdata. */
export const OUTPUT_BASE = 0x3d400000;
export const PUBDATA_BASE = 0x43400000;
export const PUBDATA_END = 0x45400000;
/** Memories of EVM frames, one after the other; the only region that makes memory grow. */
export const EVM_MEMORY_BASE = 0x45400000;
/** Memory that the module starts with, in pages of 64 KiB: up to EVM_MEMORY_BASE and 1 MiB more. */
export const INITIAL_PAGES = 17744;

// A transaction frame in TX_REGION. Words are big-endian.
export const TX_SENDER = 0;
export const TX_TO = 32;
export const TX_VALUE = 64;
export const TX_MAX_FEE = 96;
export const TX_MAX_PRIORITY_FEE = 128;
export const TX_MAX_BLOB_FEE = 160;
export const TX_CHAIN_ID = 192;
/** u64. */
export const TX_GAS_LIMIT = 224;
/** u64. */
export const TX_NONCE = 232;
/** u32: 0, 1, 2, 3 or 4. */
export const TX_TYPE = 240;
/** u32: TX_FLAG_…. */
export const TX_FLAGS = 244;
export const TX_DATA_PTR = 248;
export const TX_DATA_LENGTH = 252;
/** Entries of ACCESS_ENTRY_BYTES. */
export const TX_ACCESS_LIST_PTR = 256;
export const TX_ACCESS_LIST_COUNT = 260;
/** Entries of AUTHORIZATION_BYTES. */
export const TX_AUTHORIZATIONS_PTR = 264;
export const TX_AUTHORIZATIONS_COUNT = 268;
/** Words: versioned hashes. */
export const TX_BLOB_HASHES_PTR = 272;
export const TX_BLOB_HASHES_COUNT = 276;
export const TX_FRAME_BYTES = 288;

/** No recipient: the message creates a contract. */
export const TX_FLAG_CREATE = 1;
/** The signature names a chain: TX_CHAIN_ID counts. */
export const TX_FLAG_HAS_CHAIN_ID = 2;
/** A call that is charged as a transaction would be (`eth_estimateGas`). */
export const TX_FLAG_AS_TRANSACTION = 4;

/** Word: account. */
export const ACCESS_ENTRY_ADDRESS = 0;
/** u32: words. */
export const ACCESS_ENTRY_KEYS_PTR = 32;
export const ACCESS_ENTRY_KEYS_COUNT = 36;
export const ACCESS_ENTRY_BYTES = 64;

/** Word. */
export const AUTHORIZATION_CHAIN_ID = 0;
/** Word: whose code is to run. */
export const AUTHORIZATION_TARGET = 32;
/** Word: who signed, as the operator recovered it. */
export const AUTHORIZATION_AUTHORITY = 64;
/** u64. */
export const AUTHORIZATION_NONCE = 96;
/** u32: 1 when the signature and the nonce's range are good. */
export const AUTHORIZATION_RECOVERED = 104;
export const AUTHORIZATION_BYTES = 128;

// A log in LOGS: header, topics (words), data, padded to 32 bytes.
/** Word. */
export const LOG_ADDRESS = 0;
/** u32. */
export const LOG_TOPIC_COUNT = 32;
/** u32. */
export const LOG_DATA_LENGTH = 36;
export const LOG_HEADER_BYTES = 64;

// A record of `collect_diffs` in OUTPUT: four words.
export const DIFF_ADDRESS = 0;
export const DIFF_SLOT = 32;
export const DIFF_OLD = 64;
export const DIFF_NEW = 96;
export const DIFF_BYTES = 128;

// A record of `collect_codes` in OUTPUT.
/** Word: keccak256 of the code. */
export const CODE_RECORD_HASH = 0;
/** u32. */
export const CODE_RECORD_PTR = 32;
export const CODE_RECORD_LENGTH = 36;
export const CODE_RECORD_BYTES = 64;

// A record of `collect_touched` in OUTPUT (EIP-161): a word, the address.
export const TOUCHED_RECORD_BYTES = 32;

export const PROFILE_ROLLUP = 0;
/** No pubdata, no system slots, tips to the coinbase and base fee burned, blob transactions. */
export const PROFILE_ETHEREUM = 1;

export const FORK_CANCUN = 0;
export const FORK_PRAGUE = 1;
export const FORK_OSAKA = 2;

/** Runs one transaction and comes back. */
export const MODE_ONE_TX = 0;
/** Runs all that are left and closes. */
export const MODE_BATCH = 1;
/** Runs one frame as a call: no nonce, no fee; the caller drops the state. */
export const MODE_CALL = 2;

// What `run` answers.
/** The transaction ended; its result is in the result slots. */
export const RUN_TX_ENDED = 0;
/** No transaction is left to run (OneTx). */
export const RUN_NO_TX = 1;
/** The run is closed. */
export const RUN_CLOSED = 2;
/** The batch environment or the fictive block is not acceptable; nothing ran. */
export const RUN_REFUSED = 3;

// Hooks, numbered as in the ZK Stack (zk-stack, section 1.3).
export const HOOK_TX_HAS_ENDED = 4;
export const HOOK_ASK_OPERATOR_FOR_REFUND = 8;
export const HOOK_NOTIFY_ABOUT_REFUND = 9;
export const HOOK_POST_RESULT = 10;
export const HOOK_FINAL_BATCH_INFO = 11;
export const HOOK_PUBDATA_REQUESTED = 12;

// Why a transaction is invalid; it changed nothing.
export const INVALID_NONCE_TOO_LOW = 1;
export const INVALID_NONCE_TOO_HIGH = 2;
export const INVALID_INSUFFICIENT_FUNDS = 3;
export const INVALID_INTRINSIC_GAS = 4;
export const INVALID_GAS_LIMIT_TOO_HIGH = 5;
export const INVALID_BLOCK_GAS = 6;
export const INVALID_FEE_BELOW_BASE_FEE = 7;
export const INVALID_SENDER_HAS_CODE = 8;
export const INVALID_CHAIN_ID = 9;
export const INVALID_INIT_CODE_SIZE = 10;
export const INVALID_PRIORITY_FEE = 11;
export const INVALID_BLOBS = 12;
export const INVALID_AUTHORIZATIONS = 13;
export const INVALID_TX_TYPE = 14;
/** A balance would pass 2^256 - 1 wei. */
export const INVALID_BALANCE_OVERFLOW = 15;

// How a frame ended; 0 is success.
export const EXCEPTION_NONE = 0;
export const EXCEPTION_REVERT = 1;
export const EXCEPTION_OUT_OF_GAS = 2;
export const EXCEPTION_STACK_UNDERFLOW = 3;
export const EXCEPTION_STACK_OVERFLOW = 4;
export const EXCEPTION_INVALID_JUMP = 5;
export const EXCEPTION_INVALID_OPCODE = 6;
export const EXCEPTION_STATIC = 7;
export const EXCEPTION_RETURN_DATA_BOUNDS = 8;
export const EXCEPTION_CALL_DEPTH = 9;
export const EXCEPTION_INSUFFICIENT_BALANCE = 10;
export const EXCEPTION_CODE_SIZE = 11;
export const EXCEPTION_CODE_PREFIX = 12;
export const EXCEPTION_CREATE_COLLISION = 13;
export const EXCEPTION_NONCE_OVERFLOW = 14;
export const EXCEPTION_INIT_CODE_SIZE = 15;
export const EXCEPTION_PRECOMPILE = 16;
export const EXCEPTION_CODE_DEPOSIT_GAS = 17;
/** The gas that is left does not pay for the pubdata (zk-stack, section 1.5). */
export const EXCEPTION_OUT_OF_GAS_FOR_PUBDATA = 18;
export const EXCEPTION_VALUE_OVERFLOW = 19;

// Why the program trapped; 0 is a trap that it did not see coming.
export const FAULT_NONE = 0;
export const FAULT_CELLS_FULL = 1;
export const FAULT_UNDO_FULL = 2;
export const FAULT_LOGS_FULL = 3;
export const FAULT_CODES_FULL = 4;
export const FAULT_VECTORS_FULL = 5;
export const FAULT_RETURN_DATA_FULL = 6;
export const FAULT_OUTPUT_FULL = 7;
export const FAULT_MEMORY_FULL = 8;
export const FAULT_SNAPSHOT = 9;
/** The operator gave a code that its hash does not name. */
export const FAULT_CODE_MISMATCH = 10;

// Operations of the import `crypto`; see `core/vm/assembly/host.ts`.
export const CRYPTO_ECRECOVER = 1;
export const CRYPTO_MODEXP = 5;
export const CRYPTO_BN254_ADD = 6;
export const CRYPTO_BN254_MUL = 7;
export const CRYPTO_BN254_PAIRING = 8;
export const CRYPTO_POINT_EVALUATION = 10;
export const CRYPTO_BLS12_G1ADD = 11;
export const CRYPTO_BLS12_G1MSM = 12;
export const CRYPTO_BLS12_G2ADD = 13;
export const CRYPTO_BLS12_G2MSM = 14;
export const CRYPTO_BLS12_PAIRING = 15;
export const CRYPTO_BLS12_MAP_G1 = 16;
export const CRYPTO_BLS12_MAP_G2 = 17;
export const CRYPTO_P256VERIFY = 256;
