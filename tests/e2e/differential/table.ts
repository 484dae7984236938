/**
 * The known differences as `docs/RPC.md` shows them.
 *
 * Owns the table. Does not own what is in it (`known_differences.ts`).
 * @module
 */
import { KNOWN_DIFFERENCES } from "./known_differences.ts";

/** Cells of each row: the methods, and why ours stays. */
export function tableRows(): readonly (readonly [methods: string, reason: string])[] {
  return KNOWN_DIFFERENCES.map(({ methods, reason }) => [
    methods.map((method) => `\`${method}\``).join(", "),
    reason,
  ]);
}

/** The table in Markdown; `deno fmt` aligns it. */
export function renderTable(): string {
  return [
    "| method | why ours stays |",
    "| --- | --- |",
    ...tableRows().map((cells) => `| ${cells.join(" | ")} |`),
  ].join("\n");
}
