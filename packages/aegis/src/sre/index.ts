export type { Breaker } from "./breaker.ts";
export { SreBreaker, type SreBreakerOptions, type SreStatistics } from "./sre-breaker.ts";
