/**
 * Commands of tests in any order, on a real devnet of both layers, against a model of what they mean.
 *
 * Owns the model: numbers, times, balances, pools, the clock. Does not own single commands
 * (`dev_methods_test.ts`) or what a snapshot has beyond that (`snapshots_test.ts`).
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { field } from "../../../devnet/rpc/testing/method_cases.ts";
import { balanceOf, NOBODY, numberOf, seal, send, timeOf, withDevnet } from "./dev_steps.ts";
import type { OpenDevnet, Port } from "./open_devnet.ts";

type LayerName = "l1" | "l2";

/** One layer, as far as the model goes. */
interface Layer {
  readonly number: number;
  readonly timeSec: number;
  readonly balance: bigint;
  /** Hashes of transfers of 1 wei that wait. */
  readonly waiting: readonly string[];
  readonly isAutomine: boolean;
}

interface Model extends Readonly<Record<LayerName, Layer>> {
  readonly nowSec: number;
  readonly advancedSec: number;
  /** The last block of L1 that the L2 has read, whose time its clock has reached. */
  readonly readNumber: number;
  /** Whether batches go to L1 by themselves: then only they know its blocks and the time. */
  readonly isDriven: boolean;
}

interface Moment {
  readonly model: Model;
  readonly heads: readonly unknown[];
}

const STEPS = 60;
const headsOf = ({ l1, l2 }: OpenDevnet): Promise<unknown[]> =>
  Promise.all([l1, l2].map((port) => port("eth_getBlockByNumber", ["latest", true])));

for (const seed of [1, 2, 3]) {
  Deno.test(`commands in any order do as a model does, seed ${seed}`, async () => {
    await withDevnet(
      { mode: "manual" },
      (open) => runAgainstModel(open, { seed, canDrive: false }),
    );
  });
}
for (const seed of [4, 5]) {
  Deno.test(`commands beside a driver do as a model does, seed ${seed}`, async () => {
    await withDevnet({ mode: "manual" }, (open) => runAgainstModel(open, { seed, canDrive: true }));
  });
}

interface Run {
  readonly seed: number;
  /** Whether the L2 may mine at once, which sends batches to L1, too. */
  readonly canDrive: boolean;
}

async function runAgainstModel(open: OpenDevnet, { seed, canDrive }: Run): Promise<void> {
  const draw = createDraw(seed);
  const { l2 } = open;
  let model = await startOf(open);
  const snapshots = new Map<string, Moment>();
  const change = (name: LayerName, layer: Partial<Layer>): void => {
    model = { ...model, [name]: { ...model[name], ...layer } };
  };
  const close = (name: LayerName): void => {
    const { number, balance, waiting, timeSec: parentSec } = model[name];
    const timeSec = Math.max(model.nowSec, parentSec + 1);
    change(name, {
      number: number + 1,
      balance: balance + BigInt(waiting.length),
      waiting: [],
      timeSec,
    });
    model = { ...model, nowSec: timeSec };
  };
  const someLayer = (): LayerName => draw(2) === 0 ? "l1" : "l2";
  const somePort = (): Port => open[someLayer()];
  const verbs: Readonly<Record<string, () => Promise<void>>> = {
    mine: async () => {
      const name = someLayer();
      await open[name]("evm_mine");
      close(name);
    },
    send: async () => {
      const name = someLayer();
      const hash = String(await send(open[name], NOBODY));
      change(name, { waiting: [...model[name].waiting, hash] });
      if (model[name].isAutomine) close(name);
    },
    drop: async () => {
      const name = someLayer();
      const { waiting } = model[name];
      const hash = waiting.at(-1);
      const asked = hash ?? `0x${"0d".repeat(32)}`;
      assertEquals(await open[name]("anvil_dropTransaction", [asked]), hash ?? null);
      change(name, { waiting: waiting.slice(0, -1) });
    },
    setAutomine: async () => {
      const name = canDrive ? someLayer() : "l1";
      const isAutomine = draw(3) > 0;
      await open[name]("evm_setAutomine", [isAutomine]);
      if (isAutomine && model[name].waiting.length > 0) close(name);
      change(name, { isAutomine });
      if (isAutomine && name === "l2") model = { ...model, isDriven: true };
    },
    setBalance: async () => {
      const balance = draw(1_000);
      await open.l1("anvil_setBalance", [NOBODY, balance]);
      change("l1", { balance: BigInt(balance) });
    },
    increaseTime: async () => {
      const seconds = draw(1_000);
      const answer = await somePort()("evm_increaseTime", [seconds]);
      const { advancedSec, nowSec } = model;
      model = { ...model, advancedSec: advancedSec + seconds, nowSec: nowSec + seconds };
      if (!model.isDriven) assertEquals(answer, model.advancedSec);
    },
    setTime: async () => {
      const { nowSec, advancedSec } = model;
      const timeSec = nowSec + draw(2_000) - 1_000;
      const answer = await somePort()("evm_setTime", [timeSec]);
      if (!model.isDriven) assertEquals(answer, Math.max(0, timeSec - nowSec));
      model = { ...model, nowSec: timeSec, advancedSec: advancedSec + timeSec - nowSec };
    },
    bringToL1: async () => {
      // Without blocks of L1 nothing gets there.
      if (!model.l1.isAutomine || model.isDriven) return;
      if (model.l2.waiting.length > 0) close("l2");
      await seal(l2);
      await l2("varve_submit");
      await l2("varve_prove");
      await l2("varve_submit");
      await l2("varve_sync");
      // How many blocks that took, and how long, is nobody's business but L1's.
      for (const name of ["l1", "l2"] as const) {
        const [number, timeSec] = [await numberOf(open[name]), await timeOf(open[name])];
        const known = name === "l1" ? model.readNumber : model.l2.number;
        const nowSec = number > known ? Math.max(model.nowSec, timeSec) : model.nowSec;
        change(name, { number, timeSec });
        model = { ...model, nowSec };
      }
      model = { ...model, readNumber: model.l1.number };
    },
    snapshot: async () => {
      const id = String(await somePort()("evm_snapshot"));
      assert(!snapshots.has(id), "ids are used once");
      snapshots.set(id, { model, heads: await headsOf(open) });
    },
    revert: async () => {
      const ids = [...snapshots.keys()];
      const index = draw(ids.length + 1);
      const id = ids[index] ?? "0x7fff";
      const wanted = snapshots.get(id);
      assertEquals(await somePort()("evm_revert", [id]), wanted !== undefined);
      for (const other of ids.slice(index)) snapshots.delete(other);
      if (wanted === undefined) return;
      // The way back ends with reading L1.
      model = { ...wanted.model, readNumber: wanted.model.l1.number };
      if (!model.isDriven) assertEquals(await headsOf(open), wanted.heads);
    },
  };
  const names = Object.keys(verbs);
  const trace: string[] = [];
  for (let step = 0; step < STEPS; step++) {
    const name = names[draw(names.length)] ?? "mine";
    trace.push(name);
    const text = `seed ${seed}: ${trace.join(", ")}`;
    try {
      await verbs[name]?.();
    } catch (cause) {
      throw new Error(text, { cause });
    }
    assertEquals(await seen(open, model), wantedOf(model), text);
  }
  for (const port of [open.l1, l2]) await assertTimesGrow(port, `seed ${seed}`);
}

async function startOf({ l1, l2 }: OpenDevnet): Promise<Model> {
  const start = async (port: Port, isAutomine: boolean): Promise<Layer> => ({
    number: await numberOf(port),
    timeSec: await timeOf(port),
    balance: 0n,
    waiting: [],
    isAutomine,
  });
  const [first, second] = [await start(l1, true), await start(l2, false)];
  return {
    l1: first,
    l2: second,
    nowSec: Math.max(first.timeSec, second.timeSec),
    advancedSec: 0,
    readNumber: 0,
    isDriven: false,
  };
}

/** What the model can foretell of `model`. */
function wantedOf({ l1, l2, isDriven }: Model): readonly unknown[] {
  return [l1, l2].map(({ number, timeSec, balance, waiting, isAutomine }, layer) => [
    ...(isDriven && layer === 0 ? [] : [number]),
    ...(isDriven ? [] : [timeSec, waiting.length]),
    balance,
    isAutomine,
  ]);
}

async function seen({ l1, l2 }: OpenDevnet, { isDriven }: Model): Promise<readonly unknown[]> {
  return await Promise.all([l1, l2].map(async (port, layer) => [
    ...(isDriven && layer === 0 ? [] : [await numberOf(port)]),
    ...(isDriven ? [] : [await timeOf(port), await waitingFor(port)]),
    await balanceOf(port, NOBODY),
    await port("anvil_getAutomine"),
  ]));
}

/** How many transfers to {@linkcode NOBODY} wait. */
async function waitingFor(port: Port): Promise<number> {
  const waiting: readonly unknown[] = Object(await port("eth_pendingTransactions"));
  return waiting.filter((transaction) => field(transaction, "to") === NOBODY).length;
}

async function assertTimesGrow(port: Port, text: string): Promise<void> {
  const last = await numberOf(port);
  let beforeSec = -1;
  for (let number = 0; number <= last; number++) {
    const block = await port("eth_getBlockByNumber", [`0x${number.toString(16)}`, false]);
    const timestampSec = Number(field(block, "timestamp"));
    assert(timestampSec > beforeSec, text);
    beforeSec = timestampSec;
  }
}

/** Whole numbers below a bound, the same for the same seed (mulberry32). */
function createDraw(seed: number): (bound: number) => number {
  let state = seed;
  return (bound) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % bound;
  };
}
