export type { Done, Limiter } from "@kratosjs/aegis/bbr";
export { isLimitExceeded, limitExceeded } from "./limit-exceeded.ts";
export { rateLimit, type RateLimitOptions } from "./ratelimit.ts";
