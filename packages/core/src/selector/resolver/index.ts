export { Resolver } from "./resolver.ts";
export type { EndpointScheme, ResolverOptions } from "./resolver-options.ts";
export { parseTarget, type Target } from "./target.ts";
