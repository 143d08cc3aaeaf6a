export type { Cgroup, ReadText } from "./cgroup.ts";
export { cgroupSource, type CgroupSourceOptions, openCgroup } from "./cgroup-source.ts";
export { CpuSampler, type CpuSamplerOptions, sharedCpuSampler } from "./cpu-sampler.ts";
export type { CpuSource } from "./cpu-source.ts";
export { defaultCpuSource, type DefaultCpuSourceOptions } from "./default-cpu-source.ts";
export { eventLoopSource } from "./event-loop-source.ts";
export { hostSource, type HostSourceOptions } from "./host-source.ts";
export { parseCpuList } from "./parse-cpu-list.ts";
