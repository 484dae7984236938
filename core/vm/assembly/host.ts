/**
 * What the program asks of its host: the storage port, the operator's hooks and curve arithmetic.
 *
 * Words are 32 bytes big-endian at the given addresses; accounts are right-aligned in a word. The
 * storage port may suspend the program while a miss is fetched.
 */

/** Writes the value that a slot had before the run to `out`; 0 when it is zero, else 1. */
@external("env", "storage_read")
export declare function storageRead(account: usize, slot: usize, out: usize): i32;

/**
 * Bytes of pubdata that name the slot: 32 when no tree index stands for it yet (initial), else 4.
 * The bytes of the value are the program's own arithmetic.
 */
@external("env", "cost_of_writing_storage")
export declare function costOfWritingStorage(account: usize, slot: usize): i32;

/** 1 for a slot that costs nothing (zk-stack, section 2.3). */
@external("env", "is_free_storage_slot")
export declare function isFreeStorageSlot(account: usize, slot: usize): i32;

/**
 * Writes the code with the hash at `hash` to `out` and answers its length; -1 above `limit`.
 *
 * Asked once for each code in each run. With `limit` 0 the program still has it from an earlier
 * run, and the host only notes that this run needs it too.
 */
@external("env", "decommit")
export declare function decommit(hash: usize, out: usize, limit: i32): i32;

/** Ethereum profile: writes the hash of block `number` to `out`. */
@external("env", "block_hash")
export declare function blockHash(number: u64, out: usize): void;

/** 1 when the account has storage before the run though it has no code and nonce (EIP-7610). */
@external("env", "account_has_storage")
export declare function accountHasStorage(account: usize): i32;

/** Lets the operator act; parameters are in the hook slots. */
@external("env", "hook")
export declare function hook(id: i32): void;

/**
 * One operation on curves or big numbers (CRYPTO_…) over `length` bytes at `input`; writes the
 * result to `out` and answers its length, or -1 when the input is not acceptable. Costs and the
 * lengths of inputs are the program's to check.
 */
@external("env", "crypto")
export declare function crypto(operation: i32, input: usize, length: i32, out: usize): i32;
