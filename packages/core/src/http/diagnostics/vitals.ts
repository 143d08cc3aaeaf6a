import { type IntervalHistogram, monitorEventLoopDelay, performance } from "node:perf_hooks";

/** What a server tells of itself. */
export interface ServerVitals {
  readonly connections: number;
  readonly refusedConnections: number;
  /** Requests and calls being answered. */
  readonly liveCalls: number;
  readonly draining: boolean;
}

const nanosecondsAMs = 1_000_000;

/** How the process is: nothing of its environment or its arguments, which may have secrets. */
export class ProcessVitals {
  #delay: IntervalHistogram | undefined;
  #since: ReturnType<typeof performance.eventLoopUtilization> | undefined;

  /** The times of the event loop are those since it was read last. */
  read(): Readonly<Record<string, unknown>> {
    const { rss, heapTotal, heapUsed, external, arrayBuffers } = process.memoryUsage();
    const { user, system } = process.cpuUsage();
    const { node, v8 } = process.versions;
    return {
      pid: process.pid,
      platform: `${process.platform} ${process.arch}`,
      versions: { node, v8 },
      uptimeMs: Math.round(process.uptime() * 1000),
      memory: {
        rssBytes: rss,
        heapTotalBytes: heapTotal,
        heapUsedBytes: heapUsed,
        externalBytes: external,
        arrayBuffersBytes: arrayBuffers,
      },
      cpu: { userMs: user / 1000, systemMs: system / 1000 },
      eventLoop: { utilizationRatio: this.#utilization(), delayMs: this.#delays() },
    };
  }

  /** Ends the watch over the event loop. */
  close(): void {
    this.#delay?.disable();
  }

  #utilization(): number {
    const now = performance.eventLoopUtilization();
    const { utilization } =
      this.#since === undefined ? now : performance.eventLoopUtilization(now, this.#since);
    this.#since = now;
    return utilization;
  }

  /** Watching costs a timer, so it begins with the first who asks. */
  #delays(): Readonly<Record<string, number>> | undefined {
    const delay = this.#delay;
    if (delay === undefined) {
      this.#delay = monitorEventLoopDelay({ resolution: 20 });
      this.#delay.enable();
      return undefined;
    }
    if (delay.count === 0) return undefined;
    const delays = {
      mean: delay.mean / nanosecondsAMs,
      p50: delay.percentile(50) / nanosecondsAMs,
      p99: delay.percentile(99) / nanosecondsAMs,
      max: delay.max / nanosecondsAMs,
    };
    delay.reset();
    return delays;
  }
}
