import type { Case, Row, Sample } from "./suite.ts";

/** Sets the first peer of a case, ours, against each other by the medians of their samples. */
export function compare(one: Case, samples: ReadonlyMap<string, readonly Sample[]>): Row[] {
  const [own, ...peers] = one.peers;
  if (own === undefined) return [];
  const ours = medianSample(samples.get(own.name) ?? []);
  return peers.map(({ name }) => {
    const theirs = medianSample(samples.get(name) ?? []);
    return {
      case: one.name,
      peer: name,
      ours: ours.requestsPerSecond,
      theirs: theirs.requestsPerSecond,
      ratio: round(ours.requestsPerSecond / theirs.requestsPerSecond),
      cpuRatio: round(theirs.cpuMicrosPerRequest / ours.cpuMicrosPerRequest),
      oursMedian: ours,
      theirsMedian: theirs,
    };
  });
}

/** The medians of the figures of the samples, each on its own. */
export function medianSample(samples: readonly Sample[]): Sample {
  const median = (figure: (sample: Sample) => number | undefined): number => {
    const sorted = samples.flatMap((sample) => figure(sample) ?? []).toSorted((a, b) => a - b);
    return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
  };
  const p50Micros = median((sample) => sample.p50Micros);
  return {
    requestsPerSecond: Math.round(median((sample) => sample.requestsPerSecond)),
    cpuMicrosPerRequest: round(median((sample) => sample.cpuMicrosPerRequest)),
    rssBytes: median((sample) => sample.rssBytes),
    ...(Number.isNaN(p50Micros)
      ? {}
      : { p50Micros, p99Micros: median((sample) => sample.p99Micros) }),
  };
}

function round(figure: number): number {
  return Number(figure.toFixed(2));
}
