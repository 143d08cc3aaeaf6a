export { BbrLimiter, type BbrLimiterOptions, type BbrStatistics } from "./bbr-limiter.ts";
export type { Done, Limiter } from "./limiter.ts";
