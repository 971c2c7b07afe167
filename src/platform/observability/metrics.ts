import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

/** A metric as a capability declares it: `const signIns = { name: 'sign_ins_total', help: '...', labels: ['result'] } as const`. */
export interface MetricDescription<Label extends string = never> {
  /** Snake case with the unit as suffix: `_total`, `_seconds`, `_bytes`. */
  readonly name: string;
  readonly help: string;
  /** Names of labels. Their values must come from a small fixed set: never an id, an address or input. */
  readonly labels?: readonly Label[];
}

export interface HistogramDescription<Label extends string = never> extends MetricDescription<Label> {
  /** Upper bounds in the unit of the name, ascending. */
  readonly buckets: readonly number[];
}

export interface GaugeDescription<Label extends string = never> extends MetricDescription<Label> {
  /** Read when the metrics are collected, instead of being set. Only for gauges without labels. */
  readonly read?: () => number | Promise<number>;
}

type LabelValues<Label extends string> = Readonly<Record<Label, string>>;
/** No second argument where a metric has no labels; all of them where it has some. */
type LabelArguments<Label extends string> = [Label] extends [never] ? [] : [labels: LabelValues<Label>];

export interface CounterHandle<Label extends string> {
  add(amount: number, ...labels: LabelArguments<Label>): void;
}
export interface HistogramHandle<Label extends string> {
  observe(value: number, ...labels: LabelArguments<Label>): void;
}
export interface GaugeHandle<Label extends string> {
  set(value: number, ...labels: LabelArguments<Label>): void;
}

export interface Metrics {
  counter<Label extends string = never>(description: MetricDescription<Label>): CounterHandle<Label>;
  histogram<Label extends string = never>(description: HistogramDescription<Label>): HistogramHandle<Label>;
  gauge<Label extends string = never>(description: GaugeDescription<Label>): GaugeHandle<Label>;
  /** Everything in Prometheus' text format, and the Content-Type to send it with. */
  collect(): Promise<{ readonly text: string; readonly contentType: string }>;
}

/**
 * The metrics of one node, in a registry of their own. A name that is declared twice is a defect: it throws.
 * `processMetrics` adds memory, garbage collection, event loop lag and the like (on by default).
 */
export function createMetrics({ processMetrics = true }: { readonly processMetrics?: boolean } = {}): Metrics {
  const registry = new Registry();
  if (processMetrics) collectDefaultMetrics({ register: registry });
  const common = <Label extends string>({ name, help, labels = [] }: MetricDescription<Label>) => ({
    name,
    help,
    labelNames: [...labels],
    registers: [registry],
  });
  return {
    counter: (description) => {
      const counter = new Counter(common(description));
      return { add: (amount, ...[labels]) => counter.inc({ ...labels }, amount) };
    },
    histogram: (description) => {
      const histogram = new Histogram({ ...common(description), buckets: [...description.buckets] });
      return { observe: (value, ...[labels]) => histogram.observe({ ...labels }, value) };
    },
    gauge: (description) => {
      const { read } = description;
      const gauge: Gauge = new Gauge({
        ...common(description),
        ...(read === undefined ? {} : { collect: async () => gauge.set(await read()) }),
      });
      return { set: (value, ...[labels]) => gauge.set({ ...labels }, value) };
    },
    collect: async () => ({ text: await registry.metrics(), contentType: registry.contentType }),
  };
}
