/**
 * Everything that a node is, in a form that two moments can be compared in.
 *
 * Owns what counts as the same: every row of every table with what is written behind brought up to
 * date, and the state, tip and pool in memory. Left out are rows under their own hash (`codes`,
 * `blob_chunks`), which nobody sees without a row that points to them, and the numbers of the pool's
 * order, of which only the order counts.
 * @module
 */
import type { Node } from "../../../core/pipeline/node.ts";
import { bytesToHash32, bytesToHex } from "../../../core/primitives/hex.ts";
import { BLOB_CHUNKS } from "../../../core/store/blob.ts";
import { CODES, POOL, TABLES } from "../../../core/store/schema.ts";
import { listRows, showKey } from "../../../core/store/table.ts";

/** Rows by table name, and what is in memory. */
export interface NodeDump {
  readonly tables: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly memory: {
    readonly stateRoot: string;
    readonly leafCount: number;
    readonly tip: unknown;
    /** Hashes in order of arrival. */
    readonly pool: readonly string[];
  };
}

/** Takes the dump of `node` now. */
export async function dumpNode(node: Node): Promise<NodeDump> {
  await node.state.flush();
  const tables: Record<string, Record<string, unknown>> = {};
  for (const table of TABLES) {
    if (table.name === BLOB_CHUNKS.name || table.name === CODES.name) continue;
    const rows: Record<string, unknown> = {};
    for await (const { key, value } of listRows(node.kv, table)) {
      rows[showKey(key.slice(1))] = value;
    }
    tables[table.name] = rows;
  }
  const arrivals: { readonly hash: string; readonly arrival: bigint }[] = [];
  for await (const { key, value } of listRows(node.kv, POOL)) {
    arrivals.push({ hash: showKey(key.slice(1)), arrival: value.arrival });
  }
  arrivals.sort((left, right) => (left.arrival < right.arrival ? -1 : 1));
  tables[POOL.name] = Object.fromEntries(arrivals.map(({ hash }, place) => [hash, place]));
  return {
    tables,
    memory: {
      stateRoot: bytesToHash32(node.state.tree.root()),
      leafCount: node.state.tree.leafCount(),
      tip: node.tip.get(),
      pool: node.pool.entries().map((entry) => `${entry.hash} ${bytesToHex(entry.raw)}`),
    },
  };
}

/** `dump` without some tables, or without some rows of a table. */
export function without(
  dump: NodeDump,
  left: Readonly<Record<string, "all" | readonly string[]>>,
): NodeDump {
  const tables = Object.entries(dump.tables).filter(([name]) => left[name] !== "all").map(
    ([name, rows]) => {
      const gone = left[name];
      if (gone === undefined || gone === "all") return [name, rows];
      return [
        name,
        Object.fromEntries(Object.entries(rows).filter(([key]) => !gone.includes(key))),
      ];
    },
  );
  return { ...dump, tables: Object.fromEntries(tables) };
}
