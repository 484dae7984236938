/**
 * Limits of sealing as a user writes them: `maxBatchSteps=7570538,maxBatchKeccaks=2145`.
 *
 * Owns that text and what it may say. Does not own the limits themselves (`seal_policy.ts`) or where
 * the text comes from.
 * @module
 */
import { RollupError } from "../primitives/errors.ts";
import { DEFAULT_SEAL_LIMITS, type SealLimits } from "./seal_policy.ts";

/** Codes that this file throws. */
export type LimitSettingErrorCode = "SEAL_LIMIT_INVALID";

/** Limits that L1, a decoder or a row of the store draws: configuration only lowers them. */
const FIXED_ABOVE: readonly (keyof SealLimits)[] = [
  "maxBatchDataBytes",
  "maxTxsPerBatch",
  "maxBlocksPerBatch",
  "maxOperationsPerBatch",
  "maxTxsPerBlock",
  "maxTxBytes",
];

/**
 * The limits that `text` names: `name=value` pairs, separated by commas; the others keep their
 * defaults.
 *
 * @throws `SEAL_LIMIT_INVALID` for an unknown or repeated name, a value that is no whole number above
 * 0, or one above what L1 or the store can take.
 */
export function parseSealLimits(text: string): Partial<SealLimits> {
  const limits: Partial<Record<keyof SealLimits, number | bigint>> = {};
  for (const pair of text.split(",")) {
    const [name = "", value = "", ...rest] = pair.split("=").map((part) => part.trim());
    if (!isLimitName(name)) throw invalid(pair, "there is no such limit");
    if (limits[name] !== undefined) throw invalid(pair, "it is given twice");
    if (rest.length > 0 || !/^[1-9]\d{0,15}$/.test(value)) {
      throw invalid(pair, "its value is no whole number from 1 to 2^53 - 1");
    }
    const most = DEFAULT_SEAL_LIMITS[name];
    if (Number(value) > Number.MAX_SAFE_INTEGER) throw invalid(pair, "it is above 2^53 - 1");
    if (FIXED_ABOVE.includes(name) && Number(value) > Number(most)) {
      throw invalid(pair, `at most ${most} can be taken on`);
    }
    limits[name] = typeof most === "bigint" ? BigInt(value) : Number(value);
  }
  // Each value has just been made of the type that its default has.
  return limits as Partial<SealLimits>;
}

function isLimitName(name: string): name is keyof SealLimits {
  return Object.hasOwn(DEFAULT_SEAL_LIMITS, name);
}

function invalid(pair: string, reason: string): RollupError<LimitSettingErrorCode> {
  return new RollupError(
    "SEAL_LIMIT_INVALID",
    `Cannot read "${pair}" as a limit of sealing: ${reason}`,
    {
      details: { pair, reason },
      mend: `Write name=value,name=value with names of ${
        Object.keys(DEFAULT_SEAL_LIMITS).join(", ")
      }.`,
    },
  );
}
