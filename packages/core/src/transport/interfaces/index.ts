export { advertisedHost, type Interfaces } from "./advertised-host.ts";
