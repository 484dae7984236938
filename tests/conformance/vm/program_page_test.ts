/** The page on the program's memory and the layout that both sides use say the same. */
import { assertEquals, assertGreater } from "@std/assert";
import { assert } from "../../../core/primitives/errors.ts";
import * as layout from "../../../core/vm/assembly/layout.ts";

const PAGE = new URL("../../../core/vm/PROGRAM.md", import.meta.url);
const page = await Deno.readTextFile(PAGE);

const numbers = new Map<string, number>(Object.entries(layout));

/** Names and numbers of the table whose first column is `header`; a number may be in hex. */
function tableOf(header: string): ReadonlyMap<string, number> {
  const lines = page.split("\n");
  const start = lines.findIndex((line) => line.startsWith(`| ${header} `));
  assert(start >= 0, `the page has a table of ${header}`);
  const rows = new Map<string, number>();
  for (const line of lines.slice(start + 2)) {
    if (!line.startsWith("|")) break;
    const match = /^\| *(0x[0-9a-f]+|\d+) *\| *`([A-Z][A-Z0-9_]*)` *\|/.exec(line);
    assert(match?.[1] !== undefined && match[2] !== undefined, `a number and a name: ${line}`);
    assert(!rows.has(match[2]), `each name once: ${line}`);
    rows.set(match[2], Number(match[1]));
  }
  return rows;
}

/** What the layout has of the names that `isMeant` takes. */
function layoutOf(isMeant: (name: string) => boolean): ReadonlyMap<string, number> {
  return new Map([...numbers].filter(([name]) => isMeant(name)));
}

function sorted(table: ReadonlyMap<string, number>): readonly (readonly [string, number])[] {
  return [...table].sort(([left], [right]) => left < right ? -1 : 1);
}

/** Compares a table of the page with the layout; `least` rows make sure that it was read. */
function testTable(header: string, least: number, isMeant: (name: string) => boolean): void {
  Deno.test(`PROGRAM.md lists each ${header} of the layout with its number`, () => {
    const rows = tableOf(header);
    assertGreater(rows.size, least);
    assertEquals(sorted(rows), sorted(layoutOf(isMeant)));
  });
}

testTable("slot", 40, (name) => /^SLOT_/.test(name));
testTable("counter", 10, (name) => /^COUNTER_/.test(name) && name !== "COUNTER_COUNT");
testTable("hook", 4, (name) => /^HOOK_/.test(name));
testTable("from", 10, (name) => /_BASE$/.test(name));

Deno.test("PROGRAM.md says how many counters there are and how large things are", () => {
  assert(page.includes(`first of ${layout.COUNTER_COUNT} counters`), "counters");
  const descriptions = `${layout.MAX_TXS} descriptions of ${layout.TX_DESCRIPTION_BYTES} bytes`;
  assert(page.includes(descriptions), "descriptions");
  assert(page.includes(`frames (\`TX_…\`, ${layout.TX_FRAME_BYTES} bytes`), "frames");
  const pubdataBytes = (layout.PUBDATA_END - layout.PUBDATA_BASE).toString(16);
  assert(page.includes(`at most 0x${pubdataBytes} bytes`), "pubdata");
});

Deno.test("PROGRAM.md names modes and answers with their numbers", () => {
  const named = [...page.matchAll(/`((?:MODE|RUN)_[A-Z_]+)`\s+\((\d+)\)/g)];
  const swapped = [...page.matchAll(/\b(\d+)\s+\(`((?:MODE|RUN)_[A-Z_]+)`/g)];
  const found = new Map([
    ...named.map(([, name = "", number]) => [name, Number(number)] as const),
    ...swapped.map(([, number, name = ""]) => [name, Number(number)] as const),
  ]);
  assertEquals(sorted(found), sorted(layoutOf((name) => /^(MODE|RUN)_/.test(name))));
});

Deno.test("PROGRAM.md names nothing that the layout does not have", () => {
  const names = [...page.matchAll(/`([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)`/g)].map(([, name]) => name);
  const unknown = names.filter((name) => name === undefined || !numbers.has(name));
  assertEquals(unknown, []);
});
