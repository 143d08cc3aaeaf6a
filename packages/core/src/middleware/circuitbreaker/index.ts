export type { Breaker } from "@kratosjs/aegis/sre";
export { circuitBreaker, type CircuitBreakerOptions } from "./circuitbreaker.ts";
export { isNotAllowed, notAllowed } from "./not-allowed.ts";
