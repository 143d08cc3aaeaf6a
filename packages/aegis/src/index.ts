export {
  BbrLimiter,
  type BbrLimiterOptions,
  type BbrStatistics,
  type Done,
  type Limiter,
} from "./bbr/index.ts";
export {
  type Cgroup,
  cgroupSource,
  type CgroupSourceOptions,
  CpuSampler,
  type CpuSamplerOptions,
  type CpuSource,
  defaultCpuSource,
  type DefaultCpuSourceOptions,
  eventLoopSource,
  hostSource,
  type HostSourceOptions,
  openCgroup,
  parseCpuList,
  type ReadText,
  sharedCpuSampler,
} from "./cpu/index.ts";
export {
  type Breaker,
  SreBreaker,
  type SreBreakerOptions,
  type SreStatistics,
} from "./sre/index.ts";
export { type Bucket, RollingCounter, type RollingCounterOptions } from "./window/index.ts";
