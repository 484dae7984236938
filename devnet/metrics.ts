/**
 * What a running devnet tells a monitoring system.
 *
 * Owns the counts of requests, in a form that costs a cheap request next to nothing, and their way
 * to Prometheus. The library that writes Prometheus' format loads with the first scrape, so that
 * nobody else waits for it. Labels are bounded: methods that are not there count as `unknown`.
 * @module
 */
import type { RequestObserver } from "./rpc/dispatch.ts";
import type { Page } from "./rpc/server.ts";

/** One value of a gauge. */
export interface GaugeSample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** Something that goes up and down, read at each scrape. */
export interface GaugeSource {
  readonly name: string;
  readonly help: string;
  readonly labelNames: readonly string[];
  read(): readonly GaugeSample[] | Promise<readonly GaugeSample[]>;
}

/** The numbers of one devnet. */
export interface Metrics {
  /** Counts the requests of one layer. */
  observer(layer: "L1" | "L2"): RequestObserver;
  /** Adds what is read at each scrape. */
  addGauge(source: GaugeSource): void;
  /** Answers a scrape. */
  readonly page: Page;
}

/** Upper bounds of the latency buckets in seconds: from a cached number to a long trace. */
const LATENCY_BUCKETS_SEC: readonly number[] = [
  0.000_1,
  0.000_5,
  0.001,
  0.005,
  0.01,
  0.05,
  0.1,
  0.5,
  1,
  5,
  30,
];

/** Requests of one method of one layer. */
interface MethodUse {
  readonly layer: string;
  readonly method: string;
  readonly countsByCode: Map<number, number>;
  okCount: number;
  /** The last one is for what is above all bounds. */
  readonly bucketCounts: number[];
  sumSec: number;
}

/** Numbers that start at zero. */
export function createMetrics(): Metrics {
  const uses: MethodUse[] = [];
  const gauges: GaugeSource[] = [];
  let scraper: Promise<() => Promise<string>> | undefined;
  return {
    observer: (layer) => {
      const usesByMethod = new Map<string, MethodUse>();
      return {
        answered: (method, elapsedMs, code) => {
          let use = usesByMethod.get(method);
          if (use === undefined) {
            use = newMethodUse(layer, method);
            usesByMethod.set(method, use);
            uses.push(use);
          }
          count(use, elapsedMs / 1_000, code);
        },
      };
    },
    addGauge: (source) => {
      gauges.push(source);
    },
    page: async () => {
      scraper ??= createScraper(uses, gauges);
      const scrape = await scraper;
      return {
        status: 200,
        contentType: "text/plain; version=0.0.4; charset=utf-8",
        body: await scrape(),
      };
    },
  };
}

function newMethodUse(layer: string, method: string): MethodUse {
  return {
    layer,
    method,
    countsByCode: new Map(),
    okCount: 0,
    bucketCounts: Array.from({ length: LATENCY_BUCKETS_SEC.length + 1 }, () => 0),
    sumSec: 0,
  };
}

function count(use: MethodUse, elapsedSec: number, code: number | undefined): void {
  if (code === undefined) use.okCount++;
  else use.countsByCode.set(code, (use.countsByCode.get(code) ?? 0) + 1);
  use.sumSec += elapsedSec;
  let bucket = 0;
  for (const bound of LATENCY_BUCKETS_SEC) {
    if (elapsedSec <= bound) break;
    bucket++;
  }
  use.bucketCounts[bucket] = (use.bucketCounts[bucket] ?? 0) + 1;
}

/** Loads the library and describes every metric to it once. */
async function createScraper(
  uses: readonly MethodUse[],
  gauges: readonly GaugeSource[],
): Promise<() => Promise<string>> {
  const { Counter, Gauge, Histogram, Registry } = await import("prom-client");
  const registry = new Registry();
  new Counter({
    name: "varve_rpc_requests_total",
    help: "JSON-RPC requests by layer, method and error code; code 0 is an answer without error.",
    labelNames: ["layer", "method", "code"],
    registers: [registry],
    collect() {
      this.reset();
      for (const { layer, method, okCount, countsByCode } of uses) {
        if (okCount > 0) this.inc({ layer, method, code: "0" }, okCount);
        for (const [code, times] of countsByCode) {
          this.inc({ layer, method, code: String(code) }, times);
        }
      }
    },
  });
  const latency = new Histogram({
    name: "varve_rpc_duration_seconds",
    help: "Time from a read request to its answer, before it is sent.",
    labelNames: ["layer", "method"],
    buckets: [...LATENCY_BUCKETS_SEC],
    registers: [registry],
  });
  // Counted here already: observing each request a second time would cost more than many take. A
  // metric without its own way to text is written from what `get` answers.
  const description = await latency.get();
  Object.assign(latency, {
    getForPromString: undefined,
    get: () => Promise.resolve({ ...description, values: uses.flatMap(bucketsOf) }),
  });
  for (const { name, help, labelNames, read } of gauges) {
    new Gauge({
      name,
      help,
      labelNames: [...labelNames],
      registers: [registry],
      async collect() {
        const samples = await read();
        this.reset();
        for (const { labels, value } of samples) this.set(labels, value);
      },
    });
  }
  return () => registry.metrics();
}

function bucketsOf({ layer, method, bucketCounts, sumSec }: MethodUse) {
  const name = "varve_rpc_duration_seconds";
  let total = 0;
  const buckets = bucketCounts.map((times, index) => {
    total += times;
    const le = LATENCY_BUCKETS_SEC[index] ?? "+Inf";
    return { metricName: `${name}_bucket`, labels: { le, layer, method }, value: total };
  });
  return [
    ...buckets,
    { metricName: `${name}_sum`, labels: { layer, method }, value: sumSec },
    { metricName: `${name}_count`, labels: { layer, method }, value: total },
  ];
}
